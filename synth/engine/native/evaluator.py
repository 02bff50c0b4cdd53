"""Running code on a loaded machine. Nothing here compiles: a confined worker is given object code."""

import ctypes
from typing import Any

import llvmlite.binding as llvm
import numpy as np
from numpy.typing import NDArray

from synth.engine.native.batch import Batch, aligned, aligned_copy
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.job import Job
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.codegen.statements import Query
from synth.engine.native.compiler import target_machine
from synth.errors import SynthError
from synth.language.candidate import PackedFunctions
from synth.language.instruction import PACKED
from synth.tasks.metrics import Metric, metric_of
from synth.tasks.names import IN_MACHINE_CODE


class Machine:
    """Object code loaded into this process."""

    def __init__(self, shape: Shape, code: bytes) -> None:
        self.shape = shape
        self._engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), target_machine())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        address = self._engine.get_function_address
        if not address("evaluate"):
            raise SynthError(f"the object code of the machine {shape} has no entry point")
        job, pointer = ctypes.POINTER(Job), ctypes.c_void_p
        self.evaluate = ctypes.CFUNCTYPE(None, job)(address("evaluate"))
        # the code of one program has neither of these
        self.examine = ctypes.CFUNCTYPE(None, ctypes.POINTER(Query))(address("examine"))
        run = ctypes.CFUNCTYPE(None, pointer, pointer, ctypes.c_char_p, ctypes.c_int64, job)
        self.run = run(address("run"))


SMALL_MEMORY = 1000
"""Rows of a memory that is cleared in less time than it takes to see how much of it a program uses."""


