"""How fitness comes from what a program predicts (the reference, section 4, and further metrics).

A fitness is in [0, 1]; more is better, and 0 is that of a failure. Losses become fitness as 1 / (1 + loss).
Accuracy and rms are computed by the machine code of the native engine as well; the others here alone, with
operations that round alike on every processor.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.plugins import is_reference, plugin
from synth.tasks.names import METRIC_NAMES

Floats = NDArray[np.float64]
Predictions = NDArray[np.floating[Any]]
Counts = NDArray[np.intp]
Score = Callable[[Predictions, Floats, Counts], Floats]
"""From predictions s1 and labels of tasks, (tasks, n) each, to the fitness on each, (tasks,). The third
argument says how many examples are a task's own; behind them predictions and labels are 0."""

Combine = Literal["mean", "median"]

ROUNDING = 1e-9
"""By so much may a metric of one's own leave [0, 1]."""

MAX_ABS_ERROR = 100.0
"""A larger error, or one that is nan, fails the training, or the validation of a regression."""


@dataclass(frozen=True)
class Metric:
    """A way to score predictions: of classes, or in a regression those of numbers."""

    name: str
    regression: bool
    score: Score
    title: str = "fitness"
    """What the fitness is called, where it is the metric itself."""
    unit: str = ""
    """What the metric is called in its own unit, where the fitness is not the metric itself."""
    percent: bool = False
    """Whether the fitness reads well in percent."""


