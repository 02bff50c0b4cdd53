"""Random valid programs: drawn so that data flows, by construction.

Predict joins a parameter with the features to a prediction. Learn begins with the label, takes in the
prediction, multiplies that with something that depends on the features, and ends in an update of the
parameter. So every such program passes static rejection, with feedback or without. That they are built so,
and that updates have the form `A = op(A, .)`, is prior knowledge; ops, operands and lengths are drawn.
"""

import math
from functools import lru_cache
from random import Random

from synth.errors import UsageError
from synth.language.analysis import effective
from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES, LABEL, MEMORY_TYPES, PREDICTION, MemoryType, Op, Variable
from synth.language.rejection import can_learn, feeds_back
from synth.mutation.draft import NO_OP, Draft, Refused
from synth.mutation.fresh import ADDRESS_SETTINGS
from synth.mutation.space import Space
from synth.mutation.vocabulary import Join, Types, Vocabulary, other_types, result

TRIES = 1000
"""How often a program is begun anew that grew too large; each time it wanders less."""

WANDERING = {PREDICT: 0.35, LEARN: 0.5}
"""The probability of a statement more than the shortest way needs."""


def valid_candidate(space: Space, random: Random, feedback: bool = True) -> Candidate:
    """Draw a random program that can learn, and in which, with `feedback`, the error feeds back.

    Raises UsageError, which says what is missing, where the op lists or sizes allow none.
    """
    types = valid_types(space, feedback)
    for tries in range(TRIES):
        draft = Draft(Candidate(), space, random)
        try:
            _build(draft, draft.pick(types), feedback, 1 / (1 + tries))
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
    """Return the types of which the parameter of a valid program can be.

    Raises UsageError, which says what is missing, where there are none.
    """
    predict, learn = space.functions[PREDICT].ops, space.functions[LEARN].ops
    able = [kind for kind in MEMORY_TYPES if predict.joins(kind, "v", "s", frozenset((kind, "v")))]
    addresses = space.addresses
    read = [kind for kind in able if addresses.counts[kind] > addresses.first[kind]]
    if able and not read:
        settings = " or ".join(f"program.{ADDRESS_SETTINGS[kind]}" for kind in able)
        raise UsageError(
            f"a program that can learn needs an address for a parameter that predict reads; raise {settings}"
        )
    if not read:
        raise UsageError(
            "a program that can learn needs ops in program.predict_ops that join the features (a vector) "
            "with another value and lead to a scalar, such as 27 (np.dot of two vectors)"
        )
    updated = [kind for kind in read if learn.updates(kind)]
    if not updated:
        names = " or a ".join({"s": "scalar", "v": "vector", "m": "matrix"}[kind] for kind in read)
        raise UsageError(
            "a program that can learn needs an op in program.learn_ops that updates what predict reads, a "
            f"{names}, by itself and another value, such as 1, 23 or 39 (sums)"
        )
    learned = [kind for kind in updated if _label_reaches_update(learn, kind, feedback)]
    if not learned:
        error = "an op of two scalars for the error, and a product of it with the features"
        raise UsageError(
            "a program that can learn needs a way in program.learn_ops from the label to the update: "
            f"{error if feedback else 'ops that lead there from a scalar'}, such as 2 (a difference) and 18 "
            "(a scalar times a vector)"
        )
    return tuple(learned)


def _label_reaches_update(learn: Vocabulary, kind: MemoryType, feedback: bool) -> bool:
    """Return whether there is a way from the label, with feedback through the error, to an update."""
    at_hand: Types = frozenset(("s", "v", kind))
    goals = [goal for op in learn.updates(kind) for goal in other_types(op, kind)]
    if not feedback:
        return any(learn.distance("s", goal, at_hand) < math.inf for goal in goals)
    errors = learn.joins("s", "s", None, at_hand)
    return any(learn.joins(result(one.op), "v", goal, at_hand, True) for one in errors for goal in goals)


