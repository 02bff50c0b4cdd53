"""On a disk that machines share the store keeps no write-ahead log."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from synth.runs.store import Store, reading


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every folder lies on a network."""
    monkeypatch.setattr("synth.runs.store.is_shared", lambda folder: True)


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
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path = tmp_path / "run.sqlite"
    Store(path).close()
    request.getfixturevalue("network")
    Store(path).close()
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone()[0] == "delete"
