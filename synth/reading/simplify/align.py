"""One program written after another: numbers and order of statements like the model's where they match.

Statements match by what surrounds them (`colours.Neighbourhood`): first those whose wide surroundings are
equal, then narrower ones, those of equal op alone, and at last those that store the same by another op; among
several the one that agrees best with what matched before. So a change stands alone in the difference of the
two texts.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from operator import eq
from typing import Any, NamedTuple

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, Definition, statements
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, Variable
from synth.language.renumbering import Renumbering, Votes, renumbering_by_votes
from synth.reading.simplify.colours import Colours, Neighbourhood
from synth.reading.simplify.order import dependencies, emit, in_reading_order

RADIUS = 6
"""Steps from a statement to the end of its surroundings, at first."""

Matches = dict[Definition, Definition]
Statements = Mapping[Definition, Instruction]


class Alignment(NamedTuple):
    """A program written after another."""

    candidate: Candidate
    matches: Matches
    """Which of its statements match which of the model's."""
    renumbering: Renumbering
    """What each variable became."""


def align(candidate: Candidate, model: Candidate) -> Candidate:
    """Return the candidate with numbers and order after the model's. Expects one meaning for each address."""
    return aligned(candidate, model).candidate


def aligned(candidate: Candidate, model: Candidate, *, reuse: bool = False) -> Alignment:
    """Align a candidate as `align` does.

    With `reuse`, new variables may get addresses that mean something else in the model.
    """
    matches, votes = match(candidate, model)
    placed: Matches = {}
    used = () if reuse else tuple(one for statement in model for one in statement.variables)
    renumbering = renumbering_by_votes(candidate, votes, reserved=used)
    twins = dict(statements(model))
    bodies = []
    for function, body in enumerate(candidate.bodies):
        own = {at.line: twin for at, twin in matches.items() if at.function == function}
        renamed = [
            _renamed(statement, renumbering, twins[own[line]] if line in own else None)
            for line, statement in enumerate(body)
        ]
        lines, needs = {line: twin.line for line, twin in own.items()}, dependencies(body)

        def key(line: int, lines: dict[int, int] = lines) -> tuple[Any, ...]:
            return lines.get(line, -1), line

        roots = sorted(_roots(lines, needs), key=lambda root: root[1:])
        order = emit([line for line, *_ in roots], needs, key)
        bodies.append(tuple(renamed[line] for line in order))
        placed |= {Definition(function, new): own[line] for new, line in enumerate(order) if line in own}
    return Alignment(Candidate(*bodies), placed, renumbering)


def _roots(lines: dict[int, int], needs: Sequence[set[int]]) -> Iterator[tuple[int, int, int]]:
    """Yield the lines from which a function is ordered, each with the model's line that it is or follows.

    `lines` are the model's lines of those that match. Lines that do not match follow what they stood behind;
    those that others need have no place of their own.
    """
    needed, behind = set().union(*needs), -1
    for line in range(len(needs)):
        behind = lines.get(line, behind)
        if line in lines or line not in needed:
            yield line, behind, -1 if line in lines else line


def match(candidate: Candidate, model: Candidate) -> tuple[Matches, Votes]:
    """Return pairs of statements that do the same in two programs, and how often variables pair up."""
    mine, theirs = dict(statements(candidate)), dict(statements(model))
    matches: Matches = {}
    votes = Votes((variable, variable) for variable in ENGINES)
    known = set(ENGINES)
    for colours, model_colours in _surroundings(candidate, model):
        waiting = defaultdict(list)
        for twin in theirs.keys() - set(matches.values()):
            waiting[model_colours[twin]].append(twin)
        pairs = [(at, twin) for at in sorted(mine.keys() - matches.keys()) for twin in waiting[colours[at]]]
        while pairs:

            def fit(pair: tuple[Definition, Definition]) -> tuple[int, ...]:
                at, twin = pair
                agreement = _agreement(_slots(mine[at], theirs[twin], votes, known), votes, known)
                return agreement, -abs(at.line - twin.line), -at.line, -twin.line

            at, twin = max(pairs, key=fit)
            matches[at] = twin
            slots = _slots(mine[at], theirs[twin], votes, known)
            votes.update(slots)
            known.update(*slots)
            pairs = [pair for pair in pairs if pair[0] != at and pair[1] != twin]
    for at in sorted(mine.keys() - matches.keys()):
        replaced = _replaced(at, mine, theirs.keys() - set(matches.values()), theirs, votes)
        if replaced is not None:
            matches[at] = replaced
            votes[mine[at].target, theirs[replaced].target] += 1
    return matches, votes


def _replaced(
    at: Definition,
    mine: Statements,
    left: Iterable[Definition],
    theirs: Statements,
    votes: Votes,
) -> Definition | None:
    """Return the statement that another has replaced: one of another op that stores the same."""
    target = mine[at].target
    twins = [twin for twin in left if twin.function == at.function and votes[target, theirs[twin].target] > 0]
    return min(twins, key=lambda twin: (abs(twin.line - at.line), twin), default=None)


def _surroundings(candidate: Candidate, model: Candidate) -> Iterator[tuple[Colours, Colours]]:
    """Yield colours of both programs' statements, from wide surroundings to narrow ones."""
    for constants in (True, False):
        rounds: list[tuple[Colours, Colours]] = []
        one, other = (Neighbourhood(program, constants=constants) for program in (candidate, model))
        for _ in range(RADIUS + 1):
            rounds.append((one.colours, other.colours))
            one.refine()
            other.refine()
        yield from reversed(rounds)


def _slots(
    one: Instruction, other: Instruction, votes: Votes, known: Set[Variable]
) -> list[tuple[Variable, Variable]]:
    """Return the variables that correspond in two statements of one op; operands as they agree better."""
    own = [(one.target, other.target)]
    pairs = list(zip(one.operands, other.operands, strict=True))
    if one.op.id in COMMUTATIVE:
        crossed = list(zip(one.operands, other.operands[::-1], strict=True))
        pairs = max(pairs, crossed, key=lambda slots: _agreement(slots, votes, known))
    return own + pairs


def _agreement(slots: list[tuple[Variable, Variable]], votes: Votes, known: Set[Variable]) -> int:
    """Return how many variables would be named as others want them, less those that would not.

    `known` are the variables that have votes, of either program.
    """
    return sum(1 if votes[pair] else -(not known.isdisjoint(pair)) for pair in slots)


def _renamed(statement: Instruction, renumbering: Renumbering, twin: Instruction | None) -> Instruction:
    """Return the statement with new numbers; operands that commute stand as in its twin."""
    renamed = statement.renamed(renumbering)
    if statement.op.id not in COMMUTATIVE:
        return renamed
    if twin is None or twin.op != statement.op:
        return in_reading_order(renamed, lambda variable: variable)
    crossed = any(map(eq, renamed.operands, twin.operands[::-1]))
    return renamed.with_operands(*renamed.operands[::-1]) if crossed else renamed
