"""The handlers of the worker that `doctor` starts: it attempts what the sandbox must refuse."""

import json
import mmap
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from synth.sandbox.fork import run_forked
from synth.sandbox.wire import Arrays, Header
from synth.settings.schema import Level


def _read_files() -> None:
    os.listdir(os.path.abspath(os.sep))


def _write_files() -> None:
    path = Path(_folder, f"synth-doctor-{os.getpid()}")
    try:
        path.write_text("written")
    finally:
        path.unlink(missing_ok=True)


def _use_the_network() -> None:
    socket.socket().close()


def _start_processes() -> None:
    if sys.platform == "win32":
        return
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _signal_others() -> None:
    os.kill(os.getppid(), 0)


def _make_memory_executable() -> None:
    if sys.platform == "win32":
        return
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def _take_all_memory() -> None:
    mmap.mmap(-1, 1 << 44).close()  # never touched, so harmless where nothing refuses it


_folder = ""

ATTEMPTS: dict[str, Callable[[], None]] = {
    "read files": _read_files,
    "write files": _write_files,
    "use the network": _use_the_network,
    "start processes": _start_processes,
    "signal others": _signal_others,
    "make memory executable": _make_memory_executable,
    "take all memory": _take_all_memory,
}


def initialise(header: Header, arrays: Arrays) -> None:
    """Take the folder in which to attempt writing a file."""
    global _folder  # noqa: PLW0603
    _folder = header["folder"]


def handle(header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
    """Return for each attempt how it was refused, or an empty text where it was not.

    With `forked` in the header, as the child of the python engine.
    """
    if not header["forked"]:
        return _attempts(), []
    level: Level = header["level"]
    ending = run_forked(lambda: json.dumps(_attempts()).encode(), level, seconds=20.0, size=1 << 16)
    found: Header = json.loads(ending.data)
    return found, []


def _attempts() -> Header:
    return {name: _refusal(attempt) for name, attempt in ATTEMPTS.items()}


def _refusal(attempt: Callable[[], None]) -> str:
    try:
        attempt()
    except OSError as error:
        return error.strerror or str(error)
    except MemoryError:
        return "no memory"
    return ""
