"""The native engine as seen from outside: candidates in, results out."""

from collections.abc import Sequence

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import compile_program, object_code
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.engine.native.lowering import addresses
from synth.engine.result import Code, Result
from synth.engine.score import Combine
from synth.engine.score import combine as combined
from synth.language.candidate import Candidate
from synth.language.instruction import Instruction
from synth.tasks.task import Task

LONG_EVALUATION = 2.0
"""Seconds from which on a program is compiled itself, which takes some tenths of a second."""

LARGE_TASKS = 1 << 28
"""Bytes of tasks from which on they are laid out for one shape of machine at a time."""

DISPATCH_SECONDS = 6e-9
BYTES_PER_SECOND = 4e10
"""What a statement costs on the machine, roughly, for `estimated_seconds`."""


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
        self._loaded: dict[Shape, tuple[Machine, Batch]] = {}
        self._evaluators: dict[tuple[Shape, bool], tuple[Sizes, Evaluator]] = {}
        self.train_steps = 0

    def evaluate(self, candidate: Candidate) -> Result:
        """Train and validate a candidate on every task."""
        sizes = Sizes(*addresses(candidate.code))
        compiled = self.estimated_seconds(candidate) >= LONG_EVALUATION
        if compiled:
            machine, batch = self._load(self._shape(sizes))
            program = Machine(machine.shape, compile_program(machine.shape, candidate, sizes))
            evaluator = Evaluator(program, batch, sizes, seed=self.seed)
        else:
            evaluator = self._evaluator(sizes)
        self.train_steps = evaluator.run(candidate.code)
        per_task = tuple(evaluator.task_fitness().tolist())
        code: Code = "program" if compiled else "machine"
        return Result("ok", combined(per_task, self.combine), per_task, None, code)

    def estimated_seconds(self, candidate: Candidate) -> float:
        """About how long the machine takes: the dispatch of each statement and the rows it goes over."""
        shape = self._shape(Sizes(*addresses(candidate.code)))

        def seconds(statement: Instruction) -> float:
            kinds = [*statement.op.inputs, statement.op.output or "s"]
            power = max("svm".index(kind) for kind in kinds) + ("matmul" in statement.op.template)
            return DISPATCH_SECONDS + float(shape.features**power * shape.row_bytes) / BYTES_PER_SECOND

        step = sum(map(seconds, (*candidate.predict, *candidate.learn)))
        most = max(len(task.train_labels) for task in self.tasks)
        return step * most * self.epochs * -(-len(self.tasks) // shape.lanes)

    def working_memory(self, candidate: Candidate) -> int:
        """Bytes that are needed, beside the tasks, to run a candidate."""
        sizes = Sizes(*addresses(candidate.code))
        uneven = len({(len(task.train_labels), len(task.valid_labels)) for task in self.tasks}) > 1
        return sizes.working_memory(self._shape(sizes), uneven)

    def _shape(self, sizes: Sizes) -> Shape:
        return shape_for(self.tasks[0].features, self.dtype, len(self.tasks), sizes.matrices)

    def _evaluator(self, sizes: Sizes) -> Evaluator:
        """One evaluator for programs with matrices and one for those without.

        An evaluator that is too small gives way to one that is large enough for all programs so far.
        """
        shape = self._shape(sizes)
        machine, batch = self._load(shape)
        key = shape, sizes.matrices > 0
        have, evaluator = self._evaluators.get(key, (sizes, None))
        needed = have.joined(sizes)
        if evaluator is None or needed != have:
            self._evaluators.pop(key, None)
            evaluator = Evaluator(machine, batch, needed, seed=self.seed)
            self._evaluators[key] = needed, evaluator
        return evaluator

    def _load(self, shape: Shape) -> tuple[Machine, Batch]:
        """The machine of this shape and the tasks laid out for it; of large tasks the only layout."""
        if shape not in self._loaded:
            if sum(array.nbytes for task in self.tasks for array in task.arrays) > LARGE_TASKS:
                self._evaluators.clear()
                self._loaded.clear()
            machine = Machine(shape, object_code(shape))
            self._loaded[shape] = machine, Batch.of(self.tasks, shape, self.epochs)
        return self._loaded[shape]
