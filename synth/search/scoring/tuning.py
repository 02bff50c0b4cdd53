"""Constant tuning: a random search over the sizes of a program's constants, with the same budget for all."""

import math
from collections.abc import Callable
from random import Random

from synth.language.candidate import Candidate
from synth.language.constants import shorten
from synth.language.instruction import Instruction, instruction

WIDE, NARROW = 1000.0, 10.0
"""Largest factors of a constant: in the first half of the trials of the constants as they were, which is the
paper's search, and in the second half of the best ones so far."""

LARGE_FEATURES = 64
"""From this many features on a trial is dear, and there are only `FEW_TRIALS`."""
FEW_TRIALS = 5


def tune(
    candidate: Candidate, score: Callable[[Candidate], float], trials: int, seed: int = 0
) -> tuple[Candidate, float]:
    """Return the best of so many variants of a program, the program itself included, and its score.

    A variant has every constant multiplied by a factor of its own, drawn log-uniformly; signs and the indices
    of elements stay. The same arguments give the same program.
    """
    random = Random(f"synth tuning {seed}")
    best, figure = candidate, score(candidate)
    if not any(_scales(statement) for statement in candidate):
        return best, figure
    for trial in range(trials):
        wide = 2 * trial < trials
        variant = _scaled(candidate if wide else best, WIDE if wide else NARROW, random)
        variant_figure = score(variant)
        if variant_figure > figure:
            best, figure = variant, variant_figure
    return best, figure


def affordable(trials: int, features: int) -> int:
    """Return how many trials there are at so many features."""
    return min(trials, FEW_TRIALS) if features > LARGE_FEATURES else trials


def _scales(statement: Instruction) -> bool:
    """Return whether a statement holds a constant that a factor changes."""
    return any(
        kind.kind != "index" and value != 0.0
        for kind, value in zip(statement.op.constants, statement.constants, strict=True)
    )


def _scaled(candidate: Candidate, largest: float, random: Random) -> Candidate:
    return Candidate(
        *(
            tuple(_with_factors(one, largest, random) if _scales(one) else one for one in body)
            for body in candidate.bodies
        )
    )


def _with_factors(statement: Instruction, largest: float, random: Random) -> Instruction:
    constants = [
        value
        if kind.kind == "index"
        else shorten(value * math.exp(math.log(largest) * (2.0 * random.random() - 1.0)), kind)
        for kind, value in zip(statement.op.constants, statement.constants, strict=True)
    ]
    return instruction(statement.op, statement.a, statement.b, statement.out, constants)
