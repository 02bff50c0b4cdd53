"""One process has a run's folder, also where machines share it; there the store keeps no write-ahead log."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from synth.errors import OutputFailed, UsageError
from synth.runs import owner
from synth.runs.files import is_shared
from synth.runs.owner import Owner
from synth.runs.store import Store, reading


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder lies on a network, locks reach nobody, and owners are quick."""
    monkeypatch.setattr(owner, "is_shared", lambda path: True)
    monkeypatch.setattr("synth.runs.store.is_shared", lambda path: True)
    monkeypatch.setattr(owner, "_lock", lambda path: os.open(path, os.O_RDONLY))
    monkeypatch.setattr(owner, "BEAT", 0.02)
    monkeypatch.setattr(owner, "SILENCE", 0.3)


def test_a_folder_of_this_machine_needs_no_file(tmp_path: Path) -> None:
    first = Owner(tmp_path)
    with pytest.raises(UsageError, match="in use by another process"):
        Owner(tmp_path)
    assert list(tmp_path.iterdir()) == []
    first.release()
    Owner(tmp_path).release()


@pytest.mark.usefixtures("network")
def test_a_second_machine_is_refused_and_told_who_has_the_folder(tmp_path: Path) -> None:
    first = Owner(tmp_path)
    with pytest.raises(UsageError, match=f"in use by another process: process {os.getpid()} on "):
        Owner(tmp_path)
    first.check()
    first.release()
    assert list(tmp_path.iterdir()) == []
    Owner(tmp_path).release()


@pytest.mark.usefixtures("network")
def test_an_owner_that_died_is_succeeded(tmp_path: Path) -> None:
    (tmp_path / "owner.json").write_text(json.dumps({"host": "gone", "pid": 1, "token": "x", "beat": 7}))
    second = Owner(tmp_path)
    assert json.loads((tmp_path / "owner.json").read_text())["pid"] == os.getpid()
    second.release()


@pytest.mark.usefixtures("network")
def test_an_owner_that_was_succeeded_writes_no_more(tmp_path: Path) -> None:
    first = Owner(tmp_path)
    other = {"host": "elsewhere", "pid": 7, "token": "other", "beat": 1}
    (tmp_path / "owner.json").write_text(json.dumps(other))
    assert first._thread is not None
    first._thread.join(10)
    with pytest.raises(OutputFailed, match="process 7 on elsewhere took it over"):
        first.check()
    first.release()
    assert json.loads((tmp_path / "owner.json").read_text()) == other


@pytest.mark.usefixtures("network")
def test_a_folder_that_was_taken_away_does_not_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    first = Owner(folder)
    (folder / "owner.json").unlink()
    folder.rmdir()
    with pytest.raises(OutputFailed, match="the folder is gone"):
        first.check()
    first.release()
    assert not folder.exists()


@pytest.mark.usefixtures("network")
def test_a_store_on_a_network_has_no_log_and_is_read_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "run.sqlite"
    store = Store(path)
    store.set(stopped_by="target")
    assert [file.name for file in tmp_path.iterdir()] == ["run.sqlite"]
    read = "import sqlite3; print(sqlite3.connect('run.sqlite').execute('SELECT * FROM run').fetchall())"
    done = subprocess.run(
        [sys.executable, "-c", read], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert "target" in done.stdout
    with reading(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
    store.set(stopped_by="seconds")
    store.close()


def test_a_store_that_moves_to_a_network_loses_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.sqlite"
    Store(path).close()
    monkeypatch.setattr("synth.runs.store.is_shared", lambda path: True)
    Store(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"


MOUNTS = """\
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
31 22 0:27 / /home rw,relatime - nfs4 server:/home rw,vers=4.2
40 31 0:31 / /home/local\\040disk rw - xfs /dev/vdb rw
50 22 0:40 / /bucket rw - fuse.s3fs s3fs rw
"""


@pytest.mark.parametrize(
    ("path", "shared"),
    [("/home/me/run", True), ("/home/local disk/run", False), ("/bucket/run", True), ("/tmp/run", False)],
)
def test_file_systems_that_machines_share(path: str, shared: bool, tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(MOUNTS)
    assert is_shared(Path(path), table) is shared
    assert not is_shared(Path(path), tmp_path / "nothing")
