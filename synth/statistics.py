"""Comparing figures: paired differences with bootstrap intervals over pairs, shares with Wilson intervals.

The tasks of one pair of classes share their images, so a pair, not a task, is what was sampled: the bootstrap
draws pairs first, then tasks (projections) within each pair that was drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError

RESAMPLES = 4000
"""Resamples of the bootstrap."""

COVERAGE = 0.95
"""Of the intervals."""

ERRORS = 2.0
"""Standard errors that a mean difference may be away from none by chance."""


@dataclass(frozen=True)
class Difference:
    """A mean paired difference, `first - second`, over pairs."""

    mean: float
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end of the 95 % interval."""
    error: float
    """Standard error, the deviation of the bootstrap."""
    per_pair: dict[str, float]
    """The mean difference on the tasks of each pair, in the order in which pairs first appear."""


def mean_and_error(values: Sequence[float]) -> tuple[float, float]:
    """The mean of at least two values, and its standard error."""
    return fmean(values), stdev(values) / math.sqrt(len(values))


def pair_name(task_name: str) -> str:
    """The pair of a task's name: "airplane-dog" of "airplane-dog:3"; a name without number is its own."""
    pair, colon, projection = task_name.rpartition(":")
    return pair if colon and projection.isdecimal() else task_name


def paired_difference(
    first: Sequence[float], second: Sequence[float], pairs: Sequence[str], seed: int = 0
) -> Difference:
    """The difference of two programs' fitness on the same tasks, whose pairs are named by `pairs`.

    Every pair weighs the same. The interval holds the middle 95 % of bootstrap means; with a single pair
    only its tasks are drawn. Raises UsageError for no tasks or lists of different lengths.
    """
    if not len(first) == len(second) == len(pairs) or not len(first):
        raise UsageError(
            f"paired figures need as many tasks on both sides; here are {len(first)}, {len(second)} "
            f"and {len(pairs)} names"
        )
    differences: dict[str, list[float]] = {}
    for one, other, pair in zip(first, second, pairs, strict=True):
        differences.setdefault(pair, []).append(one - other)
    per_pair = {pair: math.fsum(values) / len(values) for pair, values in differences.items()}
    means = _bootstrap([np.array(values) for values in differences.values()], seed)
    low, high = np.quantile(means, [(1 - COVERAGE) / 2, (1 + COVERAGE) / 2])
    mean = math.fsum(per_pair.values()) / len(per_pair)
    return Difference(mean, float(low), float(high), float(means.std()), per_pair)


def _bootstrap(groups: Sequence[NDArray[np.float64]], seed: int) -> NDArray[np.float64]:
    """Means, (RESAMPLES,), over groups drawn with replacement, each resampled within."""
    random = np.random.Generator(np.random.Philox(key=seed))
    drawn = random.integers(len(groups), size=(RESAMPLES, len(groups)))
    means = np.empty(drawn.shape)
    for number, values in enumerate(groups):
        places = np.nonzero(drawn == number)
        within = random.integers(len(values), size=(len(places[0]), len(values)))
        means[places] = values[within].mean(axis=1)
    found: NDArray[np.float64] = means.mean(axis=1)
    return found
