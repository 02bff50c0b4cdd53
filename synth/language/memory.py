"""The typed memory that a candidate's functions receive: the same by hand and in the python engine."""

import re
from typing import Any

import numpy as np

from synth.language.random_source import RandomSource

ADDRESSES = 100
"""Addresses of each type go from 0 to 99."""

NAME = re.compile(r"([svm])(0|[1-9]\d?)(?:_[a-zA-Z0-9_]*)?", re.ASCII)
"""A name of memory: type and address, with or without an annotation."""
_FLOAT64 = np.dtype(np.float64)


class Memory:
    """Scalars `m.s0`... (numpy float64), vectors `m.v0`... (F,), matrices `m.m0`... (F, F); zero at first.

    A name may be annotated: `m.v1_weights` is `m.v1`. Storing always copies; a wrong shape or a complex or
    object value is a TypeError, any other name than those an AttributeError. `m.F` is the number of
    features, `m.rng` the random source, which an engine positions with `m.rng.start`. Values live in the
    instance's dictionary under their own names, so that reading costs no call.
    """

    F: int
    rng: RandomSource

    def __init__(self, features: int, seed: int = 0, task: int = 0) -> None:
        if features < 1:
            raise ValueError(f"a memory needs at least 1 feature, not {features}")
        cells = {
            f"{kind}{address}": (f"{kind}{address}", shape)
            for kind, shape in (("s", ()), ("v", (features,)), ("m", (features, features)))
            for address in range(ADDRESSES)
        }
        self.__dict__.update(F=features, rng=RandomSource(seed, task), _cells=cells)

    def __setattr__(self, name: str, value: Any) -> None:
        here = self.__dict__
        try:
            name, shape = here["_cells"][name]
        except KeyError:
            name, shape = self._cell(name)
        kind = type(value)
        if shape:
            if kind is np.ndarray and value.dtype is _FLOAT64 and value.shape == shape:
                here[name] = value.copy()
                return
        elif kind is np.float64:
            here[name] = value
            return
        here[name] = _converted(name, value, shape)

    def __getattr__(self, name: str) -> Any:
        """Answer what the dictionary does not hold: memory that was not used yet, and annotated names."""
        here = self.__dict__
        name, shape = self._cell(name)
        if name not in here:
            here[name] = np.zeros(shape) if shape else np.float64(0.0)
        return here[name]

    def _cell(self, name: str) -> tuple[str, tuple[int, ...]]:
        """Return the plain name and the shape of a name, annotated or not; remember both."""
        cells: dict[str, tuple[str, tuple[int, ...]]] = self.__dict__.get("_cells", {})
        match = NAME.fullmatch(name)
        if match is None or not cells:
            raise AttributeError(
                f"memory has no {name!r}; it has s0 to s{ADDRESSES - 1}, v0 to v{ADDRESSES - 1}, "
                f"m0 to m{ADDRESSES - 1}, F and rng"
            )
        cells[name] = cells[match[1] + match[2]]
        return cells[name]


def _converted(name: str, value: Any, shape: tuple[int, ...]) -> Any:
    """Return a float64 copy of a value of any real type, or raise TypeError."""
    array = np.asarray(value)
    if array.dtype.kind not in "fiub":
        raise TypeError(f"m.{name} takes real numbers, not {array.dtype.name}")
    if array.shape != shape:
        raise TypeError(f"m.{name} takes {_described(shape)}, not {_described(array.shape)}")
    copy = np.array(array, dtype=np.float64, order="C")
    return copy if shape else copy[()]


def _described(shape: tuple[int, ...]) -> str:
    return f"an array of shape {shape}" if shape else "a scalar"
