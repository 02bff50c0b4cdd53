"""Numbers for the values of a program, equal where the values are, and the algebra between them.

The exact rules hold bit for bit, for nan, infinities and the sign of zero too, in both engines and for any
number of features. The others hold for ordinary numbers, up to rounding; who uses them checks the outcome.
"""

import math
from collections.abc import Callable, Hashable

import numpy as np

from synth.language.constants import FLOAT32_MAX, shorten
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, ELEMENTWISE_PRODUCTS, VALUE, MemoryType, Op

FINITE, UNSIGNED, PLUS_ZERO, ANY_ZERO = 1, 2, 4, 8
"""Facts: never nan or infinite; no sign bit, or nan; if zero, then +0.0 (UNSIGNED says that too); zero of
either sign."""

_CHOICES = frozenset({"minimum", "maximum"})
"""Families of ops in which engines may differ in the sign of the zero that they take."""
_MOVES = frozenset({"broadcast", "transpose"})
"""Families of ops that only move elements."""
_FINITE_IF_OPERANDS_ARE = _CHOICES | _MOVES | {"abs", "heaviside", "sin", "cos", "arctan"}
_UNSIGNED_IF_OPERANDS_ARE = _CHOICES | _MOVES | {"sum", "product", "quotient", "reciprocal", "mean"}
_ALWAYS_UNSIGNED = frozenset({"abs", "heaviside", "norm", "std", "exp"})

_EXACT: dict[str, Callable[..., np.float64]] = {
    "sum": np.add,
    "difference": np.subtract,
    "product": np.multiply,
    "quotient": np.divide,
    "reciprocal": lambda x: np.float64(1.0) / x,
    "abs": np.abs,
    "heaviside": np.heaviside,
    "minimum": np.minimum,
    "maximum": np.maximum,
    "broadcast": np.positive,
    "transpose": np.positive,
}
"""What families of ops do to elements, bit for bit the same in both engines."""
_TRANSCENDENTAL: dict[str, Callable[..., np.float64]] = {
    name: getattr(np, name) for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "log")
}

Value = int
"""The number of a value, or of an array all of whose elements have it."""


