"""Standard streams whose other end may go away: what is written then is lost, and nothing else."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import Any, TextIO, cast


@contextmanager
def forgiving() -> Iterator[None]:
    """Let a command end as it would, even when its output is no longer read.

    Results that cannot be written for another reason are an error; a message that cannot, such as to a
    terminal that was closed or to a disk that is full, is not worth losing the work for.
    """
    before = sys.stdout, sys.stderr
    if isinstance(sys.stdout, TextIOWrapper) and sys.stdout.errors == "strict":
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may have few characters
    sys.stdout = cast(TextIO, _Forgiving(sys.stdout, BrokenPipeError))
    sys.stderr = cast(TextIO, _Forgiving(sys.stderr, OSError))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


class _Forgiving:
    """A stream that leads nowhere from the first error of a kind on."""

    def __init__(self, stream: TextIO, kind: type[OSError]) -> None:
        self._stream, self._kind = stream, kind

    def write(self, text: str) -> int:
        """Write a text, or lose it."""
        try:
            return self._stream.write(text)
        except self._kind:
            self._lead_nowhere()
            return len(text)

    def flush(self) -> None:
        """Write what is waiting, or lose it."""
        try:
            self._stream.flush()
        except self._kind:
            self._lead_nowhere()

    def _lead_nowhere(self) -> None:
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, self._stream.fileno())
        os.close(nothing)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
