"""Fetches a file over HTTP and checks it; a dead network is not waited for."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from synth.errors import DownloadFailed, OutputFailed

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are there and, if known, the bytes that there will be."""

CHUNK = 1 << 18

PATIENCE = 10.0
"""Seconds for which a server may be silent."""


def fetch(
    url: str, path: Path, md5: str, progress: Progress | None = None, patience: float = PATIENCE
) -> Path:
    """Download a URL to a path, unless a file with this md5 is there already, and return the path.

    What fails is tried once more; a server that is silent for `patience` seconds has failed.
    Raises DownloadFailed for whatever the network does, OutputFailed when the file cannot be written.
    """
    import pooch
    import requests

    def download(*arguments: Any) -> None:
        bar = _Bar(progress) if progress else False
        pooch.HTTPDownloader(progressbar=bar, chunk_size=CHUNK, timeout=patience)(*arguments)

    pooch.get_logger().setLevel("WARNING")
    files = pooch.create(
        path.parent, "", registry={path.name: f"md5:{md5}"}, urls={path.name: url}, retry_if_failed=1
    )
    try:
        files.fetch(path.name, downloader=download)
    except requests.RequestException as error:
        raise DownloadFailed(f"{url} could not be downloaded: {_reason(error)}") from error
    except ValueError as error:  # pooch's word for a wrong checksum
        raise DownloadFailed(
            f"what {url} sent is not the expected file (md5 {md5}) and was thrown away; try again later"
        ) from error
    except OSError as error:
        raise OutputFailed(f"{path} cannot be written: {error.strerror or error}") from error
    return path


class _Bar:
    """A progress bar as pooch drives one: it sets `total`, and counts in whole chunks."""

    total = 0

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._done = 0

    def update(self, count: int) -> None:
        """Count bytes that have arrived; the last chunk may be smaller than it says."""
        self._done += count
        self._progress(min(self._done, self.total) if self.total else self._done, self.total or None)

    def reset(self) -> None:
        """Do nothing: pooch counts the whole file once more at its end."""

    def close(self) -> None:
        """Do nothing: the display has an end of its own."""


def _reason(error: BaseException) -> str:
    """Return what the failure began with, which says more in fewer words than all that was made of it."""
    while error.__context__ is not None:
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
