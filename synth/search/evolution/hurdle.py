"""Hurdles: a program is evaluated in full only if a first, cheap stage finds it among the better ones."""

import math
from collections import deque
from dataclasses import dataclass, field

import numpy as np

from synth.search.arrays import Arrays


@dataclass
class Hurdle:
    """The fitness of recent programs in the first stage, oldest first."""

    recent: deque[float] = field(default_factory=deque)

    def passes(self, fitness: float, percentile: float) -> bool:
        """Whether a fitness reaches the percentile of the unique ones of recent programs.

        The percentile is the smallest of the unique values that is not below so many percent of them.
        """
        unique = sorted(set(self.recent))
        if not unique:
            return True
        return fitness >= unique[max(0, math.ceil(percentile / 100 * len(unique)) - 1)]

    def add(self, fitness: float, window: int) -> None:
        """Let a fitness be one of the `window` recent ones."""
        self.recent.append(fitness)
        while len(self.recent) > window:
            self.recent.popleft()

    def to_arrays(self) -> Arrays:
        """The window as an array."""
        return {"hurdle": np.fromiter(self.recent, np.float64, len(self.recent))}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Hurdle":
        """The window that `to_arrays` described."""
        return cls(deque(arrays["hurdle"].tolist()))
