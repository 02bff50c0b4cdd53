"""Taking a statement away so that what read it reads one of its operands instead."""

from collections.abc import Sequence

from synth.language.candidate import Body
from synth.language.flow import LEARN, PREDICT, Definition, operands, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import PREDICTION, Place

Changes = dict[Definition, Instruction | None]
"""Statements that stand in the place of others; None for nothing."""


def bypassed(bodies: Sequence[Body], gone: Definition, source: Place) -> Changes:
    """What changes in a program when a statement of predict or learn goes, and `source` does for its output.

    `source` is an operand of the output's type. The prediction has its place, so there the statement that
    makes `source` writes it; without one nothing changes.
    """
    statement = bodies[gone.function][gone.line]
    out = target(statement)
    changes: Changes = {gone: None}
    if source == out:
        return changes
    if out == PREDICTION:
        return _handed_over(bodies, gone, source)
    for reader in _readers(bodies, gone, out):
        read = bodies[reader.function][reader.line]
        if out in operands(read):
            changes[reader] = reading(read, out, source)
    return changes


def _handed_over(bodies: Sequence[Body], gone: Definition, source: Place) -> Changes:
    """The last statement before that makes `source` makes the output, and what read `source` reads that.

    Nothing changes where a statement would come to read another value than before.
    """
    body = bodies[gone.function]
    out = target(body[gone.line])
    makers = [line for line in range(gone.line) if target(body[line]) == source]
    if not makers or source == out:
        return {}
    made = body[makers[-1]]
    changes: Changes = {gone: None}
    changes[Definition(gone.function, makers[-1])] = instruction(
        made.op, made.a, made.b, out[1], made.constants
    )
    overwritten = False
    for line in range(makers[-1] + 1, len(body)):
        statement = body[line]
        if line == gone.line:
            continue
        if source in operands(statement):
            if overwritten:
                return {}
            changes[Definition(gone.function, line)] = reading(statement, source, out)
        if line < gone.line and out in (*operands(statement), target(statement)):
            return {}
        overwritten = overwritten or target(statement) == out
        if target(statement) == source:
            return changes
    writers = sum(target(statement) == source for body in bodies for statement in body)
    for function in (PREDICT, LEARN):
        for line, statement in enumerate(bodies[function]):
            place = Definition(function, line)
            if source in operands(statement) and place not in changes:
                if writers > 1 or function == gone.function:
                    return {}
                changes[place] = reading(statement, source, out)
    return changes


def _readers(bodies: Sequence[Body], gone: Definition, out: Place) -> list[Definition]:
    """What may read a statement's output: everything, if nothing else writes there.

    Otherwise what follows in its function, up to the next that writes there.
    """
    if sum(target(statement) == out for body in bodies for statement in body) == 1:
        functions = (PREDICT, LEARN)
        everywhere = (Definition(one, line) for one in functions for line in range(len(bodies[one])))
        return [one for one in everywhere if one != gone]
    found = []
    for line in range(gone.line + 1, len(bodies[gone.function])):
        found.append(Definition(gone.function, line))
        if target(bodies[gone.function][line]) == out:
            break
    return found


def reading(statement: Instruction, old: Place, new: Place) -> Instruction:
    """The statement with another place of the same type wherever it reads one."""
    reads = [(new if place == old else place)[1] for place in operands(statement)]
    a, b = (*reads, 0, 0)[:2]
    return instruction(statement.op, a, b, statement.out, statement.constants)
