"""Synthetic regressions whose labels a hidden program, the teacher, computes (reference, section 10)."""

from collections.abc import Callable

import numpy as np

from synth.errors import UsageError
from synth.tasks import names
from synth.tasks.names import SPLITS
from synth.tasks.pairs import check_memory
from synth.tasks.task import Floats, Task

Teacher = Callable[[Floats], Floats]


def linear(features: int, random: np.random.RandomState) -> Teacher:
    """Return label = w.x, with w normal."""
    weights = random.randn(features)
    return lambda x: (x * weights).sum(axis=1)


def affine(features: int, random: np.random.RandomState) -> Teacher:
    """Return label = w.x + b, with w and b normal."""
    weights, bias = random.randn(features), random.randn()
    return lambda x: (x * weights).sum(axis=1) + bias


def nonlinear(features: int, random: np.random.RandomState) -> Teacher:
    """Return label = w.relu(M x), with F hidden units, M and w normal, units 0 and 2 zero in both."""
    hidden, output = random.randn(features, features), random.randn(features)
    hidden[[0, 2][: features - 1]] = 0.0
    output[[0, 2][: features - 1]] = 0.0

    def label(x: Floats) -> Floats:
        units = np.stack([(x * row).sum(axis=1) for row in hidden], axis=1)
        labels: Floats = (np.maximum(units, 0.0) * output).sum(axis=1)
        return labels

    return label


TEACHERS = dict(zip(names.TEACHERS, (linear, affine, nonlinear), strict=True))


def draw_tasks(
    kind: str, split: str, count: int, features: int, train: int, valid: int, first: int
) -> list[Task]:
    """Return tasks first, first + 1, ... of a split, `count` of them, each with a teacher of its own.

    Features are normal; teacher, train and valid examples come from streams of their own, so that asking for
    more of the one does not change the others. Raises UsageError for features too few to have a teacher, and
    for more than the machine's memory holds.
    """
    if kind == "nonlinear" and features < 2:
        raise UsageError("nonlinear needs at least 2 features, as its first hidden unit is always zero")
    check_memory(count, train + valid, features)
    tasks = []
    for k in range(first, first + count):
        teacher, *parts = (
            np.random.RandomState([list(TEACHERS).index(kind), SPLITS.index(split), k, part])
            for part in range(3)
        )
        label = TEACHERS[kind](features, teacher)
        x = [
            random.randn(examples, features).astype(np.float32)
            for random, examples in zip(parts, (train, valid), strict=True)
        ]
        y = [label(part.astype(np.float64)).astype(np.float32) for part in x]
        tasks.append(Task(x[0], y[0], x[1], y[1], "rms", f"{kind}:{k}"))
    return tasks
