"""The equations of a program: how it predicts, how it learns, and what its memory holds at first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP, Definition
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES, LABEL, PREDICTION, Variable
from synth.reading.equations.derivation import Derivation, Derived, contents
from synth.reading.equations.expressions import (
    GIVEN_PREDICTION,
    Expression,
    Number,
    Symbol,
    substituted,
    symbols,
    tidy,
)
from synth.reading.equations.symbols import letters
from synth.reading.equations.words import Words
from synth.reading.roles import RoleFinder
from synth.reading.simplify.passes import normal_form

_LARGEST = 9.0
"""Whole numbers up to this one are written where they are used."""


@dataclass(frozen=True)
class Equation:
    """`symbol` becomes `expression`."""

    symbol: Symbol
    expression: Expression
    replaces: bool
    """Whether the symbol stands for something else before: an arrow, not a sign of equality."""
    words: tuple[str, ...]
    """What an expert calls it, where that is certain."""
    at: Definition | None
    """The statement of the program that stores it; None for what the engine does."""


@dataclass(frozen=True)
class Equations:
    """The equations of a program, in the order in which they are true, and the letters of its variables.

    `setup` holds constants and initial values, `predict` and `learn` what is done for each example. At the
    beginning of learn `GIVEN_PREDICTION` stands for the prediction. `candidate` is the program whose
    statements are meant: the normal form of the given one, with one address for each meaning.
    """

    candidate: Candidate
    setup: tuple[Equation, ...]
    predict: tuple[Equation, ...]
    learn: tuple[Equation, ...]
    letters: Mapping[Variable, str]


def equations_of(candidate: Candidate) -> Equations:
    """Return the equations of any candidate; they are those of its normal form."""
    return _Reader(normal_form(candidate)).equations()


class _Reader:
    def __init__(self, candidate: Candidate) -> None:
        self.finder = RoleFinder(candidate)
        live = self.finder.learner.live
        self.bodies: list[dict[Definition, Instruction]] = [
            {at: one for at, one in live.items() if at.function == function}
            for function in (SETUP, PREDICT, LEARN)
        ]
        self.written = [{one.target for one in body.values()} for body in self.bodies]
        self.read = [_read_before(body) for body in self.bodies]

    @cached_property
    def carried(self) -> frozenset[Variable]:
        """Variables by which a step, or setup, hands something to the next step."""
        before = self.read[PREDICT] | (self.read[LEARN] - self.written[PREDICT])
        if PREDICTION not in self.written[PREDICT]:
            before |= {PREDICTION}
        return frozenset(before & (set().union(*self.written) | {PREDICTION}) - self.literals.keys())

    @cached_property
    def literals(self) -> dict[Variable, Expression]:
        """What setup sets once and for all to a short number."""
        constant = self.written[SETUP] - self.written[PREDICT] - self.written[LEARN] - {PREDICTION}
        found: dict[Symbol, Expression] = {}
        for one in self._derive(SETUP, constant).equations:
            value = tidy(substituted(one.expression, found))
            if isinstance(value, Number) and value.value.is_integer() and abs(value.value) <= _LARGEST:
                found[one.symbol] = value
        own = {one.variable: one for one in found if not one.primes}
        return {variable: found[own[variable]] for variable in constant & own.keys()}

    def equations(self) -> Equations:
        """Return the equations."""
        wanted = [
            self.carried,
            self.carried | {PREDICTION} | (self.read[LEARN] & self.written[PREDICT]),
            self.carried,
        ]
        derived = [self._derive(function, wanted[function]).equations for function in (SETUP, PREDICT, LEARN)]
        words = Words(self.finder)
        names = letters(self.finder.roles, _in_reading_order(derived))
        setup, predict, learn = (tuple(self._equation(one, words) for one in part) for part in derived)
        if PREDICTION in self.carried and PREDICTION not in self.written[LEARN]:
            engine = Equation(Symbol(PREDICTION), Symbol(GIVEN_PREDICTION), True, (), None)
            learn = (*learn, engine)
        return Equations(self.finder.learner.candidate, (*setup, *self._zeros()), predict, learn, names)

    def _derive(self, function: int, wanted: Iterable[Variable]) -> Derivation:
        given = {variable: self._given(function, variable) for variable in self.read[function]}
        return Derivation(self.bodies[function], given, frozenset(wanted))

    def _given(self, function: int, variable: Variable) -> Expression:
        """Return what a variable stands for when a function begins."""
        if function == SETUP or (function == PREDICT and variable == LABEL):
            return Number(variable[0], 0.0)
        if function == LEARN and variable == PREDICTION:
            return Symbol(GIVEN_PREDICTION)
        if variable in (LABEL, FEATURES, PREDICTION) or variable in set().union(*self.written):
            return self.literals.get(variable, Symbol(variable))
        return Number(variable[0], 0.0)

    def _equation(self, derived: Derived, words: Words) -> Equation:
        variable, function = derived.symbol.variable, derived.at.function
        again = variable in self.carried or variable in self.read[function]
        replaces = function != SETUP and again and not derived.symbol.primes
        said = function != SETUP or variable not in self.written[PREDICT] | self.written[LEARN]
        names = words.of(derived) if said else ()
        return Equation(derived.symbol, derived.expression, replaces, names, derived.at)

    def _zeros(self) -> Iterable[Equation]:
        for variable in sorted(self.carried - self.written[SETUP]):
            yield Equation(Symbol(variable), Number(variable[0], 0.0), False, (), None)


def _read_before(body: Mapping[Definition, Instruction]) -> set[Variable]:
    """Return the variables whose content from before a function is read in it."""
    reads = (one for reads in contents(body).values() for one in reads)
    return {one for one in reads if not isinstance(one, Definition)}


def _in_reading_order(derived: Sequence[Sequence[Derived]]) -> Iterator[Symbol]:
    """Yield the symbols of all equations, what predictions are made of first."""
    setup, predict, learn = derived
    for one in (*predict, *learn, *setup):
        yield from symbols(one.expression)
        yield one.symbol
