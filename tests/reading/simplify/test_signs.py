"""Values that are subtracted from nothing and then added are subtracted."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import program
from simplifying import bits, learner
from thorough import examples

from synth.language.candidate import Candidate
from synth.language.instruction import instruction
from synth.language.ops import OPS
from synth.reading.simplify.passes import normal_form
from synth.reading.simplify.signs import fold_signs

PREDICT = "m.s1 = np.dot(m.v0, m.v1)"
UPDATE = "m.v2 = m.s4 * m.v0; m.v1 = m.v1 + m.v2"


@pytest.mark.parametrize(
    ("learn", "expected"),
    [
        ("m.s3 = m.s2 - m.s1; m.s4 = m.s0 + m.s3", "m.s4 = m.s0 - m.s1"),
        ("m.s3 = m.s2 - m.s1; m.s4 = m.s3 + m.s0", "m.s4 = m.s0 - m.s1"),
        ("m.s3 = m.s2 - m.s1; m.s4 = m.s0 - m.s3", "m.s4 = m.s0 + m.s1"),
        ("m.s3 = m.s2 - m.s1; m.s4 = m.s3 - m.s0", ""),
        ("m.s3 = m.s2 - m.s6; m.s6 = m.s0 * m.s1; m.s4 = m.s0 + m.s3", ""),
        ("m.s4 = m.s0 + m.s3; m.s3 = m.s2 - m.s1", ""),
        ("m.s3 = m.s5 - m.s1; m.s4 = m.s0 + m.s3; m.s5 = m.s0 * m.s1", ""),
    ],
)
def test_what_is_folded(learn: str, expected: str) -> None:
    before = normal_form(program("", PREDICT, f"{learn}; {UPDATE}"))
    after = normal_form(program("", PREDICT, f"{expected}; {UPDATE}")) if expected else before
    assert normal_form(fold_signs(before)) == after


def test_arrays() -> None:
    before = program(
        "", PREDICT, "m.s4 = m.s0 - m.s1; m.v2 = m.s4 * m.v0; m.v3 = m.v9 - m.v2; m.v1 = m.v1 - m.v3"
    )
    after = program("", PREDICT, f"m.s4 = m.s0 - m.s1; {UPDATE}")
    assert normal_form(fold_signs(normal_form(before))) == normal_form(after)


@examples(40)
@given(st.integers(0, 1 << 32))
def test_errors_stay_what_they_were(seed: int) -> None:
    """A negative in front of a sum of random learners; only the sign of a zero may differ."""
    draw = random.Random(seed)
    bodies = [list(body) for body in learner(seed).bodies]
    minus = {op.output: op for op in OPS if op.family == "difference" and set(op.inputs) == {op.output}}
    sums = [
        (body, line)
        for body in bodies[1:]
        for line, one in enumerate(body)
        if one.op.family in ("sum", "difference") and set(one.op.inputs) == {one.op.output}
    ]
    if sums:
        body, line = draw.choice(sums)
        one = body[line]
        negative = instruction(minus[one.op.output], 98, one.b, 97)
        body[line : line + 1] = [negative, one.with_operands(one.operands[0], (one.target[0], 97))]
    before = normal_form(Candidate(*map(tuple, bodies)))
    assert bits(fold_signs(before)) == bits(before)
