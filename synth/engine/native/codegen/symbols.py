"""The symbolic values that statements are evaluated with while they are traced."""

from collections.abc import Callable
from typing import Any

from synth.engine.native.codegen.emitter import DOUBLE, Emitter, Row

At = Callable[[Any, Any], Row]

Store = Callable[[Any, Any, Row], None]
"""Sets element i (or i, j) in memory; the indices are known when the program runs."""


class Value:
    """A symbolic scalar, vector or matrix: `at(i, j)` emits the row of one element.

    `sources` are the memory addresses that it is computed from, `loads` how many rows one element takes.
    `crosses` says that an element may depend on other elements of the operands, so that a result must not
    overwrite an operand while it is being computed. `store` sets an element of the memory that a value was
    read from.
    """

    def __init__(
        self,
        emitter: Emitter,
        kind: str,
        at: At,
        *operands: "Value",
        source: str = "",
        store: Store | None = None,
        crosses: bool = False,
    ) -> None:
        self.e, self.kind, self.at, self.store, self.crosses = emitter, kind, at, store, crosses
        self.sources: frozenset[str] = frozenset([source] if source else []).union(
            *(one.sources for one in operands)
        )
        self.loads: int = 1 if source else sum(one.loads for one in operands)

    def combined(self, other: Any, apply: Callable[[Row, Row], Row], swap: bool = False) -> "Value":
        """Join the elements of this value and of another, or of a number, by `apply`; or swapped."""
        right = other if isinstance(other, Value) else scalar(self.e, self.e.splat(float(other)))
        left = self
        if swap:
            left, right = right, left
        kind = max(left.kind, right.kind, key="svm".index)
        return elementwise(self.e, kind, lambda i, j: apply(left.at(i, j), right.at(i, j)), left, right)

    def __add__(self, other: Any) -> "Value":
        return self.combined(other, self.e.builder.fadd)

    def __sub__(self, other: Any) -> "Value":
        return self.combined(other, self.e.builder.fsub)

    def __mul__(self, other: Any) -> "Value":
        return self.combined(other, self.e.builder.fmul)

    def __truediv__(self, other: Any) -> "Value":
        return self.combined(other, self.e.builder.fdiv)

    def __rtruediv__(self, other: Any) -> "Value":
        return self.combined(other, self.e.builder.fdiv, swap=True)

    @property
    def T(self) -> "Value":
        """The transpose."""
        return Value(self.e, "m", lambda i, j: self.at(j, i), self, crosses=True)

    def __getitem__(self, key: tuple[slice, None]) -> "Value":
        """Return a column: `v[:, None]`."""
        return Value(self.e, "column", self.at, self)

    def __setitem__(self, key: Any, value: "SymbolicConstant") -> None:
        """Set one element of the memory that this value was read from."""
        i, j = key if isinstance(key, tuple) else (key, None)
        assert self.store is not None, "only what was read from memory has elements to set"
        self.store(i, j, constant(self.e, value))


class SymbolicConstant:
    """A constant of the instruction, known when the program runs.

    In `int(x * m.F)` the product is left to `Tracer.index`.
    """

    def __init__(self, value: Any) -> None:
        self.value = value

    def __mul__(self, features: "Features") -> "SymbolicConstant":
        return self


Number = SymbolicConstant | float
"""A constant of the instruction, or one that is part of the text."""


class Features:
    """`m.F`."""

    def __rmul__(self, other: float) -> SymbolicConstant:
        """Return `0.37 * m.F`, where the constant is part of the text."""
        return SymbolicConstant(DOUBLE(other))


def scalar(e: Emitter, row: Row) -> Value:
    """Return a scalar with this row."""
    return Value(e, "s", lambda i, j: row)


def elementwise(e: Emitter, kind: str, at: At, *operands: Value) -> Value:
    """Return a value whose elements are computed one by one; a scalar at once."""
    return scalar(e, at(None, None)) if kind == "s" else Value(e, kind, at, *operands)


def constant(e: Emitter, operand: Number) -> Row:
    """Return a constant as a row: the instruction's, or one that is part of the text."""
    if not isinstance(operand, SymbolicConstant):
        return e.splat(operand)
    value = operand.value if e.item == DOUBLE else e.builder.fptrunc(operand.value, e.item)
    return e.spread(value)
