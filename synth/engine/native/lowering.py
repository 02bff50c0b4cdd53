"""From a candidate to the machine's code: packed statements, one after another."""

from functools import lru_cache

from synth.language.candidate import Body, Candidate, Code
from synth.language.instruction import PACKED
from synth.language.ops import MEMORY_TYPES, OPS


def lower_body(body: Body) -> bytes:
    """One function's code; draws carry their ordinal among the function's draws."""
    ordinal = 0
    parts = []
    for instruction in body:
        if instruction.draws:
            parts.append(instruction.packed_at(ordinal))
            ordinal += 1
        else:
            parts.append(instruction.packed)
    return b"".join(parts)


def lower(candidate: Candidate) -> Code:
    """The code of a candidate."""
    return lower_body(candidate.setup), lower_body(candidate.predict), lower_body(candidate.learn)


def addresses_of(code: Code) -> tuple[int, int, int]:
    """How many scalars, vectors and matrices a memory needs for a program's code."""
    scalars, vectors, matrices = zip(*map(_addresses_of, code), strict=True)
    return max(scalars), max(vectors), max(matrices)


@lru_cache(1 << 12)
def _addresses_of(body: bytes) -> tuple[int, int, int]:
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


def addresses(candidate: Candidate) -> tuple[int, int, int]:
    """How many scalars, vectors and matrices a memory needs for it."""
    most = {"s": 2, "v": 1, "m": 0}
    for instruction in candidate:
        for kind, address in zip(instruction.op.inputs, (instruction.a, instruction.b), strict=False):
            most[kind] = max(most[kind], address + 1)
        if instruction.op.output:
            most[instruction.op.output] = max(most[instruction.op.output], instruction.out + 1)
    return most["s"], most["v"], most["m"]
