"""Constants are tuned by an equal number of trials, and programs compared where nobody chose them."""

import json
import math
from pathlib import Path

import pytest
from native_programs import program
from recorded import rows
from search_helpers import finished, run, small

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.parser import candidate_of, parse_file
from synth.runs.events import FigureBegun
from synth.search.evolution.rules import template
from synth.search.scoring.judge import Judge
from synth.search.scoring.tuning import FEW_TRIALS, affordable, tune
from synth.search.summary import BASELINES
from synth.statistics import pair_name

RATE = program(predict="m.s1 = np.dot(m.v0, m.v1)", learn="m.v1 = m.s2 * m.v0", setup="m.s2 = 0.01")


def rate_of(candidate: Candidate) -> float:
    return candidate.setup[0].constants[0]


def nearness(candidate: Candidate) -> float:
    """Best at a rate of 2."""
    return -abs(math.log(rate_of(candidate) / 2.0))


def test_tuning_finds_a_constant_and_tries_as_often_as_it_may() -> None:
    tried: list[float] = []

    def score(candidate: Candidate) -> float:
        tried.append(rate_of(candidate))
        return nearness(candidate)

    tuned, figure = tune(RATE, score, 100)
    assert len(tried) == 101
    assert tried[0] == 0.01
    assert figure == nearness(tuned) > -0.2
    assert (tuned.predict, tuned.learn) == (RATE.predict, RATE.learn)


def test_the_first_half_is_the_paper_s_search_of_the_program_as_it_was() -> None:
    tried: list[float] = []

    def score(candidate: Candidate) -> float:
        tried.append(rate_of(candidate))
        return -rate_of(candidate)  # smaller is always better

    tune(RATE, score, 400)
    wide, narrow = tried[1:201], tried[201:]
    assert all(0.01 / 1000.1 < rate < 0.01 * 1000.1 for rate in wide)
    logarithms = sorted(math.log(rate / 0.01, 1000) for rate in wide)
    worst = max(abs((value + 1) / 2 - (place + 0.5) / 200) for place, value in enumerate(logarithms))
    assert worst < 0.12  # Kolmogorov and Smirnov's bound, 0.005
    assert min(narrow) < min(wide)


def test_signs_and_indices_stay_and_text_reads_back() -> None:
    start = program(
        predict="m.s1 = np.dot(m.v0, m.v1)",
        learn="m.v2[int(0.37 * m.F)] = -0.5; m.m0[int(0.1 * m.F), int(0.9 * m.F)] = 0.25",
        setup="m.v1 = m.rng.normal(0.0, 0.1, m.F); m.s2 = m.rng.uniform(-1.0, 1.0); m.s3 = 0.0",
    )
    found: list[Candidate] = []

    def score(candidate: Candidate) -> float:
        found.append(candidate)
        return len(found)

    tune(start, score, 20)
    for one in found[1:]:
        (vector, matrix), (normal, uniform, zero) = one.learn, one.setup
        assert vector.constants[0] == 0.37 and vector.constants[1] < 0
        assert matrix.constants[:2] == (0.1, 0.9) and matrix.constants[2] > 0
        assert normal.constants[0] == 0.0 and normal.constants[1] > 0
        assert uniform.constants[0] < 0 < uniform.constants[1]
        assert zero.constants == (0.0,)
        assert candidate_of(one.text()) == one


def test_a_program_without_constants_is_scored_once() -> None:
    asked: list[Candidate] = []
    bare = program(predict="m.s1 = np.dot(m.v0, m.v1)")

    def score(candidate: Candidate) -> float:
        asked.append(candidate)
        return 0.5

    assert tune(bare, score, 50) == (bare, 0.5)
    assert asked == [bare]


def test_tuning_never_makes_worse_and_repeats_itself() -> None:
    results = [tune(RATE, lambda candidate: -abs(rate_of(candidate) - 0.01), 50, seed) for seed in (0, 0, 1)]
    assert results[0] == results[1]
    assert all(figure == 0.0 and tuned == RATE for tuned, figure in results)
    assert tune(RATE, nearness, 50, 0) != tune(RATE, nearness, 50, 1)


