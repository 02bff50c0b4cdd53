"""The functional equivalence cache: programs with the same first errors share a fitness."""

from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

from synth.search.arrays import Arrays


@dataclass
class Equivalents:
    """Fingerprints with their fitness, least recently used first, and uses of those used more than once."""

    fitness: OrderedDict[int, float] = field(default_factory=OrderedDict)
    uses: dict[int, int] = field(default_factory=dict)

    def find(self, fingerprint: int, forget: int) -> float | None:
        """Return the fitness of a fingerprint, or None; the use that makes `forget` of them drops the entry.

        An entry has one use from the start; 0 for `forget` means never.
        """
        fitness = self.fitness.get(fingerprint)
        if fitness is None:
            return None
        uses = self.uses.get(fingerprint, 1) + 1
        if uses == forget:
            self._drop(fingerprint)
        else:
            self.uses[fingerprint] = uses
            self.fitness.move_to_end(fingerprint)
        return fitness

    def add(self, fingerprint: int, fitness: float, capacity: int) -> None:
        """Keep a fitness; beyond `capacity` the least recently used entry goes."""
        self.fitness[fingerprint] = fitness
        if len(self.fitness) > capacity:
            self._drop(next(iter(self.fitness)))

    def _drop(self, fingerprint: int) -> None:
        del self.fitness[fingerprint]
        self.uses.pop(fingerprint, None)

    def to_arrays(self) -> Arrays:
        """Return the cache as arrays."""
        return {
            "fingerprints": np.fromiter(self.fitness, np.uint64, len(self.fitness)),
            "fingerprint_fitness": np.fromiter(self.fitness.values(), np.float64, len(self.fitness)),
            "used": np.fromiter(self.uses, np.uint64, len(self.uses)),
            "uses": np.fromiter(self.uses.values(), np.int64, len(self.uses)),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Equivalents":
        """Return the cache that `to_arrays` described."""
        kept = zip(arrays["fingerprints"].tolist(), arrays["fingerprint_fitness"].tolist(), strict=True)
        uses = zip(arrays["used"].tolist(), arrays["uses"].tolist(), strict=True)
        return cls(OrderedDict(kept), dict(uses))
