"""Predictions of many rows at once are, bit for bit, those of one row after the other."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_rows import EDITED, check, edited
from standalone_modules import executed
from strategies import candidates, random_candidate_of
from thorough import examples

from synth.engine.python.rows import Memory, decide
from synth.language.candidate import Candidate
from synth.language.templates import template_names, template_path
from synth.standalone.parts import MODEL_PART, with_model


@examples(100)
@given(candidates(sizes=(0, 12, 0)), st.sampled_from([1, 2, 3, 5, 16]))
def test_any_program(candidate: Candidate, features: int) -> None:
    # with one feature, a matrix of one element looks like a vector, whose elements have one index
    alone = features == 1 and any(one.op.name == "MATRIX_CONST_SET" for one in candidate.predict)
    check(executed(with_model(candidate.text())), features, decide, together=not alone)


@pytest.mark.parametrize("seed", range(10))
def test_large_programs(seed: int) -> None:
    check(executed(with_model(random_candidate_of(seed, (0, 60, 0)).text())), 9, decide)


@pytest.mark.parametrize("name", template_names())
def test_templates(name: str) -> None:
    check(executed(template_path(name).read_text() + MODEL_PART), 33, decide)


def test_parts_of_many_rows() -> None:
    best = executed(with_model(random_candidate_of(3, (0, 10, 0)).text()))
    check(best, 70, decide, rows=150)  # 53 rows are a part


@pytest.mark.parametrize("name", EDITED)
def test_edited_functions_are_right_too(name: str) -> None:
    body, together = EDITED[name]
    check(edited(body), 4, decide, together=together)


def test_what_fails_says_why() -> None:
    best = edited("m.v1 = m.s1")
    with pytest.raises(TypeError, match=r"m\.v1 takes shape \(4,\), not \(\)"):
        decide(best.predict, Memory(4, 0, 0), np.zeros((3, 4)))
