"""What may be another when a run goes on, and what is refused unless it is accepted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recorded import left_behind, rows
from search_helpers import finished, go_on, interrupted, run, small, with_toys

from synth.api import resume
from synth.errors import UsageError
from synth.runs.events import Event, Listener, RunStarted
from synth.settings.resolve import read, to_toml

pytestmark = pytest.mark.faults


def test_a_run_that_has_ended_goes_on_with_new_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long, short = small(limits__candidates=1000), small(limits__candidates=400)
    for config, name in ((long, "long"), (short, "short")):
        with_toys(monkeypatch, config)
        run(config, tmp_path / name)
    with pytest.raises(UsageError, match="its limit was candidates = 400; --max-candidates"):
        resume(tmp_path / "short")
    with pytest.raises(UsageError, match="--max-candidates with more"):
        resume(tmp_path / "short", flags={"--max-candidates": 300})
    assert rows(tmp_path / "short", "SELECT value FROM run WHERE key = 'stopped_by'") == [('"candidates"',)]
    with_toys(monkeypatch, long)
    resume(tmp_path / "short", flags={"--max-candidates": 1000})
    assert left_behind(tmp_path / "short") == left_behind(tmp_path / "long")
    assert read(tmp_path / "short" / "config.toml").limits.candidates == 1000


def test_the_time_before_counts(tmp_path: Path) -> None:
    config = small(search__round_candidates=10**9, limits__seconds=0.3, limits__candidates="none")
    run(config, tmp_path / "run")
    end = finished(go_on(tmp_path / "run", candidates=None, seconds=0.31))
    assert end.stopped_by == "seconds"
    assert end.summary["seconds"] >= 0.3


def test_changed_settings_are_refused_unless_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small()
    with_toys(monkeypatch, config)
    interrupted(config, tmp_path / "run")
    changed = replace(config, search=replace(config.search, tournament=7))
    (tmp_path / "run" / "config.toml").write_text(to_toml(changed))
    with_toys(monkeypatch, changed)
    before = left_behind(tmp_path / "run")
    with pytest.raises(
        UsageError,
        match=r"settings of .* changed .*\(then search.tournament = 3, now 7\); `--accept config`",
    ):
        resume(tmp_path / "run")
    with pytest.raises(UsageError, match="--accept config"):
        resume(tmp_path / "run", accept=["data"])
    with pytest.raises(UsageError, match="everything accepts nothing"):
        resume(tmp_path / "run", accept=["config,everything"])
    assert left_behind(tmp_path / "run") == before
    told: list[Event] = []
    resume(tmp_path / "run", accept=["data, config"], listener=Listener(told.append))
    (first,) = [event for event in told if isinstance(event, RunStarted)]
    assert "the settings changed since the checkpoint; programs are scored anew" in first.notices


def test_workers_and_limits_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small()
    with_toys(monkeypatch, config)
    interrupted(config, tmp_path / "run")
    with_toys(monkeypatch, config)
    resume(tmp_path / "run", flags={"--workers": 2, "--target": 0.999, "--sandbox": "process"})


def test_a_changed_op_table_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small()
    with_toys(monkeypatch, config)
    interrupted(config, tmp_path / "run")
    from synth.language.ops import OPS

    monkeypatch.setattr("synth.search.resumption.OPS", (*OPS[:-1], replace(OPS[-1], cost=1)))
    with pytest.raises(UsageError, match=r"op table .* changed .*--accept ops"):
        go_on(tmp_path / "run")


def own_data(path: Path, seed: int) -> None:
    random_numbers = np.random.default_rng(seed)
    X = random_numbers.normal(size=(300, 8))
    np.savez(path, X=X, y=(X @ random_numbers.normal(size=8) > 0).astype(int))


def test_changed_data_are_refused_unless_accepted(tmp_path: Path) -> None:
    own_data(tmp_path / "own.npz", 1)
    config = small(data__name=tmp_path / "own.npz", data__tasks=2, limits__candidates=700)
    interrupted(config, tmp_path / "run", 6)
    before = rows(tmp_path / "run", "SELECT max(select_fitness) FROM improvement")[0][0]
    own_data(tmp_path / "own.npz", 2)
    with pytest.raises(UsageError, match=r"task data .* changed .*--accept data"):
        resume(tmp_path / "run")
    done = resume(tmp_path / "run", accept=["data"])
    assert done.best is not None
    assert done.document["best"]["select"] != before
    from synth.engine.native.engine import NativeEngine
    from synth.search.scoring.judge import Judge

    judge = Judge(read(tmp_path / "run" / "config.toml"))
    assert (
        NativeEngine(judge.select_tasks.tasks).evaluate(done.best).fitness == done.document["best"]["select"]
    )


def test_a_run_keeps_its_islands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small()
    with_toys(monkeypatch, config)
    interrupted(config, tmp_path / "run")
    changed = replace(config, search=replace(config.search, islands=3))
    (tmp_path / "run" / "config.toml").write_text(to_toml(changed))
    with pytest.raises(UsageError, match="keeps its islands"):
        resume(tmp_path / "run", accept=["config"])


def test_a_setting_that_came_later_has_its_default_whatever_the_preset_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small("quick", data__own_tasks=False, search__start="linear")
    with_toys(monkeypatch, config)
    interrupted(config, tmp_path / "run")
    record = tmp_path / "run" / "config.toml"
    assert "own_tasks = false\n" in record.read_text()
    record.write_text(record.read_text().replace("own_tasks = false\n", ""))
    assert read(record) == config
    go_on(tmp_path / "run", candidates=800)
    assert "own_tasks = false\n" in record.read_text()
