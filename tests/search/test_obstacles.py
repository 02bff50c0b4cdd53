"""Why nothing learns: each sentence where it is true, and none for a run that has learned."""

from pathlib import Path

import numpy as np
import pytest
from native_programs import program, template
from search_helpers import small

from synth.language.candidate import Candidate
from synth.runs.events import Counts, Program
from synth.search.obstacles import FEW_CANDIDATES, obstacle
from synth.search.scoring.judge import Judge

MANY = Counts(candidates=10 * FEW_CANDIDATES, rejected=9 * FEW_CANDIDATES)
ADDS_UP = program("", "m.s1 = np.dot(m.v0, m.v1)", "m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2")
WITHOUT_VECTOR = program(
    "m.s2 = 0.1",
    "m.s3 = np.mean(m.v0); m.s1 = m.s3 * m.s4",
    "m.s5 = m.s0 - m.s1; m.s5 = m.s5 * m.s3; m.s5 = m.s2 * m.s5; m.s4 = m.s4 + m.s5",
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge(small(data__select_tasks=9))


def said(judge: Judge, candidate: Candidate | None, totals: Counts = MANY) -> str:
    """What a run says that ended with this program."""
    others = {name: judge.select.per_task(template(name)) for name in ("linear", "neural_net")}
    if candidate is None:
        return obstacle(judge, totals, None, others)
    per_task = judge.select.per_task(candidate)
    best = Program(1, candidate, candidate.text(), len(candidate), candidate, 0.5, 0.5, per_task, 0, 0, 0)
    return obstacle(judge, totals, best, others)


def test_a_run_that_has_learned_says_nothing(judge: Judge) -> None:
    assert said(judge, template("linear")) == ""


@pytest.mark.parametrize("candidate", [None, Candidate()])
def test_without_a_learner(judge: Judge, candidate: Candidate | None) -> None:
    few = said(judge, candidate, Counts(candidates=70))
    assert few.startswith("No program can learn so far. Only 70 candidates were looked at")
    assert "90% had no way from features and label to a prediction" in said(judge, candidate)


def test_op_lists_that_allow_none() -> None:
    judge = Judge(small(program__predict_ops=(1, 2, 3)))
    found = said(judge, None)
    assert "allow none: a program that can learn needs ops in program.predict_ops that join the feat" in found


@pytest.mark.parametrize(
    ("candidate", "flow"),
    [
        (ADDS_UP, "it adds up examples by their labels; --set search.feedback_islands="),
        (WITHOUT_VECTOR, "It keeps no vector or matrix from step to step"),
    ],
)
def test_a_flow_that_is_missing(judge: Judge, candidate: Candidate, flow: str) -> None:
    found = said(judge, candidate)
    assert flow in found
    assert found.startswith("The best program is below the template ")


def test_too_small_steps_are_a_matter_of_time(judge: Judge) -> None:
    slow = program("m.s2 = 1e-06", "m.s1 = np.dot(m.v0, m.v1)",
                   "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; "
                   "m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2")  # fmt: skip
    assert "100,000 candidates were not enough for its constants and structure" in said(judge, slow)


def of_data(folder: Path, x: np.ndarray, y: np.ndarray) -> Judge:
    np.savez(folder / "own.npz", X=x, y=y)
    return Judge(small(data__name=str(folder / "own.npz"), data__select_tasks=None))


def test_labels_that_say_nothing(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    judge = of_data(tmp_path, draw.normal(size=(600, 8)), draw.integers(0, 2, 600))
    found = said(judge, ADDS_UP)
    assert found.startswith("Neither the best program nor a template is better than a constant prediction.")


def test_templates_are_compared_with_chance_too(judge: Judge) -> None:
    """The template is above chance, and above the best program by no more than that."""
    chance = [
        max(task.fitness(np.full(len(task.valid_labels), constant)) for constant in (-1.0, 1.0))
        for task in judge.select_tasks.tasks
    ]
    scattered = tuple(one + 0.2 * (-1) ** number for number, one in enumerate(chance))
    slow = template("linear")
    best = Program(1, slow, slow.text(), len(slow), slow, 0.5, 0.5, scattered, 0, 0, 0)
    found = obstacle(judge, MANY, best, {"linear": [one + 0.05 for one in chance]})
    assert found.startswith(
        "The best program is not better than a constant prediction, and the template linear is. It has all"
    )
    assert obstacle(judge, MANY, best, {"linear": chance}).startswith("Neither the best program nor a templ")


def test_labels_that_are_too_large(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    x = draw.normal(size=(600, 8))
    y = 2000.0 * x[:, 0] + 1000.0
    assert "Labels reach" not in said(of_data(tmp_path, x, y), template("linear"))
    outliers = of_data(tmp_path, x, y + np.where(np.arange(600) == 3, 1e12, 0.0))
    assert " standard deviations, and an error above 100 ends a program: look for outliers" in said(
        outliers, template("linear")
    )
