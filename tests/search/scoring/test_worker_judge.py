"""Programs are judged once; what a worker says of them has the same bits, and is not believed."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import rows
from search_helpers import ToyExecutor, ToyScorer, by_key, finished, improvements, run, small, with_toys

from synth.engine.native.engine import NativeEngine
from synth.engine.result import Result
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Candidate
from synth.runs.events import FigureBegun
from synth.search.evolution.round import Outcome, Round
from synth.search.executors.native import NativeExecutor
from synth.search.readable import Writer
from synth.search.scoring.judge import FRAGILE, Judge
from synth.settings.mixes import tasks_name


@pytest.mark.parametrize("start", ["linear", "neural_net"])
@pytest.mark.parametrize("combine", ["mean", "median"])
def test_workers_tell_what_the_judge_would_find(start: str, combine: str, tmp_path: Path) -> None:
    config = small(
        "full", search__start=start, fitness__combine=combine, search__hurdle_train=0, data__mix=""
    )
    judge, said = Judge(config), list[str]()
    place = tmp_path / "tasks"
    select = judge.select_tasks
    with NativeExecutor(judge.config, judge.search_sets, place, 1, said.append, select=select) as executor:
        executor.add_tasks(tasks_name(0, 0), 0, judge.search_sets[0])
        executor.submit(Round(tasks_name(0, 0), 0, 0, {}))
        _, outcome = executor.next(60.0)
        executor.drop_tasks(tasks_name(0, 0))
    found = outcome.selects
    assert found == [judge.select.fitness(effective(tip.candidate)) for tip in outcome.best]
    assert len(found) > 1 and said == []
    assert {path.name.partition("-")[0] for path in place.iterdir()} == {"select"}


def test_a_worker_that_lies_wins_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run(small(), tmp_path / "honest")
    told = NativeExecutor.next

    def boasting(executor: NativeExecutor, timeout: float | None) -> tuple[Round, Outcome]:
        task, outcome = told(executor, timeout)
        return task, replace(outcome, selects=[1.0 for _ in outcome.best])

    monkeypatch.setattr(NativeExecutor, "next", boasting)
    run(small(), tmp_path / "boasting")
    scores = "SELECT number, search, select_fitness, text FROM improvement"
    found = rows(tmp_path / "boasting", scores)
    assert found == rows(tmp_path / "honest", scores) != []


def without_figures(*arguments: object) -> Generator[FigureBegun, None, dict[str, object]]:
    """A summary that takes no final figures."""
    yield from ()
    return {}


def test_an_improvement_is_the_best_of_its_round(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Programs of a round are compared by selection fitness, each program once."""
    judged: list[Candidate] = []

    def select(candidate: Candidate) -> float:
        return canonical_key(candidate) % 7919 / 7919

    def evaluate(self: NativeEngine, candidate: Candidate) -> Result:
        judged.append(candidate)
        return Result("ok", select(candidate), (), None)

    def on_search(self: Judge, candidate: Candidate, mix: int = 0, draw: int = 0) -> float:
        return by_key(candidate)

    config = small(search__round_candidates=50, limits__candidates=600)
    with_toys(monkeypatch, config)
    monkeypatch.setattr(NativeEngine, "evaluate", evaluate)
    monkeypatch.setattr(Judge, "on_search", on_search)
    monkeypatch.setattr(Writer, "readable", lambda self, best, previous, per_task: (best, best.text()))
    monkeypatch.setattr("synth.search.coordinator.summary", without_figures)
    events = run(config, tmp_path / "run")
    assert len(set(map(canonical_key, judged))) == len(judged) > 20
    found = [event.program.select for event in improvements(events)]
    assert found == sorted(set(found))
    assert found[-1] == max(map(select, judged))


def test_a_fragile_program_is_never_the_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Toy fitness is far from what the programs reach in float64."""
    config = small()
    with_toys(monkeypatch, config, ToyExecutor(config, ToyScorer(lambda candidate: 0.1)))
    monkeypatch.setattr("synth.search.coordinator.FRAGILE", FRAGILE)
    events = run(config, tmp_path / "run")
    assert improvements(events) == []
    assert finished(events).best is None
    noted = rows(tmp_path / "run", "SELECT detail FROM event WHERE kind = 'fragile'")
    assert noted and "float64" in noted[0][0]
