"""From raw values to features: a random Gaussian projection, then standardisation (reference, section 10)."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.tasks.task import Floats

STEP = 2.0**-16
"""Entries of a projection are multiples of this. Products with pixel values (8 bits), sums of 3072 of them
and the sum of 8000 such features are then exact in float64: every processor and BLAS finds the same bits."""

CHUNK = 4096


def projection(raw: int, features: int, seed: int) -> Floats:
    """Return the (raw, features) matrix of normal entries that belongs to a seed.

    RandomState is used, here and for all that is drawn in this room, because numpy never changes its streams.
    """
    entries: Floats = np.random.RandomState(seed).randn(raw, features)
    return np.round(entries / STEP) * STEP


def project(raw: NDArray[Any], features: int, seed: int) -> NDArray[Any]:
    """Return (n, features) float64 of (n, D) raw values; features equal to D means the values themselves."""
    if features == raw.shape[1]:
        return raw
    matrix = projection(raw.shape[1], features, seed)
    projected = np.empty((len(raw), features))
    for start in range(0, len(raw), CHUNK):
        projected[start : start + CHUNK] = np.asarray(raw[start : start + CHUNK], dtype=np.float64) @ matrix
    return projected


def standardise(train: NDArray[Any], valid: NDArray[Any]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Scale both by mean and deviation of the train rows; a feature that is constant there becomes 0."""
    train = np.asarray(train, dtype=np.float64)
    mean, deviation = train.mean(axis=0), train.std(axis=0)
    # A constant column can have a tiny deviation, from rounding its mean.
    constant = (train.max(axis=0) == train.min(axis=0)) | (deviation == 0)
    scale = np.where(constant, 1.0, deviation)

    def scaled(rows: NDArray[Any]) -> NDArray[np.float32]:
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(constant, 0.0, (rows - mean) / scale).astype(np.float32)

    return scaled(train), scaled(valid)


def standardise_labels(train: Floats, valid: Floats) -> tuple[Floats, Floats, float]:
    """Scale the labels of a regression by mean and deviation of the train ones, and return the deviation.

    It is 1 where those are all the same: then errors keep the data's units.
    """
    constant = train.max() == train.min()
    mean, deviation = train.mean(), 1.0 if constant else train.std() or 1.0
    return (train - mean) / deviation, (valid - mean) / deviation, float(deviation)
