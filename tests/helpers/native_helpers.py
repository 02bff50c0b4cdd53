"""Shared by the tests of the native engine: one statement run on a memory of chosen content."""

import numpy as np
from native_programs import machine
from numpy.typing import NDArray

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.evaluator import Evaluator
from synth.language.instruction import Instruction
from synth.tasks.task import Task

ADDRESSES = 4
PHASE, EXAMPLE, ORDINAL, SEED = 2, 5, 3, 77


def statement_runner(shape: Shape, processor: tuple[str, str] | None = None) -> Evaluator:
    """An evaluator whose memory has four addresses of each type; its tasks hold nothing of interest."""
    blank = Task(np.zeros((1, shape.features)), [0.0], np.zeros((1, shape.features)), [0.0])
    batch = Batch.of([blank] * shape.lanes, shape)
    runner = Evaluator(machine(shape, processor), batch, seed=SEED)
    runner.lay_out(Sizes(ADDRESSES, ADDRESSES, ADDRESSES))
    runner.examples[:] = EXAMPLE
    return runner


def after(runner: Evaluator, statement: Instruction, state: NDArray[np.float64]) -> NDArray[np.float64]:
    """The memory, (rows, lanes), after a statement that found it as `state`; a draw is the fourth one."""
    runner.memory[...] = state
    runner.execute(statement.packed * (ORDINAL + 1 if statement.op.draws else 1), PHASE)
    return runner.memory.copy()
