"""Training alone, for programs that are put to use: what predict needs of the memory is handed back."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.procedure import NOT_RECORDED
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.engine import machine_for
from synth.engine.native.evaluator import Evaluator
from synth.engine.native.lanes import shape_for
from synth.language.candidate import Candidate
from synth.language.ops import PREDICTION
from synth.tasks.task import Task

Floats = NDArray[np.float64]
Values = dict[str, Any]
"""Contents of memory by name: a number, (F,) or (F, F), float64."""


class Trainer:
    """Trains a program in float64 on `count` problems of F features, `lanes` of them side by side.

    The machine is compiled, or read from the cache, when the trainer is made; `train` may be called from
    several threads.
    """

    def __init__(
        self, candidate: Candidate, features: int, count: int, *, regression: bool, seed: int, epochs: int
    ) -> None:
        self._code, self._sizes = candidate.code, Sizes.of(candidate.code)
        self._machine = machine_for(shape_for(features, "float64", count, self._sizes.matrices))
        self.lanes = self._machine.shape.lanes
        self._seed, self._epochs = seed, epochs
        self._metric = "rms" if regression else "accuracy"
        kept = (statement.target for statement in candidate.predict if statement.op.partial)
        self._read = {PREDICTION, *kept}.union(*(statement.operands for statement in candidate.predict))

    def train(self, problems: Sequence[tuple[Floats, Floats]], first: int = 0) -> list[Values | None]:
        """Train on problems, (n, F) features and (n,) labels, from zero and without any validation.

        Returns for each what predict reads of the memory, or None where training failed. `first` is the
        first problem's number, for the random source.
        """
        values: list[Values | None] = []
        for start in range(0, len(problems), self.lanes):
            group = problems[start : start + self.lanes]
            # A task has examples to be scored on; none of them is looked at.
            tasks = [Task(rows, labels, rows[:1], labels[:1], self._metric) for rows, labels in group]
            batch = Batch.of(tasks, self._machine.shape, self._epochs)
            batch.tasks[...] += first + start
            evaluator = Evaluator(self._machine, batch, seed=self._seed, valid=0, errors=True)
            evaluator.run(self._code)
            for lane, (_, labels) in enumerate(group):
                failed = evaluator.errors[0, len(labels) - 1, lane] == NOT_RECORDED
                values.append(None if failed else self._values(evaluator.memory[:, lane]))
        return values

    def _values(self, column: Floats) -> Values:
        """Return what predict reads, from one lane's memory, (rows,)."""
        features = self._machine.shape.features
        starts, values = self._sizes.starts(features), Values()
        for kind, address in self._read:
            shape = (features,) * "svm".index(kind)
            size = features ** len(shape)
            elements = column[starts[kind] + address * size :][:size].reshape(shape)
            values[f"{kind}{address}"] = elements.copy() if shape else elements[()]
        return values
