"""The order of statements: what is needed stands right before where it is needed, whatever it was before."""

from collections.abc import Callable, Sequence
from typing import Any

from synth.language.candidate import Body, Candidate
from synth.language.flow import SETUP, Definition, statements
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, FEATURES, LABEL, PREDICTION, Variable
from synth.language.renumbering import renumber
from synth.reading.edits import edited
from synth.reading.graph import reachable
from synth.reading.simplify.colours import Neighbourhood


def arrange(candidate: Candidate) -> Candidate:
    """Put statements in reading order, and number memory as it appears.

    Order, operands that can be exchanged and numbers depend on what the statements do alone, so programs
    that differ in nothing else become equal. Expects addresses of one meaning each.
    """
    around = Neighbourhood(candidate)
    around.settle()
    bodies = []
    changing = {statement.target for statement in (*candidate.predict, *candidate.learn)}
    for function, body in enumerate(candidate.bodies):
        order = _reading_order(function, body, around, changing)
        bodies.append(tuple(body[line] for line in order))
    # By colours first, so that numbers are the same whatever the order was; then by those numbers.
    numbered = renumber(_exchanged(Candidate(*bodies), around.variables.__getitem__))
    return _exchanged(numbered, lambda variable: variable)


def _reading_order(function: int, body: Body, around: Neighbourhood, changing: set[Variable]) -> list[int]:
    """Return lines in reading order: from each result backwards to all that it needs.

    Setup begins with what does not change later. What has to do with the label comes first, and what is
    reached quicker.
    """
    needs = dependencies(body)
    closures = [reachable([line], needs.__getitem__) for line in range(len(body))]
    results = set(range(len(body))).difference(*needs)

    def key(line: int) -> tuple[Any, ...]:
        statement = body[line]
        return (
            function == SETUP and (statement.op.draws, statement.target in changing),
            statement.target == PREDICTION,
            not any(LABEL in body[other].operands for other in closures[line]),
            len(closures[line]),
            statement.op.id,
            around.colours[Definition(function, line)],
        )

    return emit(sorted(results, key=key), needs, key)


def emit(roots: Sequence[int], needs: Sequence[set[int]], key: Callable[[int], tuple[Any, ...]]) -> list[int]:
    """Return all lines that the roots need, and the roots, each after what it needs, in the keys' order."""
    order: dict[int, None] = {}

    def visit(line: int) -> None:
        for other in sorted(needs[line] - order.keys(), key=key):
            visit(other)
        order.setdefault(line)

    for root in roots:
        visit(root)
    return list(order)


def dependencies(body: Body) -> list[set[int]]:
    """Return for each line the earlier ones that it needs: what it reads, overwrites, or draws after."""
    return [
        {
            earlier
            for earlier in range(line)
            if body[earlier].writes & (statement.reads | statement.writes)
            or body[earlier].reads & statement.writes
            or (body[earlier].op.draws and statement.op.draws)
        }
        for line, statement in enumerate(body)
    ]


def _exchanged(candidate: Candidate, rank: Callable[[Variable], Any]) -> Candidate:
    """Put operands that can be exchanged in reading order."""
    return edited(candidate, {at: in_reading_order(one, rank) for at, one in statements(candidate)})


def in_reading_order(statement: Instruction, rank: Callable[[Variable], Any]) -> Instruction:
    """Put the operands of a statement in reading order if they commute.

    What is changed comes first (w = w + step), then the features, then the others by rank.
    """
    if statement.op.id not in COMMUTATIVE:
        return statement
    out = statement.target
    return statement.with_operands(
        *sorted(statement.operands, key=lambda one: (one != out, one != FEATURES, rank(one)))
    )
