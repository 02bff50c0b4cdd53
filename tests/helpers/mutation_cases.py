"""Spaces, programs and a strict random source for the tests of mutations on the data flow."""

import dataclasses
from functools import cache, lru_cache
from random import Random
from typing import Any

from hypothesis import strategies as st
from strategies import random_candidate_of, random_instruction

from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.ops import OPS
from synth.mutation.space import Space
from synth.mutation.valid import valid_candidate
from synth.search.evolution.rules import space_for
from synth.settings.resolve import resolve

PRESETS = ("quick", "full", "main")
ORIGINS = ("valid", "valid without feedback", "valid with more", "arbitrary")


def _refuse(*_: Any, **__: Any) -> None:
    raise AssertionError("only Random.random gives the same in every version of Python")


OnlyRandom: type[Random] = type(
    "OnlyRandom",
    (Random,),
    {name: _refuse for name in dir(Random) if not name.startswith("__") and name not in ("random", "seed")},
)
"""A generator of which nothing but `random` may be used."""


@cache
def space_of(preset: str) -> Space:
    """A preset's space with more addresses than its programs use."""
    return dataclasses.replace(
        space_for(resolve(preset, environment={})), scalars=32, vectors=32, matrices=8, frozen=(), weights=()
    )


@lru_cache(2000)
def program_of(origin: str, preset: str, seed: int) -> Candidate:
    """A program of a preset's ops: one that learns, perhaps with random statements in it, or any at all."""
    space, draw = space_of(preset), Random(seed)
    if origin == "arbitrary":
        bodies = [
            random_candidate_of(seed, (4, 6, 8), [OPS[op] for op in getattr(space, f"{name}_ops")]).bodies[
                place
            ]
            for place, name in enumerate(FUNCTIONS)
        ]
        return Candidate(*bodies)
    candidate = valid_candidate(space, draw, origin != "valid without feedback")
    if origin != "valid with more":
        return candidate
    grown = [list(body) for body in candidate.bodies]
    for _ in range(4):
        place = draw.randrange(3)
        ops = [OPS[op] for op in getattr(space, f"{FUNCTIONS[place]}_ops")]
        grown[place].insert(draw.randint(0, len(grown[place])), random_instruction(draw, ops))
    return Candidate(*map(tuple, grown))


def programs(preset: str) -> st.SearchStrategy[Candidate]:
    """Programs of a preset's ops."""
    return st.builds(program_of, st.sampled_from(ORIGINS), st.just(preset), st.integers(0, 2**32))


@st.composite
def grounds(draw: st.DrawFn) -> tuple[Candidate, Space]:
    """A program and a space around it: with room to grow or not, addresses left or not, all free or not."""
    preset = draw(st.sampled_from(PRESETS))
    candidate, space = draw(programs(preset)), space_of(preset)
    frozen = draw(st.sampled_from([(), (), (), ("setup",), ("predict",), ("learn",), ("setup", "learn")]))
    room = draw(st.sampled_from([None, None, 0, 1, 2, 4]))
    if room is not None:
        setup, predict, learn = (len(body) + room for body in candidate.bodies)
        space = dataclasses.replace(space, setup_max=setup, predict_max=predict, learn_max=learn)
    if draw(st.integers(0, 4)) == 0:
        space = dataclasses.replace(space, scalars=7, vectors=6, matrices=3)
        space = dataclasses.replace(space, **_addresses(candidate, space))
    if draw(st.integers(0, 4)) == 0:
        least: dict[str, Any] = {
            f"{name}_min": len(body) for name, body in zip(FUNCTIONS, candidate.bodies, strict=True)
        }
        space = dataclasses.replace(space, **least)
    return candidate, dataclasses.replace(space, frozen=frozen)


def _addresses(candidate: Candidate, space: Space) -> dict[str, Any]:
    """As many addresses as a space has, or as a program needs."""
    counts = dict(space.addresses.counts)
    for one in candidate:
        for kind, address in (*one.operands, one.target):
            counts[kind] = max(counts[kind], address + 1)
    return {"scalars": counts["s"], "vectors": counts["v"], "matrices": counts["m"]}