def test_large_programs_have_few_trials() -> None:
    assert [affordable(200, features) for features in (16, 64, 65, 3072)] == [
        200,
        200,
        FEW_TRIALS,
        FEW_TRIALS,
    ]
    assert affordable(2, 3072) == 2


def test_the_best_is_compared_on_report_tasks(tmp_path: Path) -> None:
    config = small(fitness__tuning_trials=12, data__report_tasks=4)
    events = run(config, tmp_path / "run")
    end = finished(events)
    assert end.best is not None
    begun = [event for event in events if isinstance(event, FigureBegun)]
    assert [(one.number, one.total) for one in begun] == [(number, 16) for number in range(1, 17)]
    assert [begun[0].what, *(one.what for one in begun[-4:])] == [
        "linear on search tasks",
        "best program in the python engine",
        "linear with tuned constants",
        "neural_net with tuned constants",
        "best program with tuned constants",
    ]
    tuned = end.summary["tuned"]
    assert (tuned["trials"], tuned["tasks"]) == (12, 4)
    assert set(tuned["figures"]) == {"best", *BASELINES}
    report = Judge(config).report()
    module = parse_file(tmp_path / "run" / "tuned.py").candidate
    assert report.fitness(module) == tuned["figures"]["best"]["report"]
    assert (
        f"{tuned['figures']['best']['report']:.4f} on 4 report tasks"
        in (tmp_path / "run" / "tuned.py").read_text()
    )
    assert end.summary["best"]["report"] == report.fitness(end.best.candidate)
    for name in BASELINES:
        one = tuned["differences"][name]
        assert one["mean"] == pytest.approx(
            tuned["figures"]["best"]["report"] - tuned["figures"][name]["report"]
        )
        assert one["low"] <= one["mean"] <= one["high"]
        assert len(one["per_pair"]) == 4
        select = tuned["figures"][name]["select"]
        assert select >= Judge(config).select.fitness(template(name))
    stored = dict(rows(tmp_path / "run", "SELECT program || ' ' || split, fitness FROM figure"))
    assert stored["linear, tuned report"] == tuned["figures"]["linear"]["report"]
    assert stored["best report"] == end.summary["best"]["report"]
    json.dumps(end.summary, allow_nan=False)


@pytest.mark.usefixtures("confirmation")
def test_the_best_is_confirmed_by_the_python_engine(tmp_path: Path) -> None:
    end = finished(run(small(limits__candidates=100), tmp_path / "run"))
    assert end.summary["best"]["confirmed"]["tasks"] == 2
    assert end.summary["best"]["confirmed"]["difference"] <= 0.002


def test_report_tasks_are_three_of_each_pair_and_no_selection_task() -> None:
    judge = Judge(small(data__select_tasks=9, data__report_tasks="none"))
    report, select = judge.report().tasks, judge.select_tasks.tasks
    assert len(report) == 27
    assert {pair_name(task.name) for task in report} == {pair_name(task.name) for task in select}
    assert not {task.name for task in report} & {task.name for task in select}
    assert len(Judge(small(data__report_tasks=5)).report().tasks) == 5
    linear = small(data__name="linear", data__select_tasks=7, data__report_tasks="none")
    assert len(Judge(linear).report().tasks) == 7


def test_without_trials_nothing_is_tuned(tmp_path: Path) -> None:
    events = run(small(fitness__tuning_trials=0), tmp_path / "run")
    end, begun = finished(events), [event for event in events if isinstance(event, FigureBegun)]
    assert end.summary["tuned"] is None
    assert begun[-1].number == begun[-1].total == 13
    assert not (tmp_path / "run" / "tuned.py").exists()
    with pytest.raises(UsageError, match="tuning_trials"):
        small(fitness__tuning_trials=-1)


def test_without_a_learner_baselines_stand_alone(tmp_path: Path) -> None:
    end = finished(run(small(search__start="empty", limits__candidates=10), tmp_path / "run"))
    assert set(end.summary["tuned"]["figures"]) == set(BASELINES)
    assert end.summary["tuned"]["differences"] == {}
