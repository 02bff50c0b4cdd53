import hashlib
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from file_server import file_server

from synth.errors import DownloadFailed, OutputFailed
from synth.tasks.sources.download import fetch

CONTENT = np.random.RandomState(0).bytes(2_000_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


@pytest.fixture(autouse=True)
def no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second try follow the first at once."""
    monkeypatch.setattr("time.sleep", lambda seconds: None)


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/file"


def test_a_file_arrives_with_progress_and_is_fetched_once(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    path = tmp_path / "new" / "file"
    with file_server(CONTENT) as (url, asked):
        assert fetch(url, path, MD5, lambda *counts: seen.append(counts)) == path
        assert fetch(url, path, MD5) == path
    assert path.read_bytes() == CONTENT
    assert len(seen) > 5
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert asked == ["/file"]
    assert os.listdir(path.parent) == ["file"]


def test_progress_without_a_known_length(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with file_server(CONTENT, told=False) as (url, _):
        fetch(url, tmp_path / "file", MD5, lambda *counts: seen.append(counts))
    assert {total for _, total in seen} == {None}
    assert seen[-1][0] >= len(CONTENT)


def test_a_download_that_breaks_is_tried_once_more(tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    with file_server(CONTENT, breaks=1) as (url, asked):
        path = fetch(url, tmp_path / "file", MD5, lambda *counts: seen.append(counts))
    assert path.read_bytes() == CONTENT
    assert len(asked) == 2
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen != sorted(seen)  # the second try begins at the beginning


def test_a_connection_that_breaks_again_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    with (
        file_server(CONTENT, breaks=9) as (url, asked),
        pytest.raises(DownloadFailed, match=f"^{url} could not be downloaded: "),
    ):
        fetch(url, tmp_path / "file", MD5)
    assert len(asked) == 2
    assert os.listdir(tmp_path) == []


def test_the_wrong_content_is_not_kept(tmp_path: Path) -> None:
    with (
        file_server(b"a login page") as (url, _),
        pytest.raises(DownloadFailed, match="is not the expected file"),
    ):
        fetch(url, tmp_path / "file", MD5)
    assert os.listdir(tmp_path) == []


def test_a_wrong_file_under_the_name_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"half of it")
    with file_server(CONTENT) as (url, _):
        assert fetch(url, tmp_path / "file", MD5).read_bytes() == CONTENT


def test_an_error_of_the_server_is_told(tmp_path: Path) -> None:
    with (
        file_server(CONTENT, status=404) as (url, _),
        pytest.raises(DownloadFailed, match=r"could not be downloaded: .*Not Found"),
    ):
        fetch(url, tmp_path / "file", MD5)


def test_a_server_that_never_answers_is_given_up(tmp_path: Path, silent: str) -> None:
    with pytest.raises(DownloadFailed, match="could not be downloaded: timed out"):
        fetch(silent, tmp_path / "file", MD5, patience=0.2)


def test_nobody_listening_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(DownloadFailed, match=r"could not be downloaded: Connection refused"):
        fetch(f"http://127.0.0.1:{port}/file", tmp_path / "file", MD5)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")
    with pytest.raises(OutputFailed, match="blocked/file cannot be written: Not a directory"):
        fetch("http://127.0.0.1:9/file", tmp_path / "blocked" / "file", MD5)
