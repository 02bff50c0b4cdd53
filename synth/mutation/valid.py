"""Random valid programs: drawn so that data flows, by construction.

Predict joins a parameter with the features to a prediction. Learn begins with the label, takes in the
prediction, multiplies that with something that depends on the features, and ends in an update of the
parameter. So every such program passes static rejection, with feedback or without. That they are built so,
and that updates have the form `A = op(A, .)`, is prior knowledge; ops, operands and lengths are drawn.
"""

from functools import lru_cache
from random import Random

from synth.errors import UsageError
from synth.language.analysis import can_learn, effective, feeds_back
from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, operands, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import FEATURES, LABEL, MEMORY_TYPES, PREDICTION, MemoryType, Op, Place
from synth.mutation.anatomy import Values
from synth.mutation.draft import NO_OP, Draft, Refused
from synth.mutation.fresh import ADDRESS_SETTINGS
from synth.mutation.space import Space
from synth.mutation.ways import Join, other_types, ways_of

TRIES = 1000
"""How often a program is begun anew that grew too large; each time it wanders less."""

WANDERING = {PREDICT: 0.35, LEARN: 0.5}
"""The probability of a statement more than the shortest way needs."""


def valid_candidate(space: Space, random: Random, feedback: bool = True) -> Candidate:
    """A random program that can learn, and in which, with `feedback`, the error feeds back.

    Raises UsageError, which says what is missing, where the op lists or sizes allow none.
    """
    types = valid_types(space, feedback)
    for tries in range(TRIES):
        draft = Draft(Candidate(), space, random)
        try:
            _Builder(draft, feedback, 1 / (1 + tries)).build(draft.pick(types))
            candidate = effective(draft.edit().apply(Candidate()))
        except Refused:
            continue
        if can_learn(candidate) and (not feedback or feeds_back(candidate)):
            return candidate
    raise UsageError(
        "no random valid program fits into the sizes and addresses of `program`; raise program.predict_max, "
        "program.learn_max, program.scalars, program.vectors or program.matrices"
    )


@lru_cache(64)
def valid_types(space: Space, feedback: bool) -> tuple[MemoryType, ...]:
    """The types of which the parameter of a valid program can be.

    Raises UsageError, which says what is missing, where there are none.
    """
    ways = ways_of(space)
    able = [kind for kind in MEMORY_TYPES if ways.joins(PREDICT, kind, "v", "s", frozenset((kind, "v")))]
    addresses = space.addresses
    read = [kind for kind in able if addresses.counts[kind] > addresses.first[kind]]
    if able and not read:
        settings = " or ".join(f"program.{ADDRESS_SETTINGS[kind]}" for kind in able)
        raise UsageError(
            f"search.start = valid needs an address for a parameter that predict reads; raise {settings}"
        )
    if not read:
        raise UsageError(
            "search.start = valid needs ops in program.predict_ops that join the features (a vector) with "
            "another value and lead to a scalar, such as 27 (np.dot of two vectors)"
        )
    found = [kind for kind in read if ways.updates(kind)]
    if not found:
        names = " or a ".join({"s": "scalar", "v": "vector", "m": "matrix"}[kind] for kind in read)
        raise UsageError(
            "search.start = valid needs an op in program.learn_ops that updates what predict reads, a "
            f"{names}, by itself and another value, such as 1, 23 or 39 (sums)"
        )
    learned = [kind for kind in found if ways.changes(kind, feedback)]
    if not learned:
        error = "an op of two scalars for the error, and a product of it with the features"
        raise UsageError(
            "search.start = valid needs a way in program.learn_ops from the label to the update: "
            f"{error if feedback else 'ops that lead there from a scalar'}, such as 2 (a difference) and 18 "
            "(a scalar times a vector)"
        )
    return tuple(learned)


