"""Statements as the examination sees them: decoded into slots, with sets of addresses to analyse them with.

A set of addresses is an array with a byte a slot. Variable 0 stands for an operand that an op does not have.
"""

import ctypes
import struct
from collections.abc import Callable
from functools import reduce
from itertools import pairwise
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import I1, I32, I64, POINTER, Emitter, Shape
from synth.engine.native.codegen.fields import ADDRESS, CODE, NUMBER, Record
from synth.language.candidate import FUNCTIONS
from synth.language.instruction import SIZE, WORDS, variable_number
from synth.language.memory import ADDRESSES
from synth.language.ops import COMMUTATIVE, FEATURES, LABEL, OPS, Op, Variable

QUESTION = struct.Struct("=5Q")
"""The fields from `setup_length` to `feedback`, which come after the first."""


class Query(ctypes.Structure):
    """The question and its answer."""

    _fields_ = [
        ("code", CODE),  # of the three functions, one after the other
        ("setup_length", NUMBER),  # in statements; `QUESTION` packs from here
        ("predict_length", NUMBER),
        ("learn_length", NUMBER),
        ("anyway", NUMBER),  # whether a program that cannot learn is analysed further
        ("feedback", NUMBER),  # whether only programs in which the error feeds back count as able to learn
        ("learns", NUMBER),  # from here on answers
        ("dead", NUMBER),  # statements that do not matter, draws among them
        ("key", NUMBER),
        ("live", ADDRESS),  # room for the code of the live statements
        ("live_setup", NUMBER),
        ("live_predict", NUMBER),
        ("live_learn", NUMBER),
        ("statements", ADDRESS),  # room for the decoded statements
    ]


