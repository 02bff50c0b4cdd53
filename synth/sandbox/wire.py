"""What goes between a process and its workers: frames of a JSON header and raw arrays. Never pickle.

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
    """Write one frame and flush. Raises WireError for what no frame can hold (nan in the header, objects)."""
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

    Raises WireError for anything else than a frame.
    """
    prefix = stream.read(4)
    if not prefix:
        return None
    if len(prefix) < 4:
        raise WireError("the stream ended within a frame")
    (length,) = struct.unpack("<I", prefix)
    if length > HEADER_LIMIT:
        raise WireError(f"a frame's header has at most {HEADER_LIMIT} bytes, not {length}")
    header, shapes = _parsed(_exactly(stream, length))
    wanted = [_described(shape) for shape in shapes]
    total = sum(dtype.itemsize * math.prod(shape) for dtype, shape in wanted)
    if total > limit:
        raise WireError(f"a frame's arrays have at most {limit} bytes here, not {total}")
    return header, [_array(stream, dtype, shape) for dtype, shape in wanted]


def decode(data: bytes, limit: int = ARRAYS_LIMIT) -> tuple[Header, Arrays]:
    """Return the one frame that `data` is. Raises WireError when it is anything else."""
    stream = BytesIO(data)
    frame = read_frame(stream, limit)
    if frame is None or stream.read(1):
        raise WireError("not exactly one frame")
    return frame


def _parsed(text: bytes) -> tuple[Header, list[Any]]:
    try:
        document = json.loads(text.decode(), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise WireError("a frame's header is not JSON") from error
    if not isinstance(document, dict) or document.keys() != {"header", "arrays"}:
        raise WireError("a frame's header has other keys than 'header' and 'arrays'")
    header, shapes = document["header"], document["arrays"]
    if not isinstance(header, dict) or not isinstance(shapes, list):
        raise WireError("a frame's header is an object, its arrays a list")
    return header, shapes


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _described(entry: object) -> tuple[np.dtype[Any], tuple[int, ...]]:
    """Return the dtype and shape of one array of a frame."""
    match entry:
        case [str(code), list(shape)] if code in _DTYPES and len(shape) <= _DIMENSIONS:
            if all(type(length) is int and 0 <= length < 1 << 48 for length in shape):
                return _DTYPES[code], tuple(shape)
    raise WireError("a frame's array is described by a dtype and a shape")


def _array(stream: IO[bytes], dtype: np.dtype[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    array = np.empty(shape, dtype)
    if array.size:
        rest = array.data.cast("B")
        while rest:
            count = stream.readinto(rest)  # type: ignore[attr-defined]  # IO does not declare it
            if not count:
                raise WireError("the stream ended within a frame")
            rest = rest[count:]
    return array


def _exactly(stream: IO[bytes], count: int) -> bytes:
    data = stream.read(count)
    if len(data) < count:
        raise WireError("the stream ended within a frame")
    return data
