"""The page of a run, live, for the browsers of this machine alone. Nothing but the page can be asked for."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from synth.errors import SynthError, UsageError
from synth.report.page.page import LATER, Measurement, live_document, page
from synth.runs.record import Record

LOOPBACK = "127.0.0.1"

Measure = Callable[[Record], Measurement]

_NAMES = (LOOPBACK, "localhost")


class LivePage:
    """The page of one run, read from its store whenever it is asked for; measured once the run has ended."""

    def __init__(self, folder: Path, measure: Measure | None = None) -> None:
        """Show the run in `folder`; without `measure` nothing is ever measured."""
        self.folder, self._measure = folder, measure
        self._measured: Measurement = LATER
        self._measured_at: object = None
        self._lock = threading.Lock()

    def answer(self, path: str) -> tuple[str, str] | None:
        """Return the type and content of what is at a path, or None; raises SynthError for a broken store."""
        if path not in ("/", "/sections.json"):
            return None
        with self._lock:
            record = Record.read(self.folder)
            self._follow(record)
            if path == "/":
                return "text/html", page(record, self._measured, live=True)
            return "application/json", live_document(record, self._measured)

    def _follow(self, record: Record) -> None:
        """Measure a run when it ends, also when it was resumed and ends again."""
        if not record.finished:
            self._measured, self._measured_at = LATER, None
        elif self._measure and self._measured_at != record.state:
            self._measured_at = record.state
            threading.Thread(target=self._keep, args=(self._measure, record), daemon=True).start()

    def _keep(self, measure: Measure, record: Record) -> None:
        """Measure a run, and keep the result unless the run has gone on meanwhile."""
        measured = measure(record)
        with self._lock:
            if self._measured_at == record.state:
                self._measured = measured


@contextmanager
def serving(live: LivePage, port: int = 0) -> Iterator[str]:
    """Serve a page on loopback in a thread, and give its address; port 0 stands for any that is free.

    Raises UsageError when the port is in use.
    """

    class Handler(_Handler):
        source = live

    try:
        server = _Server((LOOPBACK, port), Handler)
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used: {error.strerror}; choose another with --port"
        ) from None
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        yield f"http://{LOOPBACK}:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Let browsers hang up; say nothing, as the terminal belongs to the run."""


class _Handler(BaseHTTPRequestHandler):
    """Answers GET; every other method is refused by the class above."""

    source: LivePage
    server_version, sys_version = "synth", ""
    timeout = 30

    def do_GET(self) -> None:
        """Send the page, or its sections."""
        # A page from elsewhere can point a name of its own to this machine; it must not read what is shown.
        if self.headers.get("Host", "").rpartition(":")[0] not in _NAMES:
            self.send_error(HTTPStatus.FORBIDDEN)
            return
        try:
            answer = self.source.answer(self.path)
        except SynthError as error:
            self._send(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", f"{error}\n")
            return
        if answer is None:
            self.send_error(HTTPStatus.NOT_FOUND)
        else:
            self._send(HTTPStatus.OK, *answer)

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        content = text.encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Length": str(len(content)),
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "X-Frame-Options": "DENY",
            "Referrer-Policy": "no-referrer",
            "Cross-Origin-Resource-Policy": "same-origin",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing: the terminal belongs to the run."""
