"""Reads some files out of a tar.gz archive, in one pass, without unpacking more than they can need."""

import gzip
import tarfile
import zlib
from collections.abc import Container, Iterator
from pathlib import Path

BESIDE = 1 << 24
"""Unpacked bytes that an archive may hold beside the files that are asked for, all descriptions included."""


class TooLarge(Exception):
    """An archive, or a file in it, with more than is wanted of it; the message says what."""


def read_members(path: Path, names: Container[str], largest: int) -> Iterator[tuple[str, bytes]]:
    """Yield the name, without folders, and the content of each file in an archive that has one of the names.

    Raises TooLarge for files of more than `largest` bytes and for archives that hold much else, and
    ValueError, saying why, for what is not a whole archive.
    """
    try:
        with gzip.open(path) as unpacked:
            limited = _Limited(unpacked, BESIDE)
            with tarfile.open(fileobj=limited, mode="r|") as tar:  # type: ignore[call-overload]
                for member in tar:
                    name = member.name.rpartition("/")[2]
                    if name not in names or not member.isreg() or member.sparse is not None:
                        continue
                    if member.size > largest:
                        raise TooLarge(f"{name} is too large")
                    limited.left += member.size
                    file = tar.extractfile(member)
                    if file is not None:
                        yield name, file.read()
    except (
        OSError,
        EOFError,
        zlib.error,
        tarfile.TarError,
        ArithmeticError,
        LookupError,
        TypeError,
        ValueError,
        RecursionError,
    ) as error:  # tarfile meets numbers and texts that make no sense with whatever they raise
        raise ValueError(str(error) or type(error).__name__) from error


class _Limited:
    """A stream of which no more than `left` bytes are read."""

    def __init__(self, stream: gzip.GzipFile, left: int) -> None:
        self._stream = stream
        self.left = left

    def read(self, size: int) -> bytes:
        """Read so many bytes, or what is there."""
        if size > self.left:
            raise TooLarge("what it holds beside the batches is too large")
        data = self._stream.read(size)
        self.left -= len(data)
        return data
