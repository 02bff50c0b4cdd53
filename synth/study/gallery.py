"""Images that a program gets right and wrong."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine.python.procedure import functions_of, run_task
from synth.language.candidate import Candidate
from synth.tasks.names import CIFAR10, DIGITS
from synth.tasks.pairs import Examples
from synth.tasks.task import Floats, Task, example_order

SHOWN = 6
"""Most images of a pair that are shown, of those it gets right and of those it gets wrong."""

Raw = NDArray[Any]

IMAGES: Mapping[str, Callable[[Raw], NDArray[np.uint8]]] = {
    CIFAR10: lambda raw: np.asarray(raw, np.uint8).reshape(3, 32, 32).transpose(1, 2, 0),
    DIGITS: lambda raw: (255 - np.asarray(raw, np.float64).reshape(8, 8) * 255 / 16).astype(np.uint8),
}
"""From an example's raw values to pixels, for the data sets whose examples are images."""


@dataclass(frozen=True)
class Picture:
    """An image, its class, the class that the program said, and how sure it was (0.5 to 1)."""

    pixels: NDArray[np.uint8]
    """(h, w) or (h, w, 3)."""
    is_class: str
    said: str
    sure: float


@dataclass(frozen=True)
class Gallery:
    """Images of a pair of classes that a program gets right and wrong, the surest first."""

    classes: tuple[str, str]
    accuracy: float
    right: tuple[Picture, ...]
    wrong: tuple[Picture, ...]


def gallery(
    candidate: Candidate,
    number: int,
    task: Task,
    rows: NDArray[np.intp],
    classes: tuple[str, str],
    examples: Examples,
    seed: int,
    epochs: int,
) -> Gallery:
    """Train a program on task `number` of a set and return what it predicts for the validation examples.

    `rows` are the examples' numbers among the raw examples.
    """
    scores = _scores(candidate, number, task, seed, epochs)
    with np.errstate(all="ignore"):
        chances = 1.0 / (1.0 + np.exp(-scores))
    said = chances > 0.5  # nan says class 0
    sure = np.nan_to_num(np.maximum(chances, 1.0 - chances), nan=0.5)
    right = said == (task.valid_labels > 0.5)
    make = IMAGES[examples.name]

    def pictures(which: NDArray[np.bool_]) -> tuple[Picture, ...]:
        numbers = np.flatnonzero(which)
        return tuple(
            Picture(
                make(examples.raw[rows[n]]),
                classes[int(task.valid_labels[n])],
                classes[int(said[n])],
                float(sure[n]),
            )
            for n in numbers[np.argsort(-sure[numbers], kind="stable")][:SHOWN].tolist()
        )

    return Gallery(classes, float(right.mean()), pictures(right), pictures(~right))


def _scores(candidate: Candidate, number: int, task: Task, seed: int, epochs: int) -> Floats:
    """Return s1 of each validation example in the best epoch; zeros if training failed in the first."""
    functions = functions_of(candidate)
    x, labels, valid, valid_labels = task.arrays
    orders: Sequence[list[int]] = [example_order(len(labels), epoch).tolist() for epoch in range(epochs)]
    outcome = run_task(
        functions, x, labels, valid, regression=task.regression, seed=seed, task=number, orders=orders
    )
    best_last = sorted(outcome.predictions, key=task.fitness)
    return best_last[-1] if best_last else np.zeros(len(valid_labels))
