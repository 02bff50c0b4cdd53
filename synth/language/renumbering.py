"""Numbering a program's memory so that its text reads well, or differs least from another's."""

from collections import Counter
from difflib import SequenceMatcher

from synth.language.candidate import Body, Candidate
from synth.language.instruction import Instruction, instruction

Place = tuple[str, int]

_FIXED: dict[Place, Place] = {place: place for place in (("s", 0), ("s", 1), ("v", 0))}


def _places(statement: Instruction) -> list[Place]:
    """The addresses of a statement: operands, then the result."""
    operands = [
        (kind, address)
        for kind, address in zip(statement.op.inputs, (statement.a, statement.b), strict=False)
    ]
    return [*operands, (statement.op.output or "s", statement.out)]


def _votes(candidate: Candidate, model: Candidate) -> Counter[tuple[Place, Place]]:
    """How often an address of `candidate` stands where `model`, aligned by ops, has another address."""
    votes: Counter[tuple[Place, Place]] = Counter()
    for body, other in zip(candidate.bodies, model.bodies, strict=True):
        ops, other_ops = [s.op.id for s in body], [s.op.id for s in other]
        for block in SequenceMatcher(None, ops, other_ops, autojunk=False).get_matching_blocks():
            for offset in range(block.size):
                mine, theirs = _places(body[block.a + offset]), _places(other[block.b + offset])
                votes.update(zip(mine, theirs, strict=True))
    return votes


def _renamed(body: Body, names: dict[Place, Place]) -> Body:
    found = []
    for statement in body:
        *operands, out = [names[place][1] for place in _places(statement)]
        a, b = (*operands, 0, 0)[:2]
        found.append(instruction(statement.op, a, b, out, statement.constants))
    return tuple(found)


def renumber(candidate: Candidate, model: Candidate | None = None) -> Candidate:
    """The same program with its memory numbered after `model`'s, as far as their statements match.

    Other addresses get the lowest free numbers in the order in which they appear.
    """
    names = dict(_FIXED)
    taken = set(_FIXED)
    if model is not None:
        for (mine, theirs), _ in _votes(candidate, model).most_common():
            if mine not in names and theirs not in taken:
                names[mine] = theirs
                taken.add(theirs)
    for statement in candidate:
        for kind, address in _places(statement):
            if (kind, address) in names:
                continue
            number = next(n for n in range(100) if (kind, n) not in taken)
            names[kind, address] = (kind, number)
            taken.add((kind, number))
    return Candidate(*(_renamed(body, names) for body in candidate.bodies))
