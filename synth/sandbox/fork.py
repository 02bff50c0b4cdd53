"""Run one piece of unknown code in a forked child: confined, limited in time, and gone afterwards."""

import os
import select
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Literal, NoReturn

from synth.errors import SandboxUnavailable
from synth.sandbox import confine
from synth.settings.schema import Level

FORKS = hasattr(os, "fork")
"""Whether this system has forks; without them (Windows) a candidate needs a worker of its own."""

_PIPE = 3  # the child's only descriptor beside the standard ones, which lead nowhere


@dataclass(frozen=True)
class Ending:
    """What a child wrote, its exit code (negative for a signal), and the limit that stopped it, if any."""

    data: bytes
    code: int
    stopped_by: Literal["time", "size"] | None = None


def run_forked(work: Callable[[], bytes], level: Level, seconds: float, size: int) -> Ending:
    """Return the bytes that `work` returns in a child of this process, which must have a single thread.

    The child has `seconds` of wall clock and writes at most `size` bytes; beyond that it is killed. Whatever
    it does, it is gone when this function returns. Its bytes are not to be trusted. Without forks `work` runs
    in this process, which has to be ended afterwards; the level `full` does not allow that.
    """
    if sys.platform == "win32" or not FORKS:
        if level == "full":
            raise SandboxUnavailable("a candidate's process cannot be confined where there are no forks")
        return Ending(work(), 0)
    reading, writing = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        _be_the_child(work, writing, level, parent, seconds)
    os.close(writing)
    try:
        data, stopped_by = _collect(reading, monotonic() + seconds, size)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # a child that is exiting keeps its exit code
        _, status = os.waitpid(child, 0)
    return Ending(data, os.waitstatus_to_exitcode(status), stopped_by)


def _be_the_child(
    work: Callable[[], bytes], writing: int, level: Level, parent: int, seconds: float
) -> NoReturn:
    if sys.platform == "win32":
        raise OSError("this system has no forks")
    code = 1
    try:
        os.dup2(writing, _PIPE)
        os.closerange(_PIPE + 1, confine.DESCRIPTORS)
        confine.close_candidate(level, parent, seconds)
        rest = memoryview(work())
        while rest:
            rest = rest[os.write(_PIPE, rest) :]
        code = 0
    finally:
        os._exit(code)  # and never back into the code of the parent


def _collect(reading: int, deadline: float, size: int) -> tuple[bytes, Literal["time", "size"] | None]:
    """Read until the other end closes, the time is over or there is too much."""
    if sys.platform == "win32":
        raise OSError("this system has no such pipes")
    data = bytearray()
    poll = select.poll()
    poll.register(reading, select.POLLIN)
    while True:
        milliseconds = (deadline - monotonic()) * 1000
        if milliseconds <= 0 or not poll.poll(milliseconds):
            return bytes(data), "time"
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            return bytes(data), None
        data += chunk
        if len(data) > size:
            return b"", "size"
