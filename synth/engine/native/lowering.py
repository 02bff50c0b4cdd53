"""What memory a program's code needs."""

from functools import lru_cache

from synth.language.candidate import PackedFunctions
from synth.language.instruction import PACKED
from synth.language.ops import MEMORY_TYPES, OPS


def addresses(code: PackedFunctions) -> tuple[int, int, int]:
    """How many scalars, vectors and matrices a memory needs for a program's code."""
    scalars, vectors, matrices = zip(*map(_addresses, code), strict=True)
    return max(scalars), max(vectors), max(matrices)


@lru_cache(1 << 12)
def _addresses(body: bytes) -> tuple[int, int, int]:
    """What a memory needs for a function's code; most programs share functions with their parents."""
    most = [2, 1, 0]
    for op, a, b, out, *_ in PACKED.iter_unpack(body):
        for kind, address in zip(_KINDS[op], (out, a, b), strict=False):
            if address >= most[kind]:
                most[kind] = address + 1
    return most[0], most[1], most[2]


_KINDS = [
    tuple(MEMORY_TYPES.index(kind) for kind in (op.output, *op.inputs) if kind is not None) for op in OPS
]
"""For each op the types of out, a and b, as places in `MEMORY_TYPES`."""
