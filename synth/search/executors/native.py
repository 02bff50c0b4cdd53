"""Rounds in confined worker processes of this machine, which run the native engine."""

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Self

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.compiler import object_code
from synth.engine.native.lanes import shape_for
from synth.language.candidate import Candidate
from synth.runs.cluster import Cluster
from synth.runs.files import writing
from synth.sandbox.confine import shortfall
from synth.sandbox.pool import Pool
from synth.sandbox.process import START_SECONDS, WorkerFailed
from synth.search.evolution.round import Outcome, Round
from synth.search.evolution.rules import rules_for
from synth.search.executors import self_test, wire
from synth.search.executors.protocol import Report
from synth.search.executors.quarantine import play_carefully
from synth.search.scoring.worker_judge import judging_shapes
from synth.settings.mixes import mix_of, mixes, with_mix
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

DEATHS = 3
"""How often a worker may die in a round before the program that ends it is looked for."""


class NativeExecutor:
    """Rounds in confined worker processes that run the native engine; task data is mapped, not copied."""

    ahead = 1

    def __init__(
        self,
        config: Config,
        task_sets: Sequence[TaskSet],
        folder: Path,
        workers: int,
        report: Report,
        handlers: str = "synth.search.executors.worker",
        select: TaskSet | None = None,
    ) -> None:
        """`config` has its sizes settled, `task_sets` are search tasks of each mix, `handlers` a module.

        Workers judge the best programs of their rounds by the tasks `select`, if there are any, which
        `judging.lay_out` writes to the folder before the first round.
        """
        self._config, self._folder, self._report = config, folder, report
        self._epochs = [data.epochs for data in mixes(config)]
        with writing(folder):
            folder.mkdir(exist_ok=True)
        self._shapes = [self._shape(tasks) for tasks in task_sets]
        judging = judging_shapes(config, select) if select else ()
        codes = {shape: object_code(shape) for shape in (*self._shapes, *judging)}
        header, arrays = wire.setup_frame(config, codes, self._shapes, judging, folder)
        self._start = partial(
            Pool, module=handlers, header=header, arrays=arrays, level=config.run.sandbox, readable=[folder]
        )
        self._pool, self.workers = self._start(workers), workers
        self._rounds: dict[int, Round] = {}
        self._deaths: dict[tuple[int, int], int] = {}
        self.layers = tuple(layer.name for layer in self._pool.layers if layer.in_force)
        self.notices = shortfall(self._pool.layers)

    def _shape(self, tasks: TaskSet) -> Shape:
        config = self._config
        return shape_for(tasks.features, config.fitness.dtype, len(tasks.tasks), config.program.matrices)

    def add_tasks(self, name: str, mix: int, tasks: TaskSet) -> None:
        """See `Executor`."""
        place = self._folder / name
        with writing(place):
            place.mkdir(exist_ok=True)
            Batch.of(tasks.tasks, self._shapes[mix], self._epochs[mix]).save(place)

    def drop_tasks(self, name: str) -> None:
        """See `Executor`. A worker that has mapped them keeps them."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def submit(self, task: Round) -> None:
        """See `Executor`."""
        self._rounds[self._pool.submit(*wire.round_frame(task))] = task

    def next(self, timeout: float | None) -> tuple[Round, Outcome]:
        """See `Executor`. A worker that dies is replaced and its round played again.

        When this happens for the third time, the round is played one program at a time; a program that ends
        three workers is barred.
        """
        while True:
            answer = self._pool.wait(timeout)
            task = self._rounds.pop(answer.job)
            if not answer.died:
                return task, wire.read_answer(answer.header, answer.arrays)
            place, reason = (task.island, task.number), answer.died
            self._deaths[place] = self._deaths.get(place, 0) + 1
            self._report(f"worker {answer.worker}: {reason}; {task} is repeated")
            if self._deaths[place] == DEATHS:
                return task, self._play_carefully(task, timeout)
            self.submit(task)

    def news(self, last: bool = False) -> Cluster | None:
        """See `Executor`: there is no cluster."""
        return None

    def bits(self, tasks: str, mix: int) -> str:
        """A digest of what fixed programs do on tasks, the same on every machine that computes the same."""
        place = Round(tasks, mix, 0, {})

        def asked(question: str, candidate: Candidate) -> Any:
            self._pool.submit(*wire.question_frame(place, question, candidate))
            answer = self._pool.wait(START_SECONDS)
            if answer.died:
                raise WorkerFailed(f"a worker {answer.died} in its self-test")
            return answer.header["value"]

        space = rules_for(with_mix(self._config, mix)).space
        return self_test.digest(space, partial(asked, "fingerprint"), partial(asked, "fitness"))

    def _play_carefully(self, task: Round, timeout: float | None) -> Outcome:
        rules = rules_for(with_mix(self._config, mix_of(self._config, task.island)))
        with self._start(1) as pool:
            return play_carefully(rules, task, pool, DEATHS, timeout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.close()
