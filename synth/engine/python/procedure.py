"""The procedure of evaluation, by which everything else is measured (the reference, section 4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.memory import Memory
from synth.language.random_source import LEARN, SETUP, TRAIN_PREDICT, VALID_PREDICT
from synth.tasks.metrics import MAX_ABS_ERROR

Floats = NDArray[np.float64]
Function = Callable[[Memory], object]


@dataclass(frozen=True)
class Functions:
    """The three functions of a candidate."""

    setup: Function
    predict: Function
    learn: Function


def functions_of(candidate: Candidate) -> Functions:
    """Return the three functions of a candidate, as Python runs them.

    Its text is rendered, so it holds nothing but statements of the op table.
    """
    names: dict[str, Any] = {}
    exec(candidate.text(), names)
    return Functions(*(names[name] for name in FUNCTIONS))


@dataclass(frozen=True)
class TaskOutcome:
    """What a program did on a task.

    `predictions` (epochs, n) holds s1 of each validation example, for the epochs that were completed;
    `train_errors` the first |label - s1| of training, as many as were asked for and reached; `failed_at` is
    the number of the train step at which training failed, or None.
    """

    predictions: Floats
    train_errors: Floats
    failed_at: int | None = None


def run_task(
    functions: Functions,
    train_features: Floats,
    train_labels: Floats,
    valid_features: Floats,
    *,
    regression: bool,
    seed: int = 0,
    task: int = 0,
    orders: Sequence[Iterable[int]] | None = None,
    record: int = 0,
) -> TaskOutcome:
    """Train a program on one task and return its predictions for the validation examples.

    Features are (n, F) and labels (n,), float64. In a `regression` s1 is learned as it is, otherwise its
    sigmoid. `orders` holds the order of the train examples in each epoch (by default one, as stored); `seed`
    and `task` choose the random source; `record` is how many train errors to return. What the functions raise
    is passed on.
    """
    m = Memory(train_features.shape[1], seed, task)
    setup, predict, learn, start = functions.setup, functions.predict, functions.learn, m.rng.start
    zero, one, classes = np.float64(0.0), np.float64(1.0), not regression
    rows, labels, valid_rows = list(train_features), list(train_labels), list(valid_features)
    predictions = np.empty((1 if orders is None else len(orders), len(valid_rows)))
    train_errors: list[float] = []
    step, shown = 0, 0

    def outcome(epochs: int, failed_at: int | None = None) -> TaskOutcome:
        return TaskOutcome(predictions[:epochs], np.array(train_errors, dtype=np.float64), failed_at)

    with np.errstate(all="ignore"):
        start(SETUP, 0)
        setup(m)
        for epoch, order in enumerate([range(len(rows))] if orders is None else orders):
            for example in order:
                m.v0, m.s0 = rows[example], zero
                start(TRAIN_PREDICT, step)
                predict(m)
                if classes:
                    m.s1 = one / (one + np.exp(-m.s1))
                error = abs(labels[example] - m.s1)
                if not error <= MAX_ABS_ERROR:
                    return outcome(epoch, failed_at=step)
                if step < record:
                    train_errors.append(float(error))
                m.v0, m.s0 = rows[example], labels[example]
                start(LEARN, step)
                learn(m)
                step += 1
            for position, row in enumerate(valid_rows):
                m.v0, m.s0 = row, zero
                start(VALID_PREDICT, shown)
                predict(m)
                predictions[epoch, position] = m.s1
                shown += 1
    return outcome(len(predictions))
