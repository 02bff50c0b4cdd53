"""A `synth run` that is killed or interrupted, and `synth resume`: together they are one run."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from command_line import complaint, environment, run_command, synth
from faulty import wait_for
from recorded import left_behind, rounds, rows
from search_helpers import small, with_toys

from synth.runs.folder import RunFolder
from synth.search.coordinator import search

pytestmark = pytest.mark.faults


COMMAND = {
    "data.name": "digits",
    "data.features": 8,
    "data.tasks": 3,
    "data.train": 60,
    "data.valid": 30,
    "data.select_tasks": 2,
    "data.report_tasks": 2,
    "data.test_tasks": 1,
    "search.islands": 3,
    "search.population": 10,
    "search.round_candidates": 2000,
    "search.migration_rounds": 3,
    "search.start": "linear",
    "search.fec": True,
    "fitness.tuning_trials": 6,
    "limits.candidates": 90_000,
    "run.workers": 2,
    "run.checkpoint_seconds": 0.1,
}


def started(path: Path, *more: str) -> subprocess.Popen[bytes]:
    command = run_command(path, COMMAND, *more)
    return subprocess.Popen(command, env=environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command leaves without a break."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    process = started(path)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return path


def test_kill_9_of_everything_changes_nothing(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "run"
    process = started(path)
    wait_for(process, lambda: rounds(path) >= 8)
    process.kill()
    process.communicate()
    assert "stopped_by" not in dict(rows(path, "SELECT key, value FROM run"))
    again = synth("resume", path, "--workers", 1, folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert left_behind(path) == left_behind(undisturbed)


def test_control_c_and_resume_change_nothing(undisturbed: Path, tmp_path: Path) -> None:
    path = tmp_path / "a run"
    process = started(path)
    wait_for(process, lambda: rounds(path) >= 5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate()
    assert process.returncode == 130
    assert f"`synth resume '{path}'` goes on" in said.decode()
    before = len(rows(path, "SELECT * FROM round"))
    again = synth("resume", folder=tmp_path, SYNTH_RUNS_DIR=str(tmp_path))
    assert again.returncode == 0, again.stderr
    assert before < len(rows(path, "SELECT * FROM round"))
    assert left_behind(path) == left_behind(undisturbed)
    assert "resumed" in {kind for (kind,) in rows(path, "SELECT kind FROM event")}


def test_a_second_process_cannot_resume_a_run_that_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small()
    with_toys(monkeypatch, config)
    with RunFolder.create(config, tmp_path / "run") as folder:
        events = search(config, folder)
        next(events)
        said = complaint(synth("resume", tmp_path / "run", folder=tmp_path), 2)
        assert "in use by another process" in said
        events.close()
    assert os.path.exists(tmp_path / "run")
