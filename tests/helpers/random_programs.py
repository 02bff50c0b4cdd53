"""Random programs for the tests of the analysis: on few addresses, so that most statements matter."""

import random

from hypothesis import strategies as st
from native_programs import template
from strategies import ALL_OPS, Addresses, random_candidate_of, random_instruction

from synth.language.candidate import Candidate
from synth.language.ops import OPS

FEW: Addresses = {"s": 4, "v": 4, "m": 2}

BASELINE = ((56, 59, 60, 61, 62, 63, 64), (1, 23, 27, 31, 48), (1, 2, 3, 16, 18, 23, 25, 28, 39))
"""Ids of the ops of the baseline preset."""


def of_all_ops(seed: int) -> Candidate:
    """A program of all ops."""
    return random_candidate_of(seed, (4, 5, 7), ALL_OPS, FEW)


def of_baseline(seed: int) -> Candidate:
    """A program of the baseline preset's ops."""
    draw = random.Random(seed)
    sizes = (2, 4, 6)
    return Candidate(
        *(
            tuple(random_instruction(draw, [OPS[one] for one in ids], FEW) for _ in range(size))
            for ids, size in zip(BASELINE, sizes, strict=True)
        )
    )


def of_a_net(seed: int) -> Candidate:
    """The two-layer net with a few statements replaced."""
    draw = random.Random(seed)
    bodies = [list(body) for body in template("neural_net").bodies]
    for _ in range(draw.randint(1, 6)):
        body = draw.choice(bodies)
        body[draw.randrange(len(body))] = random_instruction(draw, ALL_OPS, {"s": 5, "v": 9, "m": 2})
    return Candidate(*map(tuple, bodies))


def programs() -> st.SearchStrategy[Candidate]:
    """Any of these."""
    seeds = st.integers(0, (1 << 32) - 1)
    return st.one_of(seeds.map(of_all_ops), seeds.map(of_baseline), seeds.map(of_a_net))
