"""The frames that a process and its workers exchange: a JSON header and raw arrays, never pickles.

A frame is four bytes (little-endian: the length of what follows), a JSON document
`{"header": {...}, "arrays": [[dtype, shape], ...]}`, and the arrays' bytes one after the other in C order.
Reading trusts nothing: sizes are capped before anything is allocated, and whatever is not exactly a frame
raises WireError.
"""

import json
import math
import struct
from collections.abc import Sequence
from io import BytesIO
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from synth.errors import SynthError

Header = dict[str, Any]
Arrays = list[NDArray[Any]]

HEADER_LIMIT = 1 << 25
"""The most bytes of a header."""
ARRAYS_LIMIT = 1 << 32
"""The most bytes of a frame's arrays, unless the reader says less."""

_DTYPES = {code: np.dtype(code) for code in ("<f8", "<f4", "<i8", "<i4", "<u8", "<u4", "|u1")}
_DIMENSIONS = 4


class WireError(SynthError):
    """Bytes that are not a frame."""


def write_frame(stream: IO[bytes], header: Header, arrays: Sequence[NDArray[Any]] = ()) -> None:
    """Write one frame and flush.

    Raises WireError, and writes nothing, for what no frame can hold: nan in the header, arrays of objects.
    """
    plain = [np.asarray(array, order="C") for array in arrays]
    for array in plain:
        if array.dtype.str not in _DTYPES or array.ndim > _DIMENSIONS:
            raise WireError(f"a frame cannot hold an array of {array.dtype} with {array.ndim} dimensions")
    shapes = [[array.dtype.str, list(array.shape)] for array in plain]
    try:
        text = json.dumps(
            {"header": header, "arrays": shapes}, allow_nan=False, separators=(",", ":")
        ).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise WireError(f"a frame cannot hold this header: {error}") from error
    if len(text) > HEADER_LIMIT:
        raise WireError(f"a frame's header has at most {HEADER_LIMIT} bytes, not {len(text)}")
    stream.write(struct.pack("<I", len(text)) + text)
    for array in plain:
        if array.size:
            stream.write(array.data.cast("B"))
    stream.flush()


def read_frame(stream: IO[bytes], limit: int = ARRAYS_LIMIT) -> tuple[Header, Arrays] | None:
    """Read one frame, or None at the end of the stream; `limit` is the most bytes of its arrays.

    Raises WireError for anything but a frame.
    """
    first = stream.read(1)
    if not first:
        return None
    length = int.from_bytes(first + _exactly(stream, 3), "little")
    if length > HEADER_LIMIT:
        raise WireError(f"a frame's header has at most {HEADER_LIMIT} bytes, not {length}")
    header, shapes = _parsed(_exactly(stream, length))
    wanted = [_described(shape) for shape in shapes]
    total = sum(dtype.itemsize * math.prod(shape) for dtype, shape in wanted)
    if total > limit:
        raise WireError(f"a frame's arrays have at most {limit} bytes here, not {total}")
    return header, [_array(stream, dtype, shape) for dtype, shape in wanted]


def encode(header: Header, arrays: Sequence[NDArray[Any]] = ()) -> bytes:
    """Return a frame as bytes; raises what `write_frame` does."""
    stream = BytesIO()
    write_frame(stream, header, arrays)
    return stream.getvalue()


def decode(data: bytes) -> tuple[Header, Arrays]:
    """Return the one frame that `data` is. Raises WireError when it is anything else."""
    stream = BytesIO(data)
    frame = read_frame(stream, len(data))
    if frame is None or stream.read(1):
        raise WireError("not exactly one frame")
    return frame


def _parsed(text: bytes) -> tuple[Header, list[Any]]:
    try:
        document = json.loads(text.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise WireError("a frame's header is not JSON") from error
    match document:
        case {"header": dict(header), "arrays": list(shapes)} if len(document) == 2:
            return header, shapes
    raise WireError("a frame's header is an object, its arrays a list, and it has nothing else")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _described(entry: object) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return the dtype and shape of one array of a frame."""
    match entry:
        case [str(code), list(shape)] if (
            code in _DTYPES
            and len(shape) <= _DIMENSIONS
            and all(type(length) is int and 0 <= length < 1 << 48 for length in shape)
        ):
            return _DTYPES[code], tuple(shape)
    raise WireError("a frame's array is described by a dtype and a shape")


def _array(stream: IO[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    try:
        array = np.empty(shape, dtype)
    except ValueError as error:  # one of no elements, whose other lengths are too large together
        raise WireError("a frame's array is larger than any") from error
    if array.size:
        count = stream.readinto(array.data.cast("B"))  # type: ignore[attr-defined]  # IO does not declare it
        if count < array.nbytes:
            raise WireError("the stream ended within a frame")
    return array


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise WireError("the stream ended within a frame")
    return data
