"""The empty program with the standing part for torch, as real code: `parts.py` reads it from here.

Every statement fits into 88 columns.
"""

# mypy: ignore-errors
# ruff: noqa: D103

import math
import warnings

import torch


def setup(m):
    pass


def predict(m):
    pass


def learn(m):
    pass


# From here on the text is the same in every module that synth writes with this style.
# It needs torch alone: `Model().fit(X, y).predict(X)` trains and applies what is above
# on many tasks at once, one beside the other along the first dimension of each tensor.


class Random:
    """What the functions see as m.rng: a draw depends only on its task and its place.

    The generator is Philox4x32-10. Its key holds seed and task, its counter the block of
    four numbers, the ordinal of the draw in this call of the function, the example and
    the phase.
    """

    def __init__(self, seed: int, tasks: torch.Tensor, dtype: torch.dtype) -> None:
        self.seed, self.tasks, self.dtype = seed & 0xFFFFFFFF, tasks, dtype
        self.start(0, 0)

    def start(self, phase: int, example: int) -> None:
        """Begin the draws of one call of a function."""
        self.phase, self.example, self.ordinal = phase, example, 0

    def uniform(self, lo, hi, size=()):
        """Return numbers from the open interval (lo, hi), or lo when lo >= hi."""
        shape = (size,) if isinstance(size, int) else size
        units = self._units(math.prod(shape))
        values = lo + (hi - lo) * units if lo < hi else torch.full_like(units, lo)
        return values.reshape(-1, *shape).to(self.dtype)

    def normal(self, mean, sd, size=()):
        """Return normally distributed numbers, by Box-Muller on pairs."""
        shape = (size,) if isinstance(size, int) else size
        count = math.prod(shape)
        units = self._units(count + count % 2)
        radius = torch.sqrt(-2.0 * torch.log(units[:, 0::2]))
        angle = 2.0 * math.pi * units[:, 1::2]
        pairs = radius * torch.cos(angle), radius * torch.sin(angle)
        values = mean + sd * torch.stack(pairs, dim=2).flatten(1)[:, :count]
        return values.reshape(-1, *shape).to(self.dtype)

    def _units(self, count):
        """Return the next draw: (tasks, count) numbers of the open interval (0, 1)."""
        low, k0, k1 = 0xFFFFFFFF, self.seed, self.tasks[:, None] & 0xFFFFFFFF
        c0 = torch.arange((count + 3) // 4, device=k1.device)
        c1, c2, c3 = self.ordinal, self.example, self.phase
        self.ordinal += 1
        for _ in range(10):  # products wrap at 64 bits, of which none is lost
            a, b = c0 * 0xD2511F53, c2 * 0xCD9E8D57
            c0, c1 = ((b >> 32) & low) ^ c1 ^ k0, b & low
            c2, c3 = ((a >> 32) & low) ^ c3 ^ k1, a & low
            k0, k1 = (k0 + 0x9E3779B9) & low, (k1 + 0xBB67AE85) & low
        words = torch.stack((c0, c1, c2, c3), dim=2).flatten(1)[:, :count]
        exact = torch.promote_types(self.dtype, torch.float32)
        return ((words >> 8).to(exact) + 0.5) * 2.0**-24


class Memory:
    """What the functions see as m: T tasks with F features each.

    Numbers s0, s1, ... have shape (T,), vectors v0, v1, ... (T, F) and matrices m0, m1,
    ... (T, F, F); all are zero at first. Storing copies.
    """

    def __init__(self, features, rng, values=None):
        own = {"T": len(rng.tasks), "F": features, "rng": rng, "values": values or {}}
        self.__dict__.update(own)

    def __getattr__(self, name):
        place, shape = self._place(name)
        if place not in self.values:
            self.values[place] = self._full(shape, 0.0)
        return self.values[place]

    def __setattr__(self, name, value):
        place, shape = self._place(name)
        if isinstance(value, float) and place[0] == "s":
            value = self._full(shape, value)
        if value.shape != shape:
            raise TypeError(f"m.{name} takes shape {shape}, not {tuple(value.shape)}")
        self.values[place] = value.clone(memory_format=torch.contiguous_format)

    def _place(self, name):
        """Return the name without annotation (m.v1_weights is m.v1), and the shape."""
        place = name.partition("_")[0]
        if place[:1] not in ("s", "v", "m") or not place[1:].isdecimal():
            raise AttributeError(f"memory has no {name}")
        return place, (self.T,) + (self.F,) * ("s", "v", "m").index(place[0])

    def _full(self, shape, value):
        rng = self.rng
        return torch.full(shape, value, dtype=rng.dtype, device=rng.tasks.device)

    def repeated(self, times):
        """Return a memory with so many copies of each task, one after the other."""
        values = {p: v.repeat_interleave(times, 0) for p, v in self.values.items()}
        tasks = self.rng.tasks.repeat_interleave(times)
        return Memory(self.F, Random(self.rng.seed, tasks, self.rng.dtype), values)


def _heaviside(x, at_zero):
    """np.heaviside, which leaves nan as it is."""
    return torch.where(x.isnan(), x, torch.heaviside(x, x.new_tensor(at_zero)))


def _rows(count, epochs):
    """Yield the number of each row of all epochs; later ones are shuffled by numpy."""
    yield from range(count)
    for epoch in range(1, epochs):
        import numpy as np

        shuffle = np.random.Generator(np.random.Philox(key=epoch))
        yield from shuffle.permutation(count).tolist()


class Model:
    """The algorithm above, ready for use: `Model().fit(X, y).predict(X)`.

    X has shape (tasks, rows, features) and is used as it is: standardise it first. What
    is computed has the device and the floating dtype of X; in float64 it is, up to
    rounding, what `Model` of the numpy export computes for each task alone. y has shape
    (tasks, rows) and holds the classes 0 and 1, or floats to predict. seed fixes what the
    functions draw, for each task something else.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed

    @torch.no_grad()
    def fit(self, X: torch.Tensor, y: torch.Tensor, epochs: int = 1) -> "Model":
        """Learn from each row in turn, starting from zero; return the model.

        A task stops, with a warning, at an error that is nan or beyond 100; the others
        go on. Only more than one epoch needs numpy, for the order of the rows.
        """
        self._check(X)
        if y.shape != X.shape[:2]:
            wanted = f"it must be {tuple(X.shape[:2])}, as X is"
            raise ValueError(f"y has shape {tuple(y.shape)}; {wanted}")
        self.two_classes_ = bool(((y == 0) | (y == 1)).all())
        if not self.two_classes_ and not y.is_floating_point():
            raise ValueError("y must hold the classes 0 and 1, or floats to predict")
        tasks = torch.arange(len(X), device=X.device)
        m = self.memory_ = Memory(X.shape[2], Random(self.seed, tasks, X.dtype))
        setup(m)
        self._train(m, X, y.to(X), epochs)
        return self

    def predict(self, X: torch.Tensor) -> torch.Tensor:
        """Return the class of each row, or the number predicted: (tasks, rows)."""
        values = self.decision_function(X)
        return (torch.sigmoid(values) > 0.5).long() if self.two_classes_ else values

    @torch.no_grad()
    def decision_function(self, X: torch.Tensor) -> torch.Tensor:
        """Return m.s1 for each row, (tasks, rows), each time from the same memory.

        Of classes it is the logit: torch.sigmoid makes it the probability of class 1.
        """
        if not hasattr(self, "memory_"):
            raise ValueError("this model has learned nothing yet; call fit(X, y) first")
        self._check(X, self.memory_)
        m = self._settled()
        parts = X.split(max(1, 2**24 // (m.T * m.F**2)), dim=1)
        return torch.cat([self._decide(m, part) for part in parts], dim=1)

    def _settled(self):
        """Return the memory as it is when predict has seen the last row of training again.

        Programs were scored on many rows in turn; some begin to use what they have
        averaged in the second prediction after training.
        """
        m = self.memory_.repeated(1)
        m.s0 = 0.0
        m.rng.start(3, 0)
        predict(m)
        return m

    def _decide(self, m, X):
        """Return m.s1 for each row, as if each were a task of its own."""
        many = m.repeated(X.shape[1])
        many.v0, many.s0 = X.flatten(0, 1), 0.0
        many.rng.start(3, 0)
        predict(many)
        return many.s1.reshape(X.shape[:2])

    def _train(self, m, X, labels, epochs):
        """Predict and learn on each row in turn; a stopped task keeps its memory."""
        running, stopped = torch.ones(m.T, dtype=torch.bool, device=X.device), []
        for example, row in enumerate(_rows(X.shape[1], epochs)):
            m.v0, m.s0 = X[:, row], 0.0
            m.rng.start(1, example)
            predict(m)
            if self.two_classes_:
                m.s1 = torch.sigmoid(m.s1)
            stops = running & ~((labels[:, row] - m.s1).abs() <= 100.0)
            if stops.any():
                numbers = stops.nonzero().flatten().tolist()
                message = f"training of tasks {numbers} stopped at example {example}"
                warnings.warn(message, RuntimeWarning, stacklevel=4)
                stopped.append((stops, m.repeated(1)))
                running = running & ~stops
            m.v0, m.s0 = X[:, row], labels[:, row]
            m.rng.start(2, example)
            learn(m)
        for stops, memory in stopped:
            for place, value in m.values.items():
                value[stops] = getattr(memory, place)[stops]

    def _check(self, X, memory=None):
        wanted = ("tasks", "rows", "features")
        if memory is not None:
            wanted = (memory.T, "rows", memory.F)
        fits = X.ndim == 3 and (memory is None or X.shape[::2] == wanted[::2])
        if not fits or not X.is_floating_point():
            shape = ", ".join(map(str, wanted))
            got = f"shape {tuple(X.shape)} and {X.dtype}"
            raise ValueError(f"X has {got}; it must be floating, ({shape})")
