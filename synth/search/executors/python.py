"""Rounds with the python engine: each candidate's own module is compiled and run in the sandbox.

The island's bookkeeping runs in threads of this process, which holds none of the candidates' code; a thread
asks a confined process of its own for every fitness. Slow, and the definition of what a module means.
"""

from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import closing
from functools import partial
from threading import get_ident

import numpy as np

from synth.engine.python.engine import CandidateFailed, PythonEngine
from synth.engine.result import Result
from synth.language.candidate import Candidate
from synth.sandbox.confine import EXPOSURE
from synth.search.evolution.island import play
from synth.search.evolution.round import CannotBeScored, Outcome, Round
from synth.search.evolution.rules import rules_for
from synth.search.executors import messages, self_test
from synth.search.executors.protocol import Executor
from synth.search.scoring.scorer import Analyst, hash_errors
from synth.settings.mixes import by_mix, mix_of
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

STEPS_A_SECOND = 20_000
"""Examples on which a process trains or predicts, about."""

LONG = 60.0
"""A round of more seconds is announced: nothing is heard before the first one ends."""


def long_rounds(config: Config, tasks: TaskSet) -> tuple[str, ...]:
    """Return the notice that rounds may take long with this engine, and what shortens them, or nothing."""
    examples = len(tasks.tasks[0].train_labels) * config.data.epochs + len(tasks.tasks[0].valid_labels)
    candidates, count = config.search.round_candidates, len(tasks.tasks)
    seconds = candidates * count * examples / STEPS_A_SECOND
    if seconds <= LONG:
        return ()
    return (
        f"a round of {candidates} candidates on {count} tasks of {examples} examples may take the python "
        f"engine {seconds / 60:.0f} minutes, and nothing is found before its end; "
        "--set search.round_candidates=50 and --set data.tasks=4 make it short",
    )


class PythonScorer(Analyst):
    """Scores by running modules; train steps are counted for tasks whose training came to its end."""

    def __init__(self, config: Config, tasks: TaskSet) -> None:
        self.train_steps = 0
        search, self._probed = config.search, config.search.fec_train
        engine = partial(
            PythonEngine, seed=config.seed, sandbox=config.run.sandbox, combine=config.fitness.combine
        )
        self.engine = self._stage = engine(tasks.tasks, epochs=config.data.epochs)
        if search.hurdle_tasks or search.hurdle_train:
            first = [task.first(search.hurdle_train or None, config.hurdle_valid) for task in tasks.tasks]
            self._stage = engine(first[: search.hurdle_tasks or None], epochs=1)

    def close(self) -> None:
        """End the processes, and whatever waits for them with an error."""
        self.engine.close()
        self._stage.close()

    def fingerprint(self, candidate: Candidate) -> int:
        """See `scoring.Scorer`. A module that cannot be run has the fingerprint of no errors at all."""
        try:
            errors = self.engine.probe(candidate.text(), self._probed)
        except CandidateFailed as failure:
            _check_time(failure.result)
            return 0
        self.train_steps += self._probed * len(errors)
        return hash_errors(b"|".join(np.ascontiguousarray(one).tobytes() for one in errors))

    def first_stage(self, candidate: Candidate) -> float:
        """See `scoring.Scorer`."""
        return self._fitness(self._stage, candidate)

    def fitness(self, candidate: Candidate) -> float:
        """See `scoring.Scorer`. A module that fails or crashes has fitness 0."""
        return self._fitness(self.engine, candidate)

    def _fitness(self, engine: PythonEngine, candidate: Candidate) -> float:
        result = engine.evaluate(candidate.text())
        _check_time(result)
        if result.fitness is None:
            return 0.0
        for fitness, task in zip(result.per_task or (), engine.tasks, strict=True):
            self.train_steps += len(task.train_labels) * engine.epochs if fitness > 0.0 else 0
        self.per_task = result.per_task or ()
        return result.fitness


def _check_time(result: Result) -> None:
    """Bar a module that the clock ended: nobody knows whether it would end so again."""
    if result.status == "timeout":
        raise CannotBeScored("its time was up")


class PythonExecutor(Executor):
    """Plays rounds in threads, each with a confined process for the tasks in use."""

    def __init__(self, config: Config, tasks: TaskSet, workers: int) -> None:
        self._config, self.workers = config, workers
        self._rules = [rules_for(one) for one in by_mix(config)]
        self._tasks: dict[str, TaskSet] = {}
        self._threads = ThreadPoolExecutor(workers)
        self._scorers: dict[int, tuple[str, PythonScorer]] = {}
        """By thread: the name of the tasks in use, and their scorer."""
        self._closed = False
        self._running: set[Future[tuple[Round, Outcome]]] = set()
        with PythonEngine(tasks.tasks[:1], sandbox=config.run.sandbox) as engine:
            self.layers = tuple(layer.name for layer in engine.layers if layer.in_force)
        level = config.run.sandbox
        exposure = (EXPOSURE[level],) if level in EXPOSURE else ()
        self.notices: tuple[str, ...] = (*exposure, *long_rounds(config, tasks))

    def add_tasks(self, name: str, mix: int, tasks: TaskSet) -> None:
        """See `Executor`."""
        self._tasks[name] = tasks

    def drop_tasks(self, name: str) -> None:
        """See `Executor`."""
        del self._tasks[name]

    def submit(self, round_: Round) -> None:
        """See `Executor`."""
        self._running.add(self._threads.submit(self._play, round_))

    def next(self, timeout: float | None) -> tuple[Round, Outcome]:
        """See `Executor`."""
        future = next(as_completed(self._running, timeout))
        self._running.remove(future)
        return future.result()

    def next_frame(self, timeout: float | None) -> tuple[Round, messages.Frame]:
        """See `NativeExecutor.next_frame`."""
        round_, outcome = self.next(timeout)
        return round_, messages.answer_frame(outcome)

    def bits(self, tasks: str, mix: int) -> str:
        """Return a digest of the first errors of fixed programs; see `NativeExecutor.bits`."""
        config, space = self._rules[mix].config, self._rules[mix].space
        with closing(PythonScorer(config, self._tasks[tasks])) as scorer:
            return self_test.digest(space, scorer.fingerprint)

    def _play(self, round_: Round) -> tuple[Round, Outcome]:
        rules = self._rules[mix_of(self._config, round_.island)]
        return round_, play(rules, self._scorer(rules.config, round_.tasks), round_)

    def _scorer(self, config: Config, tasks: str) -> PythonScorer:
        """Return this thread's scorer of these tasks, and end the one of other tasks."""
        thread = get_ident()
        name, scorer = self._scorers.get(thread, ("", None))
        if scorer is None or name != tasks:
            if scorer is not None:
                scorer.close()
            scorer = PythonScorer(config, self._tasks[tasks])
            self._scorers[thread] = tasks, scorer
            if self._closed:
                scorer.close()
        return scorer

    def __exit__(self, *error: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._closed = True
        for _, scorer in list(self._scorers.values()):
            scorer.close()
        self._threads.shutdown()
