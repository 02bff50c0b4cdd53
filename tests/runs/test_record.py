"""A run's record reads the same while the run goes on, afterwards, and from a folder that is read-only."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from run_events import improved, program, round_finished, started, whole_run

import synth.api
from synth.errors import UsageError
from synth.report.page.page import page
from synth.runs.folder import RunFolder
from synth.runs.record import ROUNDS, Record, find_run
from synth.runs.store import reading
from synth.settings.resolve import resolve
from synth.study.export import export

CONFIG = resolve(environment={})


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    with RunFolder.create(CONFIG, tmp_path / "run") as folder:
        yield folder


def test_a_run_from_its_start_to_its_end(folder: RunFolder) -> None:
    assert Record.read(folder.path).best is None
    states = set()
    for event in whole_run():
        folder.record(event)
        states.add(Record.read(folder.path).state)
    assert len(states) == 6  # there is news after the start, each round and improvement, and the end
    record = Record.read(folder.path)
    assert record.finished
    assert record.facts["data"] == "digits"
    assert record.totals["candidates"] == 3000
    assert [improvement.select for improvement in record.improvements] == [0.75, 0.8]
    assert record.best is not None
    assert record.best.parent == 1
    assert record.best.candidate == whole_run()[3].program.candidate  # type: ignore[union-attr]
    assert record.best.select_per_task == pytest.approx((0.79, 0.8, 0.81))
    assert record.figures["best"] == {"search": 0.7, "select": 0.75, "test": 0.72}
    assert record.figures["linear"] == {"search": 0.69, "select": 0.7}


@pytest.mark.parametrize(
    ("setting", "name", "missing"),
    [
        ("search.start", "mine.py", "there is no such file"),
        ("search.immigrants", "in", "there is no such folder"),
    ],
)
def test_what_a_run_began_with_may_be_gone(setting: str, name: str, missing: str, tmp_path: Path) -> None:
    source = tmp_path / name
    source.mkdir() if name == "in" else source.touch()
    config = resolve(sets=[f"{setting}={source}", "search.migration_rounds=5"], environment={})
    with RunFolder.create(config, tmp_path / "run") as folder:
        for event in whole_run():
            folder.record(event)
    source.rmdir() if name == "in" else source.unlink()
    record = Record.read(tmp_path / "run")
    assert record.config.search == config.search
    assert page(record)
    assert record.best
    module = tmp_path / "run" / "best.py"
    assert "Improvement 2 of run run." in export(module)
    with pytest.raises(UsageError, match=rf"^{setting} \(from .*config\.toml\) is .*; {missing}$"):
        synth.api.resume(tmp_path / "run")


def test_of_a_long_run_some_rounds_and_the_last(folder: RunFolder) -> None:
    folder.record(started())
    last = 5 * ROUNDS + 3
    for number in range(last + 1):
        folder.store.add_round(round_finished(0, number, float(number), candidates=number))
        folder.store.add_round(round_finished(1, number, float(number), candidates=number))
    rounds = Record.read(folder.path).rounds
    assert 2 * ROUNDS * 0.8 < len(rounds) < 2 * ROUNDS * 1.2
    assert {row["island"] for row in rounds} == {0, 1}
    assert rounds[-1]["round"] == last


def test_a_folder_that_nobody_may_write_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite is then told to look at the file alone, so it makes none of its own."""
    with RunFolder.create(CONFIG, tmp_path / "run") as folder:
        folder.record(started())
        folder.record(improved(program()))
    before = sorted(folder.path.rglob("*"))
    made: list[list[Path]] = []
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with reading(folder.path / "run.sqlite") as store:
        assert store.execute("SELECT select_fitness FROM improvement").fetchone()[0] == 0.75
        made.append(sorted(folder.path.rglob("*")))
    assert made == [before]
    best = Record.read(folder.path).best
    assert best is not None
    assert best.select == 0.75


def test_what_is_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_RUNS_DIR", str(tmp_path))
    with pytest.raises(UsageError, match="there is no run"):
        find_run()
    with pytest.raises(UsageError, match="nowhere is not a run"):
        find_run("nowhere")
    with pytest.raises(UsageError, match=r"no run\.sqlite"):
        Record.read(tmp_path)


def test_a_damaged_store(folder: RunFolder) -> None:
    folder.record(started())
    folder.close()
    store = folder.path / "run.sqlite"
    store.write_bytes(store.read_bytes()[:100] + os.urandom(3000))
    with pytest.raises(UsageError, match=r"run\.sqlite"):
        Record.read(folder.path)


def test_finding_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SYNTH_RUNS_DIR", str(tmp_path / "runs"))
    for number, name in enumerate(("a", "b", "c")):
        RunFolder.create(CONFIG, name=name).close()
        os.utime(tmp_path / "runs" / name / "run.sqlite", (0, number == 1))
    assert find_run().name == "b"
    assert find_run("c") == tmp_path / "runs" / "c"
    assert find_run(tmp_path / "runs" / "a") == tmp_path / "runs" / "a"
