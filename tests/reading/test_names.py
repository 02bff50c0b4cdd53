"""Modules with names and comments: they read well, are the same program, and black leaves them alone."""

import re
from pathlib import Path

import black
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import program, template
from simplifying import learner
from strategies import candidates
from thorough import examples

from synth.language.candidate import Candidate
from synth.language.parser import parse
from synth.reading.names import named_text
from synth.reading.roles import RoleFinder
from synth.reading.simplify.passes import normal_form
from synth.standalone.module_text import with_docstring

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", ["linear", "neural_net", "averaged_net"])
def test_templates_read_well(name: str) -> None:
    expected = (GOLDEN / f"named_{name}.py").read_text()
    text = with_docstring(named_text(normal_form(template(name))), '"""As simplify --names writes it."""')
    assert text == expected


@examples(60)
@given(st.one_of(st.integers(0, 1 << 32).map(learner), candidates()))
def test_names_and_comments_change_nothing(candidate: Candidate) -> None:
    candidate = normal_form(candidate)
    text = named_text(candidate)
    parsed = parse(text)
    assert parsed.candidate == candidate
    assert not parsed.notices
    assert black.format_str(text, mode=black.Mode()) == text


def test_roles_are_those_of_the_program_s_own_addresses() -> None:
    candidate = program("m.s7 = 0.01", "m.s1 = np.dot(m.v0, m.v4)", "m.s9 = m.s0 - m.s1; m.s9 = m.s7 * m.s9; "
                        "m.v9 = m.s9 * m.v0; m.v4 = m.v4 + m.v9")  # fmt: skip
    named = RoleFinder(candidate).named
    assert named["v", 4] == "weights"
    assert named["s", 7] == "learning_rate"
    assert named["s", 1] == "prediction"


def test_what_predictions_read_is_no_step_size() -> None:
    candidate = program("m.s7 = 0.01; m.s8 = 2.0", "m.s3 = np.dot(m.v0, m.v4); m.s1 = m.s7 * m.s3",
                        "m.s9 = m.s0 - m.s1; m.s9 = m.s7 * m.s9; m.s9 = m.s8 * m.s9; "
                        "m.v9 = m.s9 * m.v0; m.v4 = m.v4 + m.v9")  # fmt: skip
    named = RoleFinder(candidate).named
    assert named["s", 7] == "constant"
    assert named["s", 8] == "learning_rate"


@pytest.mark.parametrize(("factor", "role"), [(0.96, "error"), (1.5, "error"), (-0.96, None), (0.01, None)])
def test_an_error_of_a_label_that_is_less_sure(factor: float, role: str | None) -> None:
    scaled_label, scaled_prediction = (
        "m.s3 = m.s2 * m.s0; m.s4 = m.s3 - m.s1",
        "m.s3 = m.s1 * m.s2; m.s4 = m.s0 - m.s3",
    )
    for error in (scaled_label, *([scaled_prediction] if abs(factor) > 0.5 else [])):
        learn = f"{error}; m.v2 = m.s4 * m.v0; m.v1 = m.v1 + m.v2"
        finder = RoleFinder(program(f"m.s2 = {factor}", "m.s1 = np.dot(m.v0, m.v1)", learn))
        assert finder.named.get(("s", 4)) == role
        assert finder.named["s", 2] == "constant"


def test_a_scalar_that_is_learned_is_no_weights() -> None:
    # a scalar that is added is a bias; one by which predictions are multiplied has no name of its own
    learn = "m.s2 = m.s0 - m.s1; m.s3 = m.s3 + m.s2; m.v2 = m.s2 * m.v0; m.v1 = m.v1 + m.v2"
    for op, role in {"+": "bias", "*": "state"}.items():
        candidate = program("", f"m.s1 = np.dot(m.v0, m.v1); m.s1 = m.s1 {op} m.s3", learn)
        named = RoleFinder(candidate).named
        assert named["s", 3] == role
        assert named["v", 1] == "weights"


@examples(60)
@given(st.integers(0, 1 << 32).map(learner))
def test_a_block_is_called_an_update_where_it_updates(candidate: Candidate) -> None:
    blocks = re.split(r"^ *# ", named_text(normal_form(candidate)), flags=re.MULTILINE)[1:]
    for block in blocks:
        title, _, body = block.partition("\n")
        said = re.match(r"(?:Update|Move|Add the gradient).*? (m\.[svm]\d+)", title)
        prepared = re.fullmatch(r"Prepare the update of (m\.[svm]\d+)\.", title)
        if said or prepared:
            written = {name.partition("_")[0] for name in re.findall(r"^ *(m\.\w+) = ", body, re.MULTILINE)}
            assert (said is not None) == ((said or prepared)[1] in written), block  # type: ignore[index]


def test_a_statement_before_the_update_that_it_is_for() -> None:
    learn = (
        "m.s4 = m.s5 * m.s3; m.s6 = m.s0 - m.s1; m.s7 = np.dot(m.v0, m.v0); m.s5 = m.s4 + m.s7; "
        "m.s6 = m.s6 * m.s5; m.v2 = m.s6 * m.v0; m.v1 = m.v1 + m.v2"
    )
    text = named_text(program("m.s3 = 0.5", "m.s1 = np.dot(m.v0, m.v1)", learn))
    titles = (
        "# Prepare the update of m.s5.\n    m.s4",
        "# Compare the prediction with the label.\n    m.s6",
        "# Update m.s5, which is carried from step to step.\n    m.s7",
    )
    places = [text.index(title) for title in titles]
    assert places == sorted(places)


def test_an_empty_program() -> None:
    assert named_text(Candidate()) == Candidate().text()
