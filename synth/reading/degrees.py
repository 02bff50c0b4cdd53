"""Polynomials: of which degree in the features are the values of a prediction."""

from collections.abc import Sequence

from synth.language.flow import PREDICT, Definition
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES
from synth.reading.structure import Structure

_LINEAR = frozenset({"broadcast", "transpose", "mean"})
"""Families of ops, beside sums and products, of which each element is a sum of multiples of the operand's."""

Degree = int | None
"""None for what is no polynomial."""


def degrees(structure: Structure) -> dict[Definition, Degree]:
    """Return the degree in the features of what each live statement of predict computes.

    What predict finds in memory counts as constant, so a linear form has degree 1 and a quadratic form 2.
    """
    found: dict[Definition, Degree] = {}
    for at, statement in structure.live.items():
        if at.function == PREDICT:
            reads = structure.reads(at)
            if statement.op.partial:
                reads.append((statement.target, structure.flow.kept[at]))
            below = []
            for variable, sources in reads:
                own = [one for one in sources if one in found and not structure.carried(at, one)]
                below.append(found[own[0]] if own else int(variable == FEATURES))
            found[at] = _degree(statement, below)
    return found


def degree_of_prediction(structure: Structure) -> Degree:
    """Return the degree of the prediction in the features."""
    found = degrees(structure)
    of_predict = [found[at] for at in structure.flow.prediction if at in found]
    return of_predict[0] if of_predict else 0


def _degree(statement: Instruction, below: Sequence[Degree]) -> Degree:
    """Return the degree of a result, given those of the operands."""
    known = [one for one in below if one is not None]
    if len(known) < len(below):
        return None
    family = statement.op.family
    if not any(known):
        return 0
    if family in {"sum", "difference"} or statement.op.partial:
        return max(known)
    if family == "product":
        return sum(known)
    return known[0] if family in _LINEAR or (family == "quotient" and not known[1]) else None
