"""Programs, lines of descent and texts as arrays, in which they travel and are kept in checkpoints."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.language.candidate import Candidate
from synth.language.instruction import SIZE, WORDS
from synth.language.ops import NO_OP, OPS, MemoryType
from synth.runs.lineage import Ancestor

Arrays = dict[str, NDArray[Any]]
"""Arrays by name."""


def pack_candidates(candidates: Iterable[Candidate], prefix: str = "") -> Arrays:
    """Return `code`, all statements, and `sizes` of functions, (programs, 3), under prefixed names."""
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
    """Return the programs that `pack_candidates` described."""
    code = BytesIO(arrays[f"{prefix}code"].tobytes())
    sizes = (arrays[f"{prefix}sizes"] * SIZE).tolist()
    return [
        Candidate(code=(code.read(setup), code.read(predict), code.read(learn)))
        for setup, predict, learn in sizes
    ]


def check_code(code: NDArray[Any], addresses: Mapping[MemoryType, int]) -> None:
    """Raise ValueError for statements of no op, or with other addresses than so many of each type.

    The machine does not look: a statement beyond its memory would read and write there.
    """
    words = np.frombuffer(code.tobytes(), "<i4").reshape(-1, SIZE // 4)[:, : len(WORDS)]
    for op_id, a, b, out in set(map(tuple, words.tolist())):
        if not NO_OP.id < op_id < len(OPS):
            raise ValueError("there is no such op")
        op = OPS[op_id]
        operands = [*zip(op.inputs, (a, b), strict=False), *([(op.output, out)] if op.output else [])]
        if not all(0 <= address < addresses[kind] for kind, address in operands):
            raise ValueError("there is no such address")


def pack_texts(texts: Iterable[str]) -> NDArray[np.uint8]:
    """Return texts without line breaks as the bytes of their lines."""
    return np.frombuffer("".join(f"{text}\n" for text in texts).encode(), np.uint8)


def unpack_texts(packed: NDArray[np.uint8]) -> list[str]:
    """Return the texts that `pack_texts` described."""
    return packed.tobytes().decode().split("\n")[:-1]


def pack_lines(tips: Iterable[Ancestor | None]) -> Arrays:
    """Return lines of descent as arrays: each ancestor once, after its parent; `line_tips` those asked for.

    Ancestors that are equal, and so are their lines, are one, by whatever way they came.
    """
    known: dict[Ancestor, int] = {}
    numbers: dict[tuple[Any, ...], int] = {}

    def number_of(tip: Ancestor | None) -> int:
        unknown = []
        while tip is not None and tip not in known:
            unknown.append(tip)
            tip = tip.parent
        number = known[tip] if tip is not None else -1
        for one in reversed(unknown):
            facts = (number, one.origin, one.edits, one.fitness, one.island, one.round, one.candidate)
            number = known[one] = numbers.setdefault(facts, len(numbers))
        return number

    tip_numbers = [number_of(tip) for tip in tips]
    return {
        **pack_candidates((candidate for *_, candidate in numbers), "line_"),
        "line_tips": np.array(tip_numbers, np.int64),
        "line_parents": np.array([parent for parent, *_ in numbers], np.int64),
        "line_numbers": np.array(
            [(edits, island, number) for _, _, edits, _, island, number, _ in numbers], np.int64
        ).reshape(-1, 3),
        "line_fitness": np.array([fitness for _, _, _, fitness, *_ in numbers], np.float64),
        "line_origins": pack_texts(origin for _, origin, *_ in numbers),
    }


def unpack_lines(arrays: Arrays) -> list[Ancestor | None]:
    """Return the tips that `pack_lines` was given."""
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
