"""Hurdles: a program is evaluated in full only if a first, cheap stage finds it among the better ones."""

import math
from bisect import bisect_left, insort
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from synth.search.arrays import Arrays


@dataclass
class Hurdle:
    """The fitness of recent programs in the first stage, oldest first."""

    recent: deque[float] = field(default_factory=deque)
    best_fitness: float = -math.inf
    """Of the best program that was evaluated whole."""
    best: list[float] = field(default_factory=list)
    """Its first stage, on each task; empty before there is one."""

    def __post_init__(self) -> None:
        self._counts = Counter(self.recent)
        self._unique = sorted(self._counts)

    def passes(self, fitness: float, percentile: float) -> bool:
        """Return whether a fitness reaches the percentile of the unique ones of recent programs.

        The percentile is the smallest of the unique values that is not below so many percent of them.
        """
        unique = self._unique
        if not unique:
            return True
        return fitness >= unique[max(0, math.ceil(percentile / 100 * len(unique)) - 1)]

    def is_near(self, stage: Sequence[float], errors: float) -> bool:
        """Return whether a first stage is within so many paired standard errors of the best program's."""
        if not self.best:
            return True
        behind = math.fsum(self.best) - math.fsum(stage)
        return behind <= errors * paired_error(stage, self.best) * len(stage)

    def learn(self, fitness: float, stage: Sequence[float]) -> None:
        """Keep the first stage of a program that was evaluated whole, if it is the best."""
        if fitness > self.best_fitness:
            self.best_fitness, self.best = fitness, list(stage)

    def add(self, fitness: float, window: int) -> None:
        """Record a fitness; forget all but the last `window`."""
        self.recent.append(fitness)
        self._counts[fitness] += 1
        if self._counts[fitness] == 1:
            insort(self._unique, fitness)
        while len(self.recent) > window:
            oldest = self.recent.popleft()
            self._counts[oldest] -= 1
            if not self._counts[oldest]:
                del self._counts[oldest]
                del self._unique[bisect_left(self._unique, oldest)]

    def to_arrays(self) -> Arrays:
        """Return the window and the best program's first stage as arrays."""
        return {
            "hurdle": np.fromiter(self.recent, np.float64, len(self.recent)),
            "hurdle_best": np.array([self.best_fitness, *self.best], np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Hurdle":
        """Return the hurdle that `to_arrays` described."""
        best_fitness, *best = arrays["hurdle_best"].tolist()
        return cls(deque(arrays["hurdle"].tolist()), best_fitness, best)


def paired_error(first: Sequence[float], second: Sequence[float]) -> float:
    """Return the standard error of two programs' mean difference on the same tasks; 0 for one task."""
    count = len(first)
    if count < 2:
        return 0.0
    differences = [one - other for one, other in zip(first, second, strict=True)]
    mean = math.fsum(differences) / count
    squares = math.fsum([(difference - mean) ** 2 for difference in differences])
    return math.sqrt(squares / (count - 1) / count)
