"""The random source of candidates: counter-based, so a draw depends only on what it is.

Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011) turns a key
(seed, task) and a counter (block, k, example, phase) into four 32-bit words. Block b holds the elements
4b to 4b + 3 of a draw, k is the ordinal of the `m.rng` call within this call of the function. Nothing
depends on what was drawn before, so every engine, lane and worker sees the same numbers, and a short draw
is a prefix of a long one.
"""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

SETUP, TRAIN_PREDICT, LEARN, VALID_PREDICT = range(4)
"""The phases: which function is drawing, and for what."""

ROUNDS = 10
MULTIPLIERS = (0xD2511F53, 0xCD9E8D57)
WEYL = (0x9E3779B9, 0xBB67AE85)
WORD = 0xFFFFFFFF

_SMALL = 12  # blocks: up to here plain integers are quicker than array operations

Shape = int | tuple[int, ...] | None


class Draw(NamedTuple):
    """What a draw is: whose, where in the procedure, and the index among the function's `m.rng` calls."""

    seed: int
    task: int
    phase: int
    example: int
    k: int


def philox(counter: tuple[Any, int, int, int], key: tuple[int, int]) -> tuple[Any, Any, Any, Any]:
    """Return the four words of a block, from a counter and a key of 32-bit words.

    With an array of blocks as the counter's first word (uint64) the words are arrays.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(ROUNDS):  # the constants are spelled out: this is the inner loop of every scalar draw
        a = 0xD2511F53 * c0
        b = 0xCD9E8D57 * c2
        c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & 0xFFFFFFFF, (a >> 32) ^ c3 ^ k1, a & 0xFFFFFFFF
        k0 = (k0 + 0x9E3779B9) & 0xFFFFFFFF
        k1 = (k1 + 0xBB67AE85) & 0xFFFFFFFF
    return c0, c1, c2, c3


def words(draw: Draw, count: int) -> NDArray[np.uint64]:
    """Return the first `count` words of a draw: (count,) uint64, each below 2**32."""
    key = (draw.seed & WORD, draw.task & WORD)
    rest = (draw.k & WORD, draw.example & WORD, draw.phase & WORD)
    blocks = -(-count // 4)
    if blocks <= _SMALL:
        drawn = [word for block in range(blocks) for word in philox((block, *rest), key)]
        return np.array(drawn[:count], dtype=np.uint64)
    every_block = np.arange(blocks, dtype=np.uint64)
    return np.stack(philox((every_block, *rest), key), axis=1).reshape(-1)[:count]


def uniforms(draw: Draw, count: int) -> NDArray[np.float64]:
    """Return `count` odd multiples of 2**-25 of the open interval (0, 1): (count,) float64."""
    units: NDArray[np.float64] = _unit(words(draw, count))
    return units


def normals(draw: Draw, count: int) -> NDArray[np.float64]:
    """Return `count` standard normal numbers, by Box-Muller on pairs of words: (count,) float64."""
    units = uniforms(draw, count + count % 2)
    radius = np.sqrt(-2.0 * np.log(units[0::2]))
    angle = (2.0 * math.pi) * units[1::2]
    result = np.empty(units.size)
    result[0::2] = radius * np.cos(angle)
    result[1::2] = radius * np.sin(angle)
    return result[:count]


def _unit(word: Any) -> Any:
    """Turn a word, or an array of words, into a number of (0, 1), exactly in float64."""
    return ((word >> 8) + 0.5) * 2.0**-24


class RandomSource:
    """What a candidate sees as `m.rng`: the draws of one (seed, task), positioned by `start`."""

    __slots__ = ("example", "k", "key", "phase")

    def __init__(self, seed: int = 0, task: int = 0) -> None:
        self.key = (seed & WORD, task & WORD)
        self.phase, self.example, self.k = SETUP, 0, 0

    def start(self, phase: int, example: int) -> None:
        """Begin the draws of one call of a function; `example` is counted over epochs, 0 in setup."""
        self.phase, self.example, self.k = phase, example, 0

    def uniform(self, lo: float, hi: float, size: Shape = None) -> np.float64 | NDArray[np.float64]:
        """Draw from the open interval (lo, hi), or the constant lo when lo >= hi; a scalar without a size."""
        lo, hi = float(lo), float(hi)
        k, self.k = self.k, self.k + 1
        if lo >= hi:
            return np.float64(lo) if size is None else np.full(size, lo)
        if size is None:
            word = philox((0, k, self.example, self.phase), self.key)[0]
            return np.float64(lo + (hi - lo) * _unit(word))
        units = uniforms(Draw(*self.key, self.phase, self.example, k), int(np.prod(size)))
        return (lo + (hi - lo) * units).reshape(size)

    def normal(self, mean: float, sd: float, size: Shape = None) -> np.float64 | NDArray[np.float64]:
        """Draw from the normal distribution with this mean and standard deviation; a scalar without a size.

        The last bit of a scalar may differ from an array's first element (`math.log`, `numpy.log`).
        """
        mean, sd = float(mean), float(sd)
        k, self.k = self.k, self.k + 1
        if size is None:
            w0, w1, _, _ = philox((0, k, self.example, self.phase), self.key)
            radius = math.sqrt(-2.0 * math.log(_unit(w0)))
            angle = 2.0 * math.pi * _unit(w1)
            return np.float64(mean + sd * (radius * math.cos(angle)))
        units = normals(Draw(*self.key, self.phase, self.example, k), int(np.prod(size)))
        return (mean + sd * units).reshape(size)
