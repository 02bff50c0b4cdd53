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
from synth.language.ops import COMMUTATIVE, VALUE, MemoryType

FINITE, UNSIGNED, PLUS_ZERO, ZERO = 1, 2, 4, 8
"""Facts: never nan or infinite; no sign bit, or nan; if zero, then +0.0 (UNSIGNED says that too); zero of
either sign."""

_SUMS, _DIFFERENCES, _PRODUCTS = (
    frozenset({1, 23, 39}),
    frozenset({2, 24, 40}),
    frozenset({3, 18, 25, 29, 41}),
)
_DIVISIONS, _RECIPROCALS = frozenset({4, 26, 42}), frozenset({6, 20, 30})
_MINIMA, _MAXIMA = frozenset({44, 45, 46}), frozenset({47, 48, 49})
_ABSOLUTES, _STEPS = frozenset({5, 22, 38}), frozenset({16, 17})
_SCALAR_STEP, _TRANSPOSE, _SPREADS = 15, 37, frozenset({19, 32, 33})
_NORMS, _MEANS, _DEVIATIONS = frozenset({21, 34, 35, 36}), frozenset({50, 51, 52}), frozenset({53, 54, 55})
_CONTRACTIONS = frozenset({27, 28, 31, 43})
"""Products of arrays: every element is a sum of products (a single one for the outer product)."""
_TRANSCENDENTAL = frozenset(range(7, 15))
_EXP = 13

_FINITE_IF_OPERANDS_ARE = (
    _ABSOLUTES | _STEPS | _MINIMA | _MAXIMA | _SPREADS | {_SCALAR_STEP, _TRANSPOSE, 7, 8, 12}
)
_UNSIGNED_IF_OPERANDS_ARE = (
    _SUMS | _PRODUCTS | _DIVISIONS | _RECIPROCALS | _MINIMA | _MAXIMA | _CONTRACTIONS | _MEANS | _SPREADS
) | {_TRANSPOSE}
_ALWAYS_UNSIGNED = _ABSOLUTES | _STEPS | _NORMS | _DEVIATIONS | {_SCALAR_STEP, _EXP}

