"""The empty candidate with the standing part `Model`, as real code: `parts.py` reads it from here.

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


# From here on the text is the same in every module that synth writes; it needs numpy.


class _Random:  # m.rng, Philox4x32-10: a draw depends on call and number alone
    def __init__(self, *call):  # seed, task, phase, example
        self.call, self.draws = [number & 0xFFFFFFFF for number in call], 0

    def uniform(self, lo, hi, size=()):
        return np.where(lo < hi, lo + (hi - lo) * self._units(size), lo)[()]

    def normal(self, mean, sd, size=()):
        u, v = self._units(((np.prod(size, dtype=int) + 1) // 2, 2)).T
        radius, angle = np.sqrt(-2.0 * np.log(u)), 2.0 * np.pi * v  # Box and Muller
        pairs = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)
        return mean + sd * np.resize(pairs, size)

    def _units(self, size):
        (k0, k1, c3, c2), low, count = self.call, 0xFFFFFFFF, np.prod(size, dtype=int)
        counter = np.broadcast_arrays(np.arange((count + 3) // 4), self.draws, c2, c3)
        (c0, c1, c2, c3), self.draws = np.uint64(counter), self.draws + 1
        for _ in range(10):
            a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57
            c0, c1, c2, c3 = (b >> 32) ^ c1 ^ k0, b & low, (a >> 32) ^ c3 ^ k1, a & low
            k0, k1 = (k0 + 0x9E3779B9) & low, (k1 + 0xBB67AE85) & low
        return np.resize(((np.stack((c0, c1, c2, c3), 1) >> 8) + 0.5) * 2.0**-24, size)


class _Memory:  # m: numbers s0, vectors v0, matrices m0 and so on, zero at first
    def __init__(self, F, seed, task, values=(), *call):
        self.__dict__.update(F=F, values=dict(values), rng=_Random(seed, task, *call))

    def __getattr__(self, name):
        place, shape = self._place(name)
        return self.values.setdefault(place, np.zeros(shape)[()])

    def __setattr__(self, name, value):
        place, shape = self._place(name)
        if not isinstance(value, _Rows):
            value = np.array(value, dtype=np.float64, order="C")[()]
        if value.shape != shape:
            raise TypeError(f"m.{name} takes shape {shape}, not {value.shape}")
        self.values[place] = value

    def _place(self, name):
        place = name.partition("_")[0]  # m.v1_weights is m.v1
        if place[:1] not in ("s", "v", "m") or not place[1:].isdecimal():
            raise AttributeError(f"memory has no {name}")
        return place, (self.F,) * "svm".index(place[0])

    def after(self, function, phase, example, x, label=0.0):
        """Return a copy of the memory, changed by a function that sees an example."""
        values = {place: value.copy() for place, value in self.values.items()}
        m = _Memory(self.F, *self.rng.call[:2], values, phase, example)
        m.v0, m.s0 = x, label
        with np.errstate(all="ignore"):
            function(m)
        return m

    def trained(self, setup, predict, learn, X, labels, epochs, classes):
        """Return the memory after setup, then predict and learn on each row in turn."""
        m = self.after(setup, 0, 0, self.v0)
        for epoch in range(epochs):
            order = np.random.Generator(np.random.Philox(key=epoch)).permutation(len(X))
            for step, i in enumerate(order if epoch else range(len(X)), epoch * len(X)):
                m = m.after(predict, 1, step, X[i])
                m.s1 = _sigmoid(m.s1) if classes else m.s1
                error = abs(labels[i] - m.s1)
                if not error <= 100.0:
                    import warnings

                    message = f"training stopped at example {step}: error {error}"
                    warnings.warn(message, RuntimeWarning, stacklevel=3)
                    return m
                m = m.after(learn, 2, step, X[i], labels[i])
        return m

    def decide(self, predict, X):
        """Return m.s1 of each row, always from what a first prediction leaves in m."""
        m, s1 = self.after(predict, 3, 0, self.v0), np.empty(len(X))
        size = 1 + 2**18 // m.F**2  # so many matrices are 2 MB
        try:
            for at in range(0, len(X), size):
                rows = m.after(predict, 3, 0, _Rows(X[at : at + size, None]))
                s1[at : at + size] = _Rows(rows.s1).array[:, 0, 0]
        except Exception:
            s1[:] = [m.after(predict, 3, 0, x).s1 for x in X]
        return s1


# Lets one call of predict serve many rows: a vector is (rows, 1, F). Refuses the rest.
class _Rows(np.lib.mixins.NDArrayOperatorsMixin):
    __bool__ = __array__ = None

    def __init__(self, x):
        self.array = x.array if isinstance(x, _Rows) else np.array(x, ndmin=3)
        self.shape = tuple(n for n in self.array.shape[1:] if n > 1)

    def __array_ufunc__(self, ufunc, method, *operands, **options):
        if method != "__call__" or options or ufunc.signature:
            return NotImplemented
        return _Rows(ufunc(*[_Rows(x).array for x in operands], dtype=np.float64))

    def __array_function__(self, function, types, operands, options):
        a, b = (_Rows(x).array for x in operands)
        if function is not np.dot or b.shape[1] > 1:
            return NotImplemented
        return _Rows(np.matmul(a, b.swapaxes(1, 2)).swapaxes(1, 2))


@np.errstate(over="ignore")
def _sigmoid(x):
    return 1.0 / (1.0 + np.exp(-x))


class Model:
    """The algorithm above: `Model(features).fit(X, y).predict(X)`, X standardised."""

    def __init__(self, features: int, seed: int = 0, task: int = 0) -> None:
        self.features, self.seed, self.task = features, seed, task

    def fit(self, X: np.ndarray, y: np.ndarray, epochs: int = 1) -> "Model":
        """Learn from row after row; stop, with a warning, if an error is beyond 100."""
        X, y = np.asarray(X, dtype=np.float64), np.asarray(y)
        if X.shape != (*y.shape, self.features):
            raise ValueError(f"X has shape {X.shape}, not {(*y.shape, self.features)}")
        classes = np.unique(y)
        floats = len(classes) > 2 and y.dtype.kind == "f"
        if len(classes) != 2 and not floats:
            raise ValueError(f"y holds {len(classes)} values, not 2 classes or floats")
        self.classes_, labels = (None, y) if floats else (classes, y == classes[1])
        m = _Memory(self.features, self.seed, self.task)
        self.memory_ = m.trained(setup, predict, learn, X, labels, epochs, not floats)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row, or the number predicted for it."""
        values = self.decision_function(X)
        second = np.int64(_sigmoid(values) > 0.5)
        return values if self.classes_ is None else self.classes_[second]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return the probabilities of the two classes: shape (rows, 2)."""
        second = _sigmoid(self.decision_function(X))
        return np.stack((1.0 - second, second), axis=1)

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return m.s1 of each row, whatever rows are beside it: shape (rows,)."""
        if not hasattr(self, "memory_"):
            raise ValueError("this model has learned nothing yet; call fit(X, y) first")
        return self.memory_.decide(predict, np.asarray(X, dtype=np.float64))
