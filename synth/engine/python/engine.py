"""The python engine as seen from outside: texts in, results out. Labels of validation stay here."""

from collections.abc import Iterator, Sequence
from time import monotonic
from typing import Self

import numpy as np
from numpy.typing import NDArray

from synth.engine.python.module import one_line
from synth.engine.python.procedure import TaskOutcome
from synth.engine.result import Result, Status
from synth.errors import SandboxUnavailable, SynthError
from synth.language.parser import LONGEST
from synth.sandbox.confine import Layer
from synth.sandbox.fork import FORKS
from synth.sandbox.process import Worker, WorkerDied, WorkerFailed, WorkerTimeout, ending, started
from synth.sandbox.wire import Arrays, Header, WireError, decode
from synth.settings.schema import Level
from synth.tasks.metrics import MAX_ABS_ERROR, Combine
from synth.tasks.metrics import combine as combined
from synth.tasks.metrics import errors as errors_of
from synth.tasks.task import Task, example_order

_HEADROOM = 4 << 30  # bytes of address space of a candidate beside the tasks
_SLACK = 1 << 16  # bytes of an answer beside its arrays
_SIGKILL = 9
_GRACE = 10.0  # seconds after which a worker that should have ended a candidate is itself ended
_TRIES = 3  # times that a module is run on a task when its process or the worker is killed


class CandidateFailed(SynthError):
    """A module that could not be evaluated, with its Result."""

    def __init__(self, result: Result) -> None:
        super().__init__(result.error or result.status)
        self.result = result


class PythonEngine:
    """Runs modules of any Python code on tasks in float64, each (module, task) in a confined child.

    `time_limit` is the wall clock in seconds that a module has for all tasks; `sandbox` is "full",
    "process" or "off". The random source's task number is the task's position. A context manager: the worker
    process starts on entry, or with the first module, and ends with the block. Raises SandboxUnavailable
    where a layer of the sandbox is missing, and WorkerFailed once the engine is closed.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        *,
        seed: int = 0,
        epochs: int = 1,
        time_limit: float = 60.0,
        sandbox: Level = "full",
        combine: Combine = "mean",
    ) -> None:
        self.tasks, self.seed, self.epochs, self.combine = tuple(tasks), seed, epochs, combine
        self.time_limit, self.sandbox = time_limit, sandbox
        self._shown = [_shown(task, epochs) for task in self.tasks]
        self._worker: Worker | None = None
        self._closed = False

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers of the sandbox that are in force."""
        return self._running().layers

    def evaluate(self, text: str, path: str = "<text>") -> Result:
        """Train and validate a module on every task. Never raises for what a module does."""
        try:
            per_task = tuple(
                max(map(task.fitness, run.predictions), default=0.0)
                for task, run in self._outcomes(text, path)
            )
        except CandidateFailed as failure:
            return failure.result
        return Result("ok", combined(per_task, self.combine), per_task, None)

    def probe(self, text: str, count: int, path: str = "<text>") -> list[NDArray[np.float64]]:
        """Return the errors on the first examples of each task, as the equivalence check takes them.

        For each task the |label - s1| of the first `count` train examples, then the errors of the first
        `count` validation examples, (at most 2 * count,) float64: a failure in training or validation
        shortens the list. Raises CandidateFailed for a module that cannot be evaluated.
        """
        errors_of_tasks = []
        for task, run in self._outcomes(text, path, first=count):
            errors = [run.train_errors]
            for predictions in run.predictions:
                valid = errors_of(predictions, task.valid_labels[:count], task.regression)
                bad = np.flatnonzero(~(valid <= MAX_ABS_ERROR))
                errors.append(valid[: bad[0]] if len(bad) else valid)
            errors_of_tasks.append(np.concatenate(errors))
        return errors_of_tasks

    def close(self) -> None:
        """End the worker process for good, and an evaluation that another thread waits for."""
        self._closed = True
        self._end_worker()

    def _end_worker(self) -> None:
        if self._worker is not None:
            self._worker.kill()

    def __enter__(self) -> Self:
        self._running()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _running(self) -> Worker:
        """Return the worker process; start one if there is none."""
        if self._worker is None or not self._worker.alive:
            self._worker = started(self._start)
        return self._worker

    def _start(self) -> Worker:
        """Start a worker and wait until it has confined a child that does nothing."""
        size = max(sum(array.nbytes for array in shown) for shown in self._shown)
        memory = _HEADROOM + 3 * size
        worker = self._worker = Worker(
            "synth.engine.python.zygote", "python", level=self.sandbox, memory=memory
        )
        try:
            if self._closed:  # by another thread, perhaps before there was this worker to end
                raise WorkerFailed("the python engine is closed")
            worker.start({})
            trial = {"text": None, "level": self.sandbox, "seconds": _GRACE, "size": _SLACK}
            answer, (data,) = worker.request(trial, timeout=2 * _GRACE)
            if _killed(answer):
                raise WorkerDied(f"had a child that {ending(answer['code'])}")
            if answer["code"] != 0 or not data.size:
                raise SandboxUnavailable(
                    "the process of a candidate cannot be confined here; --sandbox process keeps limits and "
                    "time-outs but lets code reach files and network"
                )
        except BaseException:
            worker.kill()
            raise
        return worker

    def _outcomes(self, text: str, path: str, first: int | None = None) -> Iterator[tuple[Task, TaskOutcome]]:
        """Yield each task and what a module did on it, within the time limit; see `_run`."""
        if len(text) > LONGEST:
            raise _failure("rejected", f"{path}: a module has at most {LONGEST} characters")
        deadline = monotonic() + self.time_limit
        for number, task in enumerate(self.tasks):
            yield task, self._run(text, path, number, deadline, first)

    def _run(self, text: str, path: str, number: int, deadline: float, first: int | None) -> TaskOutcome:
        """Run a module on one task and return what it did. Raises CandidateFailed.

        With `first`, on that many train and validation examples, whose train errors are recorded. A worker
        that dies is replaced and the module run again, as it is when its own process was killed: somebody may
        have done that, or memory was short. Where this happens three times, the module crashed.
        """
        *examples, orders = self._shown[number]
        if first is not None:
            examples, orders = [array[:first] for array in examples], orders[:1, :first]
        shape, record = (len(orders), len(examples[2])), first or 0
        header = {"text": text, "path": path, "level": self.sandbox, "record": record}
        header |= {"task": number, "seed": self.seed, "regression": self.tasks[number].regression}
        size = _SLACK + 8 * (shape[0] * shape[1] + record)
        late = _failure("timeout", f"{path}: it did not finish within {self.time_limit:g} seconds")
        for left in reversed(range(_TRIES if FORKS else 1)):
            if not FORKS:
                self._end_worker()  # it has run another module or task
            worker = self._running()
            seconds = deadline - monotonic()
            if seconds <= 0:
                raise late
            try:
                answer, (data,) = worker.request(
                    {**header, "seconds": seconds, "size": size},
                    [*examples, orders],
                    seconds + (_GRACE if FORKS else 0.0),
                    size,
                )
            except WorkerFailed as error:
                self._end_worker()
                if isinstance(error, WorkerTimeout):
                    raise late from None
                if not left or not isinstance(error, WorkerDied):
                    raise _failure("crashed", f"{path}: {error}") from None
            else:
                if not _killed(answer):
                    break
        if answer["stopped_by"] == "time":
            raise late
        return _read(data.tobytes(), answer, path, shape, record)