class _Writer:
    """Writes one function of a program, statement by statement."""

    def __init__(self, draft: Draft, function: int, scalars: list[int], shortness: float) -> None:
        self.body: list[Instruction] = []
        self.values: dict[MemoryType, list[int]] = {"s": scalars, "v": [0], "m": []}
        self._draft, self._ops = draft, draft.space.functions[function].ops
        self._wandering = WANDERING[function] * shortness

    def offer(self, variable: Variable) -> None:
        """Let later statements read a variable."""
        kind, address = variable
        self.values[kind].append(address)

    def join(
        self,
        first: Variable,
        second: Variable,
        goal: MemoryType,
        products: bool = False,
        before: MemoryType | None = None,
    ) -> Variable:
        """Write a value that depends on two others, from which there is a way to the goal.

        With `before`, a product of it and a value of that type must have a way there.
        """
        at_hand = self._types()
        joins = self._ops.joins(first[0], second[0], None if before else goal, at_hand, products)
        if before:
            joins = [join for join in joins if self._ops.joins(result(join.op), before, goal, at_hand, True)]
        join = self._draft.pick(self._short(joins), NO_OP)
        return self._add([join.op], self.lead(first, join.first), self.lead(second, join.second))

    def lead(self, variable: Variable, goal: MemoryType) -> Variable:
        """Return go on from a value to one of the type of the goal, not always on the shortest way."""
        while True:
            wanders = self._wanders()
            if variable[0] == goal and not wanders:
                return variable
            ops = self._ops.onwards(variable[0], goal, self._types(), wanders)
            if not ops and variable[0] == goal:
                return variable
            variable = self._add(ops, variable)

    def _short(self, joins: list[Join]) -> list[Join]:
        """Return those that take the fewest statements, or, when wandering, all."""
        if self._wanders():
            return joins
        fewest = min((join.steps for join in joins), default=0)
        return [join for join in joins if join.steps == fewest]

    def _wanders(self) -> bool:
        return self._draft.chance(self._wandering)

    def _add(self, ops: list[Op], *reads: Variable) -> Variable:
        """Add a statement by one of the ops; return what it writes."""
        self.body.append(self._draft.drawn(ops, None, self.values, reads))
        self.offer(self.body[-1].target)
        return self.body[-1].target

    def _types(self) -> Types:
        """Return the types of which there are values at hand."""
        return frozenset(kind for kind, addresses in self.values.items() if addresses)


def _build(draft: Draft, kind: MemoryType, feedback: bool, shortness: float) -> None:
    """Put the statements of a program, whose parameter is of this type, into a draft of the empty one."""
    predict = _Writer(draft, PREDICT, [], shortness)
    learn = _Writer(draft, LEARN, [LABEL[1], PREDICTION[1]], shortness)
    given = []
    if draft.space.constant_op is not None and draft.chance(0.7):
        given.append(draft.constant(draft.log_uniform(5e-4, 1.0)))
    parameter = draft.fresh(kind)
    given.append(parameter)
    if draft.chance(0.3):
        draft.initialise(parameter)
    for variable in given:
        predict.offer(variable)
        learn.offer(variable)

    predict.lead(predict.join(parameter, FEATURES, "s"), "s")
    *body, last = predict.body
    predict.body[-1] = last.with_target(PREDICTION)
    for statement in body:
        learn.offer(statement.target)
    seen = [FEATURES, *(statement.target for statement in body if FEATURES in statement.operands)]

    update = draft.pick(draft.space.functions[LEARN].ops.updates(kind))
    (goal,) = other_types(update, kind)
    start = LABEL
    if feedback:
        feature = draft.pick(seen)
        error = learn.join(LABEL, PREDICTION, goal, before=feature[0])
        start = learn.join(error, feature, goal, products=True)
    change = learn.lead(start, goal)
    learn.body.append(draft.drawn([update], parameter, learn.values, [parameter, change]))
    for function, writer in ((PREDICT, predict), (LEARN, learn)):
        draft.insert(draft.end(function), writer.body)
