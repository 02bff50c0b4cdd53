"""A small layer over llvmlite's IR builder: rows of lanes, loops, variables, intrinsics.

A *row* is one number of each lane: an LLVM vector `<lanes x float>` (a plain number when there is one lane).
"""

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Any

from llvmlite import ir

I1, I32, I64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)
POINTER = ir.PointerType()
DOUBLE = ir.DoubleType()

Row = Any
"""An `ir.Value` of the row type (llvmlite is not typed)."""


@dataclass(frozen=True)
class Shape:
    """What a machine is compiled for: features F, lanes (tasks side by side), number format."""

    features: int
    lanes: int
    dtype: str

    @property
    def item_bytes(self) -> int:
        """Bytes of one number."""
        return 4 if self.dtype == "float32" else 8

    @property
    def row_bytes(self) -> int:
        """Bytes of one row."""
        return self.lanes * self.item_bytes


class Emitter:
    """Emits one function of a module, which returns nothing."""

    def __init__(
        self, module: ir.Module, shape: Shape, name: str, arguments: list[Any], unaliased: int = 0
    ) -> None:
        """Begin a function whose arguments have these types.

        With `unaliased` nothing outside of the module calls it, and so many first pointers have no alias.
        """
        self.module, self.shape = module, shape
        self.function = ir.Function(module, ir.FunctionType(ir.VoidType(), arguments), name)
        self.function.linkage = "internal" if unaliased else ""
        for pointer in self.function.args[:unaliased]:
            pointer.add_attribute("noalias")
        self.entry = self.function.append_basic_block("entry")
        self.builder = ir.IRBuilder(self.function.append_basic_block("body"))

    def with_shape(self, shape: Shape) -> "Emitter":
        """Return an emitter of the same function, for rows of another shape."""
        other = copy(self)
        other.shape = shape
        return other

    @property
    def item(self) -> Any:
        """The type of one number."""
        return ir.FloatType() if self.shape.dtype == "float32" else DOUBLE

    @property
    def bits(self) -> Any:
        """The integer type with as many bits as a number."""
        return ir.IntType(8 * self.shape.item_bytes)

    def finish(self) -> None:
        """Return from the function."""
        self.builder.ret_void()
        ir.IRBuilder(self.entry).branch(self.function.blocks[1])

    # Types and constants

    def lanes_of(self, item: Any) -> Any:
        """Return the type of one `item` a lane."""
        return item if self.shape.lanes == 1 else ir.VectorType(item, self.shape.lanes)

    def splat(self, value: float | int, item: Any = None) -> Row:
        """Return the constant in every lane (of the machine's number format unless `item` is given)."""
        kind = item or self.item
        if self.shape.lanes == 1:
            return ir.Constant(kind, value)
        return ir.Constant(self.lanes_of(kind), [value] * self.shape.lanes)

    def spread(self, value: Any) -> Row:
        """Return a single value in every lane."""
        if self.shape.lanes == 1:
            return value
        kind = ir.VectorType(value.type, self.shape.lanes)
        start = self.builder.insert_element(ir.Constant(kind, ir.Undefined), value, I32(0))
        mask = ir.Constant(ir.VectorType(I32, self.shape.lanes), [0] * self.shape.lanes)
        return self.builder.shuffle_vector(start, ir.Constant(kind, ir.Undefined), mask)

    # Memory

    def row_pointer(self, base: Any, index: Any) -> Any:
        """Return the address of row `index` (i64)."""
        return self.builder.gep(base, [index], source_etype=self.lanes_of(self.item))

    def load(self, pointer: Any, kind: Any = None) -> Row:
        """Read a row (of items of type `kind`); rows are aligned to their size."""
        row = self.lanes_of(kind or self.item)
        return self.builder.load(pointer, typ=row, align=_alignment(row))

    def store(self, row: Row, pointer: Any) -> None:
        """Write a row."""
        self.builder.store(row, pointer, align=_alignment(row.type))

    def read(self, array: Any, index: Any, kind: Any) -> Any:
        """Read one element of an array of elements of type `kind`."""
        return self.builder.load(self.builder.gep(array, [index], source_etype=kind), typ=kind)

    def write(self, value: Any, array: Any, index: Any) -> None:
        """Write one element of an array of elements of the value's type."""
        self.builder.store(value, self.builder.gep(array, [index], source_etype=value.type))

    def variable(self, initial: Any) -> Any:
        """Return a mutable local, promoted to a register by the optimizer."""
        pointer = ir.IRBuilder(self.entry).alloca(initial.type)
        pointer.type = POINTER  # llvmlite gives a typed pointer, which it would check stores against
        self.builder.store(initial, pointer)
        return pointer

    def get(self, variable: Any, kind: Any) -> Any:
        """Return the content of a variable of this type."""
        return self.builder.load(variable, typ=kind)

    # Control flow

    def loop(self, count: int, body: Callable[[Any, int], None], unroll: int = 8) -> None:
        """Call `body(index, index mod 4)` for 0..count-1 in order; `unroll` is a multiple of 4."""
        main = count // unroll * unroll if count > unroll else 0
        if main:

            def unrolled(first: Any) -> None:
                for offset in range(unroll):
                    body(self.builder.add(first, I64(offset)), offset % 4)

            self.count(I64(0), I64(main), unrolled, step=unroll)
        for index in range(main, count):
            body(I64(index), index % 4)

    def count(self, start: Any, stop: Any, body: Callable[[Any], None], step: int = 1) -> None:
        """Emit a loop at run time: `body(index)` for start, start + step, ... below stop."""
        builder = self.builder
        before = builder.block
        head = self.function.append_basic_block("head")
        inside = self.function.append_basic_block("inside")
        after = self.function.append_basic_block("after")
        builder.branch(head)
        builder.position_at_end(head)
        index = builder.phi(I64)
        index.add_incoming(start, before)
        builder.cbranch(builder.icmp_signed("<", index, stop), inside, after)
        builder.position_at_end(inside)
        body(index)
        index.add_incoming(builder.add(index, I64(step)), builder.block)
        builder.branch(head)
        builder.position_at_end(after)

    def repeat(self, body: Callable[[], Any]) -> None:
        """Emit a loop at run time, until `body()` is false (i1)."""
        again = self.function.append_basic_block("again")
        after = self.function.append_basic_block("settled")
        self.builder.branch(again)
        self.builder.position_at_end(again)
        self.builder.cbranch(body(), again, after)
        self.builder.position_at_end(after)

    # Arithmetic beyond the builder's

    def call(self, name: str, *arguments: Any) -> Any:
        """Call an LLVM intrinsic, overloaded on the type of its first argument."""
        kind = arguments[0].type
        overload = f"v{kind.count}{_short(kind.element)}" if isinstance(kind, ir.VectorType) else _short(kind)
        full = f"llvm.{name}.{overload}"
        function = self.module.globals.get(full)
        if function is None:
            signature = ir.FunctionType(kind, [argument.type for argument in arguments])
            function = ir.Function(self.module, signature, full)
        return self.builder.call(function, arguments)

    def fma(self, x: Row, y: Row, z: Row) -> Row:
        """Return x * y + z, rounded once."""
        return self.call("fma", x, y, z)

    def horner(self, x: Row, coefficients: list[float]) -> Row:
        """Return the polynomial with these coefficients, lowest order first."""
        total = self.splat(coefficients[-1])
        for coefficient in reversed(coefficients[:-1]):
            total = self.fma(total, x, self.splat(coefficient))
        return total

    def is_nan(self, x: Row) -> Row:
        """Return the mask of what is nan."""
        return self.builder.fcmp_unordered("uno", x, x)

    def any(self, mask: Row) -> Any:
        """Return whether the mask holds in some lane (i1)."""
        if self.shape.lanes == 1:
            return mask
        whole = self.builder.bitcast(mask, ir.IntType(self.shape.lanes))
        return self.builder.icmp_unsigned("!=", whole, ir.Constant(whole.type, 0))

    def count_lanes(self, mask: Row) -> Any:
        """Return in how many lanes the mask holds (i64)."""
        if self.shape.lanes == 1:
            return self.builder.zext(mask, I64)
        whole = self.builder.bitcast(mask, ir.IntType(self.shape.lanes))
        return self.builder.zext(self.call("ctpop", whole), I64)


def _alignment(row: Any) -> int:
    """Return the largest power of two, 64 at most, that divides the bytes of a row of this type."""
    item, lanes = (row.element, row.count) if isinstance(row, ir.VectorType) else (row, 1)
    size = lanes * (item.width // 8 if isinstance(item, ir.IntType) else 4 if item == ir.FloatType() else 8)
    return min(size & -size, 64)


def _short(kind: Any) -> str:
    if isinstance(kind, ir.IntType):
        return f"i{kind.width}"
    return "f32" if kind == ir.FloatType() else "f64"
