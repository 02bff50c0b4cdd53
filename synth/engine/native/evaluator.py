"""Running code on a loaded machine. Nothing here compiles: a confined worker is given object code."""

import ctypes

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from synth.engine.native.batch import Batch, aligned
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.job import Job
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.codegen.statements import Record
from synth.engine.native.compiler import target_machine
from synth.engine.native.lowering import addresses
from synth.errors import SynthError
from synth.language.candidate import PackedFunctions
from synth.language.instruction import PACKED


class Machine:
    """Object code loaded into this process."""

    def __init__(self, shape: Shape, code: bytes) -> None:
        self.shape = shape
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        address = self._engine.get_function_address("evaluate")
        if not address:
            raise SynthError(f"the object code of the machine {shape} has no entry point")
        self.evaluate = ctypes.CFUNCTYPE(None, ctypes.POINTER(Job))(address)
        # the code of one program has neither of these
        examine = self._engine.get_function_address("examine")
        self.examine = ctypes.CFUNCTYPE(None, ctypes.POINTER(Record))(examine)
        run = self._engine.get_function_address("run")
        pointer = ctypes.c_void_p
        self.run = ctypes.CFUNCTYPE(
            None, pointer, pointer, ctypes.c_char_p, ctypes.c_int64, ctypes.POINTER(Job)
        )(run)


COMPACT_ROWS = 1000
"""Rows of a memory from which on it is worth looking how much of it a program uses."""


class Evaluator:
    """Runs programs on the tasks of a batch; the memory is allocated once.

    `train`, `valid` and `epochs` limit what a task does (for the equivalence check); `errors` says whether
    the errors of the latest epoch are recorded, (G, examples, D): those of training, then of validation, as
    `NOT_RECORDED` from the example on at which a task failed or that it does not have.
    With `compact` each program has a memory of the addresses up to its highest alone, so that large `sizes`
    cost nothing where programs use little of them.
    Raises SynthError for more epochs than the batch holds orders for.
    """

    def __init__(
        self,
        machine: Machine,
        batch: Batch,
        sizes: Sizes,
        *,
        seed: int = 0,
        train: int | None = None,
        valid: int | None = None,
        errors: bool = False,
        epochs: int | None = None,
        compact: bool = False,
    ) -> None:
        shape = machine.shape
        self._compact = compact and sizes.rows(shape) > COMPACT_ROWS
        self.machine, self.batch = machine, batch
        self.epochs = batch.epochs if epochs is None else epochs
        if self.epochs > batch.epochs:
            raise SynthError(f"the batch is laid out for {batch.epochs} epochs, not for {self.epochs}")
        self.memory = aligned((sizes.rows(shape), shape.lanes), shape.dtype)
        self.scratch = aligned((sizes.scratch_rows(shape), shape.lanes), shape.dtype)
        self.examples = aligned((shape.lanes,), np.int32)
        self.fitness = aligned((batch.groups, shape.lanes), np.float64)
        train_most = _limited(batch.train_labels.shape[1], train)
        valid_most = _limited(batch.valid_labels.shape[1], valid)
        self.train_counts = np.minimum(batch.train_counts, train_most)
        self.valid_counts = np.minimum(batch.valid_counts, valid_most)
        uneven = (self.train_counts < train_most).any() or (self.valid_counts < valid_most).any()
        self.saved = np.empty_like(self.memory if uneven else self.memory[:0])
        recorded = train_most + valid_most if errors else 0
        self.errors = aligned((batch.groups, recorded, shape.lanes), shape.dtype)
        self.counts_aligned = [aligned(c.shape, np.int32) for c in (self.train_counts, self.valid_counts)]
        self.counts_aligned[0][...], self.counts_aligned[1][...] = self.train_counts, self.valid_counts
        self._live = np.flatnonzero(batch.live)
        self.jobs = [
            self._job(group, sizes, seed, train_most, valid_most, errors) for group in range(batch.groups)
        ]
        self._references = [ctypes.byref(job) for job in self.jobs]

    def _job(
        self, group: int, sizes: Sizes, seed: int, train_most: int, valid_most: int, errors: bool
    ) -> Job:
        batch, features = self.batch, self.machine.shape.features
        vectors = sizes.scalars
        return Job(
            memory=self.memory.ctypes.data,
            scratch=self.scratch.ctypes.data,
            saved=self.saved.ctypes.data,
            rows=len(self.memory),
            vectors=vectors,
            matrices=vectors + sizes.vectors * features,
            train_features=batch.train_features[group].ctypes.data,
            train_labels=batch.train_labels[group].ctypes.data,
            valid_features=batch.valid_features[group].ctypes.data,
            valid_labels=batch.valid_labels[group].ctypes.data,
            train_counts=self.counts_aligned[0][group].ctypes.data,
            valid_counts=self.counts_aligned[1][group].ctypes.data,
            train_most=train_most,
            valid_most=valid_most,
            order=batch.order[group].ctypes.data,
            order_stride=batch.order.shape[2],
            epochs=self.epochs,
            live=batch.live[group].ctypes.data,
            tasks=batch.tasks[group].ctypes.data,
            examples=self.examples.ctypes.data,
            seed=seed & 0xFFFFFFFF,
            regression=int(batch.regression[0]),
            errors=self.errors[group].ctypes.data if errors else None,
            fitness=self.fitness[group].ctypes.data,
        )

    def run(self, code: PackedFunctions) -> int:
        """Evaluate a program on every task and return the train steps done on live lanes.

        The fitness of each task is left in `fitness` (G, D), the errors in `errors` (G, examples, D).
        """
        setup, predict, learn = code
        size = PACKED.size
        steps = 0
        evaluate = self.machine.evaluate
        if self._compact:
            needed = Sizes(*addresses(code))
            rows, features = needed.rows(self.machine.shape), self.machine.shape.features
            for job in self.jobs:
                job.rows, job.vectors = rows, needed.scalars
                job.matrices = needed.scalars + needed.vectors * features
        for job, reference in zip(self.jobs, self._references, strict=True):
            job.setup, job.setup_length = setup, len(setup) // size
            job.predict, job.predict_length = predict, len(predict) // size
            job.learn, job.learn_length = learn, len(learn) // size
            evaluate(reference)
            steps += job.train_steps
        return steps

    def execute(self, code: bytes, phase: int = 0) -> None:
        """Run statements once on the memory as it is (for tests and benchmarks of single ops)."""
        job = self.jobs[0]
        job.phase = phase
        self.machine.run(job.memory, job.scratch, code, len(code) // PACKED.size, job)

    def task_fitness(self) -> NDArray[np.float64]:
        """The fitness of each task, in their order, after `run`."""
        return self.fitness.ravel()[self._live]


def _limited(count: int, limit: int | None) -> int:
    """How many of so many examples are used."""
    return count if limit is None else min(count, limit)