class Values:
    """A table of values. `facts` says what is known of each; `constants` holds those that are constant.

    With `algebra` 0 * x is 0, x - x is 0, x + 0 is x, ... whatever x is. With `rounding` a constant result
    may be rounded to what a program can hold.
    """

    def __init__(self, algebra: bool, rounding: bool) -> None:
        self._algebra, self._rounding = algebra, rounding
        self._numbers: dict[tuple[Hashable, ...], Value] = {}
        self._keys: list[tuple[Hashable, ...]] = []
        self.facts: list[int] = []
        self.constants: list[float | None] = []

    def number(self, key: tuple[Hashable, ...], facts: int = 0, constant: float | None = None) -> Value:
        """Return the number of the value that a key describes."""
        if key not in self._numbers:
            self._numbers[key] = len(self._keys)
            self._keys.append(key)
            self.facts.append(facts | (PLUS_ZERO if facts & UNSIGNED else 0))
            self.constants.append(constant)
        return self._numbers[key]

    def constant(self, kind: MemoryType, value: float) -> Value:
        """Return the number of a constant scalar, or of an array filled with it."""
        positive = math.copysign(1.0, value) > 0
        facts = (FINITE if math.isfinite(value) else 0) | (UNSIGNED if positive or math.isnan(value) else 0)
        facts |= PLUS_ZERO if value != 0 else ANY_ZERO
        return self.number(("constant", kind, value.hex()), facts, value)

    def _zero(self, kind: MemoryType, *origin: int) -> Value:
        """Return zeros whose signs depend on an operation's operands; plain zero where signs do not count."""
        if self._algebra:
            return self.constant(kind, 0.0)
        return self.number(("zero", kind, *origin), FINITE | ANY_ZERO)

    def is_plus_zero(self, value: Value) -> bool:
        """Return whether the value is the constant +0.0."""
        return self.constants[value] == 0.0 and self._all(UNSIGNED, value)

    def _all(self, fact: int, *values: Value) -> bool:
        return all(self.facts[value] & fact for value in values)

    def drawn(self, statement: Instruction, function: int, ordinal: int) -> Value:
        """Return the value of a draw, which is one of a kind unless it is not random at all."""
        op, (first, second) = statement.op, statement.constants
        if (first >= second) if op.bounded else (second == 0.0 and first != 0.0):
            return self.constant(statement.target[0], first)
        plus_zero = PLUS_ZERO if first != 0.0 or math.copysign(1.0, first) > 0 else 0
        return self.number(("draw", function, ordinal, op.id, statement.constants), FINITE | plus_zero)

    def result(self, statement: Instruction, operands: list[Value], old: Value) -> Value:
        """Return the value of a statement's result (not a draw's); `old` is what its target held before."""
        op, (kind, _) = statement.op, statement.target
        if op.partial:
            if self.constant(kind, statement.constants[-1]) == old:
                return old
            return self.number(("set", op.id, old, statement.constants))
        if not operands:
            return self.constant(kind, statement.constants[0])
        known = self._folded(op, kind, operands)
        if known is None:
            known = (self._unary if len(operands) == 1 else self._binary)(op, kind, *operands)
        if known is not None:
            return known
        if op.id in COMMUTATIVE:
            operands = sorted(operands)
        return self.number(("op", op.id, *operands), self._facts_of(op, operands))

    def holdable(self, value: Value) -> float | None:
        """Return the constant by which a statement can set this scalar, if there is one."""
        constant = self.constants[value]
        if constant is None or not abs(constant) <= FLOAT32_MAX:
            return None
        short = shorten(constant, VALUE)
        return short if self._rounding or short.hex() == constant.hex() else None

    def _folded(self, op: Op, kind: MemoryType, operands: list[Value]) -> Value | None:
        """Return the constant result of elementwise operations on constants."""
        known = [np.float64(value) for one in operands if (value := self.constants[one]) is not None]
        if (
            len(known) < len(operands)
            or (op.family in _CHOICES and not any(known))
            or (op.family == "product" and op.id not in ELEMENTWISE_PRODUCTS)
        ):
            return None
        function = _EXACT.get(op.family, _TRANSCENDENTAL.get(op.family) if self._algebra else None)
        if function is None:
            return None
        if op.family == "heaviside":  # of zero: 1 for a scalar, 0 for an element
            known.append(np.float64(kind == "s"))
        with np.errstate(all="ignore"):
            return self.constant(kind, float(function(*known)))

    def _unary(self, op: Op, kind: MemoryType, x: Value) -> Value | None:
        family, key, constant = op.family, self._keys[x], self.constants[x]
        again = key[:2] == ("op", op.id)
        if (family == "abs" and self._all(UNSIGNED, x)) or (family == "heaviside" and kind != "s" and again):
            return x
        if again and (family == "transpose" or (family == "reciprocal" and self._algebra)):
            return int(key[2])  # type: ignore[call-overload, no-any-return]
        if self._all(ANY_ZERO, x):
            if family in _MOVES or (family == "mean" and not self._all(UNSIGNED, x)):
                return self._zero(kind, op.id, x)
            if family == "heaviside":
                return self.constant(kind, float(kind == "s"))
            if family in {"abs", "norm", "std", "mean"}:
                return self.constant(kind, 0.0)
        if family in {"mean", "std"} and self._algebra and constant is not None:
            return self.constant(kind, constant if family == "mean" else 0.0)
        return None

    def _binary(self, op: Op, kind: MemoryType, a: Value, b: Value) -> Value | None:
        family, loose = op.family, self._algebra
        a_zero, b_zero = self._all(ANY_ZERO, a), self._all(ANY_ZERO, b)
        for x, y in ((a, b), (b, a)):
            minus_zero = self.constants[y] == 0.0 and not self._all(UNSIGNED, y)
            keeps_x = loose or self._all(PLUS_ZERO, x) or minus_zero
            # a scalar that scales an array filled with ones does not give a scalar
            scales = op.id in ELEMENTWISE_PRODUCTS and (y == a or op.id in COMMUTATIVE)
            if (
                (family == "sum" and self._all(ANY_ZERO, y) and keeps_x)
                or (scales and self.constants[y] == 1.0)
                or (family == "maximum" and self.is_plus_zero(y) and self._all(UNSIGNED, x))
            ):
                return x
        no_sign_changes = loose or self._all(PLUS_ZERO, a) or self.is_plus_zero(b)
        if (
            (family == "difference" and b_zero and no_sign_changes)
            or (family == "quotient" and self.constants[b] == 1.0)
            or (family in _CHOICES and a == b)
        ):
            return a
        if family in {"sum", "difference"} and a_zero and b_zero:
            return self._zero(kind, op.id, a, b)
        if family == "product" and (a_zero or b_zero):
            if self._all(FINITE, a, b) and self._all(UNSIGNED, a, b):
                return self.constant(kind, 0.0)
            return self._zero(kind, op.id, a, b) if loose or self._all(FINITE, a, b) else None
        if family in {"difference", "quotient"} and loose and a == b:
            return self.constant(kind, float(family == "quotient"))
        return None

    def _facts_of(self, op: Op, operands: list[Value]) -> int:
        family, plus_zero = op.family, [self._all(PLUS_ZERO, operand) for operand in operands]
        square = family == "product" and op.id in COMMUTATIVE and operands[0] == operands[1]
        finite = family in _FINITE_IF_OPERANDS_ARE and self._all(FINITE, *operands)
        unsigned = (
            family in _ALWAYS_UNSIGNED
            or square
            or (family in _UNSIGNED_IF_OPERANDS_ARE and self._all(UNSIGNED, *operands))
        )
        no_minus_zero = (
            (family in _CHOICES | _MOVES and all(plus_zero))
            or (family == "sum" and any(plus_zero))
            or (family == "difference" and plus_zero[0])
        )
        return finite * FINITE | unsigned * UNSIGNED | no_minus_zero * PLUS_ZERO
