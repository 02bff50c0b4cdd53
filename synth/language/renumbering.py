"""Numbering a program's memory so that its text reads well, or differs least from another's."""

from collections import Counter
from difflib import SequenceMatcher
from itertools import count

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES
from synth.language.ops import Variable

_Votes = Counter[tuple[Variable, Variable]]


def _votes(candidate: Candidate, model: Candidate) -> _Votes:
    """How often a variable of `candidate` stands where `model`, aligned by ops, has another."""
    votes = _Votes()
    for body, other in zip(candidate.bodies, model.bodies, strict=True):
        ops, other_ops = [s.op.id for s in body], [s.op.id for s in other]
        for block in SequenceMatcher(None, ops, other_ops, autojunk=False).get_matching_blocks():
            for offset in range(block.size):
                mine, theirs = body[block.a + offset], other[block.b + offset]
                votes.update(
                    zip((*mine.operands, mine.target), (*theirs.operands, theirs.target), strict=True)
                )
    return votes


def renumber(candidate: Candidate, model: Candidate | None = None) -> Candidate:
    """The same program with its memory numbered after `model`'s, as far as their statements match.

    Other variables get the lowest free addresses in the order in which they appear.
    """
    names = {variable: variable for variable in ENGINES}
    votes = _votes(candidate, model) if model else _Votes()
    for (mine, theirs), _ in votes.most_common():
        if mine not in names and theirs not in names.values():
            names[mine] = theirs
    for statement in candidate:
        for variable in (*statement.operands, statement.target):
            if variable not in names:
                kind, taken = variable[0], {*names.values()}
                names[variable] = next((kind, n) for n in count() if (kind, n) not in taken)
    return Candidate(
        *(
            tuple(
                one.with_operands(*(names[variable] for variable in one.operands)).with_target(
                    names[one.target]
                )
                for one in body
            )
            for body in candidate.bodies
        )
    )
