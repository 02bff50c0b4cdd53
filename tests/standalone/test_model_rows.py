"""The standing part `Model` does many rows at once where predict is simple, never at the price of a bit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from many_rows import EDITED, check, edited
from standalone_modules import executed
from strategies import candidates, random_candidate_of
from thorough import examples

from synth.language.candidate import Candidate
from synth.language.templates import template_names, template_path
from synth.standalone.parts import MODEL_PART, with_model


def decide(predict: Any, m: Any, X: np.ndarray) -> np.ndarray:
    values: np.ndarray = m.decide(predict, X)
    return values


@examples(100)
@given(candidates(sizes=(0, 12, 0)), st.sampled_from([1, 2, 3, 5, 16]))
def test_any_program(candidate: Candidate, features: int) -> None:
    check(executed(with_model(candidate.text())), features, decide, together=None)


@pytest.mark.parametrize("name", template_names())
def test_templates_do_all_rows_in_one_call(name: str) -> None:
    check(executed(template_path(name).read_text() + MODEL_PART), 33, decide)


def test_parts_of_many_rows() -> None:
    best = executed(template_path("quadratic").read_text() + MODEL_PART)
    check(best, 70, decide, rows=150)  # 54 rows are a part
    check(
        executed(with_model(random_candidate_of(3, (0, 10, 0)).text())), 70, decide, rows=150, together=None
    )


SIMPLE = {"its own array", "a product of matrices", "a copy"}
"""Which edited bodies use elementwise operations and np.dot alone on what differs from row to row."""

MORE = {
    "a branch on what is alike": ("m.s1 = np.dot(m.v0, m.v1) if np.mean(m.v1) > 0 else m.s3", True),
    "a matrix of products": (
        "m.m2 = m.m1 * m.v0\n    m.v2 = np.dot(m.m2, m.v1)\n    m.s1 = np.dot(m.v2, m.v1)",
        True,
    ),
    "nothing of the row": ("m.s1 = m.s2 * m.s3", True),
    "memory that the row changes": (
        "m.v1 = m.v1 + m.v0\n    m.v2 = m.v1\n    m.s1 = np.dot(m.v2, m.v1)",
        True,
    ),
    "its mean as an array": ("m.v2 = m.v0 - np.asarray(m.v0).mean()\n    m.s1 = np.dot(m.v2, m.v1)", False),
    "conditions added": ("m.s1 = (m.s2 > np.dot(m.v0, m.v1)) + (m.s3 < 9.0)", False),
    "outer by a method": ("m.m2 = np.multiply.outer(m.v1, m.v0)\n    m.s1 = np.dot(m.m2[0], m.v1)", False),
    "two results": ("m.v2 = np.modf(m.v0)[0]\n    m.s1 = np.dot(m.v2, m.v1)", False),
    "outer of a number": ("m.v2 = np.multiply.outer(m.s2, m.v0)\n    m.s1 = np.dot(m.v2, m.v1)", False),
    "a vector before a matrix, by @": ("m.v2 = m.v0 @ m.m1\n    m.s1 = np.dot(m.v2, m.v1)", False),
    "a product of matrices that differ": (
        "m.s2 = np.dot(m.v0, m.v1)\n    m.m2 = m.s2 * m.m1\n    m.m3 = np.dot(m.m1, m.m2)\n"
        "    m.v2 = np.dot(m.m3, m.v1)\n    m.s1 = np.dot(m.v2, m.v0)",
        False,
    ),
    "a branch on a number": ("m.s1 = m.s2 if np.maximum(np.dot(m.v0, m.v1), 0.0) else m.s3", False),
    "the larger": ("m.s1 = max(np.dot(m.v0, m.v1), m.s2)", False),
}
"""Further bodies, and whether all rows are done in one call."""


@pytest.mark.parametrize("name", [*EDITED, *MORE])
def test_edited_functions_are_right_too(name: str) -> None:
    body, together = MORE.get(name) or (EDITED[name][0], name in SIMPLE)
    check(edited(body), 4, decide, together=together)


def test_as_many_rows_as_features() -> None:
    for body, _ in (MORE | EDITED).values():
        check(edited(body), 5, decide, rows=5, together=None)


def test_what_fails_says_why() -> None:
    best = edited("m.v1 = m.s1")
    with pytest.raises(TypeError, match=r"m\.v1 takes shape \(4,\), not \(\)"):
        decide(best.predict, best._Memory(4, 0, 0), np.zeros((3, 4)))
