"""One program written after another: numbers and order of statements like the model's where they match.

Statements match by what surrounds them (`labels.Neighbourhood`): first those whose wide surroundings are
equal, then narrower ones, at last those of equal op alone; among several the one that agrees best with what
matched before. So a change stands alone in the difference of the two texts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import count
from typing import Any

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, Definition, statements
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, Variable
from synth.reading.edits import readdressed
from synth.reading.simplify.labels import Labels, Neighbourhood
from synth.reading.simplify.order import dependencies, emit, in_reading_order

RADIUS = 6
"""Steps from a statement to the end of its surroundings, at first."""

_FIXED: dict[Variable, Variable] = {place: place for place in ENGINES}

Matches = dict[Definition, Definition]
Votes = Counter[tuple[Variable, Variable]]
"""How often a place of one program stands where another has a place."""


def align(candidate: Candidate, model: Candidate) -> Candidate:
    """Return the candidate with numbers and order after the model's. Expects normal forms of both."""
    matches, votes = match(candidate, model)
    names = _names(candidate, model, votes)
    twins = dict(statements(model))
    bodies = []
    for function, body in enumerate(candidate.bodies):
        own = {at.line: twin for at, twin in matches.items() if at.function == function}
        renamed = [
            _renamed(statement, names, twins[own[line]] if line in own else None)
            for line, statement in enumerate(body)
        ]
        lines = {line: twin.line for line, twin in own.items()}
        roots = sorted(range(len(body)), key=lambda line: (line not in lines, lines.get(line, line)))

        def key(line: int, lines: dict[int, int] = lines) -> tuple[Any, ...]:
            return lines.get(line, -1), line

        bodies.append(tuple(renamed[line] for line in emit(roots, dependencies(body), key)))
    return Candidate(*bodies)


def match(candidate: Candidate, model: Candidate) -> tuple[Matches, Votes]:
    """Return pairs of statements that do the same in two programs, and how often places pair up in them."""
    mine, theirs = dict(statements(candidate)), dict(statements(model))
    matches: Matches = {}
    votes = Votes(_FIXED.items())
    for labels, model_labels in _surroundings(candidate, model):
        waiting = defaultdict(list)
        for twin in theirs.keys() - set(matches.values()):
            waiting[model_labels[twin]].append(twin)
        pairs = [(at, twin) for at in sorted(mine.keys() - matches.keys()) for twin in waiting[labels[at]]]
        while pairs:

            def fit(pair: tuple[Definition, Definition]) -> tuple[int, ...]:
                at, twin = pair
                agreement = _agreement(_slots(mine[at], theirs[twin], votes), votes)
                return agreement, -abs(at.line - twin.line), -at.line, -twin.line

            at, twin = max(pairs, key=fit)
            matches[at] = twin
            votes.update(_slots(mine[at], theirs[twin], votes))
            pairs = [pair for pair in pairs if pair[0] != at and pair[1] != twin]
    return matches, votes


def _surroundings(candidate: Candidate, model: Candidate) -> Iterator[tuple[Labels, Labels]]:
    """Yield labels of both programs' statements, from wide surroundings to narrow ones."""
    for constants in (True, False):
        rounds: list[tuple[Labels, Labels]] = []
        one, other = (Neighbourhood(program, constants=constants) for program in (candidate, model))
        for _ in range(RADIUS + 1):
            rounds.append((one.labels, other.labels))
            one.refine()
            other.refine()
        yield from reversed(rounds)


def _slots(one: Instruction, other: Instruction, votes: Votes) -> list[tuple[Variable, Variable]]:
    """Return the places that correspond in two statements of one op; operands as they agree better."""
    own = [(one.target, other.target)]
    pairs = list(zip(one.operands, other.operands, strict=True))
    if one.op.id in COMMUTATIVE:
        crossed = list(zip(one.operands, other.operands[::-1], strict=True))
        pairs = max(pairs, crossed, key=lambda slots: _agreement(slots, votes))
    return own + pairs


def _agreement(slots: list[tuple[Variable, Variable]], votes: Votes) -> int:
    """Return how many places would be named as others want them, less those that would not."""
    return sum(
        1 if votes[pair] else -any(votes[seen] and (pair[0] in seen or pair[1] in seen) for seen in votes)
        for pair in slots
    )


def _names(candidate: Candidate, model: Candidate, votes: Votes) -> dict[Variable, Variable]:
    """Return the model's number for each place that corresponds; others get numbers it does not use."""
    names = dict(_FIXED)
    for (place, wanted), _ in votes.most_common():
        if place not in names and wanted not in names.values():
            names[place] = wanted
    used = {*names.values(), *_places(model)}
    for place in _places(candidate):
        if place not in names:
            free = ((place[0], address) for address in count())
            names[place] = next(other for other in free if other not in used)
            used.add(names[place])
    return names


def _places(candidate: Candidate) -> Iterator[Variable]:
    """Yield what each statement reads and writes, in order."""
    for statement in candidate:
        yield from (*statement.operands, statement.target)


def _renamed(
    statement: Instruction, names: dict[Variable, Variable], twin: Instruction | None
) -> Instruction:
    """Return the statement with new numbers; operands that commute stand as in its twin."""
    read = [names[place] for place in statement.operands]
    renamed = readdressed(statement, read, names[statement.target])
    if statement.op.id not in COMMUTATIVE:
        return renamed
    if twin is None:
        return in_reading_order(renamed, lambda place: place)
    wanted = twin.operands
    crossed = read[0] == wanted[1] or read[1] == wanted[0]
    return readdressed(renamed, read[::-1] if crossed else read, renamed.target)
