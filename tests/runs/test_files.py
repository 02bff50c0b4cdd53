"""Files are written whole or not at all, and failures are one sentence."""

import errno
import os
import sqlite3
from pathlib import Path
from types import SimpleNamespace

import pytest

from synth.errors import OutputFailed
from synth.runs.files import is_shared, write_atomically, writing


def test_missing_folders_are_made(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a" / "b.txt", "text é")
    assert (tmp_path / "a" / "b.txt").read_bytes() == "text é".encode()
    assert os.listdir(tmp_path / "a") == ["b.txt"]


def test_a_folder_that_was_taken_away_does_not_come_back(tmp_path: Path) -> None:
    run = tmp_path / "run"
    run.mkdir()
    write_atomically(run / "part" / "file", "text", within=run)
    run.rename(tmp_path / "bin")
    for path in (run / "file", run / "part" / "file"):
        with pytest.raises(OutputFailed, match="the folder is gone"):
            write_atomically(path, "text", within=run)
    assert os.listdir(tmp_path) == ["bin"]


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def fails(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", fails)
    with pytest.raises(OutputFailed, match="cannot be written: the disk is full"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.EACCES, "Permission denied"), "there is no permission to write"),
        (OSError(errno.EROFS, "Read-only file system"), "the file system is read-only"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
        (sqlite3.OperationalError("disk I/O error"), "disk I/O error"),
    ],
)
def test_reasons(error: Exception, reason: str) -> None:
    with pytest.raises(OutputFailed, match=f"^place cannot be written: {reason}$"), writing(Path("place")):
        raise error


@pytest.mark.parametrize(
    "error", [sqlite3.OperationalError("disk I/O error"), OSError("100 requested, 50 written")]
)
def test_a_full_disk_is_recognised(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=10))
    with pytest.raises(OutputFailed, match="the disk is full"), writing(Path("place")):
        raise error


@pytest.mark.parametrize(
    ("kind", "shared"),
    [("nfs4", True), ("cifs", True), ("fuse.s3fs", True), ("ext4", False), ("tmpfs", False)],
)
def test_file_systems_that_machines_share(kind: str, shared: bool, tmp_path: Path) -> None:
    device = os.stat(tmp_path).st_dev
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 999:0 / / rw,relatime shared:1 - nfs server:/ rw\n"
        f"31 22 {os.major(device)}:{os.minor(device)} / /home rw - {kind} server:/home rw,vers=4.2\n"
    )
    assert is_shared(tmp_path, mounts) is shared
    assert not is_shared(tmp_path, tmp_path / "nothing")
