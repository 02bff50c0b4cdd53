"""How a worker judges the best programs of its rounds on the selection tasks, and the coordinator need not.

Judging in float64 takes some per cent of a round. In one process that is the first thing to become too slow,
from some twenty workers on; fitness has the same bits wherever it is computed.
"""

from collections.abc import Sequence
from pathlib import Path

from cachetools import LRUCache

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.engine.score import combine
from synth.language.analysis import canonical_key, effective, uses_matrices
from synth.language.candidate import Candidate
from synth.runs.files import writing
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

JUDGED = 1000
"""Programs whose fitness a worker remembers, as the best of a round are often those of the round before."""


def judging_shapes(config: Config, select: TaskSet) -> tuple[Shape, Shape]:
    """Of the machines that judge programs without and with matrices; those of `judge.Scale`."""
    count, matrices = len(select.tasks), config.program.matrices
    return (
        shape_for(select.features, "float64", count, 0),
        shape_for(select.features, "float64", count, matrices),
    )


def lay_out(config: Config, select: TaskSet, folder: Path) -> None:
    """Write the selection tasks as the machines want them, for all workers of a folder to map."""
    for shape in set(judging_shapes(config, select)):
        place = _place(folder, shape)
        with writing(place):
            place.mkdir(parents=True, exist_ok=True)
            Batch.of(select.tasks, shape, config.data.epochs).save(place)


def _place(folder: Path, shape: Shape) -> Path:
    return folder / f"select-{shape.lanes}-lanes"


class WorkerJudge:
    """Scores programs on the selection tasks of a folder, with the machines that `judging_shapes` names."""

    def __init__(self, config: Config, machines: Sequence[Machine], folder: Path) -> None:
        self._config, self._machines, self._folder = config, machines, folder
        self._evaluators: dict[bool, Evaluator] = {}
        self._found: LRUCache[int, float] = LRUCache(JUDGED)

    def fitness(self, candidate: Candidate) -> float:
        """The fitness of a program over all selection tasks, in float64."""
        live = effective(candidate)
        key = canonical_key(live)
        if key not in self._found:
            evaluator = self._evaluator(uses_matrices(live))
            evaluator.run(live.code)
            found = combine(evaluator.task_fitness().tolist(), self._config.fitness.combine)
            self._found[key] = float(found)
        return self._found[key]

    def _evaluator(self, matrices: bool) -> Evaluator:
        found = self._evaluators.get(matrices)
        if found is None:
            program, machine = self._config.program, self._machines[matrices]
            sizes = Sizes(program.scalars, program.vectors, program.matrices)
            batch = Batch.load(_place(self._folder, machine.shape))
            found = Evaluator(machine, batch, sizes, seed=self._config.seed)
            self._evaluators[matrices] = found
        return found
