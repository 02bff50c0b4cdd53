"""Restarts, and the pool of their best programs; all is counted in rounds, so that a round knows its part.

A cycle has eight units of `search.restart_rounds` rounds. In the first four islands restart: after one, two
or four units, by turns, which makes four short restarts for two of twice and one of four times the length, as
in Luby's sequence. Then every island goes on from the pool, the best program of all restarts for each length.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from synth.language.analysis import live_only
from synth.search.arrays import Arrays
from synth.search.evolution.hurdle import Hurdle
from synth.search.evolution.state import Individual, IslandState
from synth.settings.schema import SearchConfig

UNITS = 8
"""Units of a cycle; half of them before the pool, half with it."""

LEVELS = 3
"""Restarts take 1, 2 or 4 units."""

MOST_OF_ONE = 10
"""Programs of one restart in the pool."""


def begins_anew(search: SearchConfig, island: int, number: int) -> bool:
    """Return whether an island restarts with a round."""
    unit = search.restart_rounds
    if not unit:
        return False
    cycle, rest = divmod(number, UNITS * unit)
    return rest < UNITS // 2 * unit and rest % (unit << (island + cycle) % LEVELS) == 0


def begins_pool(search: SearchConfig, number: int) -> bool:
    """Return whether islands get their programs from the pool before a round."""
    unit = search.restart_rounds
    return unit > 0 and number % (UNITS * unit) == UNITS // 2 * unit


def in_restarts(search: SearchConfig, number: int) -> bool:
    """Return whether a round belongs to restarts, which are not to mix."""
    unit = search.restart_rounds
    return unit > 0 and number % (UNITS * unit) < UNITS // 2 * unit


def front(programs: Sequence[Individual], most: int) -> list[Individual]:
    """Return the programs that are fitter than every shorter one, by length: the `most` fittest of them."""
    best: list[Individual] = []
    for program in sorted(programs, key=lambda one: (one.length, -one.fitness)):
        if program.learns and program.fitness > (best[-1].fitness if best else 0.0):
            best.append(program)
    return best[-most:]


def pooled(states: Sequence[Arrays], number: int) -> list[Arrays]:
    """Return the states of all islands, which search on the same tasks, with the pool as population."""
    islands = [IslandState.programs_from_arrays(state) for state in states]
    for island in islands:
        remember(island, number)
    elites = [program for island in islands for _, program in island.elites]
    pool = front(elites, len(islands) * MOST_OF_ONE)
    for first, island in enumerate(islands):
        size = len(island.population)
        if pool:
            island.population = [pool[position % len(pool)] for position in range(first, first + size)]
        island.oldest, island.immigrants = 0, []
    return [
        {**state, **island.programs_to_arrays(), **Hurdle().to_arrays()}
        for state, island in zip(states, islands, strict=True)
    ]


def remember(state: IslandState, number: int) -> None:
    """Take the best of a restart that ends before a round, or of a pool, among the elites."""
    ended = [(number, program) for program in front(state.population, MOST_OF_ONE)]
    state.elites = _front_of_restarts([*state.elites, *ended])


def family_use(elites: Sequence[tuple[int, Individual]]) -> Counter[str]:
    """Count how often the best program of each finished restart uses each family of ops."""
    uses = Counter[str]()
    for _, group in groupby(elites, key=lambda one: one[0]):
        best = max((program for _, program in group), key=lambda program: program.fitness)
        live = live_only(best.candidate)
        uses.update(statement.op.family for statement in (*live.predict, *live.learn))
    return uses


def _front_of_restarts(elites: Sequence[tuple[int, Individual]]) -> list[tuple[int, Individual]]:
    """Return the front of all elites, by the rounds in which their restarts ended."""
    best = front([program for _, program in elites], len(elites) or 1)
    kept = [(number, program) for number, program in elites if any(program is one for one in best)]
    return [entry for _, group in groupby(kept, key=lambda one: one[0]) for entry in [*group][-MOST_OF_ONE:]]