BYTE = ir.IntType(8)
_CHUNK = ir.VectorType(BYTE, 64)
_CHUNKS = -(-(1 + variable_number("m", ADDRESSES - 1) + 1) // 64)
SLOTS = 64 * _CHUNKS
"""Room for all slots."""

COLUMNS = ("a", "b", "out", "keeps", "draws", "commutes", "multiplies", "op", "live")
"""Of a decoded statement, each an i32: slots, whether the old content of `out` is kept, and so on."""


def _row(op: Op) -> list[int]:
    """Return an op's row: slot = factor * address + first for a, b and out; then what the op does."""
    kinds = (*op.inputs, None, None)[:2]
    slots = [
        (0, 0)
        if kind is None
        else (variable_number(kind, 1) - variable_number(kind, 0), 1 + variable_number(kind, 0))
        for kind in (*kinds, op.output)
    ]
    facts = [op.partial, op.draws, op.id in COMMUTATIVE, op.family == "product", bool(op.constants)]
    return [number for pair in slots for number in pair] + [int(fact) for fact in facts]


_CONSTANTS = 10
"""Where a row says whether the op has constants."""

_WIDTH = 11


class Statements:
    """The beginning of `examine(record)`."""

    def __init__(self, module: ir.Module) -> None:
        self.e = Emitter(module, Shape(1, 1, "float64"), "examine", [POINTER])
        self.b = self.e.builder
        self.query = Record(self.b, Query, self.e.function.args[0])
        kind = ir.ArrayType(I32, len(OPS) * _WIDTH)
        self.ops = ir.GlobalVariable(module, kind, "op_facts")
        self.ops.linkage, self.ops.global_constant = "internal", True
        self.ops.initializer = ir.Constant(kind, [number for op in OPS for number in _row(op)])
        self.statements = self.query.read("statements")
        stops = [I64(0)]
        for name in FUNCTIONS:
            stops.append(self.b.add(stops[-1], self.query.read(f"{name}_length")))
        self.bodies = dict(zip(FUNCTIONS, pairwise(stops), strict=True))
        self.total = stops[-1]

    # Statements and sets

    def column(self, index: Any, name: str) -> Any:
        """Return where a column of a decoded statement lies."""
        where = self.b.add(self.b.mul(index, I64(len(COLUMNS))), I64(COLUMNS.index(name)))
        return self.b.gep(self.statements, [where], source_etype=I32)

    def read(self, index: Any, name: str) -> Any:
        """Return a column of a decoded statement (i32)."""
        return self.b.load(self.column(index, name), typ=I32)

    def packed(self, index: Any) -> Any:
        """Return where a statement lies as it came."""
        return self.b.gep(self.query.read("code"), [self.b.mul(index, I64(SIZE))], source_etype=BYTE)

    def room(self, kind: Any, count: int) -> Any:
        """Return an array of the function's own."""
        array = ir.IRBuilder(self.e.entry).alloca(ir.ArrayType(kind, count))
        array.align = 64
        array.type = POINTER
        return array

    def new_set(self, *members: Variable) -> Any:
        """Return a set of addresses."""
        addresses = self.room(BYTE, SLOTS)
        self.combine(addresses, lambda: ir.Constant(_CHUNK, [0] * 64))
        for member in members:
            self.put(addresses, own(member), 1)
        return addresses

    def combine(self, target: Any, of: Callable[..., Any], *sources: Any) -> None:
        """Set the target to a function of other sets, 64 slots at a time."""
        for number in range(_CHUNKS):
            self.b.store(
                of(*(self.chunk(one, number) for one in sources)), self.chunk_pointer(target, number)
            )

    def chunk_pointer(self, addresses: Any, number: int) -> Any:
        """Return where 64 slots of a set lie."""
        return self.b.gep(addresses, [I64(64 * number)], source_etype=BYTE)

    def chunk(self, addresses: Any, number: int) -> Any:
        """Return 64 slots of a set."""
        return self.b.load(self.chunk_pointer(addresses, number), typ=_CHUNK, align=64)

    def copy(self, target: Any, source: Any) -> None:
        """Make a set the same as another."""
        self.combine(target, lambda one: one, source)

    def unite(self, target: Any, source: Any) -> None:
        """Add to a set all of another."""
        self.combine(target, self.b.or_, target, source)

    def differ(self, one: Any, other: Any) -> Any:
        """Return whether two sets differ (i1)."""
        numbers = range(_CHUNKS)
        differences = (self.b.xor(self.chunk(one, number), self.chunk(other, number)) for number in numbers)
        whole = self.b.bitcast(reduce(self.b.or_, differences), ir.IntType(512))
        return self.b.icmp_unsigned("!=", whole, ir.Constant(whole.type, 0))

    def has(self, addresses: Any, member: Any) -> Any:
        """Return whether a slot is in a set (i8)."""
        return self.e.read(addresses, member, BYTE)

    def put(self, addresses: Any, member: Any, value: Any) -> None:
        """Put a slot into a set, or take it out."""
        self.e.write(BYTE(value) if isinstance(value, int) else value, addresses, member)

    def reset(self, addresses: Any) -> None:
        """Take out what the engine sets before each function."""
        for member in (LABEL, FEATURES):
            self.put(addresses, own(member), 0)

    def operands(self, index: Any) -> tuple[Any, Any, Any]:
        """Return the slots of a, b and out (i64)."""
        a, b, out = (self.b.zext(self.read(index, name), I64) for name in ("a", "b", "out"))
        return a, b, out

    def decode_all(self) -> None:
        """Decode all statements of the three functions."""
        self.e.count(I64(0), self.total, self.decode)

    def decode(self, index: Any) -> None:
        """Decode a statement."""
        b = self.b
        packed = self.packed(index)
        words = {name: self.e.read(packed, I64(number), I32) for name, number in WORDS.items()}
        facts = [self._fact(words["op"], number) for number in range(_WIDTH)]
        for number, name in enumerate(("a", "b", "out")):
            where = b.add(b.mul(words[name], facts[2 * number]), facts[2 * number + 1])
            b.store(where, self.column(index, name))
        for name, value in (
            *zip(("keeps", "draws", "commutes", "multiplies"), facts[6:10], strict=True),
            ("op", words["op"]),
        ):
            b.store(value, self.column(index, name))

    def has_constants(self, op: Any) -> Any:
        """Return whether an op (i32) has constants (i1)."""
        return self.b.trunc(self._fact(op, _CONSTANTS), I1)

    def _fact(self, op: Any, number: int) -> Any:
        """Return a number of an op's row."""
        where = self.b.add(self.b.mul(self.b.zext(op, I64), I64(_WIDTH)), I64(number))
        return self.b.load(self.b.gep(self.ops, [I64(0), where], source_etype=self.ops.value_type), typ=I32)


def own(member: Variable) -> Any:
    """Return the slot of an address (i64)."""
    return I64(1 + variable_number(*member))