class _Builder:
    """Builds one program in a draft of the empty one."""

    def __init__(self, draft: Draft, feedback: bool, wandering: float = 1.0) -> None:
        self._draft, self._feedback = draft, feedback
        self._wandering = {function: wandering * chance for function, chance in WANDERING.items()}
        self._ways = ways_of(draft.space)
        self._bodies: dict[int, list[Instruction]] = {PREDICT: [], LEARN: []}
        self._values: dict[int, Values] = {
            PREDICT: {"s": [], "v": [0], "m": []},
            LEARN: {"s": [0, 1], "v": [0], "m": []},
        }

    def build(self, kind: MemoryType) -> None:
        """Put the statements of a program, whose parameter is of this type, into the draft."""
        draft = self._draft
        if draft.space.constant_op is not None and draft.chance(0.7):
            self._at_hand(draft.constant(draft.log_uniform(5e-4, 1.0)), PREDICT, LEARN)
        parameter = draft.fresh(kind)
        if draft.chance(0.3):
            draft.initialise(parameter)
        self._at_hand(parameter, PREDICT, LEARN)
        seen = self._predict(parameter)
        self._learn(parameter, seen)
        for function, body in self._bodies.items():
            draft.insert(draft.end(function), body)

    def _predict(self, parameter: Place) -> list[Place]:
        """Join the parameter with the features to s1; return the places that depend on the features."""
        joined = self._joined(PREDICT, parameter, FEATURES, "s")
        self._walk(PREDICT, joined, "s")
        body = self._bodies[PREDICT]
        last = body[-1]
        body[-1] = instruction(last.op, last.a, last.b, PREDICTION[1], last.constants)
        values = self._values[PREDICT]["s"]
        values.remove(last.out)
        for statement in body[:-1]:
            self._at_hand(target(statement), LEARN)
        seen = [FEATURES]
        seen += [target(one) for one in body[:-1] if any(place in seen for place in operands(one))]
        return seen

    def _learn(self, parameter: Place, seen: list[Place]) -> None:
        """Lead from the label to an update of the parameter."""
        draft, kind = self._draft, parameter[0]
        update = draft.pick(self._ways.updates(kind))
        (goal,) = other_types(update, kind)
        if self._feedback:
            feature = draft.pick(seen)
            error = self._joined(LEARN, LABEL, PREDICTION, goal, after=feature[0])
            start = self._joined(LEARN, error, feature, goal, products=True)
        else:
            start = LABEL
        change = self._walk(LEARN, start, goal)
        self._bodies[LEARN].append(draft.drawn([update], parameter, self._values[LEARN], [parameter, change]))

    def _joined(
        self,
        function: int,
        first: Place,
        second: Place,
        goal: str | None,
        products: bool = False,
        after: str = "",
    ) -> Place:
        """A value that depends on two others, from which there is a way to the goal.

        With `after` a product of it and a value of that type must have a way there.
        """
        hand = self._types(function)
        joins = self._ways.joins(function, first[0], second[0], None if after else goal, hand, products)
        if after:
            joins = [
                join for join in joins if self._ways.joins(function, join.gives, after, goal, hand, True)
            ]
        join = self._draft.pick(self._short(function, joins), NO_OP)
        one, other = self._walk(function, first, join.first), self._walk(function, second, join.second)
        return self._add(function, [join.op], [one, other])

    def _short(self, function: int, joins: list[Join]) -> list[Join]:
        """Those that take the fewest statements, or, when wandering, all."""
        if self._draft.chance(self._wandering[function]):
            return joins
        fewest = min((join.steps for join in joins), default=0)
        return [join for join in joins if join.steps == fewest]

    def _walk(self, function: int, place: Place, goal: str) -> Place:
        """Go on from a value to one of the type of the goal, not always on the shortest way."""
        while True:
            wanders = self._draft.chance(self._wandering[function])
            if place[0] == goal and not wanders:
                return place
            ops = self._ways.onwards(function, place[0], goal, self._types(function), wanders)
            if not ops and place[0] == goal:
                return place
            place = self._add(function, ops, [place])

    def _add(self, function: int, ops: list[Op], reads: list[Place]) -> Place:
        """Add a statement by one of the ops; return what it writes."""
        made = self._draft.drawn(ops, None, self._values[function], reads)
        self._bodies[function].append(made)
        self._at_hand(target(made), function)
        return target(made)

    def _types(self, function: int) -> frozenset[str]:
        """The types of which there are values at hand."""
        return frozenset(kind for kind, addresses in self._values[function].items() if addresses)

    def _at_hand(self, place: Place, *functions: int) -> None:
        for function in functions:
            self._values[function][place[0]].append(place[1])
