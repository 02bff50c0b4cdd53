"""Several native workers that answer jobs as they can; the pool knows nothing about what they do."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from time import monotonic
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from synth.sandbox.confine import Layer
from synth.sandbox.process import MEMORY, STARTS, Died, Reply, Worker, WorkerDied, answered
from synth.sandbox.wire import Arrays, Header
from synth.settings.schema import Level


@dataclass(frozen=True)
class Answer:
    """What became of a job: the worker's header and arrays, or how the worker died."""

    job: int
    worker: int
    header: Header = field(default_factory=dict)
    arrays: Arrays = field(default_factory=list)
    died: Died | None = None


@dataclass(frozen=True)
class _Job:
    number: int
    worker: int | None
    header: Header
    arrays: Sequence[NDArray[Any]]


class Pool:
    """`size` native workers that run the same module of handlers with the same setup. A context manager.

    Jobs go to one worker or to any, and wait in order while it is busy. A worker that dies is reported with
    its job, and so are the jobs that come to it later, until `replace` starts another in its place.
    """

    def __init__(
        self,
        size: int,
        module: str,
        header: Header,
        arrays: Sequence[NDArray[Any]] = (),
        *,
        level: Level = "full",
        readable: Sequence[Path] = (),
        memory: int = MEMORY,
    ) -> None:
        self._setup = (header, arrays)
        self._make = partial(Worker, module, "native", level=level, readable=readable, memory=memory)
        self._bells: SimpleQueue[int] = SimpleQueue()
        self._waiting: list[_Job] = []
        self._running: dict[int, _Job] = {}
        self._dead: dict[int, Died] = {}
        self._answers: deque[Answer] = deque()
        self._number = 0
        self._workers: list[Worker] = []
        try:
            for index in range(size):
                self._workers.append(self._launch(index))
            for index in range(size):
                self._await_start(index)
        except BaseException:
            self.close()
            raise

    @property
    def size(self) -> int:
        """The number of workers, dead ones included."""
        return len(self._workers)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the sandbox that the workers reported."""
        return self._workers[0].layers

    def submit(self, header: Header, arrays: Sequence[NDArray[Any]] = (), worker: int | None = None) -> int:
        """Hand in a job, for one worker or for any, and return its number."""
        self._number += 1
        self._waiting.append(_Job(self._number, worker, header, arrays))
        self._dispatch()
        return self._number

    def wait(self, timeout: float | None = None) -> Answer:
        """Return the next answer, in the order in which workers finish.

        Raises TimeoutError after `timeout` seconds, WorkerFailed when a job's handler raised, and ValueError
        when no job is under way.
        """
        deadline = None if timeout is None else monotonic() + timeout
        while not self._answers:
            if not self._running:
                raise ValueError("no job is under way")
            try:
                index = self._bells.get(
                    timeout=None if deadline is None else max(0.0, deadline - monotonic())
                )
            except Empty:
                raise TimeoutError(f"no worker answered within {timeout:.3g} seconds") from None
            self._take(index)
        return self._answers.popleft()

    def stop(self, worker: int) -> None:
        """Kill a worker; its job, if it has one, is answered as died."""
        self._workers[worker].kill()

    def replace(self, worker: int) -> None:
        """Start a new worker, with the same setup, in the place of one that died or is to go."""
        self._workers[worker].kill()
        if worker in self._running:
            self._lose(worker, Died("was replaced", None))
        self._workers[worker] = self._launch(worker)
        self._await_start(worker)
        self._dead.pop(worker, None)
        self._dispatch()

    def close(self) -> None:
        """End all workers at once."""
        for worker in self._workers:
            worker.kill()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _launch(self, index: int) -> Worker:
        worker = self._make(bell=partial(self._bells.put, index))
        worker.send(*self._setup)
        return worker

    def _await_start(self, index: int) -> None:
        """Wait until a worker is ready; where it is ended before that, another gets a chance, twice."""
        for _ in range(STARTS - 1):
            try:
                self._workers[index].started()
                return
            except WorkerDied:
                self._workers[index].kill()
                self._workers[index] = self._launch(index)
        self._workers[index].started()

    def _take(self, index: int) -> None:
        """Take the reply that a bell announced; there is none when `started` or a replacement took it."""
        reply: Reply | None = self._workers[index].reply()
        if isinstance(reply, Died):
            self._lose(index, reply)
        elif reply is not None:
            job = self._running.pop(index)
            self._dispatch()
            self._answers.append(Answer(job.number, index, *answered(reply)))

    def _lose(self, index: int, died: Died) -> None:
        self._dead[index] = died
        job = self._running.pop(index, None)
        if job is not None:
            self._answers.append(Answer(job.number, index, died=died))
        self._dispatch()

    def _dispatch(self) -> None:
        """Send waiting jobs to idle workers, and answer those that no worker is left for."""
        remaining = []
        for position, job in enumerate(self._waiting):
            if len(self._running) + len(self._dead) >= self.size > len(self._dead):
                remaining += self._waiting[position:]
                break
            places = range(self.size) if job.worker is None else (job.worker,)
            living = [index for index in places if index not in self._dead]
            idle = [index for index in living if index not in self._running]
            if not living:
                self._answers.append(Answer(job.number, places[0], died=self._dead[places[0]]))
            elif idle:
                self._running[idle[0]] = job
                self._workers[idle[0]].send(job.header, job.arrays)
            else:
                remaining.append(job)
        self._waiting = remaining
