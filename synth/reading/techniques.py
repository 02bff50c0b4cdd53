"""Techniques of machine learning, recognised in a program by the way its values flow.

What is found is certain in form and not in effect: the statements compute what the name says; how much that
helps is for an ablation to show (`Technique.without` is the program with the technique taken out).
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from synth.language.bypass import Changes
from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP, Definition, operands, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import COMMUTATIVE, ELEMENTWISE_PRODUCTS, OPS, PREDICTION, SCALAR_CONST_SET, Place
from synth.reading.edits import edited
from synth.reading.findings import Findings
from synth.reading.structure import ADDITIVE, Term

_MAXIMA = {op.output: op for op in OPS if op.family == "maximum"}
_GATING = ELEMENTWISE_PRODUCTS & COMMUTATIVE
"""Ids of the products of a value with a gate of its own type."""


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


def find_techniques(findings: Findings) -> list[Technique]:
    """Return the techniques of a program; they name its statements, and change `structure.candidate`."""
    return [technique for finder in FINDERS for technique in finder(findings)]


def _copy(out: Place, source: Place) -> Instruction:
    """Return the statement that copies a value: the larger of itself and itself."""
    return instruction(_MAXIMA[out[0]], source[1], source[1], out[1])


def _technique(name: str, what: str, on: Iterable[Definition], changes: Changes | None = None) -> Technique:
    return Technique(name, what, tuple(sorted(on)), changes or {})


# One function for each technique, in the order in which they are told.


def _gradient_steps(findings: Findings) -> Iterator[Technique]:
    for state in findings.states:
        if state.gradient:
            moved = findings.moved_by(state) or state
            what = f"{findings.name(moved)} moves by the error of each prediction"
            learning = {at for at in findings.smallest(state.gradient) if at.function == LEARN}
            group = state.group | moved.group
            yield _technique("gradient step", what, learning | group, {moved.update: None})


def _sums_of_examples(findings: Findings) -> Iterator[Technique]:
    for state in findings.states:
        if state.gradient or not state.labelled:
            continue
        scope = findings.smallest(state.labelled)
        kept = (findings.structure.behind(*group) for group in findings.structure.touched(scope))
        if PREDICTION in findings.structure.inputs(scope.union(*kept)):
            name = "step by label and prediction"
            what = "moves by what depends on label and prediction, but not on their difference"
        else:
            name, what = "sum of examples", "adds up examples by their labels, whatever was predicted"
        learning = {at for at in scope if at.function == LEARN}
        sentence = f"{findings.name(state)} {what}"
        yield _technique(name, sentence, learning | state.group, {state.update: None})


def _momentum(findings: Findings) -> Iterator[Technique]:
    for state in findings.states:
        velocity = findings.velocity_of(state)
        if velocity is not None:
            what = f"{findings.name(state)} keeps moving in the direction of earlier steps"
            dropped = _without_term(findings, velocity.old[0])
            yield _technique("momentum", what, velocity.group | state.group, dropped)


def _weight_decay(findings: Findings) -> Iterator[Technique]:
    for state in findings.states:
        fading = [term for term in state.old if term.factors and findings.is_steady(term)]
        trained = state.trained or findings.velocity_of(state) is not None
        if not trained or findings.moved_by(state) is not None or not fading:
            continue
        term, live = fading[0], findings.structure.live
        if len(state.old) > 1:
            changes = _without_term(findings, term)
        else:
            changes = {at: _copy(target(live[at]), _other(live[at], factor)) for at, factor in term.factors}
        what = f"{findings.name(state)} shrinks a little in each step"
        yield _technique("weight decay", what, term.path, changes)


def _normalised_gradients(findings: Findings) -> Iterator[Technique]:
    structure = findings.structure
    for state in findings.states:
        for at in sorted(findings.all_behind(state.gradient)):
            denominator = findings.denominator(at)
            if denominator is None:
                continue
            below = structure.behind(*findings.sources(at, denominator), within_step=True)
            norms = {other for other in below if structure.live[other].op.family == "norm"}
            if norms:
                what = f"the step of {findings.name(state)} is divided by a norm"
                changes = _undivided(at, structure.live[at])
                yield _technique("normalised gradient", what, {at} | norms, changes)


def _averaged_weights(findings: Findings) -> Iterator[Technique]:
    structure = findings.structure
    schedules = [state.group for state in findings.states if findings.is_schedule(state)]
    for state in findings.states:
        average = findings.average_of(state)
        if average is None:
            continue
        trained, term = average
        scope = findings.scope(term)
        counting = (group for group in structure.touched(scope) if group in schedules)
        out, source = (target(structure.live[one.update]) for one in (state, trained))
        changes: Changes = {state.update: _copy(out, source)} if out[0] == source[0] else {}
        what = f"{findings.name(state)} is a sum or average of {findings.name(trained)} over the steps"
        yield _technique("averaged weights", what, state.group.union(scope, *counting), changes)


def _bilinear(findings: Findings) -> Iterator[Technique]:
    structure = findings.structure
    for at in sorted(structure.behind(*structure.flow.prediction, within_step=True)):
        statement = structure.live[at]
        if statement.op.family != "product" or at.function != PREDICT or _rectified(findings, at):
            continue
        if all(findings.sees_features(at, place) for place in operands(statement)):
            what = "two values that depend on the features are multiplied in a prediction"
            yield _technique("bilinear", what, {at})


def _rectifiers(findings: Findings) -> Iterator[Technique]:
    live = findings.structure.live
    for at, statement in live.items():
        rectified = _rectified(findings, at)
        if rectified is None:
            continue
        gates = {
            gate
            for gate, other in live.items()
            if other.op.family == "heaviside" and operands(other)[0] == rectified
        }
        changes: Changes = {at: _copy(target(statement), rectified)}
        for gate in gates:
            changes |= _without_factor(findings, target(live[gate]))
        yield _technique("ReLU", f"{findings.text(rectified)} is cut off at zero", {at} | gates, changes)


def _noise(findings: Findings) -> Iterator[Technique]:
    live = findings.structure.live
    for at, statement in live.items():
        if not statement.op.draws or at.function == SETUP:
            continue
        noise = target(statement)
        sums = {
            reader: _other(live[reader], noise)
            for reader in findings.structure.readers.get(noise, ())
            if live[reader].op.family in ADDITIVE and set(operands(live[reader])) != {noise}
        }
        changes: Changes = {reader: _copy(target(live[reader]), clean) for reader, clean in sums.items()}
        seen = any(findings.sees_features(reader, clean) for reader, clean in sums.items())
        added = "added to what is computed from its features" if seen else "added to a value"
        what = f"random numbers are drawn for every example and {added if sums else 'used'}"
        yield _technique("noise", what, {at, *sums}, changes)


def _learning_rate_decay(findings: Findings) -> Iterator[Technique]:
    structure = findings.structure
    for state in filter(findings.is_schedule, findings.states):
        scaled = [
            findings.name(other)
            for other in findings.states
            if state.group in structure.touched(findings.all_behind(other.gradient))
        ]
        changes: Changes = {state.update: None}
        if state.new and any(not term.factors for term in state.old):  # a counter stays at its first value
            changes = {state.update: _copy(target(structure.live[state.update]), state.new[0].place)}
        what = f"{findings.name(state)}, the same for all examples, scales the steps of {', '.join(scaled)}"
        if scaled:
            yield _technique("learning-rate decay", what, state.group, changes)


def _sigmoids(findings: Findings) -> Iterator[Technique]:
    live = findings.structure.live
    for at, statement in live.items():
        denominator = findings.denominator(at)
        if denominator is None or statement.op.output != "s":
            continue
        for total in findings.sources(at, denominator):
            inner = {source for place in operands(live[total]) for source in findings.sources(total, place)}
            exponentials = {source for source in inner if live[source].op.family == "exp"}
            one = any(live[source].constants == (1.0,) for source in inner)
            if live[total].op.family == "sum" and exponentials and one:
                what = f"{findings.text(target(statement))} is a sigmoid: a value squeezed between 0 and 1"
                yield _technique("sigmoid", what, {at, total} | exponentials)


FINDERS: tuple[Callable[[Findings], Iterable[Technique]], ...] = (
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


def _other(statement: Instruction, place: Place) -> Place:
    """The operand of a statement that is not this one."""
    first, second = operands(statement)
    return second if first == place else first


def _undivided(at: Definition, statement: Instruction) -> Changes:
    """A division by one in place of a division."""
    if statement.op.family == "quotient":
        return {at: _copy(target(statement), operands(statement)[0])}
    if statement.op.output == "s":
        return {at: instruction(SCALAR_CONST_SET, 0, 0, statement.out, (1.0,))}
    return {}


def _rectified(findings: Findings, at: Definition) -> Place | None:
    """What a statement cuts off at zero: max(x, 0), or x times the step function of x."""
    live = findings.structure.live
    read = operands(live[at])
    for x, other in (read, read[::-1]) if len(read) == 2 else ():
        if live[at].op.family == "maximum" and findings.structure.is_zero(other):
            return None if findings.structure.is_zero(x) else x
        if live[at].op.id in _GATING:
            gates = (live[source] for source in findings.sources(at, other))
            if any(gate.op.family == "heaviside" and operands(gate)[0] == x for gate in gates):
                return x
    return None


def _without_factor(findings: Findings, factor: Place) -> Changes:
    """Copies in place of the products by a factor."""
    live = findings.structure.live
    return {
        reader: _copy(target(live[reader]), _other(live[reader], factor))
        for reader in findings.structure.readers.get(factor, ())
        if live[reader].op.id in _GATING and set(operands(live[reader])) != {factor}
    }


def _without_term(findings: Findings, term: Term) -> Changes:
    """A copy in place of the innermost sum or difference to which a term belongs."""
    live, below = findings.structure.live, term.place
    for at in reversed(term.path):
        if live[at].op.family in ADDITIVE and set(operands(live[at])) != {below}:
            return {at: _copy(target(live[at]), _other(live[at], below))}
        below = target(live[at])
    return {}
