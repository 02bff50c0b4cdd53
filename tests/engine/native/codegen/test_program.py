"""A program compiled on its own gives the bits that the machine gives, whatever is deferred or fused."""

import numpy as np
import pytest
from native_programs import machine
from numpy.typing import NDArray
from strategies import random_candidate_of
from thorough import seeds

from synth.engine.native import engine
from synth.engine.native.batch import Batch
from synth.engine.native.codegen import program
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.compiler import compile_program
from synth.engine.native.engine import NativeEngine
from synth.engine.native.evaluator import Evaluator, Machine
from synth.language.candidate import Candidate
from synth.language.ops import OPS
from synth.language.parser import parse
from synth.search.evolution.rules import template
from synth.tasks.task import Task

SIMPLE = [op for op in OPS if op.output and op.id not in (31, 43)]
MATRICES = [op for op in SIMPLE if "m" in (*op.inputs, op.output) or op.id in (18, 23, 25, 57)]


def tasks_of(features: int, count: int, examples: int) -> list[Task]:
    random = np.random.default_rng(features)
    return [
        Task(
            random.normal(size=(examples, features)),
            random.integers(0, 2, examples).astype(float),
            random.normal(size=(2, features)),
            np.array([0.0, 1.0]),
        )
        for _ in range(count)
    ]


def errors(runner: Evaluator, candidate: Candidate) -> NDArray[np.float64]:
    runner.run(candidate.code)
    return runner.errors.copy()


def assert_same(candidate: Candidate, shape: Shape, examples: int) -> None:
    batch = Batch.of(tasks_of(shape.features, shape.lanes, examples), shape)
    own = Machine(shape, compile_program(shape, candidate))
    by_machine, by_program = (
        errors(Evaluator(loaded, batch, errors=True), candidate) for loaded in (machine(shape), own)
    )
    assert np.array_equal(by_machine, by_program, equal_nan=True), candidate.text()


@pytest.mark.hypothesis
@pytest.mark.parametrize("seed", seeds(12))
def test_random_programs(seed: int) -> None:
    assert_same(random_candidate_of(seed), Shape(5, 4, "float64"), examples=12)


@pytest.mark.hypothesis
@pytest.mark.parametrize("seed", seeds(25))
def test_random_programs_with_deferred_matrices(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "DEFERRED_FEATURES", 2)
    ops = MATRICES if seed % 2 else SIMPLE
    assert_same(random_candidate_of(seed, (4, 8, 12), ops), Shape(5, 4, "float64"), examples=6)


@pytest.mark.parametrize("name", ["neural_net", "averaged_net"])
def test_templates_at_a_large_size(name: str) -> None:
    assert_same(template(name), Shape(130, 4, "float32"), examples=5)


def test_what_a_deferred_matrix_depends_on_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(program, "DEFERRED_FEATURES", 2)
    text = """
def setup(m):
    m.v1 = m.rng.normal(0.0, 1.0, m.F)

def predict(m):
    m.v3 = np.dot(m.m1, m.v0)
    m.s1 = np.mean(m.v3)

def learn(m):
    m.m0 = np.outer(m.v1, m.v0)
    m.v1 = m.v1 + m.v0
    m.m0[int(0.5 * m.F), int(0.2 * m.F)] = 0.25
    m.m1 = m.m1 + m.m0
    m.m2 = m.m0 * m.m0
    m.v1[int(0.5 * m.F)] = 0.5
    m.m1 = m.m1 - m.m2
"""
    assert_same(parse(text).candidate, Shape(5, 4, "float64"), examples=6)


def test_the_choice_is_automatic_and_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = tasks_of(4, 3, 20)
    plain = NativeEngine(tasks).evaluate(template("neural_net"))
    monkeypatch.setattr(engine, "LONG_EVALUATION", 0.0)
    compiled = NativeEngine(tasks).evaluate(template("neural_net"))
    assert (plain.code, compiled.code) == ("machine", "program")
    assert plain.per_task == compiled.per_task


def test_long_evaluations_are_known_by_their_cost() -> None:
    short, long = NativeEngine(tasks_of(4, 3, 20)), NativeEngine(tasks_of(3000, 3, 200))
    assert short.estimated_seconds(template("neural_net")) < engine.LONG_EVALUATION
    assert long.estimated_seconds(template("neural_net")) > engine.LONG_EVALUATION
    assert long.estimated_seconds(template("linear")) < engine.LONG_EVALUATION
