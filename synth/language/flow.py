"""Where the values of a program come from: the definitions that may reach each operand.

A program runs setup once, then (predict, learn) for each training example and predict for each validation
example. What the engine itself writes counts as a definition too: zero at the start, the label and the
features before a function, and s1 after a training predict.
"""

from collections.abc import Container, Iterator
from typing import NamedTuple

from synth.language.candidate import Candidate
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES, LABEL, PREDICTION, Variable

SETUP, PREDICT, LEARN = range(3)
"""The functions by their index in `candidate.FUNCTIONS`."""

ENGINES = frozenset({LABEL, PREDICTION, FEATURES})
"""Variables that the engine writes too."""


def stays_zero(variable: Variable, written: Container[Variable]) -> bool:
    """Return whether neither a program, which writes these variables, nor the engine writes a variable."""
    return variable not in written and variable not in ENGINES


class Definition(NamedTuple):
    """A statement, by function and line from 0; or one of the engine's own below, whose function is -1."""

    function: int
    line: int


ZERO = Definition(-1, 0)
"""Memory is zero from first use."""
GIVEN = Definition(-1, 1)
"""The label or the features of an example."""
SQUASHED = Definition(-1, 2)
"""s1 after a training predict: its sigmoid in an accuracy task."""

Definitions = frozenset[Definition]
_State = dict[Variable, Definitions]
_ZERO = frozenset((ZERO,))


def statements(candidate: Candidate) -> Iterator[tuple[Definition, Instruction]]:
    """Yield all statements with the definitions that they are, in order."""
    for function, body in enumerate(candidate.bodies):
        for index, statement in enumerate(body):
            yield Definition(function, index), statement


class Flow:
    """The flow of values through a candidate.

    `reaching[d]` holds, for each operand of statement d, the definitions that may reach it, and `kept[d]`
    for an op that sets one element those of the old content. `entry[f]` is what may reach the start of a
    function, `prediction` what may be in s1 when a predict ends.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.reaching: dict[Definition, tuple[Definitions, ...]] = {}
        self.kept: dict[Definition, Definitions] = {}
        after_setup = self._run(SETUP, {})
        before_predict = after_setup
        given: _State = {LABEL: frozenset((GIVEN,)), FEATURES: frozenset((GIVEN,))}
        while True:
            after_predict = self._run(PREDICT, before_predict | given)
            self.prediction = after_predict.get(PREDICTION, _ZERO)
            squashed = {PREDICTION: self.prediction | {SQUASHED}}
            before_learn = after_predict | given | squashed
            after_learn = self._run(LEARN, before_learn)
            merged = _merge(after_setup, after_predict, after_learn)
            if merged == before_predict:
                break
            before_predict = merged
        self.entry: tuple[_State, _State, _State] = ({}, before_predict | given, before_learn)

    def _run(self, function: int, state: _State) -> _State:
        state = dict(state)
        for index, statement in enumerate(self.candidate.bodies[function]):
            here = Definition(function, index)
            self.reaching[here] = tuple(state.get(variable, _ZERO) for variable in statement.operands)
            if statement.op.partial:
                self.kept[here] = state.get(statement.target, _ZERO)
            state[statement.target] = self.kept.get(here, frozenset()) | {here}
        return state

    def sources(self, definition: Definition) -> Definitions:
        """Return all definitions that may reach a statement, by an operand or by what it keeps."""
        return frozenset().union(*self.reaching[definition], self.kept.get(definition, frozenset()))


def _merge(*states: _State) -> _State:
    variables = {variable for state in states for variable in state}
    return {
        variable: frozenset().union(*(state.get(variable, _ZERO) for state in states))
        for variable in variables
    }
