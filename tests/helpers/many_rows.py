"""Predictions of many rows at once, compared with those of one row after the other."""

import warnings
from collections.abc import Callable
from types import ModuleType
from typing import Any

import numpy as np
from standalone_modules import executed

from synth.language.candidate import Candidate
from synth.standalone.parts import with_model

Decide = Callable[[Callable[[Any], object], Any, np.ndarray], np.ndarray]
"""Returns m.s1 of each row, from predict, a memory and the rows."""


def memory_of(best: ModuleType, features: int) -> Any:
    """A memory in which nothing is zero, so that state that predict finds there matters."""
    random = np.random.default_rng(features)
    m = best._Memory(features, 3, 0)
    for kind in "svm":
        for address in range(5):
            shape = (features,) * "svm".index(kind)
            setattr(m, f"{kind}{address}", random.normal(size=shape))
    return m


def one_by_one(best: ModuleType, m: Any, X: np.ndarray) -> np.ndarray:
    m = m.after(best.predict, 3, 0, m.v0)
    return np.array([m.after(best.predict, 3, 0, x).s1 for x in X])


def check(
    best: ModuleType, features: int, decide: Decide, rows: int = 7, *, together: bool | None = True
) -> None:
    """Compare both ways; `together` says whether all rows were done in one call, None that it may be."""
    X = np.random.default_rng(1).normal(size=(rows, features))
    m = memory_of(best, features)
    before = {place: value.copy() for place, value in m.values.items()}
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = one_by_one(best, m, X)
        calls: list[object] = []

        def noted(memory: Any) -> None:
            calls.append(memory)
            best.predict(memory)

        found = decide(noted, m, X)
        alone = decide(best.predict, m, X[3:4])
    assert np.array_equal(found, expected, equal_nan=True)
    assert np.array_equal(alone, expected[3:4], equal_nan=True)
    assert all(np.array_equal(value, before[place]) for place, value in m.values.items() if place in before)
    assert together in (None, len(calls) < rows)


def edited(body: str) -> ModuleType:
    """A module whose predict a person has written."""
    text = with_model(Candidate().text()).replace("def predict(m):\n    pass", f"def predict(m):\n    {body}")
    return executed(text + "\n\ndef helper(x):\n    return np.mean(np.abs(x))\n")


EDITED = {
    "helper": ("m.s1 = helper(m.v0)", True),
    "other functions of numpy": ("m.s1 = np.dot(np.tanh(m.v0) ** 2, -m.v1) > 0.5", True),
    "a matrix product": ("m.v2 = m.v0 @ m.m1\n    m.s1 = np.mean(m.v2)", True),
    "mean of columns": ("m.v2 = np.mean(m.m1 * m.v0, axis=0)\n    m.s1 = np.std(m.v2)", True),
    "a method": ("m.s1 = m.v0.sum()", False),
    "a vector product": ("m.s1 = m.v0 @ m.v1", False),
    "a branch": ("m.s1 = m.s2 if np.mean(m.v0) > 0 else m.s3", False),
    "a loop": ("for x in m.v0:\n        m.s1 = m.s1 + x", False),
    "an element": ("m.s1 = m.v0[1]", False),
    "in place": ("m.v2 += m.v0\n    m.s1 = np.mean(m.v2)", False),
    "a sum": ("m.s1 = np.sum(m.v0)", False),
    "a largest": ("m.s1 = np.maximum.reduce(m.v0)", False),
    "an axis of a vector": ("m.s1 = np.mean(m.v0, axis=0)", False),
    "a transposed vector": ("m.v2 = m.v0.T\n    m.s1 = np.dot(m.v2, m.v1)", True),
    "a product of matrices": (
        "m.m2 = np.dot(m.m1, m.m3)\n    m.s1 = np.dot(m.v0, np.dot(m.m2, m.v0))",
        False,
    ),
    "a vector before a matrix": ("m.v2 = np.dot(m.v0, m.m1)\n    m.s1 = np.mean(m.v2)", False),
    "a condition": ("m.v2 = np.where(m.v0 > 0, m.v0, m.v1)\n    m.s1 = np.mean(m.v2)", False),
    "a float": ("m.s1 = float(np.mean(m.v0))", False),
    "numpy's array of it": ("m.s1 = np.mean(m.v0 - np.asarray(m.v0).mean())", False),
    "arithmetic with np.full": (
        "m.v2 = 2.0 * np.full(m.F, m.s2 * np.mean(m.v0))\n    m.s1 = np.mean(m.v2)",
        True,
    ),
    "full added": ("m.v2 = m.v0 + np.full(m.F, np.mean(m.v0))\n    m.s1 = np.mean(m.v2)", False),
    "its own array": ("m.s1 = np.dot(m.v0, np.arange(m.F) * m.v1)", True),
    "a vector for a product": ("m.s1 = np.mean(np.ones((m.F, m.F)) @ m.v0)", False),
    "a copy": (
        "m.v2 = m.v1\n    m.v2[1] = 7.0\n    m.v1[int(0.5 * m.F)] = 2\n    m.s1 = np.dot(m.v1 + m.v2, m.v0)",
        True,
    ),
    "a row of a matrix": ("m.m1[0] = 1.0\n    m.s1 = np.mean(np.dot(m.m1, m.v0))", False),
    "an element from a row": ("m.v1[0] = m.s2 * np.mean(m.v0)\n    m.s1 = np.mean(m.v1)", False),
}
"""Bodies of predict, and whether all of the language and a little more suffices for them."""
