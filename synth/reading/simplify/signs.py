"""A value that is subtracted from nothing and then added is subtracted: x + (0 - y) is x - y."""

from synth.language.analysis import effective
from synth.language.candidate import Candidate
from synth.language.flow import Definition, Flow, statements, stays_zero
from synth.language.instruction import Instruction, instruction
from synth.language.ops import OPS, Op, Variable
from synth.reading.edits import edited
from synth.reading.webs import split_addresses

_OTHER = {"sum": "difference", "difference": "sum"}


def fold_signs(candidate: Candidate) -> Candidate:
    """Return a candidate that adds and subtracts values instead of their negatives.

    Expects addresses of one meaning each. Signs of zeros may change.
    """
    while True:
        flow = Flow(candidate)
        folded = next(
            (
                edited(candidate, {at: new})
                for at, statement in statements(candidate)
                if statement.op.family in _OTHER and (new := _folded(flow, at, statement)) is not None
            ),
            None,
        )
        if folded is None:
            return candidate
        candidate = split_addresses(effective(folded))


def _folded(flow: Flow, at: Definition, statement: Instruction) -> Instruction | None:
    """Return a sum or difference that reads what one of its operands is the negative of."""
    family = statement.op.family
    for slot in (1, 0) if family == "sum" else (1,):
        value = _negated(flow, at, slot)
        if value is not None:
            kept = statement.operands[1 - slot]
            op = _like(statement.op, _OTHER[family])
            return instruction(op, kept[1], value[1], statement.out) if op else None
    return None


def _negated(flow: Flow, at: Definition, slot: int) -> Variable | None:
    """Return the variable whose negative an operand is, if it still holds the same value."""
    sources = flow.reaching[at][slot]
    source = next(iter(sources))
    if len(sources) > 1 or source.function != at.function or source.line >= at.line:
        return None
    body = flow.candidate.bodies[at.function]
    maker = body[source.line]
    written = {one.target for one in flow.candidate}
    if maker.op.family != "difference" or not stays_zero(maker.operands[0], written):
        return None
    value = maker.operands[1]
    changed = any(other.target == value for other in body[source.line : at.line])
    return None if changed or value[0] != maker.target[0] else value


def _like(op: Op, family: str) -> Op | None:
    """Return the op of a family with the same types."""
    same = (one for one in OPS if one.family == family and one.inputs == op.inputs)
    return next((one for one in same if one.output == op.output), None)
