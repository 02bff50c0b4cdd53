"""Symbols for the values of a program, equal where the values are, and the algebra between them.

The exact rules hold bit for bit, for nan, infinities and the sign of zero too, in both engines and for any
number of features. The others hold for ordinary numbers, up to rounding; who uses them checks the outcome.
"""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np

from synth.language.constants import FLOAT32_MAX, shorten
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, ELEMENTWISE_PRODUCTS, VALUE, MemoryType, Op

FINITE, UNSIGNED, PLUS_ZERO, ZERO = 1, 2, 4, 8
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
_TRANSCENDENT: dict[str, Callable[..., np.float64]] = {
    name: getattr(np, name) for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "log")
}

Symbol = int


@dataclass(frozen=True)
class Rules:
    """Which rules beside the exact ones are used."""

    algebra: bool = False
    """0 * x is 0, x - x is 0, x + 0 is x, ... whatever x is."""
    rounding: bool = False
    """A constant result may be rounded to what a program can hold."""


EXACT = Rules()


@dataclass
class Symbols:
    """A table of symbols. Each stands for one value, or for an array whose elements all are the constant."""

    rules: Rules = EXACT
    _numbers: dict[Hashable, Symbol] = field(default_factory=dict)
    _keys: list[tuple[Hashable, ...]] = field(default_factory=list)
    facts: list[int] = field(default_factory=list)
    constants: list[float | None] = field(default_factory=list)

    def _symbol(self, key: tuple[Hashable, ...], facts: int = 0, constant: float | None = None) -> Symbol:
        found = self._numbers.get(key)
        if found is None:
            found = self._numbers[key] = len(self._keys)
            self._keys.append(key)
            self.facts.append(facts | (PLUS_ZERO if facts & UNSIGNED else 0))
            self.constants.append(constant)
        return found

    def constant(self, kind: MemoryType, value: float) -> Symbol:
        """The symbol of a scalar, or of an array filled with one value."""
        value = float(value)
        positive = math.copysign(1.0, value) > 0
        facts = (FINITE if math.isfinite(value) else 0) | (UNSIGNED if positive or math.isnan(value) else 0)
        facts |= PLUS_ZERO if value != 0 else ZERO
        return self._symbol(("constant", kind, value.hex()), facts, value)

    def named(self, *key: Hashable, facts: int = 0) -> Symbol:
        """The symbol of something that is not worked out from others."""
        return self._symbol(key, facts)

    def _zero(self, kind: MemoryType, *origin: int) -> Symbol:
        """Zeros whose signs depend on an operation's operands; plain zero where signs do not count."""
        if self.rules.algebra:
            return self.constant(kind, 0.0)
        return self._symbol(("zero", kind, *origin), FINITE | ZERO)

    def _is_zero(self, symbol: Symbol) -> bool:
        return self._has(ZERO, symbol)

    def is_plus_zero(self, symbol: Symbol) -> bool:
        """Whether the symbol is the constant +0.0."""
        return self.constants[symbol] == 0.0 and bool(self.facts[symbol] & UNSIGNED)

    def _has(self, fact: int, *symbols: Symbol) -> bool:
        return all(self.facts[symbol] & fact for symbol in symbols)

    def drawn(self, statement: Instruction, function: int, ordinal: int) -> Symbol:
        """The symbol of a draw, which is one of a kind unless it is not random at all."""
        op, (first, second) = statement.op, statement.constants
        assert op.output is not None
        if (first >= second) if op.bounded else (second == 0.0 and first != 0.0):
            return self.constant(op.output, first)
        plus_zero = PLUS_ZERO if first != 0.0 or math.copysign(1.0, first) > 0 else 0
        return self._symbol(("draw", function, ordinal, op.id, statement.constants), FINITE | plus_zero)

    def result(self, statement: Instruction, operands: list[Symbol], old: Symbol) -> Symbol:
        """The symbol of a statement's result (not a draw's); `old` is the content of its target before."""
        op = statement.op
        kind = op.output
        assert kind is not None
        if op.partial:
            if self.constant(kind, statement.constants[-1]) == old:
                return old
            facts = self.facts[old]
            if statement.constants[-1] != 0.0:
                facts &= ~ZERO
            if math.copysign(1.0, statement.constants[-1]) < 0:
                facts &= ~UNSIGNED if statement.constants[-1] != 0.0 else ~(UNSIGNED | PLUS_ZERO)
            return self._symbol(("set", op.id, old, statement.constants), facts)
        if not operands:
            return self.constant(kind, statement.constants[0])
        known = self._folded(op, kind, operands)
        if known is None:
            known = (self._unary if len(operands) == 1 else self._binary)(op, kind, *operands)
        if known is not None:
            return known
        if op.id in COMMUTATIVE:
            operands = sorted(operands)
        return self._symbol(("op", op.id, *operands), self._facts_of(op, operands))

    def holdable(self, symbol: Symbol) -> float | None:
        """The constant by which a statement can give this scalar its value; None where there is none."""
        value = self.constants[symbol]
        if value is None or not abs(value) <= FLOAT32_MAX:
            return None
        short = shorten(value, VALUE)
        if short == value and math.copysign(1.0, short) == math.copysign(1.0, value):
            return value
        return short if self.rules.rounding else None

    def _folded(self, op: Op, kind: MemoryType, operands: list[Symbol]) -> Symbol | None:
        """The constant result of elementwise operations on constants."""
        values = [self.constants[symbol] for symbol in operands]
        known = [np.float64(value) for value in values if value is not None]
        if len(known) < len(values) or (op.family in _CHOICES and not any(known)):
            return None
        if op.family == "product" and op.id not in ELEMENTWISE_PRODUCTS:
            return None
        function = _EXACT.get(op.family, _TRANSCENDENT.get(op.family) if self.rules.algebra else None)
        if function is None:
            return None
        if op.family == "heaviside":  # of zero: 1 for a scalar, 0 for an element
            known.append(np.float64(kind == "s"))
        with np.errstate(all="ignore"):
            return self.constant(kind, float(function(*known)))

    def _unary(self, op: Op, kind: MemoryType, x: Symbol) -> Symbol | None:
        family, key, value, zero = op.family, self._keys[x], self.constants[x], self._is_zero(x)
        again = key[:2] == ("op", op.id)
        if family == "abs":
            return x if self._has(UNSIGNED, x) else self.constant(kind, 0.0) if zero else None
        if family == "heaviside" and kind == "s":
            return self.constant(kind, 1.0) if zero else None
        if family == "heaviside":
            return x if again else self.constant(kind, 0.0) if zero else None
        if family in _MOVES and zero:
            return self._zero(kind, op.id, x)
        if family in {"norm", "std"} and zero:
            return self.constant(kind, 0.0)
        if family == "mean" and zero:
            return self.constant(kind, 0.0) if self._has(UNSIGNED, x) else self._zero(kind, op.id, x)
        if family in {"mean", "std"} and self.rules.algebra and value is not None:
            return self.constant(kind, value if family == "mean" else 0.0)
        if again and (family == "transpose" or (family == "reciprocal" and self.rules.algebra)):
            return int(key[2])  # type: ignore[call-overload, no-any-return]
        return None

    def _binary(self, op: Op, kind: MemoryType, a: Symbol, b: Symbol) -> Symbol | None:
        family, loose = op.family, self.rules.algebra
        if family == "sum":
            for x, zero in ((a, b), (b, a)):
                if self._is_zero(zero) and (
                    loose
                    or self._has(PLUS_ZERO, x)
                    or (self.constants[zero] == 0.0 and not self._has(UNSIGNED, zero))
                ):
                    return x
            return self._zero(kind, op.id, a, b) if self._is_zero(a) and self._is_zero(b) else None
        if family == "difference":
            if self._is_zero(b) and (loose or self._has(PLUS_ZERO, a) or self.is_plus_zero(b)):
                return a
            if self._is_zero(a) and self._is_zero(b):
                return self._zero(kind, op.id, a, b)
            return self.constant(kind, 0.0) if loose and a == b else None
        if op.id in ELEMENTWISE_PRODUCTS:
            for x, one in ((a, b), (b, a)):
                # a scalar that scales an array filled with ones does not give a scalar
                if self.constants[one] == 1.0 and (one == a or op.id in COMMUTATIVE):
                    return x
        if family == "product" and (self._is_zero(a) or self._is_zero(b)):
            if self._has(FINITE, a, b) and self._has(UNSIGNED, a, b):
                return self.constant(kind, 0.0)
            return self._zero(kind, op.id, a, b) if loose or self._has(FINITE, a, b) else None
        if family == "quotient":
            if self.constants[b] == 1.0:
                return a
            return self.constant(kind, 1.0) if loose and a == b else None
        if family in _CHOICES:
            if a == b:
                return a
            for x, zero in ((a, b), (b, a)):
                if family == "maximum" and self.is_plus_zero(zero) and self._has(UNSIGNED, x):
                    return x
        return None

    def _facts_of(self, op: Op, operands: list[Symbol]) -> int:
        facts, family = 0, op.family
        if family in _FINITE_IF_OPERANDS_ARE and self._has(FINITE, *operands):
            facts |= FINITE
        square = family == "product" and op.id in COMMUTATIVE and operands[0] == operands[1]
        if (
            family in _ALWAYS_UNSIGNED
            or square
            or (family in _UNSIGNED_IF_OPERANDS_ARE and self._has(UNSIGNED, *operands))
        ):
            facts |= UNSIGNED
        if (
            (family == "sum" and any(self._has(PLUS_ZERO, operand) for operand in operands))
            or (family == "difference" and self._has(PLUS_ZERO, operands[0]))
            or (family in _CHOICES | _MOVES and self._has(PLUS_ZERO, *operands))
        ):
            facts |= PLUS_ZERO
        return facts
