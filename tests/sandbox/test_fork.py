"""Code in a forked child of this process: its bytes, its limits, its end (without confinement)."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from synth.sandbox.fork import Ending, run_forked

pytestmark = pytest.mark.wants(lambda: hasattr(os, "fork"), "there is no fork")


def forked(work: Callable[[], Any], seconds: float = 20.0, size: int = 100_000) -> Ending:
    return run_forked(work, "off", seconds, size)


def test_the_bytes_come_back() -> None:
    ending = forked(lambda: b"x" * 80_000)
    assert ending.data == b"x" * 80_000 and ending.code == 0 and ending.stopped_by is None


def test_too_many_bytes_are_none() -> None:
    assert forked(lambda: b"x" * 100_001).stopped_by == "size"
    assert forked(lambda: b"x" * 10_000_000).data == b""


def test_an_exception_is_an_exit_code() -> None:
    def work() -> bytes:
        raise KeyboardInterrupt

    assert forked(work).code == 1


def test_exits_and_signals() -> None:
    assert forked(lambda: os._exit(5)).code == 5
    assert forked(lambda: os.kill(os.getpid(), signal.SIGSEGV)).code == -signal.SIGSEGV


def test_the_clock_kills() -> None:
    ending = forked(lambda: time.sleep(60), seconds=0.2)
    assert ending.stopped_by == "time" and ending.code == -signal.SIGKILL


def test_closing_the_pipe_does_not_help_to_live_on() -> None:
    def work() -> None:
        os.close(3)
        time.sleep(60)

    assert forked(work).code == -signal.SIGKILL


def test_the_child_has_no_other_descriptors(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("x")
    with secret.open() as _:
        ending = forked(lambda: repr([d for d in range(200) if _is_open(d)]).encode())
    assert ending.data == b"[0, 1, 2, 3]"


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
