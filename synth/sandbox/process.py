"""One worker process, seen from outside: started clean, asked over pipes, never left behind."""

import contextlib
import functools
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

from numpy.typing import NDArray

from synth.errors import SandboxUnavailable, SynthError, UsageError
from synth.sandbox.confine import Layer, Profile
from synth.sandbox.wire import ARRAYS_LIMIT, Arrays, Header, WireError, read_frame, write_frame
from synth.sandbox.worker import BOOT, Options
from synth.settings.schema import Level

MEMORY = 16 << 30
"""Bytes of address space of a worker, unless said otherwise."""
_LEAVING = 2.0
"""Seconds that a worker which has closed its pipe may take to exit."""
_STARTS = 3
"""How often a worker is started before its death on the way is an error."""
START_SECONDS = 120.0
"""How long a worker may take to start and initialise."""

_THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "BLIS")
_KEPT = (
    *("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"),  # without these some Pythons do not start
    # and these choose the kernels that numpy computes with: a worker's last bits are its starter's
    *("OPENBLAS_CORETYPE", "MKL_CBWR", "NPY_DISABLE_CPU_FEATURES", "NPY_ENABLE_CPU_FEATURES"),
)


class WorkerFailed(SynthError):
    """A worker that ended, ran out of time, or whose handler raised; its traceback is a note."""


class WorkerDied(WorkerFailed):
    """A worker process that ended by itself, or was ended by somebody else; `reason` says how."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"a worker {reason}")
        self.reason = reason


class WorkerTimeout(WorkerFailed):
    """A worker that did not answer in time and was ended."""


class Worker:
    """A worker process that runs a module of handlers (see `worker.py`), confined.

    `readable` lists the folders that a native worker may read beside the Python installation, `memory` is the
    bytes of address space. Takes one request at a time; may be killed from any thread. A context manager.
    """

    def __init__(
        self,
        module: str,
        profile: Profile,
        *,
        level: Level = "full",
        readable: Sequence[Path] = (),
        memory: int = MEMORY,
    ) -> None:
        self.layers: tuple[Layer, ...] = ()
        self._process = _start(
            {
                "path": [os.path.abspath(entry) for entry in sys.path],
                "parent": os.getpid(),
                "module": module,
                "profile": profile,
                "level": level,
                "readable": [os.path.abspath(path) for path in readable],
                "memory": memory,
            }
        )
        self.kill = weakref.finalize(self, _end, self._process)
        """End the process and what it started, at once."""

    @property
    def pid(self) -> int:
        """The worker's process number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def start(self, header: Header, arrays: Sequence[NDArray[Any]] = ()) -> None:
        """Send the setup, wait until the sandbox is closed, and note the layers in force.

        Raises SandboxUnavailable when a layer is missing that the profile cannot do without, and WorkerFailed
        as `request` does.
        """
        ready, _ = self.request(header, arrays, START_SECONDS)
        self.layers = tuple(Layer(**layer) for layer in ready["layers"])

    def request(
        self,
        header: Header,
        arrays: Sequence[NDArray[Any]] = (),
        timeout: float = threading.TIMEOUT_MAX,
        limit: int = ARRAYS_LIMIT,
    ) -> tuple[Header, Arrays]:
        """Send a request and wait for the answer, whose arrays may have `limit` bytes.

        Raises WorkerFailed when the handler raised, the worker died, or `timeout` seconds have passed; in the
        last two cases the worker is gone. A UsageError of the handler is raised as one.
        """
        late = threading.Event()

        def end() -> None:
            late.set()
            self.kill()

        clock = threading.Timer(timeout, end)
        clock.daemon = True
        clock.start()
        try:
            return self._exchange(header, arrays, limit)
        except WorkerDied:
            if late.is_set():
                message = f"a worker did not answer within {timeout:.3g} seconds and was ended"
                raise WorkerTimeout(message) from None
            raise
        except BaseException as error:
            if not isinstance(error, Exception):
                self.kill()  # interrupted: its answer would be taken for that of the next request
            raise
        finally:
            clock.cancel()

    def _exchange(self, header: Header, arrays: Sequence[NDArray[Any]], limit: int) -> tuple[Header, Arrays]:
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None and answers is not None
        with contextlib.suppress(OSError, ValueError):  # where the worker is gone, there is no answer to read
            write_frame(requests, header, arrays)
        frame = None
        try:
            with contextlib.suppress(OSError, ValueError):
                frame = read_frame(answers, limit)
        except (WireError, MemoryError) as error:
            self.kill()
            raise WorkerDied(f"sent something that is not a frame: {error}") from error
        if frame is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LEAVING)  # it may be about to end by itself, and its exit code says more
            self.kill()
            raise WorkerDied(ending(self._process.wait()))
        answer, results = frame
        if "answer" in answer:
            return answer["answer"], results
        if answer.get("unavailable"):
            raise SandboxUnavailable(str(answer.get("error")))
        failure: SynthError = WorkerFailed(f"a worker failed: {answer.get('error')}")
        if answer.get("usage"):
            failure = UsageError(str(answer.get("error")))
        failure.add_note(str(answer.get("traceback")))
        raise failure

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.kill()


def started(start: Callable[[], Worker]) -> Worker:
    """Return the worker that a function starts; where somebody ends it on the way, try again, twice."""
    for _ in range(_STARTS - 1):
        with contextlib.suppress(WorkerDied):
            return start()
    return start()


def environment() -> dict[str, str]:
    """Return the environment of a worker: nothing of ours, one thread for each library, no random hashes."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return (
        kept | {f"{name}_NUM_THREADS": "1" for name in _THREADS} | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    )


def _start(options: Options) -> subprocess.Popen[bytes]:
    """Start the process, from a thread that lives as long as we do.

    On Linux a worker dies with the thread that started it, and the caller's may be a short one.
    """
    if not sys.executable:
        raise SandboxUnavailable("workers cannot start: this Python does not know its own executable")
    # -s -P: the import path comes from the options alone; not -I, which would ignore PYTHONHASHSEED.
    command = [sys.executable, "-s", "-P", "-c", BOOT, json.dumps(options)]
    try:
        return (
            _starter()
            .submit(
                subprocess.Popen[bytes],
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
                cwd=os.path.abspath(os.sep),
                start_new_session=True,
            )
            .result()
        )
    except OSError as error:
        raise WorkerFailed(f"a worker process cannot be started: {error.strerror or error}") from error


@functools.cache
def _starter() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "synth worker starter")


def _renew_starter() -> None:
    """Make it while there is one thread: of two that threads made at once, one would end with its workers."""
    _starter.cache_clear()
    _starter()


_renew_starter()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_starter)  # threads do not survive a fork


def ending(code: int) -> str:
    """Say how a process ended, from its return code as in subprocess."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"was ended by signal {-code}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its group, wait for it, and close the pipes.

    It refers to no Worker, so that one which nobody holds any more is ended.
    """
    if process.returncode is None:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
    for pipe in filter(None, (process.stdin, process.stdout)):
        with contextlib.suppress(OSError):  # what was not sent yet has nowhere to go
            pipe.close()
