"""Training alone, for programs that are put to use: what predict needs of the memory is handed back."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.procedure import NOT_RECORDED
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import object_code
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.engine.native.lowering import addresses
from synth.language.candidate import Candidate
from synth.language.ops import PREDICTION
from synth.tasks.task import Metric, Task

Floats = NDArray[np.float64]
Values = dict[str, Any]
"""Contents of memory by name: a number, (F,) or (F, F), float64."""

_machine = lru_cache(maxsize=4)(lambda shape: Machine(shape, object_code(shape)))


class Trainer:
    """Trains a program in float64 on `count` problems of F features, `lanes` of them side by side.

    The machine is compiled, or found in the cache, when the trainer is made; `train` may be called from
    several threads.
    """

    def __init__(
        self, candidate: Candidate, features: int, count: int, *, metric: Metric, seed: int, epochs: int
    ) -> None:
        self._sizes = Sizes(*addresses(candidate.code))
        self._machine = _machine(shape_for(features, "float64", count, self._sizes.matrices))
        self._code = candidate.code
        self._metric, self._seed, self._epochs = metric, seed, epochs
        self._read: set[tuple[str, int]] = {PREDICTION}
        for statement in candidate.predict:
            self._read |= set(zip(statement.op.inputs, (statement.a, statement.b), strict=False))
            if statement.op.partial and statement.op.output:
                self._read.add((statement.op.output, statement.out))

    @property
    def lanes(self) -> int:
        """How many problems are trained side by side."""
        return self._machine.shape.lanes

    def train(self, problems: Sequence[tuple[Floats, Floats]], first: int = 0) -> list[Values | None]:
        """Train on problems, (n, F) features and (n,) labels, from zero and without any validation.

        Returns for each what predict reads of the memory, or None where training failed. `first` is the
        first problem's number, for the random source.
        """
        shape = self._machine.shape
        found: list[Values | None] = []
        for start in range(0, len(problems), shape.lanes):
            group = problems[start : start + shape.lanes]
            # A task has examples to be scored on; none of them is looked at.
            tasks = [Task(rows, labels, rows[:1], labels[:1], self._metric) for rows, labels in group]
            batch = Batch.of(tasks, shape, self._epochs)
            batch.tasks[...] += first + start
            evaluator = Evaluator(self._machine, batch, self._sizes, seed=self._seed, valid=0, errors=True)
            evaluator.run(self._code)
            for lane, (_, labels) in enumerate(group):
                failed = evaluator.errors[0, len(labels) - 1, lane] == NOT_RECORDED
                found.append(None if failed else self._values(evaluator.memory[:, lane]))
        return found

    def _values(self, column: Floats) -> Values:
        """Take what predict reads from one lane's memory, (rows,)."""
        size = self._machine.shape.features
        vectors = self._sizes.scalars
        matrices = vectors + self._sizes.vectors * size
        values: Values = {}
        for kind, address in self._read:
            if kind == "s":
                values[f"s{address}"] = column[address]
            elif kind == "v":
                values[f"v{address}"] = column[vectors + address * size :][:size].copy()
            else:
                start = matrices + address * size**2
                values[f"m{address}"] = column[start:][: size**2].reshape(size, size).copy()
        return values