def _accuracy(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    return np.asarray(1.0 - np.sum(_wrong(predictions, labels), axis=1) / counts)


def _balanced_accuracy(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    positive, said = labels > 0.5, predictions > 0.0
    hits, positives = np.sum(positive & said, axis=1), np.sum(positive, axis=1)
    negatives = counts - positives
    rejected = negatives - (np.sum(said, axis=1) - hits)
    shares = hits / np.maximum(positives, 1) + rejected / np.maximum(negatives, 1)
    # A class that a task does not have says nothing.
    balanced = shares / ((positives > 0) * 1.0 + (negatives > 0))
    return _without_nan(predictions, balanced)


def _log_loss(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    s1 = predictions.astype(np.float64)
    margins = np.where(labels > 0.5, s1, -s1)
    margins[~_own(labels, counts)] = np.inf
    factors = _exp(-np.abs(margins))
    factors += 1.0
    logarithms = np.zeros(len(labels))
    for start in range(0, labels.shape[1], 1000):  # factors of at most 2: their product stays finite
        product = np.multiply.reduce(factors[:, start : start + 1000], axis=1)
        mantissa, exponent = np.frexp(product)
        # Exactly nothing for a product of 1, as that of examples that are not a task's own.
        logarithms += np.where(product == 1.0, 0.0, _log(mantissa) + exponent * math.log(2.0))
    loss = (_sum(np.maximum(-margins, 0.0)) + logarithms) / counts
    return _without_nan(predictions, 1.0 / (1.0 + loss))


def _auc(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    """Return the share of pairs of a positive and a negative that are in order, equal ones by half.

    Predictions are compared as float32 without its last bit, in whose place the label is sorted along.
    """
    positive = labels > 0.5
    keys = np.add(predictions, np.float32(0.0), dtype=np.float32).view(np.int32)  # + 0 makes zeros alike
    row = keys >> 31
    row &= 0x7FFFFFFF
    keys ^= row  # whole numbers in the order of the predictions
    keys &= ~1
    if counts.min() < labels.shape[1]:
        keys[~_own(labels, counts)] = np.iinfo(np.int32).max - 1  # behind all others: they change nothing
    np.bitwise_or(keys, positive, out=row)
    row.sort(axis=1)
    in_order = _pairs_in_order((row & 1).astype(np.bool_))
    # A positive behind a negative with an equal prediction: the pair counts half.
    equal = np.flatnonzero(((row[:, 1:] ^ row[:, :-1]) == 1).any(axis=1))
    if equal.size:
        row = keys[equal] | ~positive[equal]  # positives first
        row.sort(axis=1)
        in_order[equal] = (in_order[equal] + _pairs_in_order((row & 1) == 0)) / 2.0
    positives = np.count_nonzero(positive, axis=1)
    pairs = positives * (counts - positives)
    return _without_nan(predictions, np.where(pairs > 0, in_order / np.maximum(pairs, 1), 0.5))


_BITS = np.unpackbits(np.arange(256, dtype=np.uint8)[:, np.newaxis], axis=1).astype(np.float64)
_ONES, _PLACES = _BITS.sum(axis=1), _BITS @ np.arange(8.0)
"""How many bits of each byte are set, and the sum of their places from the left."""


def _pairs_in_order(positive: NDArray[np.bool_]) -> Floats:
    """Return how many negatives stand before each positive of a row, in all; whole numbers, so exact."""
    packed = np.packbits(positive, axis=1)
    ones = _ONES[packed]
    before = ones @ np.arange(0.0, 8.0 * packed.shape[1], 8.0) + np.sum(_PLACES[packed], axis=1)
    count = np.sum(ones, axis=1)
    return np.asarray(before - count * (count - 1.0) / 2.0)


def _rms(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    errors = np.abs(labels - predictions)
    root = np.sqrt(np.sum(errors**2, axis=1) / counts)
    fitness = [1.0 - 2.0 / math.pi * math.atan(one) for one in root.tolist()]
    return _without_large(errors, np.array(fitness))


def _mae(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    errors = np.abs(labels - predictions)
    return _without_large(errors, 1.0 / (1.0 + _sum(errors) / counts))


def _r2(predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
    errors = np.abs(labels - predictions)
    spread = np.where(_own(labels, counts), labels - (_sum(labels) / counts)[:, np.newaxis], 0.0)
    unexplained, total = _sum(errors**2), _sum(spread**2)
    share = np.where(total > 0.0, unexplained / np.where(total > 0.0, total, 1.0), np.inf)
    return _without_large(errors, 1.0 / (1.0 + np.where(unexplained > 0.0, share, 0.0)))


def _own(labels: Floats, counts: Counts) -> NDArray[np.bool_]:
    """Return which examples are a task's own, (tasks, n)."""
    return np.asarray(np.arange(labels.shape[1]) < counts[:, np.newaxis])


def _sum(values: Floats) -> Floats:
    """Return the sum of each row from left to right: zeros behind change nothing."""
    return np.add.accumulate(values, axis=1)[:, -1]


METRICS: Mapping[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric("accuracy", False, _accuracy, "accuracy", percent=True),
        Metric("balanced_accuracy", False, _balanced_accuracy, "balanced accuracy", percent=True),
        Metric("log_loss", False, _log_loss, unit="log loss"),
        Metric("auc", False, _auc, "AUC"),
        Metric("rms", True, _rms, unit="rmse"),
        Metric("mae", True, _mae, unit="mae"),
        Metric("r2", True, _r2, unit="R²"),
    )
}
"""The metrics that synth has, by name."""


@cache
def metric_of(name: str, regression: bool = False) -> Metric:
    """Return a metric of `METRICS` by its name, or one's own by its reference, `package.module:function`.

    `regression` says what one's own is for. Raises UsageError for a function that cannot be imported, or that
    does not return a number from 0 to 1 on two examples.
    """
    if name in METRICS:
        return METRICS[name]
    if not is_reference(name):
        known = ", ".join(METRIC_NAMES)
        raise UsageError(f"there is no metric {name!r}; choose one of {known}, or package.module:function")
    own = _Own(name, regression)
    # What it imports when it is called is imported now: a worker can import nothing later.
    own(np.array([[-1.0, 1.0]]), np.array([[0.0, 1.0]]), np.array([2]))
    return Metric(name, regression, own, name.partition(":")[2])


@dataclass(frozen=True)
class _Own:
    """A metric of one's own, as a score: it is called with s1, probability and labels, (n,) float64 each."""

    reference: str
    regression: bool

    def __call__(self, predictions: Predictions, labels: Floats, counts: Counts) -> Floats:
        s1 = predictions.astype(np.float64)
        errors = np.abs(labels - s1)
        fine: Any = errors <= MAX_ABS_ERROR if self.regression else ~np.isnan(s1)
        rows = zip(s1, labels, counts, fine.all(axis=1), strict=True)
        return np.array([self._one(said[:n], truth[:n]) if valid else 0.0 for said, truth, n, valid in rows])

    def _one(self, s1: Floats, labels: Floats) -> float:
        probability = None if self.regression else _sigmoid(s1)
        value = plugin(self.reference)(s1.copy(), probability, labels.copy())
        number = float(value) if isinstance(value, Real) else math.inf
        if math.isnan(number):
            return 0.0
        if not -ROUNDING <= number <= 1.0 + ROUNDING:
            raise UsageError(
                f"{self.reference} returned {value!r:.80}; a metric returns a number from 0 to 1, where more "
                "is better: 1 / (1 + loss) makes one of a loss"
            )
        return min(max(number, 0.0), 1.0)


def _without_nan(predictions: Predictions, fitness: Floats) -> Floats:
    """Return the fitness of tasks, 0 where a prediction is nan."""
    return np.where(np.isnan(predictions).any(axis=1), 0.0, fitness)


def _without_large(errors: Floats, fitness: Floats) -> Floats:
    """Return the fitness of tasks, 0 where an error is too large, or nan."""
    return np.where((errors <= MAX_ABS_ERROR).all(axis=1), fitness, 0.0)


def _wrong(predictions: Predictions, labels: Floats) -> NDArray[np.bool_]:
    return np.asarray((1.0 / (1.0 + np.exp(-predictions)) > 0.5) != (labels > 0.5))


# Elementary functions of additions and multiplications, which have the same bits everywhere; numpy's do not.

_LN2_HIGH, _LN2_LOW = 0.6931471803691238, 1.9082149292705877e-10
"""ln 2 in two parts, the first of which has 32 bits: its product with a small integer is exact."""

_EXP = [1.0 / math.factorial(n) for n in range(14)]
_LOG = [2.0 / (2 * n + 1) for n in range(18)]


def _exp(x: Floats) -> Floats:
    """Return e ** x for x of at most 0, to some units in the last place; below -708 it is e ** -708."""
    r = np.maximum(x, -708.0)
    k = np.rint(r * (1.0 / math.log(2.0)))
    r -= k * _LN2_HIGH
    r -= k * _LN2_LOW
    with np.errstate(invalid="ignore"):
        power = k.astype(np.int64)  # of nan it is any number
    power += 1023
    power <<= 52
    value = _series(_EXP, r)
    value *= power.view(np.float64)
    return value


def _log(x: Floats) -> Floats:
    """Return the natural logarithm of numbers in [0.5, 1)."""
    s = (x - 1.0) / (x + 1.0)
    return s * _series(_LOG, s * s)


def _series(coefficients: Sequence[float], x: Floats) -> Floats:
    """Return the polynomial with these coefficients, the constant one first."""
    value = np.full_like(x, coefficients[-1])
    for coefficient in reversed(coefficients[:-1]):
        value *= x
        value += coefficient
    return value


def _sigmoid(x: Floats) -> Floats:
    power = _exp(-np.abs(x))
    return np.where(x >= 0.0, 1.0, power) / (1.0 + power)


# What figures are called, and what they are in the metric's own unit.


def fitness_name(metric: str) -> str:
    """Return what the fitness of tasks with a metric is called."""
    return METRICS[metric].title if metric in METRICS else metric.partition(":")[2] or "fitness"


def unit_of(metric: str, scale: float | None) -> str:
    """Return what stands behind the fitness of a metric, such as rmse; nothing where fitness says it all.

    `scale` is that of the tasks: what a label of 1 is in the data's units. Without it labels are exact, and
    their rms error is the fitness's.
    """
    unit = METRICS[metric].unit if metric in METRICS else ""
    return "" if metric == "rms" and scale is None else unit


def in_unit(metric: str, fitness: float, scale: float | None = None) -> float:
    """Return the value that a fitness stands for in the unit of its metric: that of a failure is infinite."""
    if not fitness:
        return -math.inf if metric == "r2" else math.inf
    if metric == "rms":
        return (scale or 1.0) * math.tan(math.pi / 2.0 * (1.0 - fitness))
    loss = 1.0 / fitness - 1.0
    return {"mae": (scale or 1.0) * loss, "r2": 1.0 - loss}.get(metric, loss)


def unit_text(metric: str, fitness: float | None, scale: float | None) -> str:
    """Return the value behind a fitness, rounded to four digits: 54.32 or 2,803,000."""
    if not fitness:
        return "-"
    value = in_unit(metric, fitness, scale)
    digits = f"{value:.4g}"
    return f"{float(digits):,.0f}" if 1e4 <= abs(value) < 1e15 else digits


def beside(metric: str, fitness: float | None, scale: float | None) -> str:
    """Return what stands behind a fitness, as ` (rmse 54.32)`; nothing where the fitness says it all."""
    unit = unit_of(metric, scale)
    return f" ({unit} {unit_text(metric, fitness, scale)})" if unit and fitness else ""


# Fitness


def combine(per_task: Sequence[float], how: Combine = "mean") -> float:
    """Return the fitness over all tasks: the mean, or the element at n // 2 of the sorted ones ("median")."""
    if how == "median":
        return sorted(per_task)[len(per_task) // 2]
    return sum(per_task) / len(per_task)


def errors(predictions: Floats, labels: Floats, regression: bool) -> Floats:
    """Return the error of each validation prediction s1, all (n,) float64.

    In a regression |label - s1|. Otherwise 0.0 where the class is right and 1.0 where it is not; the class is
    1 if sigmoid(s1) > 0.5, so nan counts as class 0.
    """
    with np.errstate(all="ignore"):
        wrong = np.abs(labels - predictions) if regression else _wrong(predictions, labels)
    return np.asarray(wrong, dtype=np.float64)


def fitness(predictions: Floats, labels: Floats, metric: Metric) -> float:
    """Return the fitness, in [0, 1], of predictions s1, (n,)."""
    with np.errstate(all="ignore"):
        counts = np.array([len(labels)])
        return float(metric.score(predictions[np.newaxis], labels[np.newaxis], counts)[0])
