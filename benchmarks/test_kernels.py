"""Each op's kernel, one statement on rows that lie in the first caches; numbers are for 1000 statements."""

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.engine import machine_for
from synth.engine.native.evaluator import Evaluator
from synth.language.instruction import instruction
from synth.language.ops import OPS, Op
from synth.tasks.task import Task

SHAPES = [Shape(16, 16, "float32"), Shape(16, 8, "float64")]


@pytest.fixture(scope="module", params=SHAPES, ids=lambda shape: f"{shape.dtype}-F{shape.features}")
def runner(request: pytest.FixtureRequest) -> Evaluator:
    shape = request.param
    blank = Task(np.zeros((1, shape.features)), [0.0], np.zeros((1, shape.features)), [0.0])
    evaluator = Evaluator(machine_for(shape), Batch.of([blank] * shape.lanes, shape))
    evaluator.lay_out(Sizes(4, 4, 4))
    return evaluator


@pytest.mark.parametrize("op", OPS[1:], ids=lambda op: op.name)
def test_kernel(benchmark: BenchmarkFixture, runner: Evaluator, op: Op) -> None:
    statement = instruction(op, 1, 2, 3, [0.3] * len(op.constants))
    runner.memory[...] = np.random.default_rng(0).uniform(-0.9, 0.9, runner.memory.shape)
    benchmark(runner.execute, statement.packed * 1000, 2)
