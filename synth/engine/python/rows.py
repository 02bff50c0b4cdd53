"""Predictions of many rows at once, each bit for bit that of a call of predict for its row alone.

Exported modules do so with element by element operations and `np.dot` alone; here is all of the language.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.standalone import model_source

Floats = NDArray[np.float64]
Memory: Any = model_source._Memory  # without types, as it is written for modules that stand alone

CACHED = 2**18
"""About so many float64, 2 MB, hold what is in one matrix for as many rows as are done at once."""


def decide(predict: Callable[[Any], object], memory: Any, X: Floats) -> Floats:
    """Return m.s1 of each row of X, (rows, F), each time from what a first prediction leaves in a memory.

    The memory of an exported module stays as it is. Rows are done one after the other where predict does
    what `Rows` does not know.
    """
    m = memory.after(predict, 3, 0, memory.v0)
    values, size = np.empty(len(X)), max(1, CACHED // m.F**2)
    with np.errstate(all="ignore"):
        try:
            for start in range(0, len(X), size):
                rows = _RowsMemory(m, X[start : start + size])
                predict(rows)
                values[start : start + size] = rows.s1.array.reshape(-1)
        except Exception:
            values[:] = [m.after(predict, 3, 0, x).s1 for x in X]
    return values


class Rows(np.lib.mixins.NDArrayOperatorsMixin):
    """The content of one place of memory for many rows of X at once.

    `array` is (rows, 1, 1) for a number, (rows, 1, F) for a vector, (rows, F, F) for a matrix; rows is 1
    where all agree. numpy hands its operations over to this class, which does them for each row as numpy
    would, bit for bit, without a loop in Python. Whatever is not known to be right here is refused with a
    TypeError.
    """

    __iter__ = __bool__ = None

    def __init__(self, array: NDArray[Any]) -> None:
        if array.ndim != 3:
            raise TypeError("neither a number nor a vector nor a matrix")
        self.array = array

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *operands: Any, **options: Any) -> Any:
        arrays = [x.array if isinstance(x, Rows) else x for x in operands]
        known = ufunc is np.matmul or (ufunc.signature is None and ufunc.nout == 1)
        objects = any(np.asarray(x).dtype == object for x in arrays)
        if method != "__call__" or options or objects or not known:
            return NotImplemented
        return Rows(ufunc(*arrays))

    def __array_function__(
        self, function: Any, types: Iterable[type], arguments: Sequence[Any], options: Mapping[str, Any]
    ) -> Any:
        if function not in _FUNCTIONS:
            return NotImplemented
        arrays = [x.array if isinstance(x, Rows) else x for x in arguments]
        return Rows(_FUNCTIONS[function](*arrays, **options))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """Let np.full repeat a number: an array that holds this object."""
        if self.array.shape[1:] != (1, 1):
            raise TypeError("only a number can be repeated")
        box = np.empty((), dtype=object)
        box[()] = self
        return box

    @property
    def T(self) -> "Rows":
        """The transpose of a matrix; a vector is its own."""
        return Rows(self.array if self.is_vector() else self.array.swapaxes(1, 2))

    def is_vector(self) -> bool:
        """Whether this is a vector (or a number)."""
        return bool(self.array.shape[1] == 1)

    def __getitem__(self, key: Any) -> "Rows":
        if key != (slice(None), None) or not self.is_vector():
            raise TypeError("the one index that can be read is vector[:, None]")
        return Rows(self.array.swapaxes(1, 2))

    def __setitem__(self, key: Any, value: Any) -> None:
        place = key if isinstance(key, tuple) else (0, key)
        whole = [isinstance(index, int) for index in place] == [True, True]
        if not whole or self.is_vector() == isinstance(key, tuple):
            raise TypeError("what can be set is one element")
        self.array[:, place[0], place[1]] = float(value)


def _dot(a: Floats, b: Floats) -> Floats:
    """np.dot of a vector or matrix and a vector."""
    if b.shape[1] != 1:
        raise TypeError("np.dot takes a vector second")
    product: Floats = np.matmul(a, b.swapaxes(1, 2)).swapaxes(1, 2)
    return product


def _outer(a: Floats, b: Floats) -> Floats:
    """np.outer of two vectors."""
    if a.shape[1] != 1 or b.shape[1] != 1:
        raise TypeError("np.outer takes vectors")
    return a.swapaxes(1, 2) * b


def _broadcast_to(x: Floats, shape: tuple[int, int]) -> Floats:
    """np.broadcast_to of a vector, or of vector[:, None], to a matrix."""
    rows, columns = shape
    return np.broadcast_to(x, (len(x), rows, columns))


def _norm(x: Floats, axis: int | None = None) -> Floats:
    """np.linalg.norm of everything or along an axis of a matrix."""
    if axis is not None:
        return _along(np.linalg.norm, x, axis)
    flat = x.reshape(len(x), 1, -1)
    norms: Floats = np.sqrt(np.matmul(flat, flat.swapaxes(1, 2)))
    return norms


def _along(function: Any, x: Floats, axis: int | None) -> Floats:
    """Apply np.mean or its like to everything or along an axis of a matrix."""
    if axis is None:
        result: Floats = function(x.reshape(len(x), 1, -1), axis=2, keepdims=True)
        return result
    if x.shape[1] == 1 < x.shape[2] or axis not in (0, 1):
        raise TypeError("only matrices have axes, 0 and 1")
    result = function(x, axis=axis + 1, keepdims=True)
    return result.reshape(len(x), 1, -1)


def _mean(x: Floats, axis: int | None = None) -> Floats:
    return _along(np.mean, x, axis)


def _std(x: Floats, axis: int | None = None) -> Floats:
    return _along(np.std, x, axis)


_FUNCTIONS: dict[Any, Callable[..., Floats]] = {
    np.dot: _dot,
    np.outer: _outer,
    np.broadcast_to: _broadcast_to,
    np.linalg.norm: _norm,
    np.mean: _mean,
    np.std: _std,
}


class _RowsMemory(Memory):  # type: ignore[misc]
    """Memory as it is before each row of X, for all of them at once."""

    def __init__(self, m: Any, X: Floats) -> None:
        values = {place: _alike(value) for place, value in m.values.items()}
        values |= {"v0": Rows(X[:, None, :]), "s0": _alike(0.0)}
        super().__init__(m.F, *m.rng.call[:2], values, 3, 0)

    def __getattr__(self, name: str) -> Any:
        place, shape = self._place(name)
        return self.values.setdefault(place, _alike(np.zeros(shape)))

    def __setattr__(self, name: str, value: Any) -> None:
        place, shape = self._place(name)
        if isinstance(value, np.ndarray) and value.dtype == object:  # from np.full
            value = Rows(np.concatenate([one.array for one in value], axis=2))
        array = (value if isinstance(value, Rows) else _alike(value)).array
        if array.shape[1:] != (1, 1, *shape)[-2:]:
            raise TypeError(f"m.{name} takes shape {shape}")
        self.values[place] = Rows(np.array(array, dtype=np.float64, order="C"))


def _alike(value: Any) -> Rows:
    """Return what is the same for all rows."""
    return Rows(np.array(value, dtype=np.float64, ndmin=3))
