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


def _write_a_file(folder: str) -> None:
    path = Path(folder, f"synth-doctor-{os.getpid()}")
    try:
        path.write_text("written")
    finally:
        path.unlink(missing_ok=True)


def _start_a_process(folder: str) -> None:
    if sys.platform == "win32":
        return
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)


def _make_memory_executable(folder: str) -> None:
    if sys.platform == "win32":
        return
    mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


ATTEMPTS: dict[str, Callable[[str], object]] = {
    "read files": lambda folder: os.listdir(os.path.abspath(os.sep)),
    "write files": _write_a_file,
    "use the network": lambda folder: socket.socket().close(),
    "start processes": _start_a_process,
    "signal others": lambda folder: os.kill(os.getppid(), 0),
    "make memory executable": _make_memory_executable,
    "take all memory": lambda folder: mmap.mmap(-1, 1 << 44).close(),  # never touched, so harmless
}
"""What must be refused; each is given a folder of temporary files."""


def initialise(header: Header, arrays: Arrays) -> None:
    """Do nothing: all that is needed is imported."""


def handle(header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
    """Return for each attempt how it was refused, or an empty text where it was not.

    With `forked` in the header, as the child of the python engine.
    """
    folder = header["folder"]
    if not header["forked"]:
        return _refusals(folder), []
    ending = run_forked(lambda: json.dumps(_refusals(folder)).encode(), header["level"], 20.0, 1 << 16)
    return dict(json.loads(ending.data)), []


def _refusals(folder: str) -> Header:
    return {what: _refusal(attempt, folder) for what, attempt in ATTEMPTS.items()}


def _refusal(attempt: Callable[[str], object], folder: str) -> str:
    try:
        attempt(folder)
    except OSError as error:
        return error.strerror or str(error)
    except MemoryError:
        return "no memory"
    return ""
