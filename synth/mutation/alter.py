"""Altering one parameter of an instruction: an address, or a constant.

The rules are those of AutoML-Zero's reference code; `paper` changes constants as its paper describes.
"""

import math
from collections.abc import Callable
from random import Random
from typing import Literal

from synth.language.constants import rounded
from synth.language.instruction import Instruction, instruction
from synth.language.ops import Constant
from synth.mutation.chance import below, normal
from synth.mutation.fresh import Addresses, fresh_constant

Mode = Literal["reference", "paper"]

FLIP = 0.1
"""The probability that a value changes its sign."""


def altered(old: Instruction, addresses: Addresses, random: Random, mode: Mode = "reference") -> Instruction:
    """The instruction with one parameter changed: an input, the output or the constants, equally likely.

    An address is redrawn uniformly, perhaps as it was.
    """
    op, a, b, out, constants = old.op, old.a, old.b, old.out, old.constants
    inputs = op.inputs
    choice = below(random, len(inputs) + (2 if constants else 1))
    if choice < len(inputs):
        address = addresses.input(inputs[choice], random)
        a, b = (address, b) if choice == 0 else (a, address)
    elif choice == len(inputs):
        assert op.output is not None
        out = addresses.output(op.output, random)
    else:
        constants = _altered_constants(old, random, mode)
    return instruction(op, a, b, out, constants)


def _altered_constants(old: Instruction, random: Random, mode: Mode) -> tuple[float, ...]:
    """The constants with one of them changed; the bounds of a uniform draw are put in order."""
    place = below(random, len(old.constants))
    constants = list(old.constants)
    constants[place] = _changed(constants[place], old.op.constants[place], random, mode)
    return tuple(sorted(constants)) if old.op.bounded else tuple(constants)


def _changed(value: float, constant: Constant, random: Random, mode: Mode) -> float:
    if constant.kind == "index":
        return fresh_constant(constant, random)
    return rounded(CHANGES[mode](value, constant.kind == "value", random), constant)


def _reference(value: float, signed: bool, random: Random) -> float:
    """A step of exp(N(0, 1)) on the logarithmic scale, or, for one value in ten, a change of sign."""
    if signed and random.random() < FLIP:
        return -value
    step = math.exp(normal(random))
    return value * step if value > 0.0 else -(abs(value) * step)


def _paper(value: float, signed: bool, random: Random) -> float:
    """A factor of U[0.5, 2]; one value in ten changes its sign as well."""
    factor = 0.5 + 1.5 * random.random()
    return -value * factor if signed and random.random() < FLIP else value * factor


CHANGES: dict[Mode, Callable[[float, bool, Random], float]] = {"reference": _reference, "paper": _paper}
"""How a constant that is not an index changes; only values have a sign to change."""
