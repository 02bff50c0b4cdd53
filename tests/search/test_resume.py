"""A run that goes on from a checkpoint becomes exactly what it would have become without a break."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recorded import left_behind, rows
from search_helpers import (
    ToyExecutor,
    ToyScorer,
    by_key,
    copied_at_each_event,
    go_on,
    interrupted,
    learner,
    rounds,
    run,
    small,
    with_toys,
)

from synth.language.candidate import Candidate
from synth.runs.events import Notice, Resumed, RunStarted
from synth.runs.folder import RunFolder
from synth.search import checkpoint
from synth.search.coordinator import search
from synth.search.evolution.round import CannotBeScored

pytestmark = pytest.mark.faults


KINDS: dict[str, dict[str, object]] = {
    "plain": {},
    "migration and hurdles": {
        "search__islands": 3,
        "search__migration_rounds": 2,
        "search__hurdle_train": 10,
        "limits__candidates": 1300,
    },
    "restarts on other tasks": {
        "data__name": "linear",
        "data__redraw": True,
        "search__experiment_rounds": 2,
        "limits__candidates": 1000,
    },
    "mixed tasks": {
        "data__mix": ["same", "name=linear features=4 tasks=2 train=30 valid=10"],
        "search__migration_rounds": 1,
    },
}


@pytest.mark.parametrize("every", [0, 1000])
@pytest.mark.parametrize("kind", KINDS)
def test_a_kill_at_any_event_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, every: int
) -> None:
    """With a checkpoint after each round, and with none but the first."""
    config = small(run__checkpoint_seconds=every, **KINDS[kind])
    with_toys(monkeypatch, config)
    with copied_at_each_event(config, tmp_path / "run", tmp_path / "copies") as copies:
        expected = left_behind(tmp_path / "run")
        assert len(copies) >= 7 and expected["improvement"]
        for copy in copies[1 : -1 : 1 if every else 3]:
            with_toys(monkeypatch, config)
            go_on(copy)
            assert left_behind(copy) == expected
            assert not list(copy.glob("**/.*.part"))


def test_going_on_first_takes_back_what_came_after_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would stay where a search that goes on under other conditions does not replace it.

    The last but one copy is of the end, when a checkpoint is there again.
    """
    config = small(run__checkpoint_seconds=1000)
    with_toys(monkeypatch, config)
    with copied_at_each_event(config, tmp_path / "run", tmp_path / "copies") as copies:
        broken_off = copies[-3]
        assert left_behind(broken_off)["improvement"]
        assert (broken_off / "best.py").exists()
        with_toys(monkeypatch, config)
        with RunFolder(broken_off) as folder:
            events = search(config, folder, resume=True)
            assert isinstance(next(events), RunStarted)
            assert isinstance(next(events), Resumed)
            events.close()
        assert not list(broken_off.rglob("*.py"))
        left = left_behind(broken_off)
        assert {
            len(left[table]) for table in ("round", "improvement", "ancestor", "task_fitness", "figure")
        } == {0}


def test_a_kill_between_records_and_checkpoint_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(run__checkpoint_seconds=0)
    monkeypatch.setattr("synth.search.coordinator.CHECKPOINT_SHARE", 0)
    with_toys(monkeypatch, config)
    run(config, tmp_path / "whole")
    save = checkpoint.save
    for last in (2, 4):
        times = iter(range(100))

        def save_or_die(*arguments: Any, times: Iterator[int] = times, last: int = last) -> None:
            if next(times) >= last:
                raise KeyboardInterrupt
            save(*arguments)

        path = tmp_path / str(last)
        with monkeypatch.context() as patch:
            with_toys(patch, config)
            patch.setattr("synth.search.checkpoint.save", save_or_die)
            with pytest.raises(KeyboardInterrupt):
                run(config, path)
        with_toys(monkeypatch, config)
        go_on(path)
        assert left_behind(path) == left_behind(tmp_path / "whole")


