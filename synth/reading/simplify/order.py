"""The order of statements: what is needed stands right before where it is needed, whatever it was before."""

from collections.abc import Callable, Sequence
from typing import Any

from synth.language.candidate import Body, Candidate
from synth.language.flow import SETUP, Definition, operands, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import COMMUTATIVE, FEATURES, LABEL, PREDICTION, Place
from synth.language.renumbering import renumber
from synth.reading.simplify.labels import Neighbourhood


def arrange(candidate: Candidate) -> Candidate:
    """The candidate with its statements in reading order, and memory numbered as it appears.

    Order, operands that can be exchanged and numbers depend on what the statements do alone, so programs
    that differ in nothing else become equal. Expects addresses of one meaning each.
    """
    around = Neighbourhood(candidate)
    around.refine()
    bodies = []
    changing = {target(statement) for statement in (*candidate.predict, *candidate.learn)}
    for function, body in enumerate(candidate.bodies):
        order = _reading_order(function, body, around, changing)
        bodies.append(tuple(body[line] for line in order))
    # By labels first, so that numbers are the same whatever the order was; then by those numbers.
    numbered = renumber(_exchanged(Candidate(*bodies), around.places.__getitem__))
    return _exchanged(numbered, lambda place: place)


def _reading_order(function: int, body: Body, around: Neighbourhood, changing: set[Place]) -> list[int]:
    """Lines in reading order: from each result backwards to all that it needs.

    Setup begins with what does not change later. What has to do with the label comes first, and what is
    reached quicker.
    """
    needs = dependencies(body)
    closures = [_closure(line, needs) for line in range(len(body))]
    needed = {other for lines in needs for other in lines}

    def key(line: int) -> tuple[Any, ...]:
        statement = body[line]
        return (
            function == SETUP and (statement.op.draws, target(statement) in changing),
            target(statement) == PREDICTION,
            not any(LABEL in operands(body[other]) for other in closures[line]),
            len(closures[line]),
            statement.op.id,
            around.labels[Definition(function, line)],
        )

    return emit(sorted(set(range(len(body))) - needed, key=key), needs, key)


def emit(roots: Sequence[int], needs: Sequence[set[int]], key: Callable[[int], tuple[Any, ...]]) -> list[int]:
    """All lines that the roots need, and the roots, each after what it needs, in the order of the keys."""
    order: list[int] = []
    done: set[int] = set()

    def visit(line: int) -> None:
        if line in done:
            return
        done.add(line)
        for other in sorted(needs[line], key=key):
            visit(other)
        order.append(line)

    for root in roots:
        visit(root)
    return order


def dependencies(body: Body) -> list[set[int]]:
    """For each line the earlier lines that must stay before it: what it reads, overwrites, or draws after."""
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


def _closure(line: int, needs: Sequence[set[int]]) -> set[int]:
    """A line and all that it needs."""
    found, left = {line}, [line]
    while left:
        new = needs[left.pop()] - found
        found |= new
        left.extend(new)
    return found


def _exchanged(candidate: Candidate, rank: Callable[[Place], Any]) -> Candidate:
    """The candidate with operands in reading order where they can be exchanged.

    What is changed comes first (w = w + step), then the features, then the others by rank.
    """

    def exchanged(statement: Instruction) -> Instruction:
        if statement.op.id not in COMMUTATIVE:
            return statement
        out = target(statement)
        read = sorted(operands(statement), key=lambda place: (place != out, place != FEATURES, rank(place)))
        (_, a), (_, b) = read
        return instruction(statement.op, a, b, statement.out, statement.constants)

    return Candidate(*(tuple(map(exchanged, body)) for body in candidate.bodies))
