"""Fetches a file over HTTP: checked, resumed after a break, and never waiting long for a dead network."""

import http.client
import queue
import re
import ssl
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

from synth.errors import DownloadFailed, OutputFailed

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and, if known, the bytes that there will be."""

STALL = 20.0
CHUNK = 1 << 18
ATTEMPTS = 100

Answer = tuple[http.client.HTTPResponse, bytes]


def fetch(url: str, path: Path, md5: str, patience: float, progress: Progress | None = None) -> Path:
    """Download a URL to a path, unless a file with this md5 is there already, and return the path.

    What has arrived is kept in `<path>.part`, and a later call goes on from there. A server that does not
    send its first byte within `patience` seconds, name look-up included, is given up.
    Raises DownloadFailed for whatever the network does, OutputFailed when the file cannot be written.
    """
    import pooch

    part = path.with_name(path.name + ".part")

    def downloader(_url: str, temporary: str, _pooch: object) -> None:
        with _locked(part) as file:
            _complete(url, file, progress, patience)
        part.replace(temporary)

    pooch.get_logger().setLevel("WARNING")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pooch.retrieve(url, f"md5:{md5}", fname=path.name, path=path.parent, downloader=downloader)
    except ValueError as error:  # pooch's word for a wrong checksum
        raise DownloadFailed(
            f"what {url} sent is not the expected file (md5 {md5}) and was thrown away; try again later"
        ) from error
    except OSError as error:
        raise OutputFailed(f"{path} cannot be written: {error.strerror or error}") from error
    return path


def _complete(url: str, part: BinaryIO, progress: Progress | None, patience: float) -> None:
    """Add to a file what it lacks of a URL, with new connections for as long as they bring something."""
    for _ in range(ATTEMPTS):
        before = part.seek(0, 2)
        try:
            if _add(url, part, before, progress, patience):
                return
            reason = "the connection broke"
        except (OSError, http.client.HTTPException) as error:  # writing raises OutputFailed instead
            reason = str(getattr(error, "reason", "")) or str(error) or type(error).__name__
        if part.seek(0, 2) == before:
            break
    kept = f"; {before} bytes are kept, and the next try goes on from there" if before else ""
    raise DownloadFailed(f"{url} could not be downloaded: {reason}{kept}")


def _add(url: str, part: BinaryIO, offset: int, progress: Progress | None, patience: float) -> bool:
    """Read one answer into the file; return whether the file is whole now."""
    try:
        response, data = _open(url, offset, patience)
    except urllib.error.HTTPError as error:
        # Nothing lies behind what is there: it is whole, or it is not part of this file.
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and offset:
            if error.headers.get("Content-Range") == f"bytes */{offset}":
                return True
            part.truncate(0)
            part.seek(0)
            response, data = _open(url, 0, patience)
        else:
            raise
    with response:
        start = _start(response)
        if start != offset:  # a server without ranges sends everything again
            part.truncate(start)
            part.seek(start)
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else None
        done = start
        while data:
            _write(part, data)
            done += len(data)
            if progress:
                progress(done, total)
            data = response.read1(CHUNK)
    return total is None or done >= total


def _open(url: str, offset: int, patience: float) -> Answer:
    """Ask for a URL from an offset on and return the response and its first bytes.

    It happens in a thread that may be left behind, since neither name look-up nor a series of addresses that
    do not answer can be given a time limit in other ways.
    """
    answers: queue.SimpleQueue[Answer | BaseException] = queue.SimpleQueue()

    def ask() -> None:
        try:
            headers = {"User-Agent": "synth", "Accept-Encoding": "identity"}
            if offset:
                headers["Range"] = f"bytes={offset}-"
            request = urllib.request.Request(url, headers=headers)
            response = urllib.request.urlopen(request, timeout=STALL, context=_certificates())
            answers.put((response, response.read1(CHUNK)))
        except BaseException as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        raise TimeoutError(f"no answer within {patience:g} seconds") from None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def _certificates() -> ssl.SSLContext:
    """Return the system's certificates and, as some Pythons come without, those of the certifi package."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _start(response: http.client.HTTPResponse) -> int:
    """Return the offset of the first byte of an answer."""
    if response.status != HTTPStatus.PARTIAL_CONTENT:
        return 0
    found = re.match(r"bytes (\d+)-", response.headers.get("Content-Range", ""))
    return int(found.group(1)) if found else 0


def _write(part: BinaryIO, data: bytes) -> None:
    try:
        part.write(data)
    except OSError as error:
        raise OutputFailed(f"{part.name} cannot be written: {error.strerror or error}") from error


def _locked(part: Path) -> BinaryIO:
    """Open the unfinished download for adding to it, alone."""
    file = open(part, "a+b")  # noqa: SIM115 (the caller closes it)
    if sys.platform == "win32":
        return file  # two downloads at once are found out by the checksum
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise DownloadFailed(f"another process is downloading to {part} at the moment; wait for it") from None
    return file
