"""Taking a statement away, so that its readers read an operand, and nobody else another value than before."""

import pytest
from native_programs import program

from synth.language.bypass import bypassed
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.flow import LEARN, PREDICT, Definition
from synth.language.ops import Variable

S3: Variable = ("s", 3)
LEARNS = "m.v1 = m.s0 * m.v0"


def changed(candidate: Candidate, gone: Definition, source: Variable) -> dict[str, list[str]] | None:
    """The texts of the program without a statement; None where nothing changes."""
    changes = bypassed(candidate.bodies, gone, source)
    if not changes:
        return None
    return {
        name: [
            one.text
            for line, statement in enumerate(candidate.bodies[function])
            if (one := changes.get(Definition(function, line), statement)) is not None
        ]
        for function, name in enumerate(FUNCTIONS)
    }


def test_readers_read_the_operand_wherever_they_are() -> None:
    candidate = program(predict="m.v2 = m.v0 + m.v3; m.s1 = np.dot(m.v2, m.v1)", learn="m.v1 = m.s0 * m.v2")
    after = changed(candidate, Definition(PREDICT, 0), ("v", 0))
    assert after is not None
    assert after["predict"] == ["m.s1 = np.dot(m.v0, m.v1)"]
    assert after["learn"] == ["m.v1 = m.s0 * m.v0"]


def test_an_update_goes_and_what_read_it_reads_what_it_updated() -> None:
    candidate = program(predict="m.s1 = np.dot(m.v0, m.v1)", learn="m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2")
    after = changed(candidate, Definition(LEARN, 1), ("v", 1))
    assert after is not None
    assert after["learn"] == ["m.v2 = m.s0 * m.v0"]
    assert after["predict"] == ["m.s1 = np.dot(m.v0, m.v1)"]


def test_what_makes_the_operand_of_a_prediction_makes_the_prediction() -> None:
    candidate = program(
        predict="m.s3 = np.dot(m.v0, m.v1); m.s1 = m.s2 * m.s3",
        learn="m.s4 = m.s0 - m.s3; m.v1 = m.s4 * m.v0",
    )
    after = changed(candidate, Definition(PREDICT, 1), S3)
    assert after is not None
    assert after["predict"] == ["m.s1 = np.dot(m.v0, m.v1)"]
    assert after["learn"] == ["m.s4 = m.s0 - m.s1", "m.v1 = m.s4 * m.v0"]  # not m.s3, which nothing writes


def test_readers_of_another_value_in_the_same_place_stay() -> None:
    predict = "m.s3 = np.dot(m.v0, m.v1); m.s1 = m.s2 * m.s3; m.s3 = np.sin(m.s2); m.s1 = m.s1 + m.s3"
    after = changed(program(predict=predict, learn=LEARNS), Definition(PREDICT, 1), S3)
    assert after is not None
    assert after["predict"] == ["m.s1 = np.dot(m.v0, m.v1)", "m.s3 = np.sin(m.s2)", "m.s1 = m.s1 + m.s3"]


@pytest.mark.parametrize(
    ("predict", "line", "source"),
    [
        # the older prediction is read in between
        ("m.s1 = np.sin(m.s2); m.s3 = np.dot(m.v0, m.v1); m.s5 = m.s1 * m.s3; m.s1 = m.s3 + m.s5", 3, S3),
        # nothing in predict makes the operand
        ("m.s1 = m.s3 + m.s2", 0, S3),
        # the prediction is overwritten before the operand is read again
        ("m.s3 = np.dot(m.v0, m.v1); m.s1 = m.s2 * m.s3; m.s1 = np.sin(m.s2); m.s1 = m.s1 + m.s3", 1, S3),
    ],
)
def test_nothing_changes_where_another_value_would_be_read(predict: str, line: int, source: Variable) -> None:
    assert changed(program(predict=predict, learn=LEARNS), Definition(PREDICT, line), source) is None
