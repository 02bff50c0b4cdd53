"""Serves one file on loopback, with the faults that a test asks for."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def file_server(
    content: bytes, *, breaks: int = 0, status: int = 200, told: bool = True
) -> Iterator[tuple[str, list[str]]]:
    """Yield the URL of the content and a list of what was asked for.

    The first `breaks` answers break off in the middle; without `told` the length is not announced.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if status != 200:
                self.send_error(status)
                return
            self.send_response(200)
            if told:
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if len(asked) <= breaks else content)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/file", asked
        finally:
            server.shutdown()
            thread.join()
