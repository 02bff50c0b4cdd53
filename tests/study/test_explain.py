"""Explanations: losses are those of the program with a part taken out; the two evaluations are told apart."""

import math

import pytest
from native_programs import program, template
from study_tasks import small

from synth.engine.native.engine import NativeEngine
from synth.language.candidate import Candidate
from synth.reading.structure import Structure
from synth.study.explain import Explanation, Loss, evaluation_of, explain, explain_document

PREDICT = "m.s1 = np.dot(m.v0, m.v1)"
LEARN = "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2"


@pytest.fixture(scope="module")
def linear() -> Explanation:
    return explain(program("m.s2 = 0.01; m.s8 = 0.5", PREDICT, LEARN), small())


def per_task(candidate: Candidate) -> tuple[float, ...]:
    return NativeEngine(small().tasks).evaluate(candidate).per_task or ()


def test_a_statement_s_loss_is_what_the_program_loses_without_it(linear: Explanation) -> None:
    without = program("m.s2 = 0.01", PREDICT, LEARN.replace("m.s3 = m.s2 * m.s3; ", ""))
    losses = [a - b for a, b in zip(per_task(template("linear")), per_task(without), strict=True)]
    (found,) = (one for one in linear.statements if one.statement.text == "m.s3 = m.s2 * m.s3")
    assert (found.statement.function, found.statement.number) == ("learn", 2)
    assert found.loss.mean == pytest.approx(sum(losses) / 3)
    spread = math.sqrt(sum((loss - sum(losses) / 3) ** 2 for loss in losses) / 2 / 3)
    assert found.loss.error == pytest.approx(spread)


def test_every_statement_is_told_and_dead_ones_are_called_so(linear: Explanation) -> None:
    assert [one.live for one in linear.statements] == [True, False, True, True, True, True, True]
    assert linear.statements[1].loss == Loss(0.0, 0.0)


def test_constants_are_halved_and_doubled(linear: Explanation) -> None:
    (found,) = linear.constants
    assert (found.statement.text, found.name, found.value) == ("m.s2 = 0.01", "x", 0.01)
    doubled = per_task(program("m.s2 = 0.02", PREDICT, LEARN))
    losses = [a - b for a, b in zip(per_task(template("linear")), doubled, strict=True)]
    assert found.doubled.mean == pytest.approx(sum(losses) / 3)


def test_a_technique_s_loss_is_what_the_program_loses_without_it(linear: Explanation) -> None:
    (found,) = linear.techniques
    assert found.name == "gradient step"
    assert [line.text for line in found.statements] == [
        "m.s3 = m.s0 - m.s1",
        "m.s3 = m.s2 * m.s3",
        "m.v2 = m.s3 * m.v0",
        "m.v1 = m.v1 + m.v2",
    ]
    assert found.loss is not None
    untrained = sum(per_task(program("", PREDICT))) / 3
    assert found.loss.mean == pytest.approx(linear.fitness.mean - untrained)


def test_blocks_together_are_the_live_program(linear: Explanation) -> None:
    lines = [line.text for block in linear.blocks for line in block.statements]
    assert lines == [one.statement.text for one in linear.statements if one.live]


def test_losses_of_single_tasks_have_no_error() -> None:
    assert Loss.of([0.25]) == Loss(0.25, 0.0)


def evaluation(setup: str, predict: str, learn: str) -> tuple[bool, tuple[str, ...], bool]:
    found = evaluation_of(Structure(program(setup, predict, learn)))
    assert "restores it for every row to what a first prediction after fit left" in found.text
    assert ("both are the same" in found.text) == found.same
    return found.same, found.carried, found.draws


def test_how_an_estimator_s_evaluation_differs() -> None:
    assert evaluation("m.s2 = 0.01", PREDICT, LEARN) == (True, (), False)
    assert evaluation("", f"m.s9 = m.s9 + m.s2; {PREDICT}; m.s1 = m.s1 + m.s9", LEARN) == (
        False,
        ("m.s9",),
        False,
    )
    assert evaluation("", "m.s4 = m.s1 + m.s2; m.s1 = np.dot(m.v0, m.v1); m.s1 = m.s1 + m.s4", LEARN) == (
        False,
        ("m.s1",),
        False,
    )
    noisy = "m.v5 = m.rng.normal(0.0, 0.1, m.F); m.v5 = m.v5 + m.v0; m.s1 = np.dot(m.v5, m.v1)"
    assert evaluation("", noisy, LEARN) == (False, (), True)
    # What learn reads of predict is the same in both: training is.
    assert evaluation("", f"m.s9 = m.s9 + m.s2; {PREDICT}", f"{LEARN}; m.v1 = m.s9 * m.v1")[0]


def test_the_document_holds_finite_numbers_and_all_parts() -> None:
    document = explain_document("x.py", explain(template("averaged_net"), small(tasks=2)), small(tasks=2))
    assert {technique["name"] for technique in document["techniques"]} >= {"bilinear", "averaged weights"}  # type: ignore[attr-defined]
    assert len(document["statements"]) == 27  # type: ignore[arg-type]
