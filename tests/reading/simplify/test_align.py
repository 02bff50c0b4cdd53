"""One program written after another: a real change stands alone, whatever the disguise."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import template
from simplifying import bits, disguised, learner
from strategies import random_instruction
from thorough import examples

from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.reading.simplify.align import align, match
from synth.reading.simplify.passes import normal_form


def changed(before: Candidate, after: Candidate) -> list[str]:
    """The statements that differ, function by function and line by line, signed."""
    one, other = normal_form(before), normal_form(after)
    written = align(other, one)
    old, new = ([statement.text for statement in found] for found in (one, written))
    return [f"-{text}" for text in old if text not in new] + [f"+{text}" for text in new if text not in old]


def replaced(name: str, old: str, new: str) -> tuple[Candidate, Candidate]:
    before = template(name)
    text = before.text()
    assert text.count(old) == 1
    return before, candidate_of(text.replace(old, new))


CHANGES = {
    "a constant": ("neural_net", "m.s3 = 0.01", "m.s3 = 0.02", ["-m.s2 = 0.01", "+m.s2 = 0.02"]),
    "an op": (
        "neural_net",
        "np.maximum(m.v3, m.v5)",
        "np.abs(m.v3)",
        ["-m.v6 = np.maximum(m.v4, m.v5)", "+m.v6 = np.abs(m.v4)"],
    ),
    "a statement more": (
        "linear",
        "    m.v1 = m.v1 + m.v2\n",
        "    m.v2 = m.v2 - m.v1\n    m.v1 = m.v1 + m.v2\n",
        ["-m.v1 = m.v1 + m.v2", "+m.v3 = m.v2 - m.v1", "+m.v1 = m.v1 + m.v3"],
    ),
    "a statement less": (
        "averaged_net",
        "    m.v5 = m.v2 + m.v4\n",
        "    m.v5 = m.v5 + m.v4\n",
        ["-m.v6 = m.v2 + m.v5", "+m.v6 = m.v6 + m.v5"],
    ),
}


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_stands_alone(name: str, seed: int | None) -> None:
    *texts, expected = CHANGES[name]
    before, after = replaced(*texts)
    assert changed(before, after if seed is None else disguised(after, seed)) == expected


def test_all_statements_of_equal_programs_match() -> None:
    one, other = (
        normal_form(found) for found in (template("averaged_net"), disguised(template("averaged_net"), 5))
    )
    assert one == other
    matches, _ = match(other, one)
    assert matches == {at: at for at in matches}
    assert len(matches) == len(one)


@examples(30)
@given(st.integers(0, 1 << 32))
def test_alignment_changes_nothing_that_a_program_does(seed: int) -> None:
    draw = random.Random(seed)
    before = learner(seed)
    bodies = [list(body) for body in before.bodies]
    body = draw.choice([body for body in bodies if body])
    body[draw.randrange(len(body))] = random_instruction(draw)
    after = Candidate(*map(tuple, bodies))
    written = align(normal_form(after), normal_form(before))
    assert bits(written) == bits(after)
    assert normal_form(written) == normal_form(after)
