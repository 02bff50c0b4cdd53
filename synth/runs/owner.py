"""Who writes into a run's folder: one process, on this machine or on another that sees the same folder."""

import os
from contextlib import suppress
from pathlib import Path

from synth.errors import OutputFailed, UsageError
from synth.runs.files import writing

LOCK = ".lock"


class Owner:
    """Has a folder until `release`. Raises UsageError when another process has it."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock, Timeout

        self._folder = folder
        self._lock = FileLock(folder / LOCK, blocking=False, thread_local=False)
        with writing(folder):
            try:
                self._lock.acquire()
            except Timeout:
                raise UsageError(f"{folder} is in use by another process") from None
            self._locked = os.stat(folder / LOCK)

    def check(self) -> None:
        """Raise OutputFailed where the folder was taken away: the file that is locked lies there no more."""
        with suppress(OSError):
            if os.path.samestat(os.stat(self._folder / LOCK), self._locked):
                return
        raise OutputFailed(f"{self._folder} cannot be written: the folder is gone")

    def release(self) -> None:
        """Let others have the folder."""
        self._lock.release()
