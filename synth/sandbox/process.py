"""One worker process, seen from outside: started clean, asked over pipes, never left behind."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, Self

from numpy.typing import NDArray

from synth.errors import SandboxUnavailable, SynthError
from synth.sandbox.confine import Layer, Profile
from synth.sandbox.wire import ARRAYS_LIMIT, Arrays, Header, WireError, read_frame, write_frame
from synth.sandbox.worker import BOOT, Options
from synth.settings.schema import Level

MEMORY = 16 << 30
"""Bytes of address space of a worker, unless said otherwise."""
_LEAVING = 0.2
"""How long a worker that has closed its end may take to be gone."""
STARTS = 3
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
    """A worker that ended, ran out of time, or whose handler raised; `details` is its traceback or empty."""

    def __init__(self, message: str, details: str = "") -> None:
        super().__init__(message)
        self.details = details


class WorkerDied(WorkerFailed):
    """A worker process that ended by itself, or was ended by somebody else."""


class WorkerTimeout(WorkerFailed):
    """A worker that did not answer in time and was ended."""


@dataclass(frozen=True)
class Died:
    """That a worker process is gone, and why; `code` is as in subprocess: negative for a signal."""

    reason: str
    code: int | None


Reply = tuple[Header, Arrays] | Died


class Worker:
    """A worker process that runs a module of handlers (see `worker.py`), confined.

    `readable` lists the folders that a native worker may read beside the Python installation, `memory` the
    bytes of address space, `limit` the most bytes of arrays in an answer, `inherited` the descriptors that it
    keeps, under the same numbers; `bell` is rung, from another thread, when there is a reply. One request at
    a time. A context manager.
    """

    def __init__(
        self,
        module: str,
        profile: Profile,
        *,
        level: Level = "full",
        readable: Sequence[Path] = (),
        memory: int = MEMORY,
        limit: int = ARRAYS_LIMIT,
        inherited: Sequence[int] = (),
        bell: Callable[[], None] = lambda: None,
    ) -> None:
        self.layers: tuple[Layer, ...] = ()
        self._inbox: SimpleQueue[Reply] = SimpleQueue()
        self._deaths: list[Died] = []
        self._asked = threading.Semaphore(0)
        self._process = _start(
            {
                "path": [os.path.abspath(entry) for entry in sys.path],
                "parent": os.getpid(),
                "module": module,
                "profile": profile,
                "level": level,
                "readable": [os.path.abspath(path) for path in readable],
                "memory": memory,
            },
            inherited,
        )
        self._finalizer = weakref.finalize(self, _end, self._process, self._asked)
        inbox, deaths = self._inbox, self._deaths

        def deliver(reply: Reply) -> None:
            if isinstance(reply, Died):
                deaths.append(reply)
            inbox.put(reply)
            bell()

        self._deliver = deliver
        reader = (self._process, self._asked, deliver, limit)
        threading.Thread(target=_read, args=reader, name="synth worker reader", daemon=True).start()

    @property
    def pid(self) -> int:
        """The worker's process number."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process.poll() is None

    def start(
        self, header: Header, arrays: Sequence[NDArray[Any]] = (), timeout: float = START_SECONDS
    ) -> Header:
        """Send the setup, wait until the sandbox is closed, and return what `initialise` answered.

        Raises SandboxUnavailable when a layer is missing that the profile cannot do without.
        """
        self.send(header, arrays)
        return self.started(timeout)

    def request(
        self, header: Header, arrays: Sequence[NDArray[Any]] = (), timeout: float | None = None
    ) -> tuple[Header, Arrays]:
        """Send a request and wait for the answer.

        Raises WorkerFailed when the handler raised, the worker died, or `timeout` seconds have passed; in the
        last two cases the worker is gone.
        """
        self.send(header, arrays)
        return answered(self._receive(timeout))

    def send(self, header: Header, arrays: Sequence[NDArray[Any]] = ()) -> None:
        """Send a frame and expect one; a worker that is gone is reported where the answer would be."""
        if self._deaths:
            self._deliver(self._deaths[0])
            return
        stream = self._process.stdin
        assert stream is not None
        with contextlib.suppress(OSError, ValueError):
            write_frame(stream, header, arrays)
        self._asked.release()

    def started(self, timeout: float = START_SECONDS) -> Header:
        """Wait for the first reply: note the layers in force, return what `initialise` answered."""
        header, _ = answered(self._receive(timeout), "ready")
        self.layers = tuple(Layer(**layer) for layer in header["layers"])
        setup: Header = header["header"]
        return setup

    def reply(self) -> Reply | None:
        """Return a reply that is there, without waiting."""
        try:
            return self._inbox.get_nowait()
        except Empty:
            return None

    def kill(self) -> None:
        """End the process and what it started, at once."""
        self._finalizer()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _receive(self, timeout: float | None) -> Reply:
        try:
            return self._inbox.get(timeout=timeout)
        except Empty:
            self.kill()
            raise WorkerTimeout(
                f"a worker did not answer within {timeout:.3g} seconds and was ended"
            ) from None
        except BaseException:
            self.kill()  # interrupted: its answer would be taken for that of the next request
            raise


