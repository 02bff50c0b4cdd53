"""The live page: what is in the store now, for this machine alone, and nothing else."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from report_runs import events, open_run, recorded_run
from run_events import round_finished

from synth.errors import UsageError
from synth.report.page.server import LivePage, serving
from synth.runs.folder import RunFolder
from synth.runs.record import Record

Answer = tuple[int, dict[str, str], bytes]


def ask(address: str, path: str = "/", method: str = "GET", **headers: str) -> Answer:
    host = address.removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(host, timeout=30)
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content


def sections(address: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ask(address, "/sections.json")[2])
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[RunFolder]:
    with open_run(tmp_path / "run") as folder:
        yield folder


@pytest.fixture
def address(folder: RunFolder) -> Iterator[str]:
    with serving(LivePage(folder.path)) as address:
        yield address


def test_the_page_follows_the_run(folder: RunFolder, address: str) -> None:
    assert b"being prepared" in ask(address)[2]
    first, improved, *rest = events()
    folder.record(first)
    before = sections(address)
    assert not before["ended"]
    folder.record(improved)
    after = sections(address)
    changed = {
        name
        for name, section in after["sections"].items()
        if section["version"] != before["sections"][name]["version"]
    }
    assert changed == {"summary", "program", "lineage", "tradeoff"}
    for event in rest:
        folder.record(event)
    assert sections(address)["ended"]


def test_what_is_sent_with_it(address: str) -> None:
    status, headers, content = ask(address)
    assert status == 200
    assert headers["content-type"] == "text/html; charset=utf-8"
    assert headers["content-length"] == str(len(content))
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert "Python" not in headers["server"]


@pytest.mark.parametrize(
    "path",
    [
        "/config.toml",
        "/../config.toml",
        "/%2e%2e/config.toml",
        "//etc/passwd",
        "/run.sqlite",
        "/?x=../config.toml",
        "/sections.json/../config.toml",
    ],
)
def test_nothing_else_can_be_asked_for(address: str, path: str) -> None:
    assert ask(address, path)[0] == 404


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE"])
def test_nothing_can_be_sent(address: str, method: str) -> None:
    assert ask(address, method=method)[0] == 501


def test_a_name_from_elsewhere_is_refused(address: str) -> None:
    port = address.rstrip("/").rpartition(":")[2]
    assert ask(address, Host=f"evil.example:{port}")[0] == 403
    assert ask(address, Host=f"localhost:{port}")[0] == 200


def test_only_this_machine_is_listened_to(address: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    others = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for other in others - {"127.0.0.1"}:
        with socket.socket() as probe:
            probe.settimeout(1.0)
            assert probe.connect_ex((other, port)) != 0


def test_nonsense_and_hanging_up(address: str) -> None:
    host, port = address.removeprefix("http://").rstrip("/").split(":")
    for sent in (b"\x00\xff\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost: 127.0.0.1:" + port.encode()):
        with socket.create_connection((host, int(port))) as probe:
            probe.sendall(sent)
    assert ask(address)[0] == 200


def test_nothing_is_written(tmp_path: Path) -> None:
    path = recorded_run(tmp_path / "run")
    state = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in path.rglob("*") if file.is_file()}
    with serving(LivePage(path, lambda record: "Not <now>.")) as address:
        until(address, b"Not &lt;now&gt;.")  # measured in the background, as the run has ended
    assert state == {
        file: (file.stat().st_mtime_ns, file.read_bytes())
        for file in path.rglob("*")
        if file.is_file() and file.suffix not in (".sqlite-shm", ".sqlite-wal")
    }


def test_a_run_that_was_resumed_is_measured_again(tmp_path: Path) -> None:
    measured: list[int] = []

    def measure(record: Record) -> str:
        measured.append(record.totals["candidates"])
        return f"Measured at {measured[-1]}."

    with open_run(tmp_path / "run") as folder, serving(LivePage(folder.path, measure)) as address:
        for event in events():
            folder.record(event)
        until(address, b"Measured at 32000.")
        folder.store.rewind({"number": 6, "island": 0, "improvements": 3, "events": 0})
        assert b"Measured" not in ask(address)[2]
        folder.record(round_finished(3, 6, 30.0, candidates=40_000))
        folder.record(events()[-1])
        until(address, b"Measured at 40000.")
    assert measured == [32_000, 40_000]


def until(address: str, content: bytes) -> None:
    """Ask for the page until it holds something."""
    end = time.monotonic() + 30
    while content not in ask(address)[2]:
        assert time.monotonic() < end


def test_a_store_that_is_gone(tmp_path: Path) -> None:
    path = recorded_run(tmp_path / "run")
    with serving(LivePage(path)) as address:
        (path / "run.sqlite").unlink()
        status, _, content = ask(address)
    assert status == 503
    assert b"not the folder of a run" in content


def test_a_port_that_is_taken(folder: RunFolder, address: str) -> None:
    port = int(address.rstrip("/").rpartition(":")[2])
    with pytest.raises(UsageError, match=f"port {port} cannot be used"), serving(LivePage(folder.path), port):
        pass
