"""Where programs come from: chains of ancestors, of which only those stay that were improvements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from synth.language.candidate import Candidate
from synth.search.arrays import Arrays, pack_candidates, pack_texts, unpack_candidates, unpack_texts

LEAST_GAIN = 0.001
"""An ancestor stays in the chain when its search fitness exceeds that of the one before by this much."""


@dataclass(frozen=True, eq=False, slots=True)
class Ancestor:
    """A program in a line of descent, as evolved."""

    parent: "Ancestor | None"
    origin: str
    """The mutation that made it, or how the line began: start, random, or `immigrant NAME`."""
    edits: int
    """Mutations since `parent`, this one included; those in between gained nothing."""
    fitness: float
    """On the search tasks of its island when it arose."""
    island: int
    round: int
    candidate: Candidate

    def chain(self) -> "tuple[Ancestor, ...]":
        """The line from its beginning to this program."""
        return tuple(reversed(list(self._upwards())))

    def _upwards(self) -> "Iterator[Ancestor]":
        found: Ancestor | None = self
        while found is not None:
            yield found
            found = found.parent


def pack_lines(tips: Iterable[Ancestor | None]) -> Arrays:
    """Lines of descent as arrays: each ancestor once, after its parent; `line_tips` are those asked for."""
    places: dict[Any, int] = {}
    known: dict[int, int] = {}
    ancestors: list[Ancestor] = []
    parents: list[int] = []

    def place(tip: Ancestor | None) -> int:
        waiting = []
        while tip is not None and id(tip) not in known:
            waiting.append(tip)
            tip = tip.parent
        parent = known[id(tip)] if tip is not None else -1
        for one in reversed(waiting):
            # equal ancestors that came by different ways are one
            value = (parent, one.origin, one.edits, one.fitness, one.island, one.round, one.candidate)
            if value not in places:
                places[value] = len(ancestors)
                ancestors.append(one)
                parents.append(parent)
            parent = known[id(one)] = places[value]
        return parent

    found = [place(tip) for tip in tips]
    numbers = [(one.edits, one.island, one.round) for one in ancestors]
    return {
        **pack_candidates((one.candidate for one in ancestors), "line_"),
        "line_tips": np.array(found, np.int64),
        "line_parents": np.array(parents, np.int64),
        "line_numbers": np.array(numbers, np.int64).reshape(-1, 3),
        "line_fitness": np.array([one.fitness for one in ancestors], np.float64),
        "line_origins": pack_texts(one.origin for one in ancestors),
    }


def unpack_lines(arrays: Arrays) -> list[Ancestor | None]:
    """The tips that `pack_lines` was given."""
    ancestors: list[Ancestor] = []
    facts = zip(
        arrays["line_parents"].tolist(),
        unpack_texts(arrays["line_origins"]),
        arrays["line_numbers"].tolist(),
        arrays["line_fitness"].tolist(),
        unpack_candidates(arrays, "line_"),
        strict=True,
    )
    for parent, origin, (edits, island, number), fitness, candidate in facts:
        above = ancestors[parent] if parent >= 0 else None
        ancestors.append(Ancestor(above, origin, edits, fitness, island, number, candidate))
    return [ancestors[tip] if tip >= 0 else None for tip in arrays["line_tips"].tolist()]
