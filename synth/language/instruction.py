"""Instructions: one statement each, immutable, with what the search needs of them worked out once.

Instructions without constants are interned (there are few and they recur in every program); the others are
equal by value.
"""

import struct
from collections.abc import Iterable, Mapping
from functools import cache, cached_property, lru_cache, reduce
from itertools import starmap
from operator import or_

from synth.language.constants import render_constant
from synth.language.ops import CONSTANT_NAMES, MEMORY_TYPES, OPS, MemoryType, Op, Variable

PACKED = struct.Struct("<4i8x3d")
"""The machine's form of an instruction: op id, a, b, out; constants x, y, z."""

SIZE = PACKED.size
"""Bytes of an instruction."""

WORDS = {"op": 0, "a": 1, "b": 2, "out": 3}
"""Where its whole numbers lie, counted in words of 32 bits."""

FIRST_CONSTANT = 3
"""Where its constants begin, counted in words of 64 bits."""

_PACKS = [struct.Struct(f"<4i8x{count}d{8 * (3 - count)}x").pack for count in range(4)]
"""For so many constants; the others are 0."""


def variable_number(kind: MemoryType, address: int) -> int:
    """Return a number for each variable."""
    return 3 * address + MEMORY_TYPES.index(kind)


@cache
def variable_bit(kind: MemoryType, address: int) -> int:
    """Return the bit that stands for a variable in a set of variables."""
    return 1 << variable_number(kind, address)


def variable_bits(variables: Iterable[Variable]) -> int:
    """Return a set of variables as bits."""
    return reduce(or_, starmap(variable_bit, variables), 0)


def variables(bits: int) -> list[Variable]:
    """Return the variables of a set, by address."""
    numbers = (number for number in range(bits.bit_length()) if bits >> number & 1)
    return [(MEMORY_TYPES[number % 3], number // 3) for number in numbers]


class Instruction:
    """An op with its operands: addresses `a`, `b`, `out` (0 where the op has none) and its constants.

    `reads`, `writes` and `kills` are sets of variables as bits (see `variable_bit`).
    """

    def __init__(self, op: Op, a: int, b: int, out: int, constants: tuple[float, ...]) -> None:
        self.op, self.a, self.b, self.out, self.constants = op, a, b, out, constants
        self.packed = _PACKS[len(constants)](op.id, a, b, out, *constants)

    @cached_property
    def operands(self) -> tuple[Variable, ...]:
        """The variables that it reads as operands, a before b (not the old content of a partial op)."""
        return tuple(zip(self.op.inputs, (self.a, self.b), strict=False))

    @cached_property
    def target(self) -> Variable:
        """The variable that it writes."""
        assert self.op.output is not None, "a candidate holds no NO_OP"
        return self.op.output, self.out

    @property
    def variables(self) -> tuple[Variable, ...]:
        """The operands and then the target."""
        return *self.operands, self.target

    @cached_property
    def reads(self) -> int:
        """The operands."""
        return variable_bits(self.operands)

    @cached_property
    def writes(self) -> int:
        """The target."""
        return variable_bit(*self.target)

    @cached_property
    def kills(self) -> int:
        """The target if its old content is lost; nothing for an op that sets one element."""
        return 0 if self.op.partial else self.writes

    @cached_property
    def text(self) -> str:
        """The statement, as black writes it."""
        return self.spell(str(self.out), str(self.a), str(self.b))

    def spell(self, out: str, a: str = "", b: str = "") -> str:
        """Return the statement with these addresses, which may be annotated: `1_weights`."""
        named = dict(zip(CONSTANT_NAMES, map(render_constant, self.constants), strict=False))
        return self.op.template.format(a=a, b=b, out=out, **named)

    def with_variables(self, operands: Iterable[Variable], target: Variable) -> "Instruction":
        """Return the same with other operands and another target, of the same types."""
        a, b = (*(address for _, address in operands), 0, 0)[:2]
        return instruction(self.op, a, b, target[1], self.constants)

    def with_operands(self, *operands: Variable) -> "Instruction":
        """Return the same with other operands, of the same types."""
        return self.with_variables(operands, self.target)

    def with_target(self, target: Variable) -> "Instruction":
        """Return the same with another target, of the same type."""
        return instruction(self.op, self.a, self.b, target[1], self.constants)

    def renamed(self, names: Mapping[Variable, Variable]) -> "Instruction":
        """Return the same with the variable that `names` has for each of its own."""
        return self.with_variables(map(names.__getitem__, self.operands), names[self.target])

    def reading(self, new: Variable, old: Variable) -> "Instruction":
        """Return the same that reads one variable wherever it read another, of the same type."""
        return self.with_operands(*(new if variable == old else variable for variable in self.operands))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instruction) and self.packed == other.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __repr__(self) -> str:
        return f"<{self.text}>"


_interned: dict[tuple[int, int, int, int], Instruction] = {}


def instruction(op: Op, a: int = 0, b: int = 0, out: int = 0, constants: Iterable[float] = ()) -> Instruction:
    """Return the instruction with these operands; operands that the op does not have are ignored.

    Constants must already be in the short form of `constants.shorten`.
    """
    values = tuple(constants)
    if values:
        return Instruction(op, 0, 0, out, values)
    arity = len(op.inputs)
    key = (op.id, a if arity else 0, b if arity > 1 else 0, out)
    if key not in _interned:
        _interned[key] = Instruction(op, *key[1:], ())
    return _interned[key]


@lru_cache(1 << 13)
def instruction_from_packed(packed: bytes) -> Instruction:
    """Return the instruction of a packed form."""
    op_id, a, b, out, *constants = PACKED.unpack(packed)
    op = OPS[op_id]
    return instruction(op, a, b, out, constants[: len(op.constants)])
