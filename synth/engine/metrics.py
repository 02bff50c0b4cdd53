"""How fitness comes from what a program did (the reference, section 4)."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Combine = Literal["mean", "median"]

MAX_ABS_ERROR = 100.0
"""A larger error, or one that is nan, fails the training or the validation."""


def fitness_name(metric: str) -> str:
    """Return what the fitness of tasks with a metric is called."""
    return "accuracy" if metric == "accuracy" else "fitness"


def rmse(fitness: float, scale: float) -> float:
    """Return the error that a fitness of RMS tasks stands for, in the data's units; infinite for a failure.

    `scale` is that of the tasks: what a label of 1 is in the data's units.
    """
    return scale * math.tan(math.pi / 2.0 * (1.0 - fitness)) if fitness > 0.0 else math.inf


def rmse_text(fitness: float | None, scale: float) -> str:
    """Return the error that a fitness stands for, rounded to four digits: 54.32 or 2,803,000."""
    if not fitness:
        return "-"
    error = rmse(fitness, scale)
    digits = f"{error:.4g}"
    return f"{float(digits):,.0f}" if 1e4 <= error < 1e15 else digits


def beside(fitness: float | None, scale: float | None) -> str:
    """Return what stands behind a fitness: the error in the data's units, or nothing where there are none."""
    return "" if scale is None or not fitness else f" (rmse {rmse_text(fitness, scale)})"


def combine(per_task: Sequence[float], how: Combine = "mean") -> float:
    """Return the fitness over all tasks: the mean, or the element at n // 2 of the sorted ones ("median")."""
    if how == "median":
        return sorted(per_task)[len(per_task) // 2]
    return sum(per_task) / len(per_task)


def errors(predictions: NDArray[np.float64], labels: NDArray[np.float64], metric: str) -> NDArray[np.float64]:
    """Return the error of each validation prediction s1, all (n,) float64.

    Regression ("rms"): |label - s1|. "accuracy": 0.0 where the class is right and 1.0 where it is not; the
    class is 1 if sigmoid(s1) > 0.5, so nan counts as class 0.
    """
    with np.errstate(all="ignore"):
        if metric == "rms":
            wrong = np.abs(labels - predictions)
        else:
            wrong = (1.0 / (1.0 + np.exp(-predictions)) > 0.5) != (labels > 0.5)
    return np.asarray(wrong, dtype=np.float64)


def fitness(predictions: NDArray[np.float64], labels: NDArray[np.float64], metric: str) -> float:
    """Return the fitness, in [0, 1], of the validation predictions s1 of one epoch."""
    wrong = errors(predictions, labels, metric)
    if not (wrong <= MAX_ABS_ERROR).all():
        return 0.0
    share = float(np.sum(wrong**2)) / len(labels)
    return 1.0 - share if metric == "accuracy" else 1.0 - 2.0 / math.pi * math.atan(math.sqrt(share))


def best_fitness(epochs: NDArray[np.float64], labels: NDArray[np.float64], metric: str) -> float:
    """Return the best fitness of all epochs that were completed: (epochs, n); 0.0 when there was none."""
    return max((fitness(predictions, labels, metric) for predictions in epochs), default=0.0)
