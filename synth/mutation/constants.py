"""Constants of instructions and of programs: one changed, all others, and none."""

import math
from collections.abc import Callable, Iterable
from random import Random
from typing import Literal

from synth.language.candidate import Body, Candidate
from synth.language.constants import rounded
from synth.language.instruction import FIRST_CONSTANT, SIZE, Instruction, instruction
from synth.language.ops import Constant
from synth.mutation.chance import below, normal

Mode = Literal["reference", "paper"]
"""Whose rule changes a constant: that of AutoML-Zero's reference code, or that of its paper."""

FLIP = 0.1
"""The probability that a value changes its sign."""

_NONE = bytes(SIZE - 8 * FIRST_CONSTANT)


def fresh_constant(constant: Constant, random: Random) -> float:
    """Draw a constant, uniformly from the range of fresh ones of its kind."""
    return rounded(constant.low + (constant.high - constant.low) * random.random(), constant)


def with_constants(old: Instruction, constants: Iterable[float]) -> Instruction:
    """Return the instruction with other constants; the bounds of a uniform draw are put in order."""
    return instruction(old.op, out=old.out, constants=sorted(constants) if old.op.bounded else constants)


def one_changed(
    old: Instruction, random: Random, change: Callable[[float, Constant, Random], float]
) -> Instruction:
    """Return the instruction with one of its constants changed; an index is redrawn."""
    index = below(random, len(old.constants))
    value, constant = old.constants[index], old.op.constants[index]
    constants = list(old.constants)
    if constant.kind == "index":
        constants[index] = fresh_constant(constant, random)
    else:
        constants[index] = change(value, constant, random)
    return with_constants(old, constants)


def by_reference(value: float, constant: Constant, random: Random) -> float:
    """Step by exp(N(0, 1)) on the logarithmic scale, or, for one value in ten, change the sign."""
    if constant.kind == "value" and random.random() < FLIP:
        return rounded(-value, constant)
    step = math.exp(normal(random))
    return rounded(value * step if value > 0.0 else -(abs(value) * step), constant)


def by_paper(value: float, constant: Constant, random: Random) -> float:
    """Multiply by U[0.5, 2]; one value in ten changes its sign as well."""
    factor = 0.5 + 1.5 * random.random()
    flips = constant.kind == "value" and random.random() < FLIP
    return rounded(-value * factor if flips else value * factor, constant)


CHANGES = {"reference": by_reference, "paper": by_paper}
"""How a constant other than an index changes, by mode; only values have a sign to change."""


def with_other_constants(candidate: Candidate, random: Random) -> Candidate:
    """Return the program with every constant but indices times exp(N(0, 1))."""

    def changed(old: Instruction) -> Instruction:
        return with_constants(
            old,
            [
                value if kind.kind == "index" else rounded(value * math.exp(normal(random)), kind)
                for value, kind in zip(old.constants, old.op.constants, strict=True)
            ],
        )

    def function(code: bytes, body: Body) -> bytes:
        lines = [line for line, one in enumerate(body) if one.constants]
        if not lines:
            return code
        packed = bytearray(code)
        for line in lines:
            packed[line * SIZE : (line + 1) * SIZE] = changed(body[line]).packed
        return bytes(packed)

    setup, predict, learn = map(function, candidate.code, candidate.bodies)
    return Candidate(code=(setup, predict, learn))


def without_constants(candidate: Candidate) -> Candidate:
    """Return the program with 0 for every constant: its structure."""
    setup, predict, learn = map(_bare, candidate.code)
    return Candidate(code=(setup, predict, learn))


def _bare(code: bytes) -> bytes:
    return b"".join([code[at : at + 8 * FIRST_CONSTANT] + _NONE for at in range(0, len(code), SIZE)])
