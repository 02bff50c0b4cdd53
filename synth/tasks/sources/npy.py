"""Reads one array in numpy's own format, believing nothing that its header says before it is checked."""

from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_array(stream: IO[bytes], size: int) -> NDArray[Any]:
    """Return the array in a stream of `size` bytes, which it fills.

    Raises ValueError, saying why, for anything else; nothing is allocated that the stream does not hold.
    """
    start = np.lib.format.MAGIC_LEN
    version = np.lib.format.read_magic(stream)
    if version not in _HEADERS:
        raise ValueError(f"version {version} of the format is for arrays of records")
    counted = _Counted(stream)
    try:
        shape, fortran, dtype = _HEADERS[version](counted)
    except Exception as error:  # numpy reads it as Python, and raises whatever comes up
        raise ValueError("it has no header that can be read") from error
    if dtype.hasobject:
        raise ValueError("it holds Python objects")
    count = 1
    for length in shape:
        if length < 0:
            raise ValueError(f"its header tells of the shape {shape}")
        count *= length
    told, there = count * dtype.itemsize, size - start - counted.count
    if told != there:
        raise ValueError(f"its header tells of {told} bytes, and there are {there}")
    data = stream.read(told)
    if len(data) != told:
        raise ValueError("it ends too early")
    array = np.frombuffer(data, dtype) if told else np.empty(0, dtype)
    return array.reshape(shape, order="F" if fortran else "C")


class _Counted:
    """A stream that counts what is read of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def read(self, size: int = -1, /) -> bytes:
        """Read at most so many bytes."""
        data = self._stream.read(size)
        self.count += len(data)
        return data
