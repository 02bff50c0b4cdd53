"""Programs and texts as arrays, in which everything travels between processes and into checkpoints."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.language.candidate import Candidate
from synth.language.instruction import SIZE
from synth.language.ops import CONSTANT_NAMES, OPS, READ_ONLY, MemoryType

Arrays = dict[str, NDArray[Any]]
"""Arrays by name."""


def pack_candidates(candidates: Iterable[Candidate], prefix: str = "") -> Arrays:
    """`code`, statements one after another, and `sizes` of functions, (programs, 3), under prefixed names."""
    code: list[bytes] = []
    sizes: list[tuple[int, ...]] = []
    for candidate in candidates:
        code += candidate.code
        sizes.append(tuple(len(body) // SIZE for body in candidate.code))
    return {
        f"{prefix}code": np.frombuffer(b"".join(code), np.uint8),
        f"{prefix}sizes": np.array(sizes, np.int32).reshape(-1, 3),
    }


def unpack_candidates(arrays: Arrays, prefix: str = "") -> list[Candidate]:
    """The programs that `pack_candidates` described."""
    raw = arrays[f"{prefix}code"].tobytes()
    start = 0
    found = []
    for sizes in arrays[f"{prefix}sizes"].tolist():
        setup, predict, learn = sizes
        first = start + setup * SIZE
        second = first + predict * SIZE
        stop = second + learn * SIZE
        found.append(Candidate(code=(raw[start:first], raw[first:second], raw[second:stop])))
        start = stop
    return found


def check_code(code: NDArray[Any], addresses: Mapping[MemoryType, int]) -> None:
    """Raise ValueError for statements that no program with so many addresses of each type can hold.

    The machine does not look: a statement beyond its memory would read and write there.
    """
    rows = np.frombuffer(code.tobytes(), _STATEMENT)  # ValueError for a part of a statement
    if not ((rows["op"] > 0) & (rows["op"] < len(OPS))).all():
        raise ValueError("there is no such op")
    for field in ("a", "b", "out"):
        low, high = _bounds(field, addresses)
        if not ((low[rows["op"]] <= rows[field]) & (rows[field] < high[rows["op"]])).all():
            raise ValueError("there is no such address")
    kinds = _constant_kinds()[rows["op"]]
    values = np.stack([rows["x"], rows["y"], rows["z"]], axis=1)
    good = np.isfinite(values) & ((kinds != "index") | ((values >= 0) & (values < 1)))
    if not (good & ((kinds != "deviation") | (values >= 0))).all():
        raise ValueError("there is no such constant")


_STATEMENT = np.dtype(
    [(name, "<i4") for name in ("op", "a", "b", "out", "ordinal", "nothing")]
    + [(name, "<f8") for name in CONSTANT_NAMES]
)
"""The fields of `PACKED`."""


def _bounds(field: str, addresses: Mapping[MemoryType, int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least address of an operand and the first beyond its memory, for each op; 0 and 1 without one."""
    low, high = np.zeros(len(OPS), np.int64), np.ones(len(OPS), np.int64)
    for op in OPS:
        kind = op.output if field == "out" else dict(zip(("a", "b"), op.inputs, strict=False)).get(field)
        if kind is not None:
            high[op.id] = addresses[kind]
            low[op.id] = field == "out" and (kind, 0) in READ_ONLY
    return low, high


@cache
def _constant_kinds() -> NDArray[np.str_]:
    """The kinds of each op's three constants, empty texts where it has fewer."""
    kinds = [[constant.kind for constant in op.constants] for op in OPS]
    return np.array([(*found, "", "", "")[:3] for found in kinds], "U9")


def pack_texts(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Texts without line breaks, as the bytes of their lines."""
    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), np.uint8)


def unpack_texts(packed: NDArray[np.uint8]) -> list[str]:
    """The texts that `pack_texts` described."""
    return packed.tobytes().decode().split("\n")[:-1]
