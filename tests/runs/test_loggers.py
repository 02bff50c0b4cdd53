"""Runs that are logged for TensorBoard as well, read with its own reader."""

import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import FEW_TASKS, complaint, document, synth

from synth.errors import OutputFailed, UsageError
from synth.runs.events import Counts, Listener, Resumed, RoundFinished
from synth.runs.loggers import logged
from synth.settings.resolve import read, resolve, to_toml

SMALL = [
    *("--preset", "baseline", "--data", "digits", "--features", 8, "--islands", 2, "--max-seconds", 600),
    *("--set", "search.round_candidates=100", "--set", "search.population=20", "--set", "data.train=60"),
    *("--set", "data.valid=30", "--set", "fitness.tuning_trials=0", "--set", "search.start=linear"),
    *FEW_TASKS,
]


def read_back(folder: Path) -> Any:
    """What TensorBoard shows of a folder."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    shown = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0})
    shown.Reload()
    return shown


@pytest.mark.parametrize("log", ["tensorbord:logs", "logs", "tensorboard:"])
def test_what_names_no_folder_is_refused(log: str) -> None:
    with pytest.raises(UsageError, match=r"^run\.log \(from --log\) is '.*'; it must be tensorboard:FOLDER$"):
        resolve(flags={"--log": log}, environment={})


def test_the_folder_is_recorded_whole_and_belongs_to_no_result(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    config = resolve(flags={"--log": "tensorboard:logs"}, environment={})
    assert config.run.log == f"tensorboard:{tmp_path / 'logs'}"
    (tmp_path / "config.toml").write_text(to_toml(config))
    monkeypatch.chdir("/")
    assert read(tmp_path / "config.toml").run.log == config.run.log


def test_without_the_package_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    config = resolve(flags={"--log": "tensorboard:logs"}, environment={})
    with (
        pytest.raises(UsageError, match=r"pip install 'synth-evolve\[tensorboard\]'"),
        logged(config, Listener()),
    ):
        pass


def test_without_a_log_the_listener_is_the_one_that_was_given() -> None:
    listener = Listener()
    with logged(resolve(environment={}), listener) as same:
        assert same is listener


@pytest.mark.extras
def test_tensorboard_reads_what_a_run_logs(tmp_path: Path) -> None:
    plain = document(
        synth("run", *SMALL, "--max-candidates", 600, "--out", "plain", "--json", folder=tmp_path)
    )
    arguments = [*SMALL, "--max-candidates", 600, "--out", "run", "--json", "--log", "tensorboard:logs"]
    logged_run = document(synth("run", *arguments, folder=tmp_path))
    assert logged_run["best"]["select"] == plain["best"]["select"]
    shown = read_back(tmp_path / "logs" / "run")
    names = set(shown.Tags()["scalars"])
    assert {
        "search/island_0",
        "search/island_1",
        "best/selection",
        "best/statements",
        "share/rejected",
    } <= names
    best = shown.Scalars("best/selection")
    assert best[-1].value == pytest.approx(logged_run["best"]["select"])
    steps = [one.step for one in shown.Scalars("work/seconds")]
    assert steps == sorted(steps) and steps[-1] == logged_run["candidates"]
    assert shown.Scalars("final/test/best")[-1].value == pytest.approx(logged_run["best"]["test"])
    assert shown.Scalars("final/test/linear")[-1].value == pytest.approx(
        logged_run["baselines"]["linear"]["test"]
    )
    text = shown.Tensors("best/module/text_summary")[-1].tensor_proto.string_val[0].decode()
    assert text.startswith("```python\n") and "def predict(m):" in text


@pytest.mark.extras
def test_a_run_that_goes_on_is_logged_on(tmp_path: Path) -> None:
    arguments = [*SMALL, "--out", "run", "--log", "tensorboard:logs"]
    assert synth("run", *arguments, "--max-candidates", 400, folder=tmp_path).returncode == 0
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = synth("resume", tmp_path / "run", "--max-candidates", 800, folder=elsewhere)
    assert done.returncode == 0, done.stderr
    steps = [one.step for one in read_back(tmp_path / "logs" / "run").Scalars("work/seconds")]
    assert len(steps) == 8 and steps == sorted(set(steps))


@pytest.mark.extras
def test_what_was_logged_after_a_checkpoint_is_taken_back(tmp_path: Path) -> None:
    config = resolve(flags={"--log": f"tensorboard:{tmp_path}"}, environment={})

    def played(candidates: int, best: float) -> RoundFinished:
        return RoundFinished(0, candidates // 100, 0, best, Counts(candidates=candidates), 1.0)

    with logged(config, Listener()) as before:
        before.opened(Path("run"), config)
        for candidates in (100, 200, 300, 400):
            before.heard(played(candidates, 0.5))
    with logged(config, Listener()) as since:
        since.opened(Path("run"), config)
        since.heard(Resumed(None, Counts(candidates=200), 1.0))
        since.heard(played(310, 0.75))
    shown = read_back(tmp_path / "run").Scalars("search/island_0")
    assert [(one.step, one.value) for one in shown] == [(100, 0.5), (200, 0.5), (310, 0.75)]


@pytest.mark.extras
def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("a file")
    done = synth(
        "run", *SMALL, "--max-candidates", 200, "--log", "tensorboard:logs", "--out", "run", folder=tmp_path
    )
    assert "cannot write" in complaint(done, OutputFailed.exit_code)
    assert not (tmp_path / "run").exists()
