"""The parts of a program by what they are for: errors of predictions, and states that they move."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from synth.language.candidate import Candidate
from synth.language.flow import LEARN, Definition
from synth.language.ops import FEATURES, LABEL, PREDICTION, SCALAR_CONST_SET, Variable
from synth.reading.structure import ADDITIVE, Structure, Term

NEAR_ONE = 2.0
"""What is this many times a label, or a prediction, still stands for it in an error."""


@dataclass
class State:
    """A group of statements that keeps something from step to step, and how it is updated."""

    group: frozenset[Definition]
    update: Definition
    """The last of its statements in a step."""
    old: list[Term]
    """What is kept of its own content."""
    new: list[Term]
    """What is added."""
    gradient: list[Term]
    """Those of `new` that depend on the error of a prediction."""
    labelled: list[Term]
    """Those of `new` that depend on label and features, but on no error."""

    @property
    def trained(self) -> bool:
        """Whether it is moved by what the examples say."""
        return bool(self.gradient or self.labelled)

    @property
    def average_or_sum(self) -> Literal["average", "sum"]:
        """What it is of what is added: an average loses something of its old content in each step."""
        return "average" if any(term.factors for term in self.old) else "sum"


class Learner(Structure):
    """The structure of a program seen as a learner: errors of predictions, and the states that they move."""

    def __init__(self, candidate: Candidate) -> None:
        super().__init__(candidate)
        self.errors = [at for at in self.live if self._is_error(at)]
        self.states = [self._state(group) for group in self.groups]
        self.used = self.touched(self.behind(*self.flow.prediction))
        """States that a prediction reads."""

    def _is_error(self, definition: Definition) -> bool:
        """Return whether a scalar is a difference of the label and of something learned from the features."""
        op = self.live[definition].op
        if op.output != "s" or op.family not in ADDITIVE:
            return False
        terms = [self._unscaled(term) for term in self.terms(definition)]
        signs = {term.sign for term in terms if term.variable == LABEL and term.reader.function == LEARN}
        return any(-term.sign in signs and self._is_prediction(term) for term in terms)

    def _unscaled(self, term: Term) -> Term:
        """Return a scalar term without a constant factor near 1 or -1, as of a label that is less sure."""
        sources = self.sources(term.reader, term.variable)
        source = next(iter(sources), None)
        if source is None or len(sources) > 1 or self.carried(term.reader, source):
            return term
        statement = self.live[source]
        if statement.op.family == "product" and statement.op.inputs == ("s", "s"):
            for factor, other in (statement.operands, statement.operands[::-1]):
                value = self._constant(factor)
                if value is not None and 1.0 / NEAR_ONE <= abs(value) <= NEAR_ONE:
                    sign = -term.sign if value < 0.0 else term.sign
                    return replace(term, variable=other, reader=source, sign=sign)
        return term

    def _constant(self, variable: Variable) -> float | None:
        """Return the value that setup sets a scalar to, if nothing else writes it."""
        writers = [self.live[at] for at in self.writers.get(variable, ()) if at in self.live]
        if not self.is_constant(variable) or len(writers) != 1 or writers[0].op.id != SCALAR_CONST_SET.id:
            return None
        return writers[0].constants[0]

    def _is_prediction(self, term: Term) -> bool:
        if term.variable == PREDICTION:
            return True  # even where an error of before is part of it
        inputs = self.inputs(self.behind(*self.sources(term.reader, term.variable)))
        return FEATURES in inputs and LABEL not in inputs | {term.variable}

    def _state(self, group: frozenset[Definition]) -> State:
        update = max(group)
        terms = self.terms(update)
        variables = self.targets_of(group)
        old = [term for term in terms if term.variable in variables]
        new = [term for term in terms if term.variable not in variables]
        if not any(self.is_steady(term) for term in old):
            return State(group, update, old, new, [], [])
        gradient = [term for term in new if not self.scope(term).isdisjoint(self.errors)]
        labelled = [term for term in new if term not in gradient and self._is_labelled(term)]
        return State(group, update, old, new, gradient, labelled)

    def is_steady(self, term: Term) -> bool:
        """Return whether a term's factors are the same for all examples."""
        behind = (self.behind(*self.sources(*factor)) for factor in term.factors)
        inputs = self.inputs(frozenset().union(*behind))
        return not inputs and not any(variable in (LABEL, PREDICTION) for _, variable in term.factors)

    def _is_labelled(self, term: Term) -> bool:
        return {LABEL, FEATURES} <= {term.variable, *self.inputs(self.scope(term))}

    def sources(self, reader: Definition, variable: Variable) -> frozenset[Definition]:
        """Return the statements that may have written what a statement reads from a variable."""
        matching = (sources for read, sources in self.reads(reader) if read == variable)
        return frozenset().union(*matching) & self.live.keys()

    def scope(self, term: Term) -> frozenset[Definition]:
        """Return the statements of a term: its path, and what its content and factors are made of."""
        reads = [(term.reader, term.variable), *term.factors]
        sources = {source for read in reads for source in self.sources(*read)}
        starts = (source for source in sources if not self.group_of(source))
        return self.behind(*starts).union(term.path)

    def state_at(self, variable: Variable) -> State | None:
        """Return the state that a variable belongs to."""
        writers = self.writers.get(variable, ())
        return next((state for at in writers for state in self.states if at in state.group), None)

    def velocity_of(self, state: State) -> State | None:
        """Return the trained state, fading away, that is added to this one as momentum is."""
        for term in state.new:
            other = self.state_at(term.variable)
            fading = other and other.old and all(old.factors for old in other.old)
            if other and fading and other.gradient and other.group not in self.used:
                return other
        return None

    def moved_by(self, velocity: State) -> State | None:
        """Return the state to which a velocity is added; None for a state that is not a velocity."""
        return next((state for state in self.states if self.velocity_of(state) is velocity), None)

    def average_of(self, state: State) -> tuple[State, Term] | None:
        """Return the trained state whose average or sum this one is, with the term that adds it."""
        if state.trained or self.velocity_of(state) is not None:
            return None
        added = ((self.state_at(term.variable), term) for term in state.new)
        return next(((other, term) for other, term in added if other and other.trained), None)

    def is_schedule(self, state: State) -> bool:
        """Return whether a scalar changes in each step whatever the examples are: it counts, or fades."""
        scalar = all(variable[0] == "s" for variable in self.targets_of(state.group))
        parts = [self.behind(state.update), *map(self.scope, (*state.new, *state.old))]
        return scalar and not self.inputs(frozenset().union(*parts))

    def name(self, state: State) -> str:
        """Return the variable that holds a state at the end of a step, as the given program writes it."""
        return self.text(self.live[state.update].target)

    def text(self, variable: Variable) -> str:
        """Return a variable as the given program writes it."""
        kind, address = self.given[variable]
        return f"m.{kind}{address}"

    def smallest(self, terms: Iterable[Term]) -> frozenset[Definition]:
        """Return the statements of the term that is made of fewest."""
        return min(map(self.scope, terms), key=len)

    def all_behind(self, terms: Iterable[Term]) -> frozenset[Definition]:
        """Return the statements that any of these terms is made of."""
        return frozenset().union(*map(self.scope, terms))

    def sees_features(self, reader: Definition, variable: Variable) -> bool:
        """Return whether what is read depends on this example's features."""
        sources = self.sources(reader, variable)
        now = (source for source in sources if not self.carried(reader, source))
        behind = self.behind(*now, within_step=True)
        return variable == FEATURES or FEATURES in self.inputs(behind)

    def denominator(self, definition: Definition) -> Variable | None:
        """Return what a statement divides by."""
        statement = self.live[definition]
        return statement.operands[-1] if statement.op.family in {"quotient", "reciprocal"} else None
