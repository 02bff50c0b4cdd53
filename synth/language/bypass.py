"""Taking a statement away so that what read it reads one of its operands instead."""

from collections.abc import Mapping, Sequence

from synth.language.candidate import Body
from synth.language.flow import LEARN, PREDICT, Definition
from synth.language.instruction import Instruction
from synth.language.ops import PREDICTION, Variable

Changes = Mapping[Definition, Instruction | None]
"""Statements that replace others; None removes one."""


def bypassed(bodies: Sequence[Body], removed: Definition, source: Variable) -> Changes:
    """Return what changes when a statement of predict or learn goes, and `source` replaces its target.

    `source` is an operand of the target's type. Nothing but s1 can be the prediction, so a statement that
    writes s1 hands it over to the one that writes `source`; without one nothing changes.
    """
    target = bodies[removed.function][removed.line].target
    changes: dict[Definition, Instruction | None] = {removed: None}
    if source == target:
        return changes
    if target == PREDICTION:
        return _handed_over(bodies, removed, source)
    for reader in _possible_readers(bodies, removed, target):
        statement = bodies[reader.function][reader.line]
        if target in statement.operands:
            changes[reader] = statement.reading(source, target)
    return changes


def _handed_over(bodies: Sequence[Body], removed: Definition, source: Variable) -> Changes:
    """Let the last writer of `source` before write the target instead, and readers of `source` read that.

    Nothing changes where a statement would come to read another value than before.
    """
    body = bodies[removed.function]
    target = body[removed.line].target
    writer = next((line for line in reversed(range(removed.line)) if body[line].target == source), None)
    if writer is None:
        return {}
    changes: dict[Definition, Instruction | None] = {
        removed: None,
        Definition(removed.function, writer): body[writer].with_target(target),
    }
    overwritten = False
    for line, statement in enumerate(body[writer + 1 :], writer + 1):
        if line == removed.line:
            continue
        if source in statement.operands:
            if overwritten:
                return {}
            changes[Definition(removed.function, line)] = statement.reading(target, source)
        if line < removed.line and target in statement.variables:
            return {}
        overwritten = overwritten or statement.target == target
        if statement.target == source:
            return changes
    for function in (PREDICT, LEARN):
        for line, statement in enumerate(bodies[function]):
            reader = Definition(function, line)
            if source in statement.operands and reader not in changes:
                if function == removed.function or not _written_once(bodies, source):
                    return {}
                changes[reader] = statement.reading(target, source)
    return changes


def _possible_readers(bodies: Sequence[Body], removed: Definition, target: Variable) -> list[Definition]:
    """Return what may read a statement's target: everything, if nothing else writes it.

    Otherwise what follows in its function, up to the next that writes it.
    """
    if _written_once(bodies, target):
        return [
            Definition(function, line)
            for function in (PREDICT, LEARN)
            for line in range(len(bodies[function]))
            if (function, line) != removed
        ]
    body = bodies[removed.function]
    rest = range(removed.line + 1, len(body))
    last = next((line for line in rest if body[line].target == target), len(body))
    return [Definition(removed.function, line) for line in rest if line <= last]


def _written_once(bodies: Sequence[Body], variable: Variable) -> bool:
    """Return whether no more than one statement writes a variable."""
    return sum(statement.target == variable for body in bodies for statement in body) <= 1
