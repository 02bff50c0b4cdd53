"""Modules with names and comments: they read well, are the same program, and black leaves them alone."""

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


def test_an_empty_program() -> None:
    assert named_text(Candidate()) == Candidate().text()
