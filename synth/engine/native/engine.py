"""The native engine as seen from outside: candidates in, results out."""

from collections.abc import Sequence
from functools import lru_cache

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import compile_program, object_code
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.engine.result import Result
from synth.language.candidate import Candidate
from synth.language.instruction import Instruction
from synth.tasks.metrics import Combine
from synth.tasks.metrics import combine as combined
from synth.tasks.task import Task

LONG_EVALUATION = 2.0
"""Seconds from which on a program is compiled itself, which takes some tenths of a second."""

LARGE_TASKS = 1 << 28
"""Bytes of tasks from which on they are laid out for one shape of machine at a time."""

DISPATCH_SECONDS = 6e-9
BYTES_PER_SECOND = 4e10
"""What a statement costs on the machine, roughly, for `estimated_seconds`."""


@lru_cache(maxsize=4)
def machine_for(shape: Shape) -> Machine:
    """Return the machine of a shape, from the cache or compiled now; several threads may run it."""
    return Machine(shape, object_code(shape))


class NativeEngine:
    """Evaluates candidates on tasks, all in lockstep; kernels are cached, or compiled on first use.

    It runs op-table code only, so it needs no sandbox. Tasks must share F and the metric.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        dtype: str = "float64",
        seed: int = 0,
        epochs: int = 1,
        combine: Combine = "mean",
    ) -> None:
        self.tasks, self.dtype, self.seed, self.epochs, self.combine = tasks, dtype, seed, epochs, combine
        self._evaluators: dict[Shape, Evaluator] = {}
        self.train_steps = 0

    def evaluate(self, candidate: Candidate) -> Result:
        """Train and validate a candidate on every task."""
        shape = self._shape(Sizes.of(candidate.code))
        evaluator = self._evaluator(shape)
        compiled = self.estimated_seconds(candidate) >= LONG_EVALUATION
        if compiled:
            program = Machine(shape, compile_program(shape, candidate))
            evaluator = Evaluator(program, evaluator.batch, seed=self.seed)
        self.train_steps = evaluator.run(candidate.code)
        per_task = tuple(evaluator.per_task())
        fitness = combined(per_task, self.combine)
        return Result("ok", fitness, per_task, None, "program" if compiled else "machine")

    def fitness(self, candidate: Candidate) -> float:
        """Return the fitness of a candidate over all tasks."""
        return self.evaluate(candidate).fitness or 0.0

    def per_task(self, candidate: Candidate) -> tuple[float, ...]:
        """Return the fitness of a candidate on each task."""
        return self.evaluate(candidate).per_task or ()

    def estimated_seconds(self, candidate: Candidate) -> float:
        """Estimate how long the machine takes: dispatching each statement, and the rows it goes over."""
        shape = self._shape(Sizes.of(candidate.code))

        def seconds(statement: Instruction) -> float:
            kinds = [*statement.op.inputs, statement.op.output or "s"]
            power = max("svm".index(kind) for kind in kinds) + ("matmul" in statement.op.template)
            return DISPATCH_SECONDS + float(shape.features**power * shape.row_bytes) / BYTES_PER_SECOND

        step = sum(map(seconds, (*candidate.predict, *candidate.learn)))
        most = max(len(task.train_labels) for task in self.tasks)
        return step * most * self.epochs * -(-len(self.tasks) // shape.lanes)

    def working_memory(self, candidate: Candidate) -> int:
        """Return the bytes that are needed, beside the tasks, to run a candidate."""
        sizes = Sizes.of(candidate.code)
        shape = self._shape(sizes)
        uneven = len({(len(task.train_labels), len(task.valid_labels)) for task in self.tasks}) > 1
        memories = 2 if uneven else 1  # a second one for lanes set aside
        rows = memories * sizes.rows(shape.features) + sizes.scratch_rows(shape.features)
        return rows * shape.row_bytes

    def _shape(self, sizes: Sizes) -> Shape:
        return shape_for(self.tasks[0].features, self.dtype, len(self.tasks), sizes.matrices)

    def _evaluator(self, shape: Shape) -> Evaluator:
        """Return the evaluator for machines of a shape; of large tasks only the latest is kept."""
        if shape not in self._evaluators:
            if sum(array.nbytes for task in self.tasks for array in task.arrays) > LARGE_TASKS:
                self._evaluators.clear()
            batch = Batch.of(self.tasks, shape, self.epochs)
            self._evaluators[shape] = Evaluator(machine_for(shape), batch, seed=self.seed)
        return self._evaluators[shape]
