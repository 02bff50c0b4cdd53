"""Programs, lines of descent and texts as arrays, in which they travel and are kept in checkpoints."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.language.candidate import Candidate
from synth.language.instruction import SIZE, WORDS
from synth.language.ops import CONSTANT_NAMES, NO_OP, OPS, READ_ONLY, MemoryType
from synth.runs.lineage import Ancestor

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
    if not ((rows["op"] > NO_OP.id) & (rows["op"] < len(OPS))).all():
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
    [*((name, "<i4") for name in WORDS), ("nothing", "<i8")] + [(name, "<f8") for name in CONSTANT_NAMES]
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


def pack_lines(tips: Iterable[Ancestor | None]) -> Arrays:
    """Lines of descent as arrays: each ancestor once, after its parent; `line_tips` are those asked for."""
    places: dict[Any, int] = {}
    known: dict[int, int] = {}
    ancestors: list[Ancestor] = []
    parents: list[int] = []

    def place(tip: Ancestor | None) -> int:
        waiting = []
        while tip is not None and id(tip) not in known:
            waiting.append(tip)
            tip = tip.parent
        parent = known[id(tip)] if tip is not None else -1
        for one in reversed(waiting):
            # equal ancestors that came by different ways are one
            value = (parent, one.origin, one.edits, one.fitness, one.island, one.round, one.candidate)
            if value not in places:
                places[value] = len(ancestors)
                ancestors.append(one)
                parents.append(parent)
            parent = known[id(one)] = places[value]
        return parent

    found = [place(tip) for tip in tips]
    numbers = [(one.edits, one.island, one.round) for one in ancestors]
    return {
        **pack_candidates((one.candidate for one in ancestors), "line_"),
        "line_tips": np.array(found, np.int64),
        "line_parents": np.array(parents, np.int64),
        "line_numbers": np.array(numbers, np.int64).reshape(-1, 3),
        "line_fitness": np.array([one.fitness for one in ancestors], np.float64),
        "line_origins": pack_texts(one.origin for one in ancestors),
    }


def unpack_lines(arrays: Arrays) -> list[Ancestor | None]:
    """The tips that `pack_lines` was given."""
    ancestors: list[Ancestor] = []
    facts = zip(
        arrays["line_parents"].tolist(),
        unpack_texts(arrays["line_origins"]),
        arrays["line_numbers"].tolist(),
        arrays["line_fitness"].tolist(),
        unpack_candidates(arrays, "line_"),
        strict=True,
    )
    for parent, origin, (edits, island, number), fitness, candidate in facts:
        above = ancestors[parent] if parent >= 0 else None
        ancestors.append(Ancestor(above, origin, edits, fitness, island, number, candidate))
    return [ancestors[tip] if tip >= 0 else None for tip in arrays["line_tips"].tolist()]