def test_closing_a_search_leaves_a_checkpoint_of_the_last_round(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small()
    with_toys(monkeypatch, config)
    run(config, tmp_path / "whole")
    with_toys(monkeypatch, config)
    with RunFolder.create(config, tmp_path / "run") as folder:
        events = search(config, folder)
        while not rows(tmp_path / "run", "SELECT * FROM round WHERE round = 1"):
            next(events)
        events.close()
    point, _, notice = checkpoint.load(tmp_path / "run" / "checkpoint")
    assert (point.number, notice) == (1, "")
    with_toys(monkeypatch, config)
    again = go_on(tmp_path / "run")
    assert rounds(again)[0].round == 1
    assert left_behind(tmp_path / "run") == left_behind(tmp_path / "whole")


def test_what_the_clock_barred_is_barred_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that was too slow once has fitness 0 when its round is played again, on a faster machine."""

    class Slow(ToyScorer):
        def fitness(self, candidate: Candidate) -> float:
            if by_key(candidate) > 0.8:
                raise CannotBeScored("its time was up")
            return super().fitness(candidate)

    config = small(run__checkpoint_seconds=1000)
    with_toys(monkeypatch, config, ToyExecutor(config, Slow(by_key)))
    with copied_at_each_event(config, tmp_path / "run", tmp_path / "copies") as copies:
        assert rows(tmp_path / "run", "SELECT * FROM event WHERE kind = 'barred'")
        with_toys(monkeypatch, config, ToyExecutor(config, ToyScorer(by_key)))
        go_on(copies[-2])
        assert left_behind(copies[-2]) == left_behind(tmp_path / "run")
        barred = "SELECT detail FROM event WHERE kind = 'barred'"
        assert rows(copies[-2], barred) == rows(tmp_path / "run", barred)


def test_immigrants_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a border that was passed before the break, and no others, whatever lies in the folder now."""
    inbox = tmp_path / "in"
    inbox.mkdir()
    (inbox / "one.py").write_text(learner(0.5).text())
    config = small(
        run__checkpoint_seconds=1000,
        search__immigrants=inbox,
        search__migration_rounds=1,
        search__population=4,
        limits__candidates=800,
    )
    with_toys(monkeypatch, config)
    with copied_at_each_event(config, tmp_path / "run", tmp_path / "copies") as copies:
        (inbox / "one.py").unlink()
        (inbox / "two.py").write_text(learner(0.25).text())
        with_toys(monkeypatch, config)
        told = go_on(copies[-3])
        assert left_behind(copies[-3]) == left_behind(tmp_path / "run")
        joined = [event.text for event in told if isinstance(event, Notice) and "joins" in event.text]
        assert len(joined) == 1 and "one.py" in joined[0]


def test_a_run_with_the_python_engine_goes_on(tmp_path: Path) -> None:
    config = small(
        run__engine="python",
        data__tasks=1,
        data__train=20,
        data__valid=20,
        search__population=3,
        search__round_candidates=8,
        limits__candidates=40,
    )
    run(config, tmp_path / "whole")
    interrupted(config, tmp_path / "run")
    go_on(tmp_path / "run")
    assert left_behind(tmp_path / "run") == left_behind(tmp_path / "whole")


def test_a_person_s_module_is_kept_as_it_was(tmp_path: Path) -> None:
    """What is written into it afterwards does not depend on where it lay, or what became of its comments."""
    mine = tmp_path / "mine.py"
    mine.write_text(learner(0.3).text("Mine.").replace("m.s2 = 0.3", "m.s2_rate = 0.3  # by hand"))
    config = small(search__start=str(mine), limits__candidates=400)
    run(config, tmp_path / "whole")
    interrupted(config, tmp_path / "run")
    mine.write_text(mine.read_text().replace("by hand", "by chance").replace("Mine", "Yours"))
    go_on(tmp_path / "run")
    assert left_behind(tmp_path / "run") == left_behind(tmp_path / "whole")
    best = (tmp_path / "run" / "best.py").read_text()
    assert best == (tmp_path / "whole" / "best.py").read_text()
    assert best.startswith('"""Mine."""\n\n# Evolved by synth: mean accuracy')


def test_a_program_that_cannot_be_made_readable_ends_no_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*arguments: object) -> None:
        raise ValueError("no way")

    monkeypatch.setattr("synth.search.readable.named_text", fails)
    events = run(small(limits__candidates=400), tmp_path / "run")
    told = [event.text for event in events if isinstance(event, Notice)]
    assert told and all(text == "a program stands as it was found: ValueError: no way" for text in told)
    assert (tmp_path / "run" / "best.py").exists()
