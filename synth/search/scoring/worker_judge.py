"""How a worker judges the best programs of its rounds on the selection tasks, and the coordinator need not.

Judging in float64 takes some per cent of a round. In one process that is the first thing to become too slow,
from some twenty workers on; fitness has the same bits wherever it is computed.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.language.analysis import effective, uses_matrices
from synth.language.candidate import Candidate
from synth.runs.files import writing
from synth.settings.schema import Config
from synth.tasks.metrics import combine
from synth.tasks.task import TaskSet


def judging_shapes(config: Config, tasks: TaskSet) -> tuple[Shape, ...]:
    """Return the shapes of the machines that judge programs without and with matrices."""
    return tuple(
        shape_for(tasks.features, "float64", len(tasks.tasks), matrices)
        for matrices in (0, config.program.matrices)
    )


def lay_out(config: Config, select: TaskSet, folder: Path) -> None:
    """Write the selection tasks as the machines want them, for all workers of a folder to map."""
    for shape in set(judging_shapes(config, select)):
        path = _batch_path(folder, shape)
        with writing(path):
            path.mkdir(parents=True, exist_ok=True)
            Batch.of(select.tasks, shape, config.data.epochs).save(path)


def _batch_path(folder: Path, shape: Shape) -> Path:
    return folder / f"select-{shape.lanes}-lanes"


class WorkerJudge:
    """Scores programs on the selection tasks of a folder, with the machines that `judging_shapes` names."""

    def __init__(self, config: Config, machines: Sequence[Machine], folder: Path) -> None:
        def evaluator(matrices: bool) -> Evaluator:
            machine = machines[matrices]
            batch = Batch.load(_batch_path(folder, machine.shape))
            return Evaluator(machine, batch, seed=config.seed)

        self._combine = config.fitness.combine
        self._evaluator = cache(evaluator)

    def fitness(self, candidate: Candidate) -> float:
        """Return the fitness of a program over all selection tasks, in float64."""
        live = effective(candidate)
        evaluator = self._evaluator(uses_matrices(live))
        evaluator.run(live.code)
        return float(combine(evaluator.per_task(), self._combine))
