"""Several native workers that answer jobs as they can; the pool knows nothing about what they do."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from numpy.typing import NDArray

from synth.sandbox.confine import Layer
from synth.sandbox.process import Worker, WorkerDied, started
from synth.sandbox.wire import Arrays, Header
from synth.settings.schema import Level


@dataclass(frozen=True)
class Answer:
    """What became of a job: the worker's header and arrays, or how the worker died."""

    job: int
    worker: int
    header: Header = field(default_factory=dict)
    arrays: Arrays = field(default_factory=list)
    died: str = ""


class Pool(AbstractContextManager["Pool"]):
    """`size` native workers that run the same module of handlers with the same setup. A context manager.

    Jobs go to whichever worker is idle and wait in order while there is none. A worker that dies is reported
    with its job; another is started for the next job.
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
    ) -> None:
        self._setup = (header, arrays)
        self._make = partial(Worker, module, "native", level=level, readable=readable)
        self._workers: dict[int, Worker] = {}
        self._closed = False
        self._jobs = 0
        self._idle: SimpleQueue[int] = SimpleQueue()
        self._done: SimpleQueue[Future[Answer]] = SimpleQueue()
        self._threads = ThreadPoolExecutor(size, "synth pool")  # each waits for the worker that has its job
        try:
            for future in [
                self._threads.submit(started, partial(self._start, index)) for index in range(size)
            ]:
                future.result()
        except BaseException:
            self.close()
            raise
        for index in range(size):
            self._idle.put(index)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the sandbox that the workers reported."""
        return self._workers[0].layers

    def submit(self, header: Header, arrays: Sequence[NDArray[Any]] = ()) -> int:
        """Hand in a job and return its number."""
        self._jobs += 1
        future = self._threads.submit(self._answer, self._jobs, header, arrays)
        future.add_done_callback(self._done.put)
        return self._jobs

    def wait(self, timeout: float | None = None) -> Answer:
        """Return the next answer, in the order in which workers finish.

        Raises TimeoutError after `timeout` seconds, and WorkerFailed when a job's handler raised or no worker
        can be started for it.
        """
        try:
            return self._done.get(timeout=timeout).result()
        except Empty:
            raise TimeoutError(f"no worker answered within {timeout:.3g} seconds") from None

    def close(self) -> None:
        """End all workers at once."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in list(self._workers.values()):
            worker.kill()
        self._threads.shutdown()

    def __exit__(self, *error: object) -> None:
        self.close()

    def _start(self, index: int) -> Worker:
        """Start the worker of an index that has none."""
        worker = self._workers[index] = self._make()
        if self._closed:
            worker.kill()
        worker.start(*self._setup)
        return worker

    def _answer(self, job: int, header: Header, arrays: Sequence[NDArray[Any]]) -> Answer:
        """Have an idle worker do a job (in a thread of the pool)."""
        index = self._idle.get()
        try:
            worker = self._workers[index]
            if not worker.alive:
                worker = started(partial(self._start, index))
            try:
                return Answer(job, index, *worker.request(header, arrays))
            except WorkerDied as death:
                return Answer(job, index, died=death.reason)
        finally:
            self._idle.put(index)
