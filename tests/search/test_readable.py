"""Improvements for people: named, proven, and each written after the one before."""

from pathlib import Path

import pytest
from native_programs import program, template
from search_helpers import small

from synth.engine.native.engine import NativeEngine
from synth.language.parser import candidate_of
from synth.reading.simplify.passes import normal_form
from synth.search.evolution.rules import persons_module
from synth.search.readable import PerTask, Writer
from synth.tasks.sets import task_set

MINE = '''"""Mine."""

import numpy as np


def setup(m):
    m.s2_rate = 1e-2  # found by hand


def predict(m):
    m.s1 = np.dot(m.v0, m.v1_weights)


def learn(m):
    # The error, and a step along the features.
    m.s3_error = m.s0 - m.s1
    m.s4_step = m.s2_rate * m.s3_error
    m.v2_gradient = m.s4_step * m.v0
    m.v1_weights = m.v1_weights + m.v2_gradient
'''
WITH_BIAS = program(
    "m.s7 = 0.02",
    "m.s1 = np.dot(m.v0, m.v4); m.s1 = m.s1 + m.s9; m.s1 = m.s1 + m.s8",
    "m.s3 = m.s0 - m.s1; m.s5 = m.s7 * m.s3; m.v2 = m.s5 * m.v0; m.v4 = m.v4 + m.v2; m.s9 = m.s9 + m.s5",
)


@pytest.fixture(scope="module")
def per_task() -> PerTask:
    return NativeEngine(task_set("digits", "select", count=2, features=8).tasks).per_task


def writer_of(path: Path) -> Writer:
    """The writer of a run that starts from a module."""
    config = small(search__start=str(path), program__scalars=9, program__vectors=9)
    return Writer(config, persons_module(config))


def test_a_program_is_simplified_and_named(per_task: PerTask) -> None:
    candidate, text = Writer(small(), None).readable(WITH_BIAS, None, per_task)
    assert candidate_of(text) == candidate
    assert len(candidate) == len(WITH_BIAS) - 1  # nothing writes m.s8
    assert per_task(candidate) == per_task(WITH_BIAS)
    for name in ("weights", "bias", "learning_rate", "error", "gradient"):
        assert f"_{name}" in text


def test_what_would_change_a_fitness_is_refused() -> None:
    """That the label plus a negative is a difference is no exact step, so it hangs on the figures."""
    learn = (
        "m.s3 = m.s9 - m.s1; m.s4 = m.s0 + m.s3; m.s5 = m.s2 * m.s4; m.v2 = m.s5 * m.v0; m.v1 = m.v1 + m.v2"
    )
    candidate = program("m.s2 = 0.01", "m.s1 = np.dot(m.v0, m.v1)", learn)
    writer = Writer(small(), None)
    assert len(writer.readable(candidate, None, lambda one: (0.5,))[0]) == len(candidate) - 1
    assert len(writer.readable(candidate, None, lambda one: (float(len(one)),))[0]) == len(candidate)


def test_names_and_addresses_stay_from_one_to_the_next(per_task: PerTask) -> None:
    writer = Writer(small(), None)
    before, first = writer.readable(template("linear"), None, per_task)
    _, second = writer.readable(WITH_BIAS, before, per_task)
    lost = set(first.splitlines()) - set(second.splitlines())
    assert {line.partition(" = ")[0].strip() for line in lost} == {"m.s2_learning_rate", "m.s1_prediction"}


def test_a_person_s_module_stays_a_person_s(tmp_path: Path, per_task: PerTask) -> None:
    path = tmp_path / "mine.py"
    path.write_text(MINE)
    writer = writer_of(path)
    _, text = writer.readable(WITH_BIAS, None, per_task)
    assert "m.s2_rate = 0.02  # found by hand" in text
    assert "    # The error, and a step along the features.\n    m.s3_error = m.s0 - m.s1\n" in text
    assert normal_form(candidate_of(text)) == normal_form(WITH_BIAS)
    assert len(set(MINE.splitlines()) - set(text.splitlines())) == 2  # the rate, the prediction


def test_a_module_of_synth_is_written_anew(tmp_path: Path, per_task: PerTask) -> None:
    path = tmp_path / "best.py"
    path.write_text(
        MINE.replace(
            "Mine.", "Evolved by synth: mean accuracy 0.9000 on 9 selection tasks of digits (F = 16)."
        )
    )
    _, text = writer_of(path).readable(WITH_BIAS, None, per_task)
    assert "found by hand" not in text
    assert "_learning_rate = 0.02\n" in text
