"""An island's state between rounds, and its form on the wire and in a checkpoint: arrays by name.

Nobody but a round that is being played looks into the caches, so outside of it a state stays arrays.
"""

from dataclasses import dataclass, field

import numpy as np

from synth.language.candidate import Candidate
from synth.runs.lineage import Ancestor
from synth.search.arrays import Arrays, pack_candidates, pack_lines, unpack_candidates, unpack_lines
from synth.search.evolution.equivalents import Equivalents
from synth.search.evolution.hurdle import Hurdle


@dataclass(slots=True)
class Individual:
    """A program of a population as evolved, and what is known about it."""

    candidate: Candidate
    fitness: float
    """On the island's search tasks; nan for an immigrant that comes from other tasks."""
    key: int
    """Of the canonical form; 0 for a program that was rejected before it was looked at."""
    learns: bool
    """Whether it can learn, as the island asks for it."""
    line: Ancestor | None = None
    """The last improvement in its line of descent."""
    edits: int = 0
    """Mutations since `line`."""
    length: int = 0
    """Live statements."""
    structure: int = 0
    """Key of the canonical form without constants; 0 where nobody asks for it."""
    value: float = field(default=0.0, compare=False)
    """By which programs are compared: fitness less the price of the statements."""


@dataclass
class IslandState:
    """Everything that a round depends on besides settings, seed and task data.

    `population` is a ring whose member at `oldest` is next to be replaced; `seen` holds the canonical keys of
    programs that were evaluated, oldest first; `immigrants` enter at their positions with the next round;
    `barred` holds the keys of programs that have fitness 0 without being run, as they ended workers; `noise`
    is the standard error of the difference in fitness of good structures, 0 until it was taken;
    `structures` holds the keys of structures that were seen; `elites` are the best programs of restarts, each
    with the round in which its restart ended.
    """

    population: list[Individual] = field(default_factory=list)
    oldest: int = 0
    seen: dict[int, None] = field(default_factory=dict)
    equivalents: Equivalents = field(default_factory=Equivalents)
    hurdle: Hurdle = field(default_factory=Hurdle)
    immigrants: list[tuple[int, Individual]] = field(default_factory=list)
    barred: dict[int, None] = field(default_factory=dict)
    noise: float = 0.0
    structures: dict[int, None] = field(default_factory=dict)
    elites: list[tuple[int, Individual]] = field(default_factory=list)

    def to_arrays(self) -> Arrays:
        """Return the state as arrays."""
        return {
            **self.programs_to_arrays(),
            "seen": np.fromiter(self.seen, np.uint64, len(self.seen)),
            "barred": np.fromiter(self.barred, np.uint64, len(self.barred)),
            "noise": np.array([self.noise], np.float64),
            "structures": np.fromiter(self.structures, np.uint64, len(self.structures)),
            **self.equivalents.to_arrays(),
            **self.hurdle.to_arrays(),
        }

    def programs_to_arrays(self) -> Arrays:
        """Return the part of the arrays that tells of population, immigrants and elites."""
        everyone = [
            *self.population,
            *(immigrant for _, immigrant in self.immigrants),
            *(elite for _, elite in self.elites),
        ]
        return {
            **pack_candidates(member.candidate for member in everyone),
            **pack_lines(member.line for member in everyone),
            "fitness": np.array([member.fitness for member in everyone], np.float64),
            "keys": np.array([member.key for member in everyone], np.uint64),
            "learns": np.array([member.learns for member in everyone], np.uint8),
            "edits": np.array([member.edits for member in everyone], np.int64),
            "lengths": np.array([member.length for member in everyone], np.int64),
            "individual_structures": np.array([member.structure for member in everyone], np.uint64),
            "elite_rounds": np.array([number for number, _ in self.elites], np.int64),
            "oldest": np.array([self.oldest], np.int64),
            "immigrant_places": np.array([position for position, _ in self.immigrants], np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "IslandState":
        """Return the state that `to_arrays` described."""
        state = cls.programs_from_arrays(arrays)
        state.seen = dict.fromkeys(arrays["seen"].tolist())
        state.barred = dict.fromkeys(arrays["barred"].tolist())
        state.noise = noise_of(arrays)
        state.structures = dict.fromkeys(arrays["structures"].tolist())
        state.equivalents = Equivalents.from_arrays(arrays)
        state.hurdle = Hurdle.from_arrays(arrays)
        return state

    @classmethod
    def programs_from_arrays(cls, arrays: Arrays) -> "IslandState":
        """Return a state with population, immigrants and elites alone."""
        names = ("fitness", "keys", "learns", "edits", "lengths", "individual_structures")
        facts = (arrays[name].tolist() for name in names)
        everyone = [
            Individual(candidate, fitness, key, bool(learns), line, edits, length, structure, fitness)
            for candidate, line, fitness, key, learns, edits, length, structure in zip(
                unpack_candidates(arrays), unpack_lines(arrays), *facts, strict=True
            )
        ]
        positions, rounds = arrays["immigrant_places"].tolist(), arrays["elite_rounds"].tolist()
        first = len(everyone) - len(positions) - len(rounds)
        second = first + len(positions)
        return cls(
            everyone[:first],
            int(arrays["oldest"][0]),
            immigrants=list(zip(positions, everyone[first:second], strict=True)),
            elites=list(zip(rounds, everyone[second:], strict=True)),
        )


def noise_of(state: Arrays) -> float:
    """Return the noise of fitness that an island goes by."""
    return float(state["noise"][0])


def best_fitness(state: Arrays) -> float:
    """Return the best search fitness of an island's population."""
    size = len(state["fitness"]) - len(state["immigrant_places"]) - len(state["elite_rounds"])
    return float(state["fitness"][:size].max())
