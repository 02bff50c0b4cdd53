"""Both engines, as they are used, on real data: the templates on pairs of digits."""

from functools import lru_cache

import numpy as np
import pytest
from native_programs import machine
from systems import wants_linux

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.engine import NativeEngine
from synth.engine.native.evaluator import Evaluator
from synth.engine.python.engine import PythonEngine
from synth.language.parser import candidate_of
from synth.language.templates import template_path
from synth.tasks.sets import task_set
from synth.tasks.task import Task

pytestmark = wants_linux("the python engine's children are Linux")

NAMES = ["linear", "neural_net", "averaged_net"]


@lru_cache
def tasks() -> tuple[Task, ...]:
    return task_set("digits", "search", count=3, features=16).tasks


def text(name: str) -> str:
    return template_path(name).read_text()


@pytest.mark.parametrize("epochs", [1, 2])
def test_templates_have_the_same_accuracy(epochs: int) -> None:
    native = NativeEngine(tasks(), seed=5, epochs=epochs)
    single = NativeEngine(tasks(), seed=5, epochs=epochs, dtype="float32")
    with PythonEngine(tasks(), seed=5, epochs=epochs, sandbox="off") as python:
        for name in NAMES:
            told = python.evaluate(text(name))
            candidate = candidate_of(text(name))
            result = native.evaluate(candidate)
            assert told.status == result.status == "ok"
            assert result.per_task == told.per_task  # the counts of right answers are equal
            assert told.fitness is not None and result.fitness == told.fitness > 0.9
            assert single.evaluate(candidate).per_task == pytest.approx(told.per_task, abs=0.03)


def test_the_errors_of_a_probe_are_the_same() -> None:
    shape = Shape(16, 4, "float64")
    batch = Batch.of(tasks(), shape)
    with PythonEngine(tasks(), seed=5, sandbox="off") as python:
        for name in NAMES:
            candidate = candidate_of(text(name))
            probe = Evaluator(machine(shape), batch, seed=5, train=10, valid=10, errors=True)
            probe.run(candidate.code)
            for lane, errors in enumerate(python.probe(text(name), 10)):
                np.testing.assert_allclose(probe.errors[0, :, lane], errors, rtol=0, atol=1e-9)
