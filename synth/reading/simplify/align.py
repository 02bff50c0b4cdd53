"""One program written after another: numbers and order of statements like the model's where they match.

Statements match by what surrounds them (`labels.Neighbourhood`): first those whose wide surroundings are
equal, then narrower ones, at last those of equal op alone; among several the one that agrees best with what
matched before. So a change stands alone in the difference of the two texts.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, Definition, operands, statements, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import COMMUTATIVE, FEATURES, Place
from synth.reading.simplify.labels import Labels, Neighbourhood
from synth.reading.simplify.order import dependencies, emit

RADIUS = 6
"""Steps from a statement to the end of its surroundings, at first."""

_FIXED: dict[Place, Place] = {place: place for place in ENGINES}

Matches = dict[Definition, Definition]
Votes = Counter[tuple[Place, Place]]
"""How often a place of one program stands where another has a place."""


def align(candidate: Candidate, model: Candidate) -> Candidate:
    """The candidate with numbers and order after the model's. Expects normal forms of both."""
    matches = match(candidate, model)
    names = _names(candidate, model, matches)
    wanted = dict(statements(model))
    bodies = []
    for function, body in enumerate(candidate.bodies):
        renamed = []
        for line, statement in enumerate(body):
            twin = matches.get(Definition(function, line))
            renamed.append(_renamed(statement, names, wanted[twin] if twin else None))
        places = {
            line: matches[Definition(function, line)].line
            for line in range(len(body))
            if Definition(function, line) in matches
        }
        needs = dependencies(body)
        following = sorted(range(len(body)), key=lambda line: (line not in places, places.get(line, line)))

        def key(line: int, places: dict[int, int] = places) -> tuple[Any, ...]:
            return (places.get(line, -1), line)

        bodies.append(tuple(renamed[line] for line in emit(following, needs, key)))
    return Candidate(*bodies)


def match(candidate: Candidate, model: Candidate) -> Matches:
    """Pairs of statements that do the same in two programs."""
    mine, theirs = dict(statements(candidate)), dict(statements(model))
    matches: Matches = {}
    votes = Votes(_FIXED.items())
    for labels, other_labels in _surroundings(candidate, model):
        waiting = defaultdict(list)
        for definition in theirs.keys() - set(matches.values()):
            waiting[other_labels[definition]].append(definition)
        pairs = [
            (one, other) for one in sorted(mine.keys() - matches.keys()) for other in waiting[labels[one]]
        ]
        while pairs:

            def fit(pair: tuple[Definition, Definition]) -> tuple[int, ...]:
                slots = _slots(mine[pair[0]], theirs[pair[1]], votes)
                return _agreement(slots, votes), *_nearness(*pair)

            one, other = max(pairs, key=fit)
            matches[one] = other
            votes.update(_slots(mine[one], theirs[other], votes))
            pairs = [pair for pair in pairs if pair[0] != one and pair[1] != other]
    return matches


def _surroundings(candidate: Candidate, model: Candidate) -> Iterator[tuple[Labels, Labels]]:
    """Labels of both programs' statements, from wide surroundings to narrow ones."""
    for constants in (True, False):
        rounds: list[tuple[Labels, Labels]] = []
        around = [Neighbourhood(one, constants=constants) for one in (candidate, model)]
        for _ in range(RADIUS + 1):
            rounds.append((around[0].labels, around[1].labels))
            for one in around:
                one.refine(1)
        yield from reversed(rounds)


def _slots(one: Instruction, other: Instruction, votes: Votes) -> list[tuple[Place, Place]]:
    """Places that stand at the same place in two statements of one op; operands as they agree better."""
    own = [(target(one), target(other))]
    pairs = list(zip(operands(one), operands(other), strict=True))
    if one.op.id in COMMUTATIVE:
        crossed = list(zip(operands(one), operands(other)[::-1], strict=True))
        pairs = max(pairs, crossed, key=lambda slots: _agreement(slots, votes))
    return own + pairs


def _agreement(slots: list[tuple[Place, Place]], votes: Votes) -> int:
    """How many places would be named as others want them, less those that would not."""
    return sum(
        1
        if votes[pair]
        else -any(count and (pair[0] in seen or pair[1] in seen) for seen, count in votes.items())
        for pair in slots
    )


def _nearness(one: Definition, other: Definition) -> tuple[int, int, int]:
    return -abs(one.line - other.line), -one.line, -other.line


def _names(candidate: Candidate, model: Candidate, matches: Matches) -> dict[Place, Place]:
    """The model's number for each place that stands for the same; others get numbers it does not use."""
    mine, theirs = dict(statements(candidate)), dict(statements(model))
    votes = Votes(_FIXED.items())
    for one, other in matches.items():
        votes.update(_slots(mine[one], theirs[other], votes))
    names = dict(_FIXED)
    taken = set(_FIXED)
    for (place, wanted), _ in votes.most_common():
        if place not in names and wanted not in taken:
            names[place] = wanted
            taken.add(wanted)
    used = taken | {place for one in theirs.values() for place in (*operands(one), target(one))}
    for statement in mine.values():
        for place in (*operands(statement), target(statement)):
            if place not in names:
                number = next(number for number in range(1000) if (place[0], number) not in used)
                names[place] = place[0], number
                used.add(names[place])
    return names


def _renamed(statement: Instruction, names: dict[Place, Place], twin: Instruction | None) -> Instruction:
    """The statement with new numbers, its operands as its twin has them where they can be exchanged."""
    read = [names[place] for place in operands(statement)]
    out = names[target(statement)]
    if statement.op.id in COMMUTATIVE and twin is None:
        read.sort(key=lambda place: (place != out, place != FEATURES, place))
    elif statement.op.id in COMMUTATIVE and twin is not None:
        wanted = operands(twin)
        if read[0] == wanted[1] or read[1] == wanted[0]:
            read.reverse()
    a, b = (*(number for _, number in read), 0, 0)[:2]
    return instruction(statement.op, a, b, out[1], statement.constants)
