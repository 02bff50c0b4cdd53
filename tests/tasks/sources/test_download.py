import hashlib
import re
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from synth.errors import DownloadFailed, OutputFailed
from synth.tasks.sources.download import fetch

CONTENT = np.random.RandomState(0).bytes(2_000_000)
MD5 = hashlib.md5(CONTENT).hexdigest()


@contextmanager
def server(ranges=True, breaks=0, after=600_000, status=200, content=CONTENT):
    """Serve the content on loopback, breaking off the first answers; yield the URL and what was asked."""
    asked: list[str | None] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.headers["Range"])
            start = int(re.match(r"bytes=(\d+)-", self.headers["Range"])[1]) if ranges and asked[-1] else 0
            if status != 200:
                self.send_error(status)
                return
            if start >= len(content):
                self.send_response(416)
                self.send_header("Content-Range", f"bytes */{len(content)}")
                self.end_headers()
                return
            self.send_response(206 if start else 200)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            stop = start + after if len(asked) <= breaks else len(content)
            self.wfile.write(content[start:stop])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/file", asked
        finally:
            running.shutdown()
            thread.join()


def get(url, path, progress=None, patience=5.0, md5=MD5):
    return fetch(url, path, md5, patience, progress)


def test_a_file_arrives_with_progress_and_is_fetched_once(tmp_path):
    seen = []
    with server() as (url, asked):
        path = get(url, tmp_path / "new" / "file", lambda done, total: seen.append((done, total)))
        assert get(url, path) == path
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert seen == sorted(seen)
    assert asked == [None]
    assert [file.name for file in path.parent.iterdir()] == ["file"]


def test_a_broken_connection_is_taken_up_where_it_broke(tmp_path):
    with server(breaks=2) as (url, asked):
        path = get(url, tmp_path / "file")
    assert path.read_bytes() == CONTENT
    assert asked == [None, "bytes=600000-", "bytes=1200000-"]


def test_a_later_call_goes_on_from_what_is_there(tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT[:1_500_000])
    seen = []
    with server() as (url, asked):
        path = get(url, tmp_path / "file", lambda done, total: seen.append((done, total)))
    assert path.read_bytes() == CONTENT
    assert asked == ["bytes=1500000-"]
    assert seen[0][0] > 1_500_000
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_a_server_without_ranges_sends_everything_again(tmp_path):
    (tmp_path / "file.part").write_bytes(b"something else")
    with server(ranges=False) as (url, _):
        assert get(url, tmp_path / "file").read_bytes() == CONTENT


def test_a_part_that_is_whole_needs_no_more(tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT)
    with server() as (url, asked):
        assert get(url, tmp_path / "file").read_bytes() == CONTENT
    assert asked == [f"bytes={len(CONTENT)}-"]


def test_a_part_that_is_too_long_is_thrown_away(tmp_path):
    (tmp_path / "file.part").write_bytes(CONTENT + b"more")
    with server() as (url, _):
        assert get(url, tmp_path / "file").read_bytes() == CONTENT


def test_what_arrived_is_kept_when_the_connection_stays_broken(tmp_path):
    with server(breaks=99, after=0) as (url, asked):
        (tmp_path / "file.part").write_bytes(CONTENT[:1000])
        with pytest.raises(DownloadFailed, match="1000 bytes are kept, and the next try goes on from there"):
            get(url, tmp_path / "file")
    assert len(asked) == 1
    assert (tmp_path / "file.part").read_bytes() == CONTENT[:1000]
    assert not (tmp_path / "file").exists()


def test_the_wrong_content_is_not_kept(tmp_path):
    with (
        server(content=b"a login page") as (url, _),
        pytest.raises(DownloadFailed, match="is not the expected file"),
    ):
        get(url, tmp_path / "file")
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_file_under_the_name_is_replaced(tmp_path):
    (tmp_path / "file").write_bytes(b"half of it")
    with server() as (url, _):
        assert get(url, tmp_path / "file").read_bytes() == CONTENT


def test_an_error_of_the_server_is_told(tmp_path):
    with (
        server(status=404) as (url, _),
        pytest.raises(DownloadFailed, match=r"could not be downloaded: .*Not Found"),
    ):
        get(url, tmp_path / "file")


def test_a_server_that_never_answers_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/file"
        with pytest.raises(DownloadFailed, match=r"no answer within 0\.2 seconds"):
            get(url, tmp_path / "file", patience=0.2)


def test_a_name_lookup_that_hangs_is_given_up(tmp_path, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30))
    with pytest.raises(DownloadFailed, match=r"no answer within 0\.2 seconds"):
        get("http://far.invalid/file", tmp_path / "file", patience=0.2)
    over.set()


def test_nobody_listening_is_told(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    with pytest.raises(DownloadFailed, match=r"could not be downloaded: .*refused"):
        get(f"http://127.0.0.1:{port}/file", tmp_path / "file")


def test_a_second_download_of_the_same_file_is_refused(tmp_path):
    fcntl = pytest.importorskip("fcntl")
    with open(tmp_path / "file.part", "ab") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(DownloadFailed, match="another process is downloading"):
            get("http://127.0.0.1:9/file", tmp_path / "file")


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "blocked").write_text("")
    with pytest.raises(OutputFailed, match="cannot be written"):
        get("http://127.0.0.1:9/file", tmp_path / "blocked" / "file")
