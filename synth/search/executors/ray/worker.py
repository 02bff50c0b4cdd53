"""What runs in an actor of a Ray cluster: rounds, in confined child processes, by the local executors.

Neither this process nor Ray ever runs a candidate. Rounds and outcomes go over the network as frames of the
wire format (`sandbox/wire.py`), and task sets through Ray's object store, once for each node.
"""

import atexit
import contextlib
import os
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from synth.errors import SandboxUnavailable, SynthError
from synth.sandbox.wire import decode, encode
from synth.search.executors import wire
from synth.search.executors.native import NativeExecutor
from synth.search.executors.python import PythonExecutor
from synth.search.executors.self_test import package_digest
from synth.search.scoring.worker_judge import lay_out
from synth.settings.mixes import tasks_name
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

JUST_MADE = 60.0
"""Seconds in which the folder of a worker that starts may not be marked yet."""


@dataclass(frozen=True)
class Ready:
    """What a worker says of itself when it has started."""

    host: str
    pid: int
    package: str
    """See `self_test.package_digest`."""
    bits: tuple[str, ...]
    """The result of the self-test on each mix of tasks."""
    layers: tuple[str, ...]
    notices: tuple[str, ...]
    log: str
    """Where Ray keeps what this process prints; empty where that is unknown."""


@dataclass(frozen=True)
class Played:
    """A round that was played: the frame of its outcome, and lines for the worker's log."""

    frame: bytes
    lines: tuple[str, ...]


def packed(frame: wire.Frame) -> bytes:
    """A frame as the bytes of the wire format."""
    return encode(*frame)


Local = NativeExecutor | PythonExecutor
"""An executor with one worker on this machine."""


def local_executor(
    config: Config,
    task_sets: Sequence[TaskSet],
    select: TaskSet,
    folder: Path,
    lines: list[str],
) -> Local:
    """The executor of a run's engine; what it reports is added to `lines`."""
    if config.run.engine == "python":
        return PythonExecutor(config, task_sets[0], 1)
    return NativeExecutor(config, task_sets, folder, 1, lines.append, select=select)


def self_test(executor: Local, task_sets: Sequence[TaskSet]) -> tuple[str, ...]:
    """What fixed programs do on the first tasks of each mix, which the executor knows."""
    return tuple(executor.bits(tasks_name(mix, 0), mix) for mix in range(len(task_sets)))


class RayWorker:
    """An actor: one worker of the local executor on a node of the cluster."""

    def __init__(self, config: Config, task_sets: tuple[Sequence[TaskSet], TaskSet], run: str) -> None:
        """`task_sets` are the first search tasks of each mix, and the selection tasks.

        `run` is a random name, the same for all workers of a run; those of a node share a folder.
        """
        self._config = config
        self._task_sets: tuple[Sequence[TaskSet], TaskSet] | None = task_sets
        self._lines: list[str] = []
        self._folder = _private_folder(run)
        self._use = _use(self._folder)
        self._known: set[str] = set()
        self._executor: Local | None = None

    def start(self) -> Ready | str:
        """Start the confined process and test it; a sentence where that cannot be done here."""
        assert self._task_sets is not None, "a worker starts once"
        search, select = self._task_sets
        try:
            executor = local_executor(self._config, search, select, self._folder, self._lines)
            self._executor = executor
            for mix, tasks in enumerate(search):
                self._learn(tasks_name(mix, 0), mix, tasks)
            if isinstance(executor, NativeExecutor):
                self._once("select", lambda: lay_out(self._config, select, self._folder))
            bits = self_test(executor, search)
        except (SynthError, SandboxUnavailable, OSError) as error:
            return f"{type(error).__name__}: {error}"
        atexit.register(self.close)
        self._task_sets = None
        return Ready(
            socket.gethostname(),
            os.getpid(),
            package_digest(),
            bits,
            executor.layers,
            executor.notices,
            _own_log(),
        )

    def play(self, frame: bytes, mix: int, tasks: Sequence[Any]) -> Played:
        """Play the round of a frame; `tasks` holds a reference to its tasks, fetched if they are new here."""
        executor, began = self._executor, time.monotonic()
        assert executor is not None, "a worker is started before it plays"
        task = wire.read_round(*decode(frame))
        if task.tasks not in self._known:
            import ray

            self._learn(task.tasks, mix, ray.get(tasks[0]))
        print(f"{task} begins", flush=True)
        executor.submit(task)
        _, outcome = executor.next(None)
        counts = outcome.counts
        lines, self._lines[:] = [*self._lines], []
        lines.append(f"{task}: {counts.candidates} candidates in {time.monotonic() - began:.2f} s")
        for line in lines:
            print(line, flush=True)
        return Played(packed(wire.answer_frame(outcome)), tuple(lines))

    def drop_tasks(self, name: str) -> None:
        """Forget tasks that no further round is played on."""
        if name in self._known and self._executor is not None:
            self._known.remove(name)
            with _alone(self._folder / "lock"):
                (self._folder / f"{name}.whole").unlink(missing_ok=True)
                self._executor.drop_tasks(name)

    def close(self) -> None:
        """End the confined process and take the node's folder away: the run has ended."""
        if self._executor is not None:
            self._executor.__exit__(None, None, None)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _learn(self, name: str, mix: int, tasks: TaskSet) -> None:
        """Make tasks known to the executor; a node's first worker lays them out, and all map its files."""
        executor = self._executor
        assert executor is not None
        self._known.add(name)
        if isinstance(executor, PythonExecutor):
            executor.add_tasks(name, mix, tasks)
        else:
            self._once(name, lambda: executor.add_tasks(name, mix, tasks))

    def _once(self, name: str, lay_out: Callable[[], None]) -> None:
        """Do something that no worker of this node has done to its end yet."""
        whole = self._folder / f"{name}.whole"
        with _alone(self._folder / "lock"):
            if not whole.exists():
                lay_out()
                whole.touch()


def _private_folder(run: str) -> Path:
    """The folder of a run's workers on this node, which nobody else can write."""
    owner = os.getuid() if hasattr(os, "getuid") else 0
    place = Path(tempfile.gettempdir())
    for other in place.glob(f"synth-{owner}-*"):
        if other.name != f"synth-{owner}-{run}" and not _in_use(other):
            shutil.rmtree(other, ignore_errors=True)
    folder = place / f"synth-{owner}-{run}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if state.st_mode & 0o022 or (hasattr(os, "getuid") and state.st_uid != owner) or folder.is_symlink():
        raise OSError(f"{folder} belongs to somebody else")
    return folder


def _use(folder: Path) -> IO[bytes] | None:
    """Mark a folder as in use for as long as the file that is returned is open."""
    if sys.platform == "win32":
        return None
    import fcntl

    file = (folder / "use").open("ab")
    fcntl.flock(file, fcntl.LOCK_SH)
    return file


def _in_use(folder: Path) -> bool:
    """Whether a worker lives that uses a folder; those of a node that was killed leave theirs behind."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        with (folder / "use").open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime < JUST_MADE
    except OSError:
        return True
    return False


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep the other workers of the node waiting; Ray runs no cluster of several nodes without such locks."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _own_log() -> str:
    with contextlib.suppress(OSError):
        found = os.readlink("/proc/self/fd/1")
        return found if found.startswith("/") else ""
    return ""
