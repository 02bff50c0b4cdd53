"""Who writes into a run's folder: one process, on this machine or on another that sees the same folder.

A lock of the operating system keeps processes of one machine apart. Where machines share a file system it may
not reach the others, so there the file `owner.json` names the process that has the folder, and changes every
other second for as long as it lives.
"""

import json
import os
import secrets
import socket
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from synth.errors import OutputFailed, UsageError
from synth.runs.files import is_shared, writing

BEAT = 2.0
"""Seconds between two signs of life."""

SILENCE = 8.0
"""Seconds without one after which an owner is taken for dead."""

_FILE = "owner.json"
_SIZE = 512


class Owner:
    """Has a folder until `release`. Raises UsageError when another process has it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _lock(folder)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._taken_by = ""
        self._sign = {"host": socket.gethostname(), "pid": os.getpid(), "token": secrets.token_hex(8)}
        try:
            if is_shared(folder):
                self._claim()
                self._thread = threading.Thread(target=self._live, name="synth owner", daemon=True)
                self._thread.start()
        except BaseException:
            self._unlock()
            raise

    def check(self) -> None:
        """Raise OutputFailed where the folder was taken away, or another process took it over."""
        if self._taken_by:
            raise OutputFailed(f"{self._folder} cannot be written: {self._taken_by} took it over")
        with suppress(OSError):
            if self._lock is None or os.path.samestat(os.stat(self._folder), os.fstat(self._lock)):
                return
        raise OutputFailed(f"{self._folder} cannot be written: the folder is gone")

    def release(self) -> None:
        """Let others have the folder."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
            with suppress(OSError):
                if not self._taken_by:
                    (self._folder / _FILE).unlink()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _claim(self) -> None:
        """Put our name into the folder, after an owner that gives no sign of life for a while."""
        path = self._folder / _FILE
        before = _read(path)
        deadline = time.monotonic() + SILENCE
        while before is not None and time.monotonic() < deadline:
            time.sleep(BEAT / 4)
            now = _read(path)
            if now != before and now is not None:
                who = f"process {now.get('pid')} on {now.get('host')}"
                raise UsageError(f"{self._folder} is in use by another process: {who}")
            before = now
        with writing(path):
            path.unlink(missing_ok=True)
            try:
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
            except FileExistsError:
                raise UsageError(f"{self._folder} is in use by another process, which came first") from None
            self._show(0)

    def _show(self, beat: int) -> None:
        """Give a sign of life: the file is changed in place, so that it never comes back once it is gone."""
        text = json.dumps({**self._sign, "beat": beat}).ljust(_SIZE)
        with (self._folder / _FILE).open("r+b") as file:
            file.write(text.encode())

    def _live(self) -> None:
        """Give signs of life until the end, or until somebody else does (the body of a thread)."""
        beat = 0
        while not self._stop.wait(BEAT):
            with suppress(OSError):
                now = _read(self._folder / _FILE)
                if now and now.get("token") not in (None, self._sign["token"]):
                    self._taken_by = f"process {now.get('pid')} on {now.get('host')}"
                    return
                self._show(beat := beat + 1)


def _read(path: Path) -> dict[str, Any] | None:
    """What an owner wrote last; None when there is none, empty when it cannot be read."""
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _lock(path: Path) -> int | None:
    """Lock a folder for this process until the descriptor that is returned is closed."""
    if sys.platform == "win32":  # There a folder is guarded by its creation alone.
        return None
    import fcntl

    with writing(path):
        descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(f"{path} is in use by another process") from None
    except OSError:  # A file system without locks: the descriptor tells whether the folder is still there.
        return descriptor
    return descriptor
