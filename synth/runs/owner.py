"""Who writes into a run's folder: one process, on this machine or on another that sees the same folder."""

import os
from contextlib import suppress
from pathlib import Path

from synth.errors import OutputFailed, UsageError
from synth.runs.files import has_locks, writing

LOCK = ".lock"
"""The file that is locked; it stays."""

MARKER = ".in-use"
"""The file whose existence alone is the lock, on file systems without locks."""


class Owner:
    """Hold a folder until `release`. Raises UsageError when another process holds it."""

    notices: tuple[str, ...] = ()
    """What a user should know about the lock."""

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock, SoftFileLock, Timeout

        locks, hint = has_locks(folder), ""
        if not locks:
            if (folder / LOCK).exists():
                raise UsageError(
                    f"{folder} was locked by a system that has locks, which this one has not; "
                    f"if no command works there, delete {folder / LOCK}"
                )
            hint = f"; if no command works there, delete {folder / MARKER}"
            self.notices = (
                f"the file system of {folder} has no locks, so the file {MARKER} keeps other commands out; "
                "a crash may leave it behind",
            )
        self._folder = folder
        kind, name = (FileLock, LOCK) if locks else (SoftFileLock, MARKER)
        self._lock = kind(folder / name, blocking=False, thread_local=False)
        with writing(folder):
            try:
                self._lock.acquire()
            except Timeout:
                raise UsageError(f"{folder} is in use by another process{hint}") from None
            self._locked = os.stat(self._lock.lock_file)

    def check(self) -> None:
        """Raise OutputFailed where the folder was taken away: the file that is locked is no longer there."""
        with suppress(OSError):
            if os.path.samestat(os.stat(self._lock.lock_file), self._locked):
                return
        raise OutputFailed(f"{self._folder} cannot be written: the folder is gone")

    def release(self) -> None:
        """Let others have the folder."""
        self._lock.release()