_UNARY: dict[frozenset[int], Callable[[np.float64], np.float64]] = {
    _ABSOLUTES: np.abs,
    _RECIPROCALS: lambda x: np.float64(1.0) / x,
    _STEPS: lambda x: np.heaviside(x, 0.0),
    frozenset({_SCALAR_STEP}): lambda x: np.heaviside(x, 1.0),
    _SPREADS | {_TRANSPOSE}: lambda x: x,
}
_BINARY: dict[frozenset[int], Callable[[np.float64, np.float64], np.float64]] = {
    _SUMS: lambda a, b: a + b,
    _DIFFERENCES: lambda a, b: a - b,
    _PRODUCTS: lambda a, b: a * b,
    _DIVISIONS: lambda a, b: a / b,
    _MINIMA: np.minimum,
    _MAXIMA: np.maximum,
}
_SIGN_MATTERS = (_MINIMA, _MAXIMA)
"""Engines may differ in the sign of zero that they take."""
_TRANSCENDENTS: tuple[Callable[[np.float64], np.float64], ...] = (
    np.sin,
    np.cos,
    np.tan,
    np.arcsin,
    np.arccos,
    np.arctan,
    np.exp,
    np.log,
)

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
        known = self._folded(op.id, kind, operands)
        if known is None:
            known = self._unary(op.id, kind, *operands) if len(operands) == 1 else None
        if known is None and len(operands) == 2:
            known = self._binary(op.id, kind, *operands)
        if known is not None:
            return known
        if op.id in COMMUTATIVE:
            operands = sorted(operands)
        return self._symbol(("op", op.id, *operands), self._facts_of(op.id, operands))

    def holdable(self, symbol: Symbol) -> float | None:
        """The constant by which a statement can give this scalar its value; None where there is none."""
        value = self.constants[symbol]
        if value is None or not abs(value) <= FLOAT32_MAX:
            return None
        short = shorten(value, VALUE)
        if short == value and math.copysign(1.0, short) == math.copysign(1.0, value):
            return value
        return short if self.rules.rounding else None

    def _folded(self, op: int, kind: MemoryType, operands: list[Symbol]) -> Symbol | None:
        """The constant result of elementwise operations on constants."""
        values = [self.constants[symbol] for symbol in operands]
        known = [np.float64(value) for value in values if value is not None]
        if len(known) < len(values):
            return None
        with np.errstate(all="ignore"):
            for ids, unary in _UNARY.items():
                if op in ids:
                    return self.constant(kind, float(unary(known[0])))
            for ids, binary in _BINARY.items():
                if op in ids and (ids not in _SIGN_MATTERS or any(known)):
                    return self.constant(kind, float(binary(known[0], known[1])))
            if op in _TRANSCENDENTAL and self.rules.algebra:
                return self.constant(kind, float(_TRANSCENDENTS[op - 7](known[0])))
        return None

    def _unary(self, op: int, kind: MemoryType, x: Symbol) -> Symbol | None:
        key = self._keys[x]
        if op in _ABSOLUTES:
            return x if self._has(UNSIGNED, x) else self.constant(kind, 0.0) if self._is_zero(x) else None
        if op == _SCALAR_STEP and self._is_zero(x):
            return self.constant(kind, 1.0)
        if op in _STEPS:
            return x if key[:2] == ("op", op) else self.constant(kind, 0.0) if self._is_zero(x) else None
        if op in _SPREADS | {_TRANSPOSE} and self._is_zero(x):
            return self._zero(kind, op, x)
        if op == _TRANSPOSE and key[:2] == ("op", op):
            return int(key[2])  # type: ignore[call-overload, no-any-return]
        if op in _NORMS | _DEVIATIONS and self._is_zero(x):
            return self.constant(kind, 0.0)
        if op in _MEANS and self._is_zero(x):
            return self.constant(kind, 0.0) if self._has(UNSIGNED, x) else self._zero(kind, op, x)
        value = self.constants[x]
        if self.rules.algebra and value is not None:
            if op in _MEANS:
                return self.constant(kind, value)
            if op in _DEVIATIONS:
                return self.constant(kind, 0.0)
        if self.rules.algebra and op in _RECIPROCALS and key[:2] == ("op", op):
            return int(key[2])  # type: ignore[call-overload, no-any-return]
        return None

    def _binary(self, op: int, kind: MemoryType, a: Symbol, b: Symbol) -> Symbol | None:
        loose = self.rules.algebra
        if op in _SUMS:
            for x, zero in ((a, b), (b, a)):
                if self._is_zero(zero) and (
                    loose
                    or self._has(PLUS_ZERO, x)
                    or (self.constants[zero] == 0.0 and not self._has(UNSIGNED, zero))
                ):
                    return x
            return self._zero(kind, op, a, b) if self._is_zero(a) and self._is_zero(b) else None
        if op in _DIFFERENCES:
            if self._is_zero(b) and (loose or self._has(PLUS_ZERO, a) or self.is_plus_zero(b)):
                return a
            if self._is_zero(a) and self._is_zero(b):
                return self._zero(kind, op, a, b)
            return self.constant(kind, 0.0) if loose and a == b else None
        if op in _PRODUCTS:
            for x, one in ((a, b), (b, a)):
                # a scalar that scales an array filled with ones does not give a scalar
                if self.constants[one] == 1.0 and (one == a or op in COMMUTATIVE):
                    return x
        if op in _PRODUCTS | _CONTRACTIONS and (self._is_zero(a) or self._is_zero(b)):
            if self._has(FINITE, a, b) and self._has(UNSIGNED, a, b):
                return self.constant(kind, 0.0)
            return self._zero(kind, op, a, b) if loose or self._has(FINITE, a, b) else None
        if op in _DIVISIONS:
            if self.constants[b] == 1.0:
                return a
            return self.constant(kind, 1.0) if loose and a == b else None
        if op in _MINIMA | _MAXIMA:
            if a == b:
                return a
            for x, zero in ((a, b), (b, a)):
                if op in _MAXIMA and self.is_plus_zero(zero) and self._has(UNSIGNED, x):
                    return x
        return None

    def _facts_of(self, op: int, operands: list[Symbol]) -> int:
        facts = 0
        if op in _FINITE_IF_OPERANDS_ARE and self._has(FINITE, *operands):
            facts |= FINITE
        square = op in _PRODUCTS | {27} and operands[0] == operands[-1]
        if (
            op in _ALWAYS_UNSIGNED
            or square
            or (op in _UNSIGNED_IF_OPERANDS_ARE and self._has(UNSIGNED, *operands))
        ):
            facts |= UNSIGNED
        some = any(self._has(PLUS_ZERO, operand) for operand in operands)
        if (
            (op in _SUMS and some)
            or (op in _DIFFERENCES and self._has(PLUS_ZERO, operands[0]))
            or (op in _MINIMA | _MAXIMA | _SPREADS | {_TRANSPOSE} and self._has(PLUS_ZERO, *operands))
        ):
            facts |= PLUS_ZERO
        return facts
