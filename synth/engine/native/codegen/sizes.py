"""How large a program's memory is."""

from functools import lru_cache
from typing import NamedTuple

from synth.language.candidate import PackedFunctions
from synth.language.instruction import PACKED
from synth.language.ops import MEMORY_TYPES, OPS


class Sizes(NamedTuple):
    """How many scalars, vectors and matrices a memory holds."""

    scalars: int
    vectors: int
    matrices: int

    @classmethod
    def of(cls, code: PackedFunctions) -> "Sizes":
        """Return what a program's code needs."""
        return _sizes(code)

    def starts(self, features: int) -> dict[str, int]:
        """Return the rows at which scalars, vectors and matrices begin."""
        return {"s": 0, "v": self.scalars, "m": self.scalars + self.vectors * features}

    def rows(self, features: int) -> int:
        """Return the rows of a memory."""
        return self.scalars + self.vectors * features + self.matrices * features**2

    def scratch_rows(self, features: int) -> int:
        """Return the rows of the largest result that must not overwrite its operands."""
        return features ** (2 if self.matrices else 1)

    def layout(self, features: int) -> tuple[int, int, int, int]:
        """Return the rows of a memory and its scratch, and those at which vectors and matrices begin."""
        return _layout(self, features)


@lru_cache(1 << 10)
def _layout(sizes: Sizes, features: int) -> tuple[int, int, int, int]:
    starts = sizes.starts(features)
    return sizes.rows(features), sizes.scratch_rows(features), starts["v"], starts["m"]


@lru_cache(1 << 8)
def _sizes(code: PackedFunctions) -> Sizes:
    """Return what a program's code needs; one after the other, its stages ask for the same."""
    return Sizes(*map(max, *map(_addresses, code)))


@lru_cache(1 << 12)
def _addresses(body: bytes) -> tuple[int, int, int]:
    """Return what a memory needs for a function's code; most programs share functions with their parents."""
    most = [2, 1, 0]
    for op, a, b, out, *_ in PACKED.iter_unpack(body):
        for kind, address in zip(_KINDS[op], (out, a, b), strict=False):
            if address >= most[kind]:
                most[kind] = address + 1
    return most[0], most[1], most[2]


_KINDS = [
    tuple(MEMORY_TYPES.index(kind) for kind in (op.output, *op.inputs) if kind is not None) for op in OPS
]
"""For each op the types of out, a and b, as positions in `MEMORY_TYPES`."""