def _killed(answer: Header) -> bool:
    """Return whether a child was ended by SIGKILL, and not by the worker."""
    return bool(answer["stopped_by"] is None and answer["code"] == -_SIGKILL)


def _shown(task: Task, epochs: int) -> Arrays:
    """Return what a candidate is given of a task: everything but the validation labels."""
    orders = np.stack([example_order(len(task.train_labels), epoch) for epoch in range(epochs)])
    return [task.train_features, task.train_labels, task.valid_features, orders]


def _read(data: bytes, answer: Header, path: str, shape: tuple[int, int], record: int) -> TaskOutcome:
    """Read what a child wrote, believing nothing: it may have been written by the candidate.

    Raises CandidateFailed.
    """
    if not data and answer["stopped_by"] is None:
        raise _failure("crashed", f"{path}: its process {ending(answer['code'])} without a result")
    strange = _failure("failed", f"{path}: its process returned something that is not a prediction")
    try:
        header, arrays = decode(data)
    except WireError:
        raise strange from None
    match header, arrays:
        case {"status": "rejected" | "failed" | "crashed" as status, "error": str(error)}, []:
            raise _failure(status, one_line(error))
        case {"status": "ok"}, [predictions, train_errors]:
            epochs, examples = shape
            if (
                predictions.dtype == train_errors.dtype == np.float64
                and predictions.ndim == 2
                and predictions.shape[0] <= epochs
                and predictions.shape[1] == examples
                and train_errors.ndim == 1
                and len(train_errors) <= record
            ):
                return TaskOutcome(predictions, train_errors)
    raise strange


def _failure(status: Status, error: str) -> CandidateFailed:
    """Return what to raise for a module without a fitness."""
    return CandidateFailed(Result(status, None, None, error))
