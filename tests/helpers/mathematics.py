"""Equations by numbers: what an expression is worth, and what a program's equations predict."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP, Definition, statements
from synth.language.instruction import instruction
from synth.language.ops import FEATURES, LABEL, PREDICTION, Op, Variable
from synth.reading.equations.equations import Equation, Equations
from synth.reading.equations.expressions import GIVEN_PREDICTION, Expression, Number, Symbol

F = 4
SHAPES = {"s": (), "v": (F,), "m": (F, F)}

Value = Any
Examples = list[tuple[NDArray[np.float64], float]]


class Memory:
    """What stands for `m` in a statement; draws depend on the phase, the example and the statement alone."""

    F = F

    def __init__(self) -> None:
        self.moment: tuple[int, ...] = ()

    @property
    def rng(self) -> np.random.Generator:
        return np.random.default_rng(self.moment)


def applied(
    op: Op, operands: Iterable[Value], constants: tuple[float, ...], moment: tuple[int, ...]
) -> Value:
    """What the op's own statement gives."""
    memory = Memory()
    memory.moment = moment
    given = list(operands)
    for slot, (kind, value) in enumerate(zip(op.inputs, given, strict=False)):
        setattr(memory, f"{kind}{slot + 1}", value)
    if op.partial:
        setattr(memory, f"{op.output}0", given[-1].copy())
    statement = instruction(op, 1, 2, 0, constants)
    text = statement.spell("0", "1", "2").replace("m.rng.uniform(", "uniform(m, ")
    with np.errstate(all="ignore"):
        exec(text, {"np": np, "m": memory, "uniform": _uniform})
    return np.array(getattr(memory, f"{op.output}0"), dtype=np.float64)


def _uniform(memory: Memory, low: float, high: float, *size: Any) -> Value:
    """As the engines draw it: the first bound where the bounds are not in order."""
    shape = size[0] if size else ()
    return memory.rng.uniform(low, high, shape) if low < high else np.full(shape, low)


def value(expression: Expression, known: Mapping[Symbol, Value], moment: tuple[int, ...] = ()) -> Value:
    """What an expression is worth."""
    if isinstance(expression, Symbol):
        return known[expression]
    if isinstance(expression, Number):
        return np.full(SHAPES[expression.kind], expression.value)
    operands = [value(one, known, moment) for one in expression.operands]
    return applied(expression.op, operands, expression.constants, moment)


def squashed(prediction: Value, sigmoid: bool) -> Value:
    with np.errstate(all="ignore"):
        return 1.0 / (1.0 + np.exp(-prediction)) if sigmoid else prediction


def by_equations(equations: Equations, train: Examples, valid: Examples, sigmoid: bool) -> list[float]:
    """All predictions, of the train examples and then of the others."""
    known: dict[Symbol, Value] = {}

    def follow(part: Iterable[Equation], moment: int) -> None:
        for one in part:
            where = (moment, *(one.at or ()))
            known[one.symbol] = value(one.expression, known, where)

    found = []
    follow(equations.setup, 0)
    for moment, (x, y) in enumerate([*train, *valid], 1):
        known[Symbol(FEATURES)] = x
        follow(equations.predict, moment)
        found.append(float(known[Symbol(PREDICTION)]))
        if moment <= len(train):
            known |= {
                Symbol(LABEL): np.float64(y),
                Symbol(GIVEN_PREDICTION): squashed(known[Symbol(PREDICTION)], sigmoid),
            }
            follow(equations.learn, moment)
    return found


def by_statements(candidate: Candidate, train: Examples, valid: Examples, sigmoid: bool) -> list[float]:
    """The same from the program itself, one statement after the other, until a value is no number.

    Equations are equal over the real numbers: what is 0 times infinity in a program is 0 there.
    """
    memory: dict[Variable, Value] = {}
    bodies: dict[int, list[Definition]] = {SETUP: [], PREDICT: [], LEARN: []}
    every = dict(statements(candidate))
    for at in every:
        bodies[at.function].append(at)

    def get(variable: Variable) -> Value:
        return memory.get(variable, np.zeros(SHAPES[variable[0]]))

    def follow(function: int, moment: int) -> None:
        for at in bodies[function]:
            one = every[at]
            read = [get(variable) for variable in one.operands] + [get(one.target)] * one.op.partial
            memory[one.target] = applied(one.op, read, one.constants, (moment, *at))
            if np.isnan(memory[one.target]).any():
                raise _NoNumber

    found: list[float] = []
    with suppress(_NoNumber):
        follow(SETUP, 0)
        for moment, (x, y) in enumerate([*train, *valid], 1):
            memory |= {FEATURES: x, LABEL: np.float64(0.0)}
            follow(PREDICT, moment)
            found.append(float(get(PREDICTION)))
            if moment <= len(train):
                memory |= {PREDICTION: squashed(get(PREDICTION), sigmoid), LABEL: np.float64(y)}
                follow(LEARN, moment)
    return found


class _NoNumber(Exception):
    """A value is nan."""


def examples(seed: int, count: int) -> Examples:
    """Random examples."""
    generator = np.random.default_rng(seed)
    return [(generator.normal(size=F), float(generator.integers(2))) for _ in range(count)]
