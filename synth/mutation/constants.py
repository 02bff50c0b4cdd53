"""A program's constants as a whole: other ones, and none."""

import math
from random import Random

from synth.language.candidate import Body, Candidate
from synth.language.constants import rounded
from synth.language.instruction import FIRST_CONSTANT, SIZE, Instruction, instruction
from synth.mutation.chance import normal

_NONE = bytes(SIZE - 8 * FIRST_CONSTANT)


def with_other_constants(candidate: Candidate, random: Random) -> Candidate:
    """The program with every constant but indices times exp(N(0, 1))."""

    def body(statements: Body) -> Body:
        return tuple(_changed(one, random) if one.constants else one for one in statements)

    return Candidate(*map(body, candidate.bodies))


def _changed(old: Instruction, random: Random) -> Instruction:
    constants = [
        value if kind.kind == "index" else rounded(value * math.exp(normal(random)), kind)
        for value, kind in zip(old.constants, old.op.constants, strict=True)
    ]
    return instruction(old.op, out=old.out, constants=sorted(constants) if old.op.bounded else constants)


def without_constants(candidate: Candidate) -> Candidate:
    """The program with 0 for every constant: its structure."""
    setup, predict, learn = map(_bare, candidate.code)
    return Candidate(code=(setup, predict, learn))


def _bare(code: bytes) -> bytes:
    return b"".join([code[at : at + 8 * FIRST_CONSTANT] + _NONE for at in range(0, len(code), SIZE)])
