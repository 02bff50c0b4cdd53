"""Runs of the real command that something happens to, and what must be true of them afterwards."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import recorded
from command_line import environment, run_command, synth

SETTINGS = {
    "data.name": "digits",
    "data.features": 8,
    "data.tasks": 3,
    "data.train": 60,
    "data.valid": 30,
    "data.select_tasks": 2,
    "data.report_tasks": 2,
    "data.test_tasks": 1,
    "search.islands": 3,
    "search.population": 10,
    "search.round_candidates": 1000,
    "search.migration_rounds": 3,
    "search.start": "linear",
    "fitness.tuning_trials": 5,
    "limits.candidates": 72_000,
    "run.workers": 2,
    "run.checkpoint_seconds": 0.05,
}
"""A search of 24 rounds an island and a few seconds."""


def command(path: Path, *more: str) -> list[str]:
    """The command that starts the run."""
    return run_command(path, SETTINGS, *more)


def start(
    path: Path, *more: str, before: Sequence[str] = (), env: dict[str, str] | None = None, **pipes: Any
) -> subprocess.Popen[bytes]:
    """Start the run, in a session of its own, with a command before it."""
    given = environment(**(env or {}))
    words = [*before, *command(path, *more)]
    # A command leaves SIGHUP ignored where it finds it so, as under nohup.
    heeding = partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)
    options: dict[str, Any] = {"env": given, "start_new_session": True, "preexec_fn": heeding}
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process: subprocess.Popen[bytes] = subprocess.Popen(words, **options, **{**streams, **pipes})
    return process


def wait_for(process: subprocess.Popen[bytes], happened: Callable[[], bool]) -> None:
    """Wait until something happened while the process still runs."""
    while process.poll() is None:
        if happened():
            return
        time.sleep(0.01)
    said = process.stderr.read() if process.stderr else b""
    raise AssertionError(f"the run ended too early: {said!r}")


def workers_of(pid: int, profile: str = "") -> list[int]:
    """The living workers of a command, of one profile or all."""
    mark, found = f'"parent": {pid},'.encode(), list[int]()
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit():
                words = Path(entry.path, "cmdline").read_bytes()
                if mark in words and f'"profile": "{profile}'.encode() in words:
                    found.append(int(entry.name))
    return found


def gone(pids: list[int], seconds: float = 10.0) -> bool:
    """Whether these processes are no more, soon."""
    deadline = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}/cmdline").exists() and _lives(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _lives(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def end(process: subprocess.Popen[bytes], signal_number: int = signal.SIGKILL) -> tuple[bytes, bytes]:
    """Send a signal, wait, and return what was said."""
    workers = workers_of(process.pid)
    process.send_signal(signal_number)
    said = process.communicate(timeout=60)
    assert gone(workers)
    return said


def left_behind(path: Path) -> dict[str, Any]:
    """All that a run left and that does not tell the time: modules, rows and the summary without seconds."""
    found = recorded.left_behind(path)
    [[summary]] = recorded.rows(path, "SELECT value FROM run WHERE key = 'summary'")
    found["summary"] = {key: value for key, value in json.loads(summary).items() if key != "seconds"}
    assert recorded.rows(path, "PRAGMA integrity_check") == [("ok",)]
    assert not list(path.rglob(".*.part"))
    return found


def resumed(path: Path, expected: dict[str, Any]) -> None:
    """Resume a run; its result is that of a run to which nothing happened."""
    again = synth("resume", path, folder=path.parent)
    assert again.returncode == 0, again.stderr
    assert left_behind(path) == expected


def resumed_or_refused(path: Path, expected: dict[str, Any]) -> str:
    """Resume a run to the same result, or be refused in one sentence; return that, or nothing."""
    again = synth("resume", path, folder=path.parent)
    assert "Traceback" not in again.stderr and "internal error" not in again.stderr, again.stderr
    if again.returncode == 0:
        assert left_behind(path) == expected
        return ""
    assert again.returncode in (2, 3), again.stderr
    *_, last = again.stderr.splitlines()
    assert last.startswith("error: ")
    return last.removeprefix("error: ")
