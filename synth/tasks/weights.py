"""Weights of training rows, as how often rows are shown: a program learns from one row after the other.

Rows are resampled to as many as there are by a fixed seed. Class weights are a text, as settings hold it:
`none`, `balanced`, or `class:weight` pairs such as `no:1,yes:10`.
"""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError, closest
from synth.tasks.names import BALANCED, NO_WEIGHTS

Floats = NDArray[np.float64]
RowNumbers = NDArray[np.intp]

ClassWeights = Literal["balanced"] | tuple[float, ...]
"""Balanced within each task, or the weight of a row of each class, in the order of classes."""

LARGEST = 1e9
"""No class has a larger weight, nor a smaller one than its inverse."""

SEED = 0
"""Of the resampling, for tasks and estimators alike."""

_BETWEEN_PAIRS = re.compile("(:[^:,]*),")
"""A comma behind a weight; others belong to the name of a class."""

MOST_NAMES = 10
"""A sentence lists no more classes."""


def resampled(weights: Floats, seed: int = SEED) -> RowNumbers:
    """Return which rows are shown in place of all, (n,) row numbers, for weights (n,) of at least 0.

    Of n rows with a weight above 0, row i comes the floor or the ceiling of n * w_i / sum(w) times, and so
    many in all; rows of one weight together come in proportion, too. They are shuffled, so that copies do
    not stand together. Rows of weight 0 are left out. Where the others are alike, they keep their order.
    """
    rows = np.flatnonzero(weights)
    rows = rows[np.argsort(weights[rows], kind="stable")]
    sizes = weights[rows]
    if not len(rows) or sizes[0] == sizes[-1]:
        return rows
    random = np.random.RandomState(seed)
    # Each row has a stretch of [0, n] as long as it should come often; a comb with teeth 1 apart decides.
    ends = np.cumsum(sizes / sizes[-1])
    ends *= len(rows) / ends[-1]
    teeth = np.ceil(ends - random.uniform()).astype(np.intp)
    return random.permutation(np.repeat(rows, np.diff(teeth, prepend=0)))


def read_class_weights(text: str) -> dict[str, float]:
    """Return the weights that a text gives to classes; none where it is `none` or `balanced`.

    Raises ValueError, with the reason, for a text that is neither these words nor pairs `class:weight`, and
    for a weight that is too large or too small.
    """
    weights: dict[str, float] = {}
    if text in (NO_WEIGHTS, BALANCED):
        return weights
    for pair in _BETWEEN_PAIRS.sub(r"\1\n", text).split("\n"):
        name, colon, weight = (part.strip() for part in pair.rpartition(":"))
        if not colon or not name:
            close = closest(text, (NO_WEIGHTS, BALANCED))
            meant = f"; did you mean {close}?" if close else ""
            raise ValueError(f"it must be none, balanced, or class:weight pairs such as no:1,yes:10{meant}")
        try:
            number = float(weight)
        except ValueError:
            raise ValueError(
                f"the weight of class {name} is {weight!r}; write a number, as in {name}:10"
            ) from None
        if not 1.0 / LARGEST <= number <= LARGEST:
            raise ValueError(
                f"the weight of class {name} is {weight}; it must be at least {1.0 / LARGEST:g} and at most "
                f"{LARGEST:g}"
            )
        if name in weights:
            raise ValueError(f"class {name} has two weights; give it one")
        weights[name] = number
    return weights


def class_weights_of(text: str, classes: Sequence[str], data: str) -> ClassWeights | None:
    """Return the class weights that a text means for these classes of a data set; None for none.

    A class goes by its name or, unless the names are numbers themselves, by its number, from 0; one that is
    not named has the weight 1. Raises UsageError for a text that cannot be read, and for a class that there
    is not.
    """
    try:
        given = read_class_weights(text)
    except ValueError as error:
        raise UsageError(f"class weights are {text!r}; {error}") from None
    if not given:
        return BALANCED if text == BALANCED else None
    weights: dict[int, float] = {}
    for name, weight in given.items():
        number = _number(name, classes, data)
        if number in weights:
            raise UsageError(f"class weights are {text!r}; class {classes[number]} has two, give it one")
        weights[number] = weight
    return tuple(weights.get(number, 1.0) for number in range(len(classes)))


def _number(name: str, classes: Sequence[str], data: str) -> int:
    """Return the number of a class by its name or its number. Raises UsageError where there is none."""
    if name in classes:
        return classes.index(name)
    numbered = all(known.isdecimal() for known in classes)  # such a number would name another class
    if not numbered and name in map(str, range(len(classes))):
        return int(name)
    close = closest(name, classes)
    known = ", ".join([*classes[:MOST_NAMES], *(["..."] if len(classes) > MOST_NAMES else [])])
    meant = f"did you mean {close}?" if close else f"its classes are {known}"
    raise UsageError(f"class weights name class {name!r}, which {data} does not have; {meant}")


def row_weights(weights: ClassWeights, group: Sequence[int], counts: Sequence[int]) -> Floats:
    """Return what a row of each class of a group weighs, (classes,), where they have so many rows."""
    if weights == BALANCED:
        return sum(counts) / (len(counts) * np.maximum(counts, 1.0))
    return np.array([weights[number] for number in group], dtype=np.float64)


def in_words(data: str, names: Sequence[str], counts: Sequence[int], weights: Floats, pairs: int) -> str:
    """Return one sentence of what weights do to the training rows of two classes, the most of all pairs."""
    more, less = np.argsort(weights)[::-1]
    before, after = (100 * part[more] / part.sum() for part in (np.array(counts), counts * weights))
    pair = f" of each pair of classes, most of all of {'-'.join(names)}" if pairs > 1 else ""
    return (
        f"training rows of {data} are resampled by class weights and a fixed seed{pair}: a row of class "
        f"{names[more]} is shown {weights[more] / weights[less]:.3g} times as often as one of class "
        f"{names[less]}, so that class {names[more]} has {after:.3g} % of the rows shown instead of "
        f"{before:.3g} %; validation rows stay as they are"
    )
