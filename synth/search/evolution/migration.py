"""The hub: between rounds islands hand in a share of their programs and get as many from all of them."""

from collections.abc import Sequence
from dataclasses import replace
from math import nan
from random import Random
from statistics import median
from typing import TypeVar

import numpy as np

from synth.mutation.chance import below
from synth.search.arrays import Arrays
from synth.search.evolution.state import Individual, IslandState, noise_of

Item = TypeVar("Item")


def exchange(
    states: Sequence[Arrays], tasks: Sequence[str], share: float, seed: int, number: int
) -> list[Arrays]:
    """Return the states of all islands after an exchange; equal arguments give equal states.

    Each island hands in copies of `share` of its population, and what it gets, drawn from all that was handed
    in, replaces them. `tasks` names the tasks of each island: a program that goes to other tasks has to
    be scored there. `number` is that of the round which comes next.
    """
    random = Random(f"synth migration {seed} {number}")
    islands = [IslandState.programs_from_arrays(state) for state in states]
    sizes = [len(island.population) for island in islands]
    leaving = [_chosen(range(size), round(share * size), random) for size in sizes]
    hub = [
        (name, island.population[position])
        for name, island, positions in zip(tasks, islands, leaving, strict=True)
        for position in positions
    ]
    for name, island, positions in zip(tasks, islands, leaving, strict=True):
        arriving = _chosen(hub, len(positions), random)
        island.immigrants = [
            (position, program if origin == name else unscored(program))
            for position, (origin, program) in zip(sorted(positions), arriving, strict=True)
        ]
    return [{**state, **island.programs_to_arrays()} for state, island in zip(states, islands, strict=True)]


def unscored(program: Individual) -> Individual:
    """Return a program as it comes to other tasks."""
    return replace(program, fitness=nan)


def admit(states: Sequence[Arrays], newcomers: Sequence[Individual]) -> list[Arrays]:
    """Return the states of all islands with newcomers among their immigrants, in place of the oldest."""
    admitted = []
    for state in states:
        island = IslandState.programs_from_arrays(state)
        size = len(island.population)
        island.immigrants += [
            (position % size, newcomer) for position, newcomer in enumerate(newcomers, island.oldest)
        ]
        admitted.append({**state, **island.programs_to_arrays()})
    return admitted


def noise_settled(states: Sequence[Arrays], tasks: Sequence[str]) -> list[Arrays]:
    """Return the states with one noise for islands of the same tasks: the median of what they took."""
    taken: dict[str, list[float]] = {}
    for name, state in zip(tasks, states, strict=True):
        taken.setdefault(name, []).extend(filter(None, [noise_of(state)]))
    settled = {name: median(noises or [0.0]) for name, noises in taken.items()}
    return [
        {**state, "noise": np.array([settled[name]], np.float64)}
        for name, state in zip(tasks, states, strict=True)
    ]


def scored_anew(state: Arrays) -> Arrays:
    """Forget what an island whose tasks or rules changed knows of its programs; return its state.

    The noise of fitness stays, as it is taken once, and programs that ended workers stay barred.
    """
    if not state:
        return {}
    island = IslandState.programs_from_arrays(state)
    for position, immigrant in island.immigrants:
        island.population[position] = immigrant
    island.population, island.immigrants = [unscored(program) for program in island.population], []
    island.elites = [(number, unscored(program)) for number, program in island.elites]
    island.noise, island.barred = noise_of(state), dict.fromkeys(state["barred"].tolist())
    return island.to_arrays()


def _chosen(items: Sequence[Item], count: int, random: Random) -> list[Item]:
    """Draw so many different items, uniformly."""
    rest = list(items)
    for one in range(count):
        other = one + below(random, len(rest) - one)
        rest[one], rest[other] = rest[other], rest[one]
    return rest[:count]