def answered(reply: Reply, kind: str = "answer") -> tuple[Header, Arrays]:
    """Return the header and arrays of a worker's reply, or raise WorkerFailed or SandboxUnavailable."""
    if isinstance(reply, Died):
        raise WorkerDied(f"a worker {reply.reason}")
    header, arrays = reply
    if header.get("kind") == "unavailable":
        raise SandboxUnavailable(str(header.get("error")))
    if header.get("kind") == "error":
        raise WorkerFailed(f"a worker failed: {header.get('error')}", str(header.get("traceback", "")))
    if header.get("kind") != kind:
        raise WorkerFailed(f"a worker answered {header.get('kind')!r} where {kind!r} was expected")
    return (header, arrays) if kind == "ready" else (header["header"], arrays)


def environment() -> dict[str, str]:
    """Return the environment of a worker: nothing of ours, one thread for each library, no random hashes."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return (
        kept | {f"{name}_NUM_THREADS": "1" for name in _THREADS} | {"PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
    )


def _start(options: Options, inherited: Sequence[int]) -> subprocess.Popen[bytes]:
    """Start the process, from a thread that lives as long as we do.

    On Linux a worker dies with the thread that started it, and the caller's may be a short one.
    """
    global _starter  # noqa: PLW0603
    if not sys.executable:
        raise SandboxUnavailable("workers cannot start: this Python does not know its own executable")
    # -s -P: the import path comes from the options alone; not -I, which would ignore PYTHONHASHSEED.
    command = [sys.executable, "-s", "-P", "-c", BOOT, json.dumps(options)]
    if _starter is None:
        _starter = ThreadPoolExecutor(1, "synth worker starter")
    try:
        return _starter.submit(
            subprocess.Popen[bytes],
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            cwd=os.path.abspath(os.sep),
            start_new_session=True,
            pass_fds=inherited,
        ).result()
    except OSError as error:
        raise WorkerFailed(f"a worker process cannot be started: {error.strerror or error}") from error


_starter: ThreadPoolExecutor | None = None


def _forget_starter() -> None:
    global _starter  # noqa: PLW0603
    _starter = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_starter)  # threads do not survive a fork


def _read(
    process: subprocess.Popen[bytes], asked: threading.Semaphore, deliver: Callable[[Reply], None], limit: int
) -> None:
    """Deliver one reply for each request until the worker is gone (the body of a thread).

    It refers to no Worker, so that one which nobody holds any more is ended.
    """
    stream = process.stdout
    assert stream is not None
    with stream:
        while True:
            asked.acquire()
            problem = ""
            try:
                reply = read_frame(stream, limit)
            except (WireError, OSError, MemoryError) as error:
                reply, problem = None, f"sent something that is not a frame: {error}"
            if reply is None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_LEAVING)  # it may be about to end by itself, and its exit code says more
                _end(process, asked)
                deliver(Died(problem or ending(process.returncode), process.returncode))
                return
            deliver(reply)


def ending(code: int) -> str:
    """Say how a process ended, from its return code as in subprocess."""
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        return f"was ended by signal {-code} ({signal.Signals(-code).name})"
    except ValueError:
        return f"was ended by signal {-code}"


def _end(process: subprocess.Popen[bytes], asked: threading.Semaphore) -> None:
    """Kill the process and its group, wait for it, and let its reader find out."""
    if process.returncode is None:
        if sys.platform != "win32":
            with contextlib.suppress(OSError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.wait()
    if process.stdin is not None:
        with contextlib.suppress(OSError):
            process.stdin.close()
    asked.release()
