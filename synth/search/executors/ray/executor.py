"""Rounds on a Ray cluster, whose workers each own a confined child process.

Results do not depend on where a round is played, so a round whose worker is lost is simply played again
elsewhere, and one that a slow worker is late with is begun by an idle one as well.
"""

import math
import statistics
import time
from bisect import insort
from collections import Counter, deque
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from synth.runs.cluster import Cluster
from synth.sandbox.process import WorkerFailed
from synth.sandbox.wire import decode
from synth.search.evolution.round import Outcome, Round
from synth.search.executors import messages
from synth.search.executors.protocol import Executor, Report
from synth.search.executors.ray.connection import connected
from synth.search.executors.ray.nodes import LOOK, LOSSES, RayNodes, RemoteWorker
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

SLOW = 2.0
"""A round is late when it takes this many times as long as rounds usually do."""


class RayExecutor(Executor):
    """Plays rounds on a Ray cluster, which it joins, or starts on this machine and ends again."""

    ahead = 4

    def __init__(
        self,
        config: Config,
        task_sets: Sequence[TaskSet],
        select: TaskSet,
        folder: Path,
        report: Report,
    ) -> None:
        """`config` has its sizes settled, `task_sets` are the first search tasks of each mix, `select` those
        by which programs are judged.

        This machine's own tasks are laid out in `folder`. Raises UsageError without Ray or a cluster,
        and SynthError when no node can take part.
        """
        self._report = report
        self._waiting: list[Round] = []
        """By number and island: what is looked at first is played first."""
        self._idle: deque[RemoteWorker] = deque()
        self._busy: dict[RemoteWorker, tuple[Round, float]] = {}
        """What a worker plays, and since when."""
        self._playing: dict[tuple[int, int], Round] = {}
        """Rounds that are not done, by number and island."""
        self._losses: Counter[tuple[int, int]] = Counter()
        """How many workers such a round lost."""
        self._homes: dict[int, str] = {}
        """The node of each island's latest round."""
        self._done: deque[tuple[Round, Outcome]] = deque()
        self._took: deque[float] = deque(maxlen=101)
        self._tasks: dict[str, Any] = {}
        self._lost = self._repeated = self._doubled = 0
        self._connection = ExitStack()
        self._ray = self._connection.enter_context(connected(config))
        self._nodes = RayNodes(self._ray, config, report, ready=self._use, lost=self._repeat)
        try:
            first = self._nodes.begin(task_sets, select, folder)
        except BaseException:
            self.__exit__()
            raise
        self.layers, self.notices = first.layers, first.notices
        self.workers = len(self._idle)

    # What a schedule asks for

    def add_tasks(self, name: str, mix: int, tasks: TaskSet) -> None:
        """See `Executor`. Ray keeps them once on each node where they are used."""
        self._tasks[name] = self._ray.put(tasks)

    def drop_tasks(self, name: str) -> None:
        """See `Executor`."""
        del self._tasks[name]
        for worker in self._nodes.workers:
            worker.handle.drop_tasks.remote(name)

    def submit(self, round_: Round) -> None:
        """See `Executor`."""
        self._playing[round_.number, round_.island] = round_
        self._queue(round_)

    def next(self, timeout: float | None) -> tuple[Round, Outcome]:
        """See `Executor`. Rounds of workers that are lost are played again elsewhere."""
        deadline = time.monotonic() + (math.inf if timeout is None else timeout)
        while not self._done:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"no round was done within {timeout} seconds")
            self._nodes.hear(min(LOOK, left))
            if time.monotonic() - self._nodes.looked >= LOOK:
                self._nodes.look()
                self._double()
        return self._done.popleft()

    def news(self, last: bool = False) -> Cluster | None:
        """See `Executor`: every few seconds."""
        nodes = self._nodes.news(Counter(self._homes.values()), last)
        return None if nodes is None else Cluster(nodes, self._lost, self._repeated, self._doubled)

    # Rounds and workers

    def _use(self, worker: RemoteWorker) -> None:
        """Give rounds to a worker from now on."""
        self._idle.append(worker)
        self._hand_out()

    def _queue(self, round_: Round) -> None:
        """Give a round to the next worker that is idle."""
        insort(self._waiting, round_, key=lambda one: (one.number, one.island))
        self._hand_out()

    def _hand_out(self) -> None:
        """Give rounds that wait to idle workers."""
        while self._waiting and self._idle:
            worker, round_ = self._idle.popleft(), self._waiting.pop(0)
            self._busy[worker] = round_, time.monotonic()
            self._homes[round_.island] = worker.node.key
            answer = worker.handle.play.remote(round_, [self._tasks[round_.tasks]])
            self._nodes.ask(worker, answer, partial(self._played, worker))

    def _played(self, worker: RemoteWorker, answer: tuple[bytes, list[str]]) -> None:
        """Take a worker's outcome, unless another was quicker with the same round."""
        frame, reports = answer
        round_, began = self._busy.pop(worker)
        self._nodes.played(worker, reports)
        key = round_.number, round_.island
        if self._playing.pop(key, None) is not None:
            outcome = messages.read_answer(*decode(frame))
            worker.node.facts.rounds += 1
            worker.node.facts.candidates += outcome.counts.candidates
            self._took.append(time.monotonic() - began)
            self._repeated += self._losses.pop(key, 0) > 0
            self._done.append((round_, outcome))
        self._use(worker)

    def _double(self) -> None:
        """Let an idle worker begin the latest round as well, when its worker is slow."""
        counts = Counter(id(round_) for round_, _ in self._busy.values())
        alone = [(began, round_) for round_, began in self._busy.values() if counts[id(round_)] == 1]
        if self._waiting or not self._idle or not alone or not self._took:
            return
        began, slowest = min(alone, key=lambda one: one[0])
        if time.monotonic() - began > max(LOOK, SLOW * statistics.median(self._took)):
            self._doubled += 1
            self._queue(slowest)

    def _repeat(self, worker: RemoteWorker) -> None:
        """Give the round of a worker that is lost to another, unless it is done or being played."""
        if worker in self._idle:
            self._idle.remove(worker)
        round_, _ = self._busy.pop(worker, (None, 0.0))
        if round_ is None or any(other is round_ for other, _ in self._busy.values()):
            return
        key = round_.number, round_.island
        if key not in self._playing:
            return
        self._lost += 1
        self._losses[key] += 1
        if self._losses[key] >= LOSSES:
            raise WorkerFailed(
                f"{round_} was lost with its worker {LOSSES} times; `synth show` names the logs"
            )
        self._report(f"{round_} is repeated on another worker")
        self._queue(round_)

    def __exit__(self, *error: object) -> None:
        self._nodes.close()
        self._connection.close()
