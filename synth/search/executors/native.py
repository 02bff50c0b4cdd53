"""Rounds in confined worker processes of this machine, which run the native engine."""

import shutil
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.compiler import object_code
from synth.engine.native.lanes import shape_for
from synth.language.candidate import Candidate
from synth.runs.files import writing
from synth.sandbox.confine import shortfall
from synth.sandbox.pool import Pool
from synth.sandbox.process import START_SECONDS, WorkerFailed
from synth.search.evolution.island import play
from synth.search.evolution.round import CannotBeScored, Outcome, Round
from synth.search.evolution.rules import rules_for
from synth.search.executors import messages, self_test
from synth.search.executors.protocol import Executor, Report
from synth.search.executors.quarantine import RemoteScorer
from synth.search.scoring.worker_judge import judging_shapes, lay_out
from synth.settings.mixes import by_mix, mix_of
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

DEATHS = 3
"""How often a worker may die in a round before the program that ends it is looked for."""


class NativeExecutor(Executor):
    """Plays rounds in confined processes that run the native engine; task data is mapped, not copied."""

    def __init__(
        self,
        config: Config,
        task_sets: Sequence[TaskSet],
        folder: Path,
        workers: int,
        report: Report,
        handlers: str = "synth.search.executors.handlers",
        select: TaskSet | None = None,
    ) -> None:
        """`config` has its sizes settled, `task_sets` are search tasks of each mix, `handlers` a module.

        Workers judge the best programs of their rounds by the tasks `select`, if there are any. All tasks
        are laid out in `folder`.
        """
        self._config, self._folder, self._report = config, folder, report
        self._rules = [rules_for(one) for one in by_mix(config)]
        with writing(folder):
            folder.mkdir(exist_ok=True)
        dtype, matrices = config.fitness.dtype, config.program.matrices
        self._shapes = [shape_for(tasks.features, dtype, len(tasks.tasks), matrices) for tasks in task_sets]
        judging: tuple[Shape, ...] = ()
        if select is not None:
            lay_out(config, select, folder)
            judging = judging_shapes(config, select)
        codes = {shape: object_code(shape) for shape in (*self._shapes, *judging)}
        header, arrays = messages.setup_frame(config, codes, self._shapes, judging, folder, task_sets)
        self._start = partial(
            Pool, module=handlers, header=header, arrays=arrays, level=config.run.sandbox, readable=[folder]
        )
        self._pool, self.workers = self._start(workers), workers
        self._rounds: dict[int, Round] = {}
        self._deaths: Counter[tuple[int, int]] = Counter()
        self.layers = tuple(layer.name for layer in self._pool.layers if layer.in_force)
        self.notices = shortfall(self._pool.layers)

    def add_tasks(self, name: str, mix: int, tasks: TaskSet) -> None:
        """See `Executor`."""
        folder = self._folder / name
        with writing(folder):
            folder.mkdir(exist_ok=True)
            Batch.of(tasks.tasks, self._shapes[mix], self._rules[mix].config.data.epochs).save(folder)

    def drop_tasks(self, name: str) -> None:
        """See `Executor`. A worker that has mapped them keeps them."""
        shutil.rmtree(self._folder / name, ignore_errors=True)

    def submit(self, round_: Round) -> None:
        """See `Executor`."""
        self._rounds[self._pool.submit(*messages.round_frame(round_))] = round_

    def next(self, timeout: float | None) -> tuple[Round, Outcome]:
        """See `Executor` and `next_frame`."""
        round_, frame = self.next_frame(timeout)
        return round_, messages.read_answer(*frame)

    def next_frame(self, timeout: float | None) -> tuple[Round, messages.Frame]:
        """Return the next round that is done, and its outcome as the worker sent it.

        A worker that dies is replaced and its round played again. When this happens for the third time, the
        round is played one program at a time; a program that ends three workers is barred.
        """
        while True:
            answer = self._pool.wait(timeout)
            round_ = self._rounds.pop(answer.job)
            if not answer.died:
                return round_, (answer.header, answer.arrays)
            self._report(f"worker {answer.worker}: {answer.died}; {round_} is repeated")
            self._deaths[round_.island, round_.number] += 1
            if self._deaths[round_.island, round_.number] == DEATHS:
                return round_, messages.answer_frame(self._play_carefully(round_, timeout))
            self.submit(round_)

    def bits(self, tasks: str, mix: int) -> str:
        """Return a digest of what fixed programs do on tasks, the same on machines that compute the same."""
        round_ = Round(tasks, mix, 0, {})

        def ask(question: str, candidate: Candidate) -> Any:
            scorer = RemoteScorer(self._pool, round_, 1, START_SECONDS)
            try:
                return getattr(scorer, question)(candidate)
            except CannotBeScored as error:
                raise WorkerFailed(f"a worker did not pass its self-test: {error}") from None

        return self_test.digest(self._rules[mix].space, partial(ask, "fingerprint"), partial(ask, "fitness"))

    def _play_carefully(self, round_: Round, timeout: float | None) -> Outcome:
        """Play a round here, and have each program scored by a worker of its own; the bits are the same."""
        with self._start(1) as pool:
            scorer = RemoteScorer(pool, round_, DEATHS, timeout)
            return play(self._rules[mix_of(self._config, round_.island)], scorer, round_)

    def __exit__(self, *error: object) -> None:
        self._pool.close()
