"""An executor whose worker also judges what it finds, so that the coordinator of a large cluster need not.

Judging a round's best programs in float64 takes some per cent of the round. In one process that is the first
thing to become too slow, from some twenty workers on; fitness has the same bits wherever it is computed.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from cachetools import LRUCache

from synth.config import Config
from synth.engine.native.batch import Batch
from synth.engine.native.emitter import Shape
from synth.engine.native.lanes import shape_for
from synth.engine.score import combine
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Candidate
from synth.runs.files import writing
from synth.search import jobs
from synth.search.executor import NativeExecutor, Report
from synth.search.round import Outcome, Round
from synth.tasks.task import TaskSet

JUDGED = 1000
"""Programs whose fitness a worker remembers, as the best of a round are often those of the round before."""


class JudgingExecutor(NativeExecutor):
    """One worker, which has float64 machines for programs with and without matrices as well."""

    def __init__(
        self,
        config: Config,
        task_sets: Sequence[TaskSet],
        select: TaskSet,
        folder: Path,
        report: Report,
        handlers: str = "synth.search.jobs",
    ) -> None:
        """See `NativeExecutor`; `add_select` is to be called before the first judgement."""
        self._select = select
        self._found: LRUCache[int, float] = LRUCache(JUDGED)
        self._judges = [
            shape_for(select.features, "float64", len(select.tasks), matrices)
            for matrices in (0, config.program.matrices)
        ]
        self._mixes = len(task_sets)
        super().__init__(config, task_sets, folder, 1, report, handlers, self._judges)

    def add_select(self) -> None:
        """Lay out the selection tasks, once in the folder."""
        for shape in set(self._judges):
            place = self._place(shape)
            with writing(place):
                place.mkdir(exist_ok=True)
                Batch.of(self._select.tasks, shape, self._config.data.epochs).save(place)

    def judged(self, task: Round, outcome: Outcome) -> Outcome:
        """The outcome of a round with the fitness of its best programs on selection tasks."""
        return replace(outcome, selects=[self._selected(task, tip.candidate) for tip in outcome.best])

    def _selected(self, task: Round, candidate: Candidate) -> float | None:
        """The fitness of a program; None where the worker dies of it, which the coordinator may find out."""
        live = effective(candidate)
        key = canonical_key(live)
        if key in self._found:
            return self._found[key]
        matrices = any("m" in (*statement.op.inputs, statement.op.output) for statement in live)
        question = replace(task, tasks=self._place(self._judges[matrices]).name, state={})
        self._pool.submit(*jobs.question_frame(question, "per_task", live, self._mixes + matrices))
        answer = self._pool.wait()
        if answer.died is not None:
            self._pool.replace(answer.worker)
            return None
        self._found[key] = float(combine(answer.header["value"], self._config.fitness.combine))
        return self._found[key]

    def _place(self, shape: Shape) -> Path:
        return self._folder / f"select-judged-by-{shape.lanes}"
