"""Techniques of machine learning, recognised in a program by the way its values flow.

A technique is certain in form and not in effect: the statements compute what the name says; how much that
helps is for an ablation to show (`Technique.without` is the program with the technique taken out).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from synth.language.bypass import Changes
from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP, Definition
from synth.language.instruction import Instruction, instruction
from synth.language.ops import COMMUTATIVE, ELEMENTWISE_PRODUCTS, OPS, PREDICTION, SCALAR_CONST_SET, Variable
from synth.reading.edits import edited
from synth.reading.learner import Learner
from synth.reading.structure import ADDITIVE, Term

_MAXIMA = {op.output: op for op in OPS if op.family == "maximum"}
_GATING = ELEMENTWISE_PRODUCTS & COMMUTATIVE
"""Ids of the products of a value with a gate of its own type."""
_ADDING = frozenset(op.id for op in OPS if op.family in ADDITIVE)
"""Ids of sums and differences."""


@dataclass(frozen=True)
class Technique:
    """A technique, the statements it stands on, and how to take it out (no changes: it cannot be)."""

    name: str
    what: str
    statements: tuple[Definition, ...]
    changes: Changes = field(default_factory=dict)

    def without(self, candidate: Candidate) -> Candidate | None:
        """Return the candidate (with one address for each meaning) with the technique taken out."""
        return edited(candidate, self.changes) if self.changes else None


def find_techniques(learner: Learner) -> list[Technique]:
    """Return the techniques of a program; they name its statements, and change `learner.candidate`."""
    return [technique for finder in FINDERS for technique in finder(learner)]


def _copy(out: Variable, source: Variable) -> Instruction:
    """Return the statement that copies a value: the larger of itself and itself."""
    return instruction(_MAXIMA[out[0]], source[1], source[1], out[1])


def _technique(name: str, what: str, on: Iterable[Definition], changes: Changes | None = None) -> Technique:
    return Technique(name, what, tuple(sorted(on)), changes or {})


# One function for each technique, in the order in which they are reported.


def _gradient_steps(learner: Learner) -> Iterator[Technique]:
    for state in learner.states:
        if state.gradient:
            moved = learner.moved_by(state) or state
            learning = {at for at in learner.smallest(state.gradient) if at.function == LEARN}
            yield _technique(
                "gradient step",
                f"{learner.name(moved)} moves by the error of each prediction",
                learning | state.group | moved.group,
                {moved.update: None},
            )


def _sums_of_examples(learner: Learner) -> Iterator[Technique]:
    for state in learner.states:
        if state.gradient or not state.labelled:
            continue
        scope = learner.smallest(state.labelled)
        kept = (learner.behind(*group) for group in learner.touched(scope))
        if PREDICTION in learner.inputs(scope.union(*kept)):
            name = "step by label and prediction"
            what = "moves by what depends on label and prediction, but not on their difference"
        else:
            name, what = "sum of examples", "adds up examples by their labels, whatever was predicted"
        learning = {at for at in scope if at.function == LEARN}
        yield _technique(name, f"{learner.name(state)} {what}", learning | state.group, {state.update: None})


def _momentum(learner: Learner) -> Iterator[Technique]:
    for state in learner.states:
        velocity = learner.velocity_of(state)
        if velocity is not None:
            yield _technique(
                "momentum",
                f"{learner.name(state)} keeps moving in the direction of earlier steps",
                velocity.group | state.group,
                _without_term(learner, velocity.old[0]),
            )


def _weight_decay(learner: Learner) -> Iterator[Technique]:
    for state in learner.states:
        fading = [term for term in state.old if term.factors and learner.is_steady(term)]
        trained = state.trained or learner.velocity_of(state) is not None
        if not trained or learner.moved_by(state) is not None or not fading:
            continue
        term = fading[0]
        if len(state.old) > 1:
            changes = _without_term(learner, term)
        else:
            changes = {at: _without(learner.live[at], factor) for at, factor in term.factors}
        yield _technique(
            "weight decay", f"{learner.name(state)} shrinks a little in each step", term.path, changes
        )


def _normalised_gradients(learner: Learner) -> Iterator[Technique]:
    for state in learner.states:
        for at in sorted(learner.all_behind(state.gradient)):
            denominator = learner.denominator(at)
            if denominator is None:
                continue
            below = learner.behind(*learner.sources(at, denominator), within_step=True)
            norms = {other for other in below if learner.live[other].op.family == "norm"}
            if norms:
                yield _technique(
                    "normalised gradient",
                    f"the step of {learner.name(state)} is divided by a norm",
                    {at} | norms,
                    _undivided(at, learner.live[at]),
                )


def _averaged_weights(learner: Learner) -> Iterator[Technique]:
    schedules = [state.group for state in learner.states if learner.is_schedule(state)]
    for state in learner.states:
        average = learner.average_of(state)
        if average is None:
            continue
        trained, term = average
        scope = learner.scope(term)
        counting = (group for group in learner.touched(scope) if group in schedules)
        out, source = (learner.live[one.update].target for one in (state, trained))
        changes: Changes = {state.update: _copy(out, source)} if out[0] == source[0] else {}
        what = f"{learner.name(state)} is the running {state.average_or_sum} of {learner.name(trained)}"
        yield _technique("averaged weights", what, state.group.union(scope, *counting), changes)


def _bilinear(learner: Learner) -> Iterator[Technique]:
    for at in sorted(learner.behind(*learner.flow.prediction, within_step=True)):
        statement = learner.live[at]
        if statement.op.family != "product" or at.function != PREDICT or _rectified(learner, at):
            continue
        if all(learner.sees_features(at, variable) for variable in statement.operands):
            yield _technique(
                "bilinear", "two values that depend on the features are multiplied in a prediction", {at}
            )


def _rectifiers(learner: Learner) -> Iterator[Technique]:
    live = learner.live
    for at, statement in live.items():
        rectified = _rectified(learner, at)
        if rectified is None:
            continue
        gates = {
            gate
            for gate, other in live.items()
            if other.op.family == "heaviside" and other.operands[0] == rectified
        }
        changes = {at: _copy(statement.target, rectified)}
        for gate in gates:
            changes |= _without_operand(learner, live[gate].target, _GATING)
        yield _technique("ReLU", f"{learner.text(rectified)} is cut off at zero", {at} | gates, changes)


def _noise(learner: Learner) -> Iterator[Technique]:
    live = learner.live
    for at, statement in live.items():
        if not statement.op.draws or at.function == SETUP:
            continue
        changes = _without_operand(learner, statement.target, _ADDING)
        seen = any(learner.sees_features(reader, copy.operands[0]) for reader, copy in changes.items())
        added = "added to what is computed from its features" if seen else "added to a value"
        what = f"random numbers are drawn for every example and {added if changes else 'used'}"
        yield _technique("noise", what, {at, *changes}, changes)


def _learning_rate_decay(learner: Learner) -> Iterator[Technique]:
    for state in filter(learner.is_schedule, learner.states):
        scaled = [
            learner.name(other)
            for other in learner.states
            if state.group in learner.touched(learner.all_behind(other.gradient))
        ]
        changes: Changes = {state.update: None}
        if state.new and any(not term.factors for term in state.old):  # a counter stays at its first value
            changes = {state.update: _copy(learner.live[state.update].target, state.new[0].variable)}
        what = f"{learner.name(state)}, the same for all examples, scales the steps of {', '.join(scaled)}"
        if scaled:
            yield _technique("learning-rate decay", what, state.group, changes)


def _sigmoids(learner: Learner) -> Iterator[Technique]:
    live = learner.live
    for at, statement in live.items():
        denominator = learner.denominator(at)
        if denominator is None or statement.op.output != "s":
            continue
        for total in learner.sources(at, denominator):
            inner = {
                source for variable in live[total].operands for source in learner.sources(total, variable)
            }
            exponentials = {source for source in inner if live[source].op.family == "exp"}
            one = any(live[source].constants == (1.0,) for source in inner)
            if live[total].op.family == "sum" and exponentials and one:
                yield _technique(
                    "sigmoid",
                    f"{learner.text(statement.target)} is a sigmoid: a value squeezed between 0 and 1",
                    {at, total} | exponentials,
                )


FINDERS: tuple[Callable[[Learner], Iterable[Technique]], ...] = (
    _gradient_steps,
    _sums_of_examples,
    _momentum,
    _weight_decay,
    _normalised_gradients,
    _averaged_weights,
    _bilinear,
    _rectifiers,
    _noise,
    _learning_rate_decay,
    _sigmoids,
)


def _without(statement: Instruction, variable: Variable) -> Instruction:
    """Return a copy of the other operand instead of a sum or a product."""
    first, second = statement.operands
    return _copy(statement.target, second if first == variable else first)


def _undivided(at: Definition, statement: Instruction) -> Changes:
    """Return a division by one instead of a division."""
    if statement.op.family == "quotient":
        return {at: _copy(statement.target, statement.operands[0])}
    if statement.op.output == "s":
        return {at: instruction(SCALAR_CONST_SET, 0, 0, statement.out, (1.0,))}
    return {}


def _rectified(learner: Learner, at: Definition) -> Variable | None:
    """Return what a statement cuts off at zero: max(x, 0), or x times the step function of x."""
    live = learner.live
    read = live[at].operands
    for x, other in (read, read[::-1]) if len(read) == 2 else ():
        if live[at].op.family == "maximum" and learner.is_zero(other):
            return None if learner.is_zero(x) else x
        if live[at].op.id in _GATING:
            gates = (live[source] for source in learner.sources(at, other))
            if any(gate.op.family == "heaviside" and gate.operands[0] == x for gate in gates):
                return x
    return None


def _without_operand(
    learner: Learner, variable: Variable, ops: frozenset[int]
) -> dict[Definition, Instruction]:
    """Return copies instead of the sums or products of a variable and something else."""
    return {
        reader: _without(learner.live[reader], variable)
        for reader in learner.readers.get(variable, ())
        if learner.live[reader].op.id in ops and set(learner.live[reader].operands) != {variable}
    }


def _without_term(learner: Learner, term: Term) -> Changes:
    """Return a copy instead of the innermost sum or difference to which a term belongs."""
    live, below = learner.live, term.variable
    for at in reversed(term.path):
        if live[at].op.family in ADDITIVE and set(live[at].operands) != {below}:
            return {at: _without(live[at], below)}
        below = live[at].target
    return {}
