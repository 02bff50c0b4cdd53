"""Renumbering a program's memory so that its text reads well, or differs least from another's."""

from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES
from synth.language.memory import ADDRESSES
from synth.language.ops import Variable

Renumbering = dict[Variable, Variable]
"""What each variable of a program becomes."""

Votes = Counter[tuple[Variable, Variable]]
"""How often a variable of one program stands where another program has a variable."""


def _votes(candidate: Candidate, model: Candidate) -> Votes:
    """Return how often a variable of `candidate` stands where `model`, aligned by ops, has another."""
    votes = Votes()
    for body, other in zip(candidate.bodies, model.bodies, strict=True):
        ops, other_ops = [s.op.id for s in body], [s.op.id for s in other]
        for block in SequenceMatcher(None, ops, other_ops, autojunk=False).get_matching_blocks():
            for offset in range(block.size):
                mine, theirs = body[block.a + offset], other[block.b + offset]
                votes.update(zip(mine.variables, theirs.variables, strict=True))
    return votes


def renumbering_by_votes(
    candidate: Candidate, votes: Votes, reserved: Iterable[Variable] = ()
) -> Renumbering:
    """Return a variable for each of the candidate's: the one with the most votes, if it is not taken.

    Others get the lowest free addresses in the order in which they appear, none of the reserved ones as long
    as there are others.
    """
    new = {variable: variable for variable in ENGINES}
    for (mine, theirs), _ in votes.most_common():
        if mine not in new and theirs not in new.values():
            new[mine] = theirs
    taken = {*reserved, *new.values()}
    for statement in candidate:
        for variable in statement.variables:
            if variable not in new:
                every = [(variable[0], address) for address in range(ADDRESSES)]
                free = (one for unwanted in (taken, new.values()) for one in every if one not in unwanted)
                new[variable] = next(free)
                taken.add(new[variable])
    return new


def renumber(candidate: Candidate, model: Candidate | None = None) -> Candidate:
    """Return the same program with its memory numbered after `model`'s, as far as their statements match.

    Other variables get the lowest free addresses in the order in which they appear.
    """
    new = renumbering_by_votes(candidate, _votes(candidate, model) if model else Votes())
    return Candidate(*(tuple(one.renamed(new) for one in body) for body in candidate.bodies))
