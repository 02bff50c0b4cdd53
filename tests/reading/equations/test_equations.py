"""Equations are what the program computes, bit for bit, whatever is inlined, and people can read them."""

from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT
from hypothesis import given
from hypothesis import strategies as st
from mathematics import by_equations, by_statements, examples
from native_programs import program, programs, template
from random_programs import of_a_net
from simplifying import learner
from thorough import examples as tried

from synth.language.candidate import Candidate
from synth.language.ops import PREDICTION
from synth.language.parser import parse_file
from synth.reading.equations.equations import Equations, equations_of
from synth.reading.equations.expressions import Symbol
from synth.reading.equations.listing import latex_text, note, parts

GOLDEN = Path(__file__).parent / "golden"
HALL_OF_FAME = ROOT / "generated" / "hall_of_fame"
PROGRAMS = {
    name: ROOT / "templates" / f"{name}.py" for name in ("linear", "quadratic", "neural_net", "averaged_net")
}
PROGRAMS |= {path.name: path / "simplified.py" for path in sorted(HALL_OF_FAME.iterdir()) if path.is_dir()}


def as_text(equations: Equations) -> str:
    lines = []
    for part in parts(equations):
        lines.append(part.title)
        lines += [f"    {line.text}" + (f"  ({line.words})" if line.words else "") for line in part.lines]
    return "\n".join([*lines, note(equations), ""])


def right_sides(setup: str = "", predict: str = "", learn: str = "") -> dict[str, list[str]]:
    found = parts(equations_of(program(setup, predict, learn)))
    return {part.name: [line.text for line in part.lines] for part in found}


@tried(160)
@given(
    st.one_of(programs(), st.integers(0, 1 << 32).map(learner), st.integers(0, 1 << 32).map(of_a_net)),
    st.booleans(),
)
def test_they_predict_what_the_program_predicts(candidate: Candidate, sigmoid: bool) -> None:
    equations = equations_of(candidate)
    train, valid = examples(1, 3), examples(2, 3)
    expected = by_statements(equations.candidate, train, valid, sigmoid)
    found = by_equations(equations, train, valid, sigmoid)[: len(expected)]
    np.testing.assert_array_equal(found, expected)
    as_text(equations)
    latex_text(equations)


def test_what_is_no_number_is_left_out_of_the_comparison() -> None:
    # 1 / 0 times 0 is nan in the program, and 0 over the real numbers
    candidate = program(
        "m.m2 = 1.0 / m.m1", "m.s1 = np.mean(m.v1)", "m.v2 = np.dot(m.m2, m.v3); m.v1 = m.v3 * m.v2"
    )
    train, valid = examples(1, 3), examples(2, 3)
    assert by_statements(candidate, train, valid, True) == [0.0]
    assert by_equations(equations_of(candidate), train, valid, True) == [0.0] * 6


@pytest.mark.parametrize("name", PROGRAMS)
def test_they_read_well(name: str) -> None:
    equations = equations_of(parse_file(PROGRAMS[name]).candidate)
    assert as_text(equations) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


def test_what_is_read_late_is_named_before_it_is_replaced() -> None:
    # two vectors exchange their content: each is replaced by what the other held before
    found = right_sides(
        "m.s2 = 0.5",
        "m.s1 = np.dot(m.v0, m.v1)",
        "m.s3 = m.s0 - m.s1; m.v3 = m.s3 * m.v0; m.v4 = m.v1 + m.v2; m.v5 = m.v2 + m.v3; "
        "m.v1 = np.maximum(m.v5, m.v5); m.v2 = np.maximum(m.v4, m.v4)",
    )
    assert found["learn"] == ["g = (y − p) x + u", "u ← u + s", "s ← g"]


def test_equal_terms_of_a_sum_are_counted() -> None:
    found = right_sides(
        predict="m.s2 = np.dot(m.v0, m.v1); m.s3 = np.dot(m.v0, m.v2); "
        "m.s4 = m.s2 + m.s3; m.s5 = m.s4 + m.s2; m.s1 = m.s3 + m.s5",
        learn="m.v1 = m.s0 * m.v0; m.v2 = m.s0 * m.v1",
    )
    assert found["predict"][-1] == "prediction = 2 z₁ + 2 z₂"


def test_an_update_by_old_content_stands_before_the_replacement() -> None:
    # the second vector moves by what the first held before the step, though the program changes that first
    found = right_sides(
        "m.s2 = 0.5",
        "m.v3 = m.v1 + m.v2; m.s1 = np.dot(m.v0, m.v3)",
        "m.s3 = m.s0 - m.s1; m.v4 = m.s2 * m.v1; m.v5 = m.s3 * m.v0; m.v1 = m.v1 + m.v5; m.v2 = m.v2 + m.v4",
    )
    assert found["learn"] == ["a ← a + c w", "w ← w + (y − p) x"]


def test_values_of_one_variable_within_a_function_have_primes() -> None:
    found = right_sides(
        "",
        "m.v5 = m.v1 + m.v3; m.s1 = np.dot(m.v0, m.v5)",
        "m.v1[int(0.1 * m.F)] = 0.5; m.s4 = np.linalg.norm(m.v1); m.v1[int(0.6 * m.F)] = 0.25; "
        "m.s5 = m.s4 * m.s0; m.v2 = m.s5 * m.v0; m.v3 = m.v3 + m.v2",
    )
    assert found["learn"] == ["u′ = u[⌊0.1 F⌋ := 0.5]", "w ← w + y ‖u′‖ x", "u ← u′[⌊0.6 F⌋ := 0.25]"]


def test_a_program_that_keeps_its_prediction() -> None:
    found = right_sides(predict="m.s2 = np.dot(m.v0, m.v1); m.s1 = m.s1 + m.s2", learn="m.v1 = m.s0 * m.v0")
    assert found["predict"] == ["prediction ← prediction + x · u"]
    assert found["learn"][-1] == "prediction ← p"


def test_an_empty_program() -> None:
    equations = equations_of(Candidate())
    assert equations.predict == ()
    assert [one.symbol for one in equations.setup] == [Symbol(PREDICTION)]


def test_words_are_silent_where_it_is_not_certain() -> None:
    # twice the label less the prediction is no error, and what is added to a linear form is no bias of it
    equations = equations_of(
        program(
            "m.s2 = 0.1",
            "m.v2 = m.v0 + m.v1; m.s1 = np.dot(m.v2, m.v1)",
            "m.s3 = m.s0 - m.s1; m.s4 = m.s3 + m.s0; m.s4 = m.s2 * m.s4; m.v3 = m.s4 * m.v0; "
            "m.v1 = m.v1 + m.v3",
        )
    )
    words = {word for one in equations.learn for word in one.words}
    assert "error" not in words
    assert "bias" not in words


def test_templates_name_their_parts() -> None:
    def words(name: str) -> set[str]:
        equations = equations_of(template(name))
        return {
            word for one in (*equations.setup, *equations.predict, *equations.learn) for word in one.words
        }

    assert words("quadratic") == {"quadratic form", "weights", "bias", "step size"}
    assert words("neural_net") == {"hidden layer", "weights", "bias", "step size"}
    assert {"running average", "normalised step", "noise"} < words("averaged_net")
