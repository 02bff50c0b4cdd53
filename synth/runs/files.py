"""Writing files so that a reader, or a kill at any moment, never finds half of one."""

import errno
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from synth.errors import OutputFailed

_REASONS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EACCES: "there is no permission to write",
    errno.EPERM: "there is no permission to write",
    errno.EROFS: "the file system is read-only",
    errno.EEXIST: "a part of the path is not a folder",
    errno.ENOTDIR: "a part of the path is not a folder",
    errno.ENOENT: "the folder is gone",
}

STORE = "run.sqlite"
"""The database of a run's folder."""

SETTINGS = "config.toml"
"""The settings of a run's folder."""

ALMOST_NOTHING = 1 << 16
"""Bytes of free space below which a disk is called full, when an error does not say why."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a failure to write into OutputFailed: one sentence that names the path and the reason."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise OutputFailed(f"{path} cannot be written: {_reason(error, path)}") from error


def _reason(error: OSError | sqlite3.Error, path: Path) -> str:
    """Return the reason; SQLite and numpy do not always say that the disk is full."""
    if isinstance(error, OSError) and error.errno is not None:
        return _REASONS.get(error.errno) or error.strerror or str(error)
    with suppress(OSError):
        if shutil.disk_usage(path.parent).free < ALMOST_NOTHING:
            return _REASONS[errno.ENOSPC]
    return str(error)


def write_atomically(path: Path, content: str | bytes, within: Path | None = None) -> None:
    """Write a file under a temporary name, force it to the disk and give it its name; text as UTF-8.

    Missing folders above it are made; with `within`, only the file's own folder, and never `within` itself,
    so that a folder that was taken away does not come back. Raises OutputFailed, and then leaves what
    `path` held before.
    """
    data = content.encode() if isinstance(content, str) else content
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    with writing(path):
        if path.parent != within:
            path.parent.mkdir(parents=within is None, exist_ok=True)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """Force a rename to the disk, where folders can be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


_NETWORK = (
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "gfs", "gfs2", "glusterfs", "gpfs", "lustre"),
    *("ncpfs", "nfs", "nfs4", "ocfs2", "orangefs", "smb2", "smb3", "smbfs", "virtiofs", "wekafs"),
)
"""File systems that several machines may see at once; those of FUSE, which may be, count as well."""


def is_shared(folder: Path, mounts: Path = Path("/proc/self/mountinfo")) -> bool:
    """Return whether a folder lies on a network file system; False where the system does not say."""
    if sys.platform == "win32":
        return False
    with suppress(OSError):
        device = os.stat(folder).st_dev
        for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
            mount, _, source = line.partition(" - ")
            if mount.split()[2] == f"{os.major(device)}:{os.minor(device)}":
                kind = source.split()[0]
                return kind in _NETWORK or kind.startswith("fuse")
    return False


_WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def has_locks(folder: Path) -> bool:
    """Return whether files of a run's folder can be locked; True where there are no settings to try it on."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        with (folder / SETTINGS).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in _WITHOUT_LOCKS
    return True
