"""Where the values of a program come from: the definitions that may reach each operand.

A program runs setup once, then (predict, learn) for each training example and predict for each validation
example. What the engine itself writes counts as a definition too: zero at the start, the label and the
features before a function, and s1 after a training predict.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from synth.language.candidate import Body, Candidate
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES, LABEL, PREDICTION, Place

SETUP, PREDICT, LEARN = range(3)
"""The functions' places in `candidate.FUNCTIONS`."""


ENGINES = frozenset({LABEL, PREDICTION, FEATURES})
"""Places that the engine writes too."""


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
_State = dict[Place, Definitions]
_ZERO = frozenset((ZERO,))


def operands(statement: Instruction) -> list[Place]:
    """The places that a statement reads as operands, a before b (not the old content of a partial op)."""
    return list(zip(statement.op.inputs, (statement.a, statement.b), strict=False))


def target(statement: Instruction) -> Place:
    """The place that a statement writes."""
    assert statement.op.output is not None, "a candidate holds no NO_OP"
    return statement.op.output, statement.out


def statements(candidate: Candidate) -> Iterator[tuple[Definition, Instruction]]:
    """All statements with the definitions that they are, in order."""
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
            found = _merge((after_setup, after_predict, after_learn))
            if found == before_predict:
                break
            before_predict = found
        self.entry: tuple[_State, _State, _State] = ({}, before_predict | given, before_learn)

    def _run(self, function: int, state: _State) -> _State:
        state = dict(state)
        for index, statement in enumerate(self.candidate.bodies[function]):
            here, out = Definition(function, index), target(statement)
            self.reaching[here] = tuple(state.get(place, _ZERO) for place in operands(statement))
            own = frozenset((here,))
            if statement.op.partial:
                self.kept[here] = state.get(out, _ZERO)
                own |= self.kept[here]
            state[out] = own
        return state

    def statement(self, definition: Definition) -> Instruction:
        """The statement that a definition is (not one of the engine's)."""
        body: Body = self.candidate.bodies[definition.function]
        return body[definition.line]

    def sources(self, definition: Definition) -> Definitions:
        """All definitions that may reach a statement, by an operand or by what it keeps."""
        return frozenset().union(*self.reaching[definition], self.kept.get(definition, frozenset()))


def _merge(states: Iterable[_State]) -> _State:
    states = list(states)
    places = {place for state in states for place in state}
    return {place: frozenset().union(*(state.get(place, _ZERO) for state in states)) for place in places}
