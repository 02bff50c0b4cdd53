"""Hurdles: programs that are not worth a whole evaluation are stopped after a first stage."""

from pathlib import Path

import pytest
from recorded import rows
from search_helpers import ToyScorer, by_key, finished, individual, learner, one_round, rounds, run, small

from synth.language.candidate import Candidate
from synth.search.evolution.hurdle import Hurdle
from synth.search.evolution.rules import template
from synth.search.evolution.state import IslandState
from synth.tasks.sets import task_set


class Staged(ToyScorer):
    """A toy whose first stage is a function of its own."""

    def __init__(self) -> None:
        super().__init__(by_key)
        self.tried: list[float] = []

    def first_stage(self, candidate: Candidate) -> float:
        self.tried.append(round(1 - by_key(candidate), 1))
        return self.tried[-1]


def test_the_hurdle_is_a_percentile_of_the_unique_fitnesses() -> None:
    hurdle = Hurdle()
    assert hurdle.passes(0.0, 75)
    for fitness in [0.1] * 50 + [0.2, 0.3, 0.4]:
        hurdle.add(fitness, 100)
    # unique are .1 .2 .3 .4, however often .1 came: three quarters of them are not above .3
    assert not hurdle.passes(0.29, 75)
    assert hurdle.passes(0.3, 75)
    assert Hurdle.from_arrays(hurdle.to_arrays()) == hurdle


def test_the_hurdle_forgets_old_programs() -> None:
    hurdle = Hurdle()
    for fitness in (0.9, 0.8, 0.7, 0.1, 0.2, 0.3):
        hurdle.add(fitness, 3)
    assert list(hurdle.recent) == [0.1, 0.2, 0.3]
    assert hurdle.passes(0.3, 75)


def test_programs_that_do_not_pass_are_not_evaluated_in_full() -> None:
    config = small(search__hurdle_train=10, search__round_candidates=1000, search__fec=False)
    scorer = Staged()
    outcome = one_round(config, {}, scorer)
    counts = outcome.counts
    assert counts.evaluated == len(scorer.scored) > 10
    assert counts.hurdled == len(scorer.tried) - counts.evaluated > 100
    again = Staged()
    one_round(config, outcome.state, again, number=1)
    fresh = Staged()
    one_round(config, {**outcome.state, "hurdle": outcome.state["hurdle"][:0]}, fresh, number=1)
    assert again.scored != fresh.scored  # the window is part of the state


def test_a_program_that_does_not_pass_has_the_fitness_of_the_first_stage(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    state = IslandState([individual(learner(0.1), 0.2)], hurdle=Hurdle())
    state.hurdle.recent.append(2.0)  # a hurdle that nobody passes
    config = small(
        search__population=1, search__round_candidates=1, search__hurdle_tasks=2, mutation__probability=1
    )
    outcome = one_round(config, state.to_arrays(), Staged())
    while outcome.counts.hurdled == 0:
        outcome = one_round(config, outcome.state, Staged(), number=outcome.counts.candidates)
    child = IslandState.from_arrays(outcome.state).population[0]
    assert child.fitness == round(child.fitness, 1)
    assert outcome.best == []


def test_there_is_no_hurdle_unless_it_is_asked_for() -> None:
    scorer = Staged()
    assert one_round(small(), {}, scorer).counts.hurdled == 0
    assert scorer.tried == []


def test_a_first_stage_that_is_everything_is_no_hurdle() -> None:
    scorer = Staged()
    assert one_round(small(search__hurdle_train=60, search__hurdle_tasks=3), {}, scorer).counts.hurdled == 0
    assert scorer.tried == []


@pytest.mark.parametrize(
    ("setting", "share"),
    [
        ({"search__hurdle_train": 20}, 20 * 3),
        ({"search__hurdle_tasks": 2}, 60 * 2),
        ({"search__hurdle_train": 20, "search__hurdle_valid": 10}, 20 * 3),
    ],
)
def test_the_first_stage_is_the_evaluation_on_less(setting: dict[str, object], share: int) -> None:
    from synth.engine.native.batch import Batch
    from synth.engine.native.compiler import object_code
    from synth.engine.native.engine import NativeEngine
    from synth.engine.native.evaluator import Machine
    from synth.engine.native.lanes import shape_for
    from synth.search.executors.python import PythonScorer
    from synth.search.scoring.scorer import NativeScorer
    from synth.tasks.task import Task

    config = small(fitness__dtype="float64", **setting)
    tasks = task_set("digits", "search", count=3, features=8, train=60, valid=30)
    shape = shape_for(8, "float64", 3, 2)
    scorer = NativeScorer(config, Machine(shape, object_code(shape)), Batch.of(tasks.tasks, shape))
    count, train = config.search.hurdle_tasks or 3, config.search.hurdle_train or 60
    valid = config.search.hurdle_valid or 30
    short = [
        Task(
            one.train_features[:train],
            one.train_labels[:train],
            one.valid_features[:valid],
            one.valid_labels[:valid],
        )
        for one in tasks.tasks[:count]
    ]
    linear = template("linear")
    expected = NativeEngine(short).evaluate(linear).fitness
    assert scorer.first_stage(linear) == expected
    assert scorer.train_steps == share
    assert scorer.fitness(linear) == NativeEngine(tasks.tasks).evaluate(linear).fitness
    python = PythonScorer(config, tasks)
    assert python.first_stage(linear) == pytest.approx(expected, abs=0.002)
    python.close()


def test_a_metric_that_takes_longer_has_a_first_stage_of_fewer_validation_examples() -> None:
    assert [small(data__metric=name).hurdle_valid for name in ("auto", "accuracy", "rmse")] == [None] * 3
    assert [small(data__metric=name).hurdle_valid for name in ("auc", "log_loss")] == [500] * 2
    assert small(data__metric="auc", search__hurdle_valid=70).hurdle_valid == 70


def test_a_search_with_hurdles_counts_what_they_stopped(tmp_path: Path) -> None:
    events = run(small(search__hurdle_train=10, limits__candidates=1500), tmp_path / "run")
    assert rounds(events)[-1].totals.hurdled > 0
    assert finished(events).summary["hurdled"] == rounds(events)[-1].totals.hurdled
    assert rows(tmp_path / "run", "SELECT max(hurdled) FROM round")[0][0] > 0