class Evaluator:
    """Runs programs on the tasks of a batch, in a memory that grows with the programs.

    With `sizes`, which all programs must keep to, a small memory has these sizes from the start.
    `tasks`, `train`, `valid` and `epochs` limit what is done to the first ones; `errors` says whether the
    errors of the latest epoch are recorded, (G, examples, D): those of training, then of validation, as
    `NOT_RECORDED` from the example on at which a task failed or that it does not have. Without `fitness`
    nobody asks for it, which saves the time of a metric that is no machine code.
    Raises SynthError for more epochs than the batch holds orders for.
    """

    def __init__(
        self,
        machine: Machine,
        batch: Batch,
        *,
        sizes: Sizes | None = None,
        seed: int = 0,
        tasks: int | None = None,
        train: int | None = None,
        valid: int | None = None,
        epochs: int | None = None,
        errors: bool = False,
        fitness: bool = True,
    ) -> None:
        self.machine, self.batch = machine, batch
        self.epochs = batch.epochs if epochs is None else epochs
        if self.epochs > batch.epochs:
            raise SynthError(f"the batch is laid out for {batch.epochs} epochs, not for {self.epochs}")
        lanes, dtype = machine.shape.lanes, machine.shape.dtype
        count = batch.count if tasks is None else min(batch.count, tasks)
        groups = -(-count // lanes)
        self._live = aligned_copy(batch.live[:groups])
        self._live.ravel()[count:] = 0
        self._positions = np.flatnonzero(self._live)
        train_most, valid_most = (
            labels.shape[1] if limit is None else min(labels.shape[1], limit)
            for labels, limit in ((batch.train_labels, train), (batch.valid_labels, valid))
        )
        self.train_counts = aligned_copy(np.minimum(batch.train_counts[:groups], train_most))
        self.valid_counts = aligned_copy(np.minimum(batch.valid_counts[:groups], valid_most))
        self._uneven = (self.train_counts < train_most).any() or (self.valid_counts < valid_most).any()
        self.memory = self.saved = self.scratch = aligned((0, lanes), dtype)
        self._sizes: Sizes | None = None
        self.examples = aligned((lanes,), np.int32)
        self.fitness = aligned((groups, lanes), np.float64)
        name = str(batch.metric[0])
        counted = name in IN_MACHINE_CODE or not fitness
        self._metric = None if counted else metric_of(name, bool(batch.regression[0]))
        self._predictions = aligned((groups, self.epochs if self._metric else 0, valid_most, lanes), dtype)
        self._labels = self._by_task(batch.valid_labels[:groups, :valid_most]).astype(np.float64)
        self._counts = self.valid_counts.ravel()[self._positions].astype(np.intp)
        self._own = np.arange(valid_most) < self._counts[:, np.newaxis]
        self.errors = aligned((groups, train_most + valid_most if errors else 0, lanes), dtype)
        self._jobs = [
            Job(
                train_features=batch.train_features[group].ctypes.data,
                train_labels=batch.train_labels[group].ctypes.data,
                valid_features=batch.valid_features[group].ctypes.data,
                valid_labels=batch.valid_labels[group].ctypes.data,
                train_counts=self.train_counts[group].ctypes.data,
                valid_counts=self.valid_counts[group].ctypes.data,
                train_most=train_most,
                valid_most=valid_most,
                order=batch.order[group].ctypes.data,
                order_stride=batch.order.shape[2],
                epochs=self.epochs,
                live=self._live[group].ctypes.data,
                tasks=batch.tasks[group].ctypes.data,
                examples=self.examples.ctypes.data,
                seed=seed & 0xFFFFFFFF,
                regression=int(batch.regression[0]),
                errors=self.errors[group].ctypes.data if errors else None,
                predictions=self._predictions[group].ctypes.data if self._metric else None,
                fitness=self.fitness[group].ctypes.data,
            )
            for group in range(groups)
        ]
        self._references = [ctypes.byref(job) for job in self._jobs]
        self._fixed = sizes is not None and sizes.rows(machine.shape.features) <= SMALL_MEMORY
        if sizes is not None and self._fixed:
            self.lay_out(sizes)

    def lay_out(self, sizes: Sizes) -> None:
        """Divide the memory by these sizes; it grows where it is too small."""
        rows, scratch_rows, vectors, matrices = sizes.layout(self.machine.shape.features)
        if rows > len(self.memory) or scratch_rows > len(self.scratch):
            self._allocate(max(rows, len(self.memory)), max(scratch_rows, len(self.scratch)))
        for job in self._jobs:
            job.rows, job.vectors, job.matrices = rows, vectors, matrices
        self._sizes = sizes

    def _allocate(self, rows: int, scratch_rows: int) -> None:
        lanes, dtype = self.machine.shape.lanes, self.machine.shape.dtype
        self._sizes = None
        self.memory = self.saved = self.scratch = aligned((0, lanes), dtype)  # frees what was too small
        self.memory, self.scratch = aligned((rows, lanes), dtype), aligned((scratch_rows, lanes), dtype)
        if self._uneven:
            self.saved = np.empty_like(self.memory)
        for job in self._jobs:
            job.memory, job.scratch = self.memory.ctypes.data, self.scratch.ctypes.data
            job.saved = self.saved.ctypes.data

    def run(self, code: PackedFunctions) -> int:
        """Evaluate a program on every task and return the train steps done on live lanes.

        The fitness of each task is left in `fitness` (G, D), the errors in `errors` (G, examples, D).
        """
        if not self._fixed and (sizes := Sizes.of(code)) != self._sizes:
            self.lay_out(sizes)
        setup, predict, learn = code
        size, steps, evaluate = PACKED.size, 0, self.machine.evaluate
        if self._metric is not None:
            self._predictions.fill(np.nan)  # of epochs that no task reaches
        for job, reference in zip(self._jobs, self._references, strict=True):
            job.setup, job.setup_length = setup, len(setup) // size
            job.predict, job.predict_length = predict, len(predict) // size
            job.learn, job.learn_length = learn, len(learn) // size
            evaluate(reference)
            steps += job.train_steps
        if self._metric is not None:
            self._score(self._metric)
        return steps

    def _score(self, metric: Metric) -> None:
        """Take the fitness of each task, that of its best epoch, from the predictions that were kept."""
        best = np.zeros(len(self._positions))
        with np.errstate(all="ignore"):
            for epoch in range(self.epochs):
                predictions = self._by_task(self._predictions[:, epoch])
                if self._uneven:
                    predictions[~self._own] = 0.0
                np.maximum(best, metric.score(predictions, self._labels, self._counts), out=best)
        self.fitness.ravel()[self._positions] = best

    def _by_task(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Return rows of lanes, (G, n, D), as rows of examples: (tasks, n), in the order of the tasks."""
        groups, examples, lanes = rows.shape
        by_lane = np.ascontiguousarray(rows.transpose(0, 2, 1)).reshape(groups * lanes, examples)
        return by_lane if len(by_lane) == len(self._positions) else by_lane[self._positions]

    def per_task(self) -> list[float]:
        """Return the fitness of each task, in their order, after `run`."""
        fitness: list[float] = self.fitness.ravel()[self._positions].tolist()
        return fitness

    def execute(self, code: bytes, phase: int = 0) -> None:
        """Run statements once on the memory as it is (for tests and benchmarks of single ops)."""
        job = self._jobs[0]
        job.phase = phase
        self.machine.run(job.memory, job.scratch, code, len(code) // PACKED.size, job)
