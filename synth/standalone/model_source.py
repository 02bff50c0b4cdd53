"""The empty candidate with the constant `Model` part, as real code: `parts.py` reads it from here.

Every statement fits into 88 columns, so that black and ruff agree on it for any longer line length.
"""

# mypy: ignore-errors
# ruff: noqa: D103

import numpy as np


def setup(m):
    pass


def predict(m):
    pass


def learn(m):
    pass


# From here on the text is the same in every module that synth writes. It needs numpy
# alone: `Model(features=16).fit(X, y).predict(X)` trains and applies what is above.


class _Random:
    """What the functions see as m.rng: a draw depends only on where it is made.

    The generator is Philox4x32-10. Its counter holds the block of four numbers, the
    ordinal of the draw in this call of the function, the example and the phase.
    """

    def __init__(self, seed: int, task: int = 0) -> None:
        self.key = (seed & 0xFFFFFFFF, task & 0xFFFFFFFF)
        self.start(0, 0)

    def start(self, phase: int, example: int) -> None:
        """Begin the draws of one call of a function."""
        self.phase, self.example, self.ordinal = phase, example, 0

    def uniform(self, lo, hi, size=None):
        """Return numbers from the open interval (lo, hi), or lo when lo >= hi."""
        units = self._units(1 if size is None else np.prod(size, dtype=int))
        values = lo + (hi - lo) * units if lo < hi else np.full_like(units, lo)
        return values[0] if size is None else values.reshape(size)

    def normal(self, mean, sd, size=None):
        """Return normally distributed numbers, by Box-Muller on pairs."""
        count = 1 if size is None else np.prod(size, dtype=int)
        units = self._units(count + count % 2)
        radius, angle = np.sqrt(-2.0 * np.log(units[0::2])), 2.0 * np.pi * units[1::2]
        pairs = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)
        values = mean + sd * pairs.reshape(-1)[:count]
        return values[0] if size is None else values.reshape(size)

    def _units(self, count):
        """Return the next draw: numbers of the open interval (0, 1)."""
        low, half, (k0, k1) = np.uint64(0xFFFFFFFF), np.uint64(32), self.key
        c0 = np.arange((count + 3) // 4, dtype=np.uint64)
        c1 = np.full_like(c0, self.ordinal)
        c2, c3 = np.full_like(c0, self.example), np.full_like(c0, self.phase)
        self.ordinal += 1
        for _ in range(10):
            a, b = c0 * np.uint64(0xD2511F53), c2 * np.uint64(0xCD9E8D57)
            c0, c1 = (b >> half) ^ c1 ^ np.uint64(k0), b & low
            c2, c3 = (a >> half) ^ c3 ^ np.uint64(k1), a & low
            k0, k1 = (k0 + 0x9E3779B9) & 0xFFFFFFFF, (k1 + 0xBB67AE85) & 0xFFFFFFFF
        words = np.stack((c0, c1, c2, c3), axis=1).reshape(-1)[:count]
        return ((words >> np.uint64(8)) + 0.5) * 2.0**-24


class _Memory:
    """What the functions see as m: F features, numbers s0, s1, ..., vectors v0, v1, ...
    of F numbers and matrices m0, m1, ... of F x F, zero at first. Storing copies.
    """

    def __init__(self, features, seed, task=0, values=None):
        rng = _Random(seed, task)
        self.__dict__.update(F=features, rng=rng, values=values or {})

    def __getattr__(self, name):
        place, shape = self._place(name)
        return self.values.setdefault(place, np.zeros(shape)[()])

    def __setattr__(self, name, value):
        place, shape = self._place(name)
        if np.shape(value) != shape:
            raise TypeError(f"m.{name} takes shape {shape}, not {np.shape(value)}")
        self.values[place] = np.array(value, dtype=np.float64, order="C")[()]

    def _place(self, name):
        """Return the name without annotation (m.v1_weights is m.v1), and the shape."""
        place = name.partition("_")[0]
        if place[:1] not in ("s", "v", "m") or not place[1:].isdecimal():
            raise AttributeError(f"memory has no {name}")
        return place, (self.F,) * ("s", "v", "m").index(place[0])

    def copy(self):
        """Return a memory with the same content, and the draws at their beginning."""
        values = {place: value.copy() for place, value in self.values.items()}
        return _Memory(self.F, *self.rng.key, values)


class _Rows(np.lib.mixins.NDArrayOperatorsMixin):
    """The content of one place of memory for many rows of X at once.

    `array` is (rows, 1, 1) for a number, (rows, 1, F) for a vector, (rows, F, F) for a
    matrix; rows is 1 where all agree. numpy hands its operations over to this class,
    which does them for each row as numpy would, bit for bit, without a loop in Python.
    Whatever is not known to be right here is refused with a TypeError.
    """

    __iter__ = __bool__ = None

    def __init__(self, array):
        if array.ndim != 3:
            raise TypeError("neither a number nor a vector nor a matrix")
        self.array = array

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        operands = [x.array if isinstance(x, _Rows) else x for x in operands]
        known = ufunc is np.matmul or (ufunc.signature is None and ufunc.nout == 1)
        objects = any(np.asarray(x).dtype == object for x in operands)
        if method != "__call__" or options or objects or not known:
            return NotImplemented
        return _Rows(ufunc(*operands))

    def __array_function__(self, function, types, arguments, options):
        if function not in _FUNCTIONS:
            return NotImplemented
        arguments = [x.array if isinstance(x, _Rows) else x for x in arguments]
        return _Rows(_FUNCTIONS[function](*arguments, **options))

    def __array__(self, dtype=None, copy=None):
        """Let np.full repeat a number: an array that holds this object."""
        if self.array.shape[1:] != (1, 1):
            raise TypeError("only a number can be repeated")
        box = np.empty((), dtype=object)
        box[()] = self
        return box

    @property
    def T(self):
        """The transpose of a matrix; a vector is its own."""
        return _Rows(self.array if self.is_vector() else self.array.swapaxes(1, 2))

    def is_vector(self):
        """Whether this is a vector (or a number)."""
        return self.array.shape[1] == 1

    def __getitem__(self, key):
        if key != (slice(None), None) or not self.is_vector():
            raise TypeError("the one index that can be read is vector[:, None]")
        return _Rows(self.array.swapaxes(1, 2))

    def __setitem__(self, key, value):
        place = key if isinstance(key, tuple) else (0, key)
        whole = [isinstance(index, int) for index in place] == [True, True]
        if not whole or self.is_vector() == isinstance(key, tuple):
            raise TypeError("what can be set is one element")
        self.array[:, place[0], place[1]] = float(value)


def _dot(a, b):
    """np.dot of a vector or matrix and a vector."""
    if b.shape[1] != 1:
        raise TypeError("np.dot takes a vector second")
    return np.matmul(a, b.swapaxes(1, 2)).swapaxes(1, 2)


def _outer(a, b):
    """np.outer of two vectors."""
    if a.shape[1] != 1 or b.shape[1] != 1:
        raise TypeError("np.outer takes vectors")
    return a.swapaxes(1, 2) * b


def _broadcast_to(x, shape):
    """np.broadcast_to of a vector, or of vector[:, None], to a matrix."""
    rows, columns = shape
    return np.broadcast_to(x, (len(x), rows, columns))


def _norm(x, axis=None):
    """np.linalg.norm of everything or along an axis of a matrix."""
    if axis is not None:
        return _along(np.linalg.norm, x, axis)
    flat = x.reshape(len(x), 1, -1)
    return np.sqrt(np.matmul(flat, flat.swapaxes(1, 2)))


def _along(function, x, axis):
    """Apply np.mean or its like to everything or along an axis of a matrix."""
    if axis is None:
        return function(x.reshape(len(x), 1, -1), axis=2, keepdims=True)
    if x.shape[1] == 1 < x.shape[2] or axis not in (0, 1):
        raise TypeError("only matrices have axes, 0 and 1")
    return function(x, axis=axis + 1, keepdims=True).reshape(len(x), 1, -1)


def _mean(x, axis=None):
    return _along(np.mean, x, axis)


def _std(x, axis=None):
    return _along(np.std, x, axis)


_FUNCTIONS = {np.dot: _dot, np.outer: _outer, np.broadcast_to: _broadcast_to}
_FUNCTIONS |= {np.linalg.norm: _norm, np.mean: _mean, np.std: _std}


class _RowsMemory(_Memory):
    """Memory as it is before each row of X, for all of them at once."""

    def __init__(self, m, X):
        values = {place: self._alike(value) for place, value in m.values.items()}
        values |= {"v0": _Rows(X[:, None, :]), "s0": self._alike(0.0)}
        self.__dict__.update(F=m.F, rng=_Random(*m.rng.key), values=values)

    def __getattr__(self, name):
        place, shape = self._place(name)
        return self.values.setdefault(place, self._alike(np.zeros(shape)))

    def __setattr__(self, name, value):
        place, shape = self._place(name)
        if isinstance(value, np.ndarray) and value.dtype == object:  # from np.full
            value = _Rows(np.concatenate([one.array for one in value], axis=2))
        array = (value if isinstance(value, _Rows) else self._alike(value)).array
        if array.shape[1:] != (1, 1, *shape)[-2:]:
            raise TypeError(f"m.{name} takes shape {shape}")
        self.values[place] = _Rows(np.array(array, dtype=np.float64, order="C"))

    def _alike(self, value):
        """Return what is the same for all rows."""
        return _Rows(np.array(value, dtype=np.float64, ndmin=3))


def _sigmoid(x):
    with np.errstate(over="ignore"):
        return 1.0 / (1.0 + np.exp(-x))


def _train(functions, m, X, labels, epochs, classes):
    """Fill a memory: setup, then predict and learn on each row in turn."""
    setup, predict, learn = functions
    m.rng.start(0, 0)
    setup(m)
    for epoch in range(epochs):
        shuffle = np.random.Generator(np.random.Philox(key=epoch))
        order = shuffle.permutation(len(X)) if epoch else np.arange(len(X))
        for example, row in enumerate(order, start=epoch * len(X)):
            m.v0, m.s0 = X[row], 0.0
            m.rng.start(1, example)
            predict(m)
            if classes:
                m.s1 = _sigmoid(m.s1)
            error = abs(labels[row] - m.s1)
            if not error <= 100.0:
                message = f"training stopped at example {example}: error {error}"
                import warnings

                warnings.warn(message, RuntimeWarning, stacklevel=3)
                return
            m.v0, m.s0 = X[row], labels[row]
            m.rng.start(2, example)
            learn(m)


def _settled(predict, m):
    """Return the memory as it is when predict has seen the last row of training again.

    Programs were scored on many rows in turn; some begin to use what they have averaged
    in the second prediction after training.
    """
    one = m.copy()
    one.s0 = 0.0
    one.rng.start(3, 0)
    predict(one)
    return one


def _decide(predict, m, X):
    """Return m.s1 of each row, each time from the memory as it is; it stays that way.

    All rows are done at once, in parts that fit into a processor's cache, or one after
    the other where predict was edited and does what `_Rows` does not know.
    """
    values = np.empty(len(X))
    size = max(1, 2**18 // m.F**2)
    try:
        for start in range(0, len(X), size):
            rows = _RowsMemory(m, X[start : start + size])
            rows.rng.start(3, 0)
            predict(rows)
            values[start : start + size] = rows.s1.array.reshape(-1)
    except Exception:
        for row, x in enumerate(X):
            one = m.copy()
            one.v0, one.s0 = x, 0.0
            one.rng.start(3, 0)
            predict(one)
            values[row] = one.s1
    return values


class Model:
    """The algorithm above, ready for use: `Model(features).fit(X, y).predict(X)`.

    X has shape (rows, features) and is used as it is: standardise it first. y holds
    two classes, or floats to predict. seed and task fix what the functions draw.
    """

    def __init__(self, features: int, seed: int = 0, task: int = 0) -> None:
        self.features, self.seed, self.task = features, seed, task

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int = 1) -> "Model":
        """Learn from each row in turn, starting from zero; return the model.

        Training stops, with a warning, at an error that is nan or beyond 100.
        """
        X, y = self._rows(X), np.asarray(y)
        if y.shape != (len(X),):
            raise ValueError(f"y has shape {y.shape}, but X has {len(X)} rows")
        classes = np.unique(y)
        self.classes_ = None if len(classes) > 2 and y.dtype.kind == "f" else classes
        if self.classes_ is not None and len(classes) != 2:
            wanted = "y must hold two classes, or floats to predict"
            raise ValueError(f"{wanted}; it holds {len(classes)} values")
        two = self.classes_ is not None
        labels = np.float64(y == classes[1] if two else y)
        m = self.memory_ = _Memory(self.features, self.seed, self.task)
        with np.errstate(all="ignore"):
            _train((setup, predict, learn), m, X, labels, epochs, two)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row, or the number predicted for it."""
        values = self.decision_function(X)
        if self.classes_ is None:
            return values
        return self.classes_[np.int64(_sigmoid(values) > 0.5)]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of the two classes: shape (rows, 2)."""
        second = _sigmoid(self.decision_function(X))
        return np.stack((1.0 - second, second), axis=1)

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return m.s1 for each row, each time from the same memory: row order is nothing."""
        if not hasattr(self, "memory_"):
            raise ValueError("this model has learned nothing yet; call fit(X, y) first")
        with np.errstate(all="ignore"):
            memory = _settled(predict, self.memory_)
            return _decide(predict, memory, self._rows(X))

    def _rows(self, X):
        X = np.asarray(X, dtype=np.float64)
        if X.ndim != 2 or X.shape[1] != self.features:
            wanted = f"(rows, {self.features})"
            raise ValueError(f"X has shape {X.shape}; this model takes {wanted}")
        return X
