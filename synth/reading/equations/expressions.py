"""Expressions: trees of ops over symbols and numbers, and what is shorter and means the same."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce

from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, ELEMENTWISE_PRODUCTS, OPS, PREDICTION, MemoryType, Op, Variable

GIVEN_PREDICTION: Variable = (PREDICTION[0], -1)
"""What learn is given as the prediction: its sigmoid where tasks are pairs of classes."""


@dataclass(frozen=True)
class Symbol:
    """What a variable holds. Primes tell the values apart that one variable holds within a function."""

    variable: Variable
    primes: int = 0

    @property
    def kind(self) -> MemoryType:
        """Its memory type."""
        return self.variable[0]


@dataclass(frozen=True)
class Number:
    """A number, or an array filled with it."""

    kind: MemoryType
    value: float


@dataclass(frozen=True)
class Apply:
    """An op on operands; an op that sets one element has the array's old content as its operand."""

    op: Op
    operands: tuple["Expression", ...]
    constants: tuple[float, ...] = ()

    @property
    def kind(self) -> MemoryType:
        """The memory type of the result."""
        assert self.op.output is not None
        return self.op.output


Expression = Symbol | Number | Apply

_SCALING: dict[MemoryType, Op] = {
    op.output: op for op in OPS if op.family == "product" and op.inputs[0] == "s" and op.output
}
"""The product of a scalar and a value of each type."""
_SAME = frozenset({"minimum", "maximum"})


def tidy(expression: Expression) -> Expression:
    """Return what is shorter and equal over the real numbers: x for x + 0, 2 x for x + x, 0 for 0 x."""
    if not isinstance(expression, Apply):
        return expression
    op = expression.op
    done = Apply(op, tuple(map(tidy, expression.operands)), expression.constants)
    if op.draws:
        return _drawn(done)
    rule = _RULES.get("choice" if op.family in _SAME else op.family)
    return rule(done, *done.operands) if rule else done


def is_zero(expression: Expression) -> bool:
    """Return whether an expression is the number 0, or filled with it."""
    return isinstance(expression, Number) and expression.value == 0.0


def is_number(statement: Instruction) -> bool:
    """Return whether a statement sets a constant, which is shorter than any symbol."""
    whole = not statement.op.inputs and not statement.op.partial
    return whole and isinstance(tidy(Apply(statement.op, (), statement.constants)), Number)


def _drawn(whole: Apply) -> Expression:
    """Return the number that a draw without width gives."""
    first, second = whole.constants
    certain = first >= second if whole.op.bounded else second == 0.0
    return Number(whole.kind, first) if certain else whole


def _sum(whole: Apply, a: Expression, b: Expression) -> Expression:
    if is_zero(a) or is_zero(b):
        return b if is_zero(a) else a
    terms = [*_terms(whole.op, a), *_terms(whole.op, b)]
    factors: dict[Expression, float] = {}
    for factor, term in terms:
        factors[term] = factors.get(term, 0.0) + factor
    if len(factors) == len(terms):
        return whole
    left = [term if factor == 1.0 else scaled(factor, term) for term, factor in factors.items() if factor]
    return reduce(lambda so_far, term: Apply(whole.op, (so_far, term)), left or [Number(whole.kind, 0.0)])


def _terms(op: Op, expression: Expression) -> Iterator[tuple[float, Expression]]:
    """Yield the terms of nested sums, each as a number times an expression."""
    if isinstance(expression, Apply) and expression.op is op:
        for operand in expression.operands:
            yield from _terms(op, operand)
    elif isinstance(expression, Apply) and expression.op == _SCALING[expression.kind]:
        factor, inner = expression.operands
        yield (factor.value, inner) if isinstance(factor, Number) else (1.0, expression)
    else:
        yield 1.0, expression


def _difference(whole: Apply, a: Expression, b: Expression) -> Expression:
    return a if is_zero(b) else whole


def _choice(whole: Apply, a: Expression, b: Expression) -> Expression:
    return a if a == b else whole


def _product(whole: Apply, a: Expression, b: Expression) -> Expression:
    if is_zero(a) or is_zero(b):
        return Number(whole.kind, 0.0)
    if whole.op.id not in ELEMENTWISE_PRODUCTS:
        return whole
    if whole.op.id in COMMUTATIVE and isinstance(b, Number):
        a, b = b, a
    if isinstance(a, Number) and a.value == 1.0:
        return b
    if isinstance(a, Number) and whole.kind == "s" and isinstance(b, Number):
        return Number("s", a.value * b.value)
    if isinstance(b, Apply) and b.op == _SCALING[b.kind] and isinstance(b.operands[0], Number):
        factor, inner = b.operands
        return Apply(b.op, (factor, tidy(Apply(whole.op, (a, inner)))))
    return Apply(whole.op, (a, b))


def _broadcast(whole: Apply, a: Expression) -> Expression:
    return Number(whole.kind, a.value) if isinstance(a, Number) else whole


def _constant(whole: Apply, *_: Expression) -> Expression:
    return whole if whole.op.partial else Number(whole.kind, whole.constants[0])


def scaled(factor: float, expression: Expression) -> Expression:
    """Return a number times an expression."""
    return Apply(_SCALING[expression.kind], (Number("s", factor), expression))


_RULES: dict[str, Callable[..., Expression]] = {
    "sum": _sum,
    "difference": _difference,
    "choice": _choice,
    "product": _product,
    "broadcast": _broadcast,
    "constant": _constant,
}


def symbols(expression: Expression) -> tuple[Symbol, ...]:
    """Return the symbols in an expression, in the order in which they stand there."""
    if isinstance(expression, Symbol):
        return (expression,)
    below = expression.operands if isinstance(expression, Apply) else ()
    return tuple(one for operand in below for one in symbols(operand))


def substituted(expression: Expression, known: Mapping[Symbol, Expression]) -> Expression:
    """Return an expression with what is known of its symbols in their place."""
    if isinstance(expression, Symbol):
        return known.get(expression, expression)
    if isinstance(expression, Number):
        return expression
    operands = tuple(substituted(operand, known) for operand in expression.operands)
    return Apply(expression.op, operands, expression.constants)


def sigmoid_of(expression: Expression) -> Expression | None:
    """Return z if an expression is 1 / (1 + exp(-z)), in its shortest form."""
    total = _operands(expression, "reciprocal")
    one, power = _operands(total[0], "sum") or (None, None) if total else (None, None)
    if isinstance(power, Number):
        one, power = power, one
    exponent = _operands(power, "exp")
    inner = _operands(exponent[0], "difference") if exponent else ()
    return inner[1] if inner and one == Number("s", 1.0) and is_zero(inner[0]) else None


def _operands(expression: Expression | None, family: str) -> tuple[Expression, ...]:
    """Return the operands of an expression of a family of ops, and none of another one."""
    found = isinstance(expression, Apply) and expression.op.family == family
    return expression.operands if found and isinstance(expression, Apply) else ()
