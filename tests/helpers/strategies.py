"""Random candidates for property tests: a plain seeded generator and a hypothesis strategy over all ops."""

import random
from collections.abc import Sequence

from hypothesis import strategies as st

from synth.language.candidate import Body, Candidate
from synth.language.constants import FLOAT32_MAX, shorten
from synth.language.instruction import Instruction, instruction
from synth.language.ops import OPS, READ_ONLY, Constant, MemoryType, Op

ALL_OPS = tuple(op for op in OPS if op.output is not None)
SIZES = (4, 6, 8)

Addresses = dict[MemoryType, int]
FEW_ADDRESSES: Addresses = {"s": 5, "v": 4, "m": 3}


def random_instruction(
    draw: random.Random, ops: Sequence[Op] = ALL_OPS, addresses: Addresses = FEW_ADDRESSES
) -> Instruction:
    """A fresh instruction of one of these ops, its constants in the ranges of fresh ones."""
    op = draw.choice(ops)
    a, b = [draw.randrange(addresses[kind]) for kind in op.inputs] + [0] * (2 - len(op.inputs))
    out = draw.choice(_outputs(op, addresses))
    constants = [shorten(draw.uniform(one.low, one.high), one) for one in op.constants]
    return instruction(op, a, b, out, constants)


def random_candidate_of(
    seed: int,
    sizes: tuple[int, int, int] = SIZES,
    ops: Sequence[Op] = ALL_OPS,
    addresses: Addresses = FEW_ADDRESSES,
) -> Candidate:
    """A candidate with functions of exactly these sizes, the same for the same seed."""
    draw = random.Random(seed)
    return Candidate(
        *(tuple(random_instruction(draw, ops, addresses) for _ in range(size)) for size in sizes)
    )


def constants(constant: Constant) -> st.SearchStrategy[float]:
    """Any constant of this kind that a program can hold: zeros, tiny and huge ones too."""
    bounds = {"value": (-FLOAT32_MAX, FLOAT32_MAX), "index": (0.0, 1.0), "deviation": (0.0, FLOAT32_MAX)}
    low, high = bounds[constant.kind]
    ordinary = st.floats(constant.low, constant.high)
    return st.one_of(ordinary, st.floats(low, high)).map(lambda value: shorten(value, constant))


def instructions(
    ops: Sequence[Op] = ALL_OPS, addresses: Addresses = FEW_ADDRESSES
) -> st.SearchStrategy[Instruction]:
    """Instructions of these ops on these addresses."""

    def of(op: Op) -> st.SearchStrategy[Instruction]:
        inputs = [st.integers(0, addresses[kind] - 1) for kind in op.inputs] + [st.just(0)] * 2
        return st.builds(
            instruction,
            st.just(op),
            inputs[0],
            inputs[1],
            st.sampled_from(_outputs(op, addresses)),
            st.tuples(*map(constants, op.constants)),
        )

    return st.sampled_from(list(ops)).flatmap(of)


def candidates(
    sizes: tuple[int, int, int] = SIZES,
    ops: Sequence[Op] = ALL_OPS,
    addresses: Addresses = FEW_ADDRESSES,
) -> st.SearchStrategy[Candidate]:
    """Candidates with functions of at most these sizes."""

    def body(size: int) -> st.SearchStrategy[Body]:
        return st.lists(instructions(ops, addresses), max_size=size).map(tuple)

    return st.builds(Candidate, *map(body, sizes))


def _outputs(op: Op, addresses: Addresses) -> list[int]:
    assert op.output is not None
    return [one for one in range(addresses[op.output]) if (op.output, one) not in READ_ONLY]
