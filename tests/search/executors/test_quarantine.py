"""Quarantine: programs that end workers are barred, and told of."""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from deadly_handlers import is_deadly
from recorded import rows
from search_helpers import ToyExecutor, ToyScorer, by_key, run, small, with_toys

from synth.language.candidate import Candidate
from synth.language.parser import parse
from synth.sandbox.process import WorkerFailed
from synth.search.evolution.round import CannotBeScored, Round
from synth.search.executors.quarantine import HOPELESS, RemoteScorer
from synth.tasks.sets import task_set


def test_a_program_that_ends_workers_is_barred(tmp_path: Path) -> None:
    """The handlers of `deadly_handlers` end their process when a program holds a certain statement."""
    from synth.search.executors.native import NativeExecutor

    config = small(search__round_candidates=400)
    tasks = task_set("digits", "search", count=3, features=8, train=60, valid=30)
    said: list[str] = []
    with NativeExecutor(config, [tasks], tmp_path / "tasks", 2, said.append, "deadly_handlers") as executor:
        executor.add_tasks("0-0", 0, tasks)
        executor.submit(Round("0-0", 0, 0, {}))
        _, outcome = executor.next(None)
        assert len(said) == 3
        assert outcome.barred
        keys = [one.key for one in outcome.barred]
        assert set(outcome.state["barred"].tolist()) == set(keys)
        assert all("ended 3 workers" in one.reason for one in outcome.barred)
        assert all(any(is_deadly(line) for line in one.candidate) for one in outcome.barred)
        executor.submit(Round("0-0", 0, 0, {}, tuple(keys)))
        _, again = executor.next(None)
    assert again.barred == []
    assert {name: array.tobytes() for name, array in again.state.items()} == {
        name: array.tobytes() for name, array in outcome.state.items()
    }
    assert again.counts == outcome.counts


def test_barred_programs_are_recorded_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Dangerous(ToyScorer):
        def fitness(self, candidate: Candidate) -> float:
            if by_key(candidate) > 0.9:
                raise CannotBeScored("it ended 3 workers")
            return super().fitness(candidate)

    config = small()
    with_toys(monkeypatch, config, ToyExecutor(config, Dangerous(by_key)))
    events = run(config, tmp_path / "run")
    told = [
        json.loads(text)
        for (text,) in rows(tmp_path / "run", "SELECT detail FROM event WHERE kind = 'barred'")
    ]
    assert told
    assert all(by_key(parse(event["program"]).candidate) > 0.9 for event in told)
    from synth.runs.events import Notice

    assert sum(isinstance(event, Notice) for event in events) == len(told)


class PoolOf:
    """A pool whose worker dies, or answers, as the list says."""

    def __init__(self, *dies: bool) -> None:
        self.dies = list(dies)

    def submit(self, *_frame: Any) -> int:
        return 0

    def wait(self, _seconds: float | None) -> Any:
        died = "ended with exit code 7" if self.dies.pop(0) else ""
        return SimpleNamespace(died=died, header={"train_steps": 1, "per_task": [0.5], "value": 0.5})


@pytest.mark.parametrize("answers", [[], [False]])
def test_where_every_program_ends_workers_it_is_not_the_programs(answers: list[bool]) -> None:
    pool: Any = PoolOf(*answers, *[True] * 2 * HOPELESS)
    scorer = RemoteScorer(pool, Round("0-0", 0, 0, {}), 2, None)
    for _ in answers:
        assert scorer.fitness(Candidate()) == 0.5
    for _ in range(HOPELESS - 1):
        with pytest.raises(CannotBeScored):
            scorer.fitness(Candidate())
    last = CannotBeScored if answers else WorkerFailed
    with pytest.raises(last, match="the last ended with exit code 7"):
        scorer.fitness(Candidate())
