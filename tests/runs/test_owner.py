"""One process has a run's folder, and writes no more once the folder was taken away."""

import errno
import os
import platform
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from command_line import Refused, synth_without

from synth.errors import OutputFailed, UsageError
from synth.runs.files import SETTINGS
from synth.runs.owner import LOCK, MARKER, Owner
from synth.runs.store import reading

X86 = platform.machine() == "x86_64"
FLOCK, FCNTL, SET_LOCK = (73, 72, 6) if X86 else (32, 25, 6)


def test_a_second_owner_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = Owner(tmp_path)
    with pytest.raises(UsageError, match=f"{tmp_path} is in use by another process"):
        Owner(tmp_path)
    first.check()
    first.release()
    assert os.listdir(tmp_path) == [LOCK]
    Owner(tmp_path).release()


def test_an_owner_that_was_killed_is_succeeded(tmp_path: Path) -> None:
    code = "import os, sys, pathlib; from synth.runs.owner import Owner; "
    code += "owner = Owner(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -9
    Owner(tmp_path).release()


def test_a_folder_that_was_taken_away_does_not_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    first = Owner(folder)
    (folder / LOCK).unlink()
    folder.rmdir()
    with pytest.raises(OutputFailed, match="the folder is gone"):
        first.check()
    first.release()
    assert not folder.exists()


def test_another_folder_of_the_same_name_is_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    first = Owner(folder)
    folder.rename(tmp_path / "elsewhere")
    folder.mkdir()
    second = Owner(folder)
    second.check()
    with pytest.raises(OutputFailed, match="the folder is gone"):
        first.check()


@pytest.fixture(params=[errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP])
def lockless(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run's folder on a file system whose files cannot be locked."""
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(request.param, os.strerror(request.param))

    monkeypatch.setattr(fcntl, "flock", refuse)
    (tmp_path / SETTINGS).touch()
    return tmp_path


def test_without_locks_a_file_keeps_others_out(lockless: Path) -> None:
    first = Owner(lockless)
    assert first.notices[0].startswith(f"the file system of {lockless} has no locks, so the file {MARKER}")
    with pytest.raises(UsageError, match=f"in use by another process; .* delete {lockless / MARKER}"):
        Owner(lockless)
    first.check()
    first.release()
    assert os.listdir(lockless) == [SETTINGS]
    Owner(lockless).release()


def test_a_folder_that_a_system_with_locks_knows_is_refused_without(lockless: Path) -> None:
    (lockless / LOCK).touch()
    with pytest.raises(UsageError, match=f"by a system that has locks, .* delete {lockless / LOCK}"):
        Owner(lockless)
    assert not (lockless / MARKER).exists()


def test_without_locks_readers_see_what_was_committed(lockless: Path) -> None:
    path = lockless / "run.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.executescript("PRAGMA journal_mode = DELETE; PRAGMA cache_size = 2; CREATE TABLE t (x)")
        writer.execute("INSERT INTO t VALUES (1)")
        writer.execute("BEGIN")
        writer.executemany("INSERT INTO t VALUES (?)", [("x" * 1000,)] * 100)
        assert path.with_name("run.sqlite-journal").exists()
        for _ in range(2):
            with reading(path) as connection:
                assert [tuple(row) for row in connection.execute("SELECT count(*) FROM t")] == [(1,)]
        writer.execute("COMMIT")
    with reading(path) as connection:
        assert [tuple(row) for row in connection.execute("SELECT count(*) FROM t")] == [(101,)]
    with pytest.raises(UsageError, match="is not a run's database"), reading(lockless / "absent.sqlite"):
        pass


def test_without_locks_a_folder_that_was_taken_away_is_noticed(lockless: Path) -> None:
    first = Owner(lockless)
    (lockless / MARKER).unlink()
    with pytest.raises(OutputFailed, match="the folder is gone"):
        first.check()


@pytest.mark.wants(
    lambda: sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64"),
    "system calls are refused by seccomp",
)
def test_a_run_goes_on_where_the_system_has_no_locks(tmp_path: Path) -> None:
    run = ["run", "--preset", "linear", "--set", "limits.target=none", "--max-candidates", "2000"]
    refused: Refused = [[FLOCK, None, 0, errno.ENOLCK], [FCNTL, 1, SET_LOCK, errno.ENOLCK]]
    for arguments in ([*run, "--out", "run"], ["show", "run"], ["resume", "run", "--max-candidates", "6000"]):
        done = synth_without(refused, *arguments, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert done.stderr.count("has no locks") == (0 if arguments[0] == "show" else 1)
    assert not (tmp_path / "run" / MARKER).exists()
