"""Instructions: one statement each, immutable, with what the search needs of them worked out once.

Instructions without constants are interned (there are few and they recur in every program); the others are
equal by value.
"""

import struct
from collections.abc import Callable, Iterable
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, cast

from synth.language.constants import render_constant
from synth.language.ops import COMMUTATIVE, CONSTANT_NAMES, OPS, MemoryType, Op

if TYPE_CHECKING:
    from libcst import SimpleStatementLine

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

_TYPE_PLACE = {"s": 0, "v": 1, "m": 2}

NOWHERE = -1
"""The place of an operand that an op does not have."""


def place(kind: MemoryType, address: int) -> int:
    """A number for each address of each type."""
    return 3 * address + _TYPE_PLACE[kind]


def address_bit(kind: MemoryType, address: int) -> int:
    """The bit that stands for one address in a mask of reads or writes."""
    return 1 << place(kind, address)


class Instruction:
    """An op with its operands: addresses `a`, `b`, `out` (0 where the op has none) and its constants.

    `reads` and `writes` are masks of `address_bit`; `kills` is the part of `writes` whose old content is
    lost (nothing for an op that sets one element).
    """

    op: Op
    a: int
    b: int
    out: int
    constants: tuple[float, ...]
    packed: bytes

    def __init__(self, op: Op, a: int, b: int, out: int, constants: tuple[float, ...]) -> None:
        self.op, self.a, self.b, self.out, self.constants = op, a, b, out, constants
        self.packed = _PACKS[len(constants)](op.id, a, b, out, *constants)

    @cached_property
    def operand_bits(self) -> tuple[int, int]:
        """The masks of a and of b; 0 where the op has no such operand."""
        bits = [address_bit(k, n) for k, n in zip(self.op.inputs, (self.a, self.b), strict=False)]
        return (*bits, 0, 0)[:2]  # type: ignore[return-value]

    @cached_property
    def reads(self) -> int:
        """The mask of the operands."""
        first, second = self.operand_bits
        return first | second

    @cached_property
    def writes(self) -> int:
        """The mask of the output."""
        return address_bit(self.op.output, self.out) if self.op.output else 0

    @cached_property
    def kills(self) -> int:
        """`writes`, or nothing for an op that sets one element and keeps the others."""
        return 0 if self.op.partial else self.writes

    @property
    def draws(self) -> bool:
        """Whether it draws from the random source."""
        return self.op.draws

    @cached_property
    def form(self) -> tuple[int, int, int, int, bool, int]:
        """For the canonical form: op id, places of a, b, out, whether a and b commute, constants' bits."""
        op = self.op
        places = [place(kind, address) for kind, address in zip(op.inputs, (self.a, self.b), strict=False)]
        first, second = (*places, NOWHERE, NOWHERE)[:2]
        target = place(op.output, self.out) if op.output else NOWHERE
        bits = int.from_bytes(self.packed[8 * FIRST_CONSTANT :], "little")
        return op.id, first, second, target, op.id in COMMUTATIVE, bits

    @cached_property
    def text(self) -> str:
        """The statement, as black writes it."""
        return self.spell(str(self.out), str(self.a), str(self.b))

    def spell(self, out: str, a: str = "", b: str = "") -> str:
        """The statement with these addresses, which may be annotated: `1_weights`."""
        named = dict(zip(CONSTANT_NAMES, map(render_constant, self.constants), strict=False))
        return self.op.template.format(a=a, b=b, out=out, **named)

    @cached_property
    def node(self) -> "SimpleStatementLine":
        """The statement as a libcst node, built once and shared by all modules that hold the instruction."""
        import libcst

        return cast("SimpleStatementLine", libcst.parse_statement(self.text + "\n"))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return isinstance(other, Instruction) and self.packed == other.packed

    def __hash__(self) -> int:
        return hash(self.packed)

    def __reduce__(self) -> tuple[Callable[[bytes], "Instruction"], tuple[bytes]]:
        """Copies and pickles are made from the packed form, and interned where they are loaded."""
        return instruction_from_packed, (self.packed,)

    def __repr__(self) -> str:
        return f"<{self.text}>"


_interned: dict[tuple[int, int, int, int], Instruction] = {}


def instruction(op: Op, a: int = 0, b: int = 0, out: int = 0, constants: Iterable[float] = ()) -> Instruction:
    """The instruction with these operands; operands that the op does not have are ignored.

    Constants must already be in the short form of `constants.shorten`.
    """
    values = tuple(constants)
    if values:
        return Instruction(op, 0, 0, out, values)
    arity = len(op.inputs)
    key = (op.id, a if arity else 0, b if arity > 1 else 0, out)
    found = _interned.get(key)
    if found is None:
        found = _interned[key] = Instruction(op, *key[1:], ())
    return found


@lru_cache(1 << 13)
def instruction_from_packed(packed: bytes) -> Instruction:
    """The instruction of a packed form."""
    op_id, a, b, out, *constants = PACKED.unpack(packed)
    op = OPS[op_id]
    return instruction(op, a, b, out, constants[: len(op.constants)])
