"""The frames between processes: what goes in comes out, and nothing else is taken for a frame."""

import io
import json
import struct
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.sandbox.wire import HEADER_LIMIT, Header, WireError, decode, encode, read_frame, write_frame


def raw(document: object, rest: bytes = b"") -> bytes:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return struct.pack("<I", len(text)) + text + rest


@pytest.mark.parametrize("dtype", ["f8", "f4", "i8", "i4", "u8", "u4", "u1"])
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 2), (2, 3, 4)])
def test_round_trip(dtype: str, shape: tuple[int, ...]) -> None:
    array = np.arange(np.prod(shape, dtype=int)).astype(dtype).reshape(shape)
    header, arrays = decode(encode({"é": [1, None, "x"]}, [array, array]))
    assert header == {"é": [1, None, "x"]} and len(arrays) == 2
    assert arrays[1].dtype == array.dtype and arrays[1].shape == shape
    assert arrays[1].tolist() == array.tolist() and arrays[1].flags.writeable


def test_values_arrive_bit_for_bit() -> None:
    array = np.array([np.nan, -np.inf, -0.0, 5e-324])
    assert decode(encode({}, [array]))[1][0].tobytes() == array.tobytes()


def test_any_memory_order_is_sent_in_c_order() -> None:
    array = np.arange(6.0).reshape(2, 3)
    _, arrays = decode(encode({}, [array.T, array[:, ::2]]))
    assert arrays[0].tolist() == array.T.tolist() and arrays[1].tolist() == array[:, ::2].tolist()


def test_frames_follow_each_other_until_the_stream_ends() -> None:
    stream = io.BytesIO(encode({"n": 1}, [np.ones(2)]) + encode({"n": 2}))
    first, second, end = (read_frame(stream) for _ in range(3))
    assert first is not None and first[0] == {"n": 1}
    assert second is not None and second[0] == {"n": 2}
    assert end is None


@pytest.mark.parametrize(
    ("header", "arrays"),
    [
        ({"x": float("nan")}, []),
        ({"x": object()}, []),
        ({}, [np.array([None])]),
        ({}, [np.array(["text"])]),
        ({}, [np.array([True])]),
        ({}, [np.zeros((1, 1, 1, 1, 1))]),
    ],
)
def test_what_no_frame_can_hold_is_not_written(header: Header, arrays: list[NDArray[Any]]) -> None:
    stream = io.BytesIO()
    with pytest.raises(WireError):
        write_frame(stream, header, arrays)
    assert stream.getvalue() == b""


def described(*arrays: object) -> Header:
    return {"header": {}, "arrays": list(arrays)}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x01",
        b"\xff\xff\xff\xff",
        struct.pack("<I", HEADER_LIMIT + 1) + b" " * 10,
        raw(b"{}")[:-1],
        raw(b"not json"),
        raw(b"\xff\xfe"),
        raw(b'{"header": {"x": NaN}, "arrays": []}'),
        raw(b"[" * 100_000),
        raw(b"1" * 10_000),
        raw([]),
        raw({}),
        raw({"header": {}}),
        raw({"header": [], "arrays": []}),
        raw({"header": {}, "arrays": {}}),
        raw({"header": {}, "arrays": [], "more": 1}),
        raw(described("<f8")),
        raw(described(["<f8"])),
        raw(described(["<f8", 3])),
        raw(described(["|O", [1]]), b"\0" * 8),
        raw(described(["<f8", [0, 1 << 47, 1 << 47]])),
        raw(described(["|V8", [1]]), b"\0" * 8),
        raw(described([">f8", [1]]), b"\0" * 8),
        raw(described(["f8", [1]]), b"\0" * 8),
        raw(described(["<f8", [-1]])),
        raw(described(["<f8", [True]]), b"\0" * 8),
        raw(described(["<f8", [1.0]]), b"\0" * 8),
        raw(described(["<f8", ["1"]]), b"\0" * 8),
        raw(described(["<f8", [1, 1, 1, 1, 1]]), b"\0" * 8),
        raw(described(["<f8", [1 << 40]])),
        raw(described(["<f8", [1 << 40, 1 << 40, 0]], ["<f8", [1 << 60]])),
        raw(described(["<f8", [2]]), b"\0" * 15),
        raw(described(["<f8", [2]]), b"\0" * 17),
        encode({}) + b"\0",
        encode({}) + encode({}),
    ],
)
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        decode(data)


def test_the_reader_says_how_large_arrays_may_be() -> None:
    data = encode({}, [np.zeros(10), np.zeros(10)])
    frame = read_frame(io.BytesIO(data), limit=160)
    assert frame is not None and len(frame[1]) == 2
    with pytest.raises(WireError, match="at most 159 bytes here, not 160"):
        read_frame(io.BytesIO(data), limit=159)


def test_random_damage_never_does_more_than_raise() -> None:
    good = encode({"status": "ok", "values": [1, 2]}, [np.arange(4.0), np.arange(3)])
    generator = np.random.default_rng(0)
    for _ in range(2000):
        damaged = bytearray(good)
        for position in generator.integers(0, len(good), generator.integers(1, 4)):
            damaged[position] = generator.integers(0, 256)
        try:
            header, arrays = decode(bytes(damaged))
        except WireError:
            continue
        assert isinstance(header, dict) and sum(array.nbytes for array in arrays) <= 1000
