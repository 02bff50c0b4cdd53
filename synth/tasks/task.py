"""What every engine runs: a task (examples to learn from and to be scored on) and a set of tasks."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synth.errors import UsageError
from synth.plugins import is_reference
from synth.tasks.arrays import plain
from synth.tasks.metrics import METRICS, fitness, metric_of
from synth.tasks.names import METRIC_NAMES, asked_for, canonical

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Task:
    """One learning problem: examples to train on, examples to be scored on, and how to score.

    Features are (n, F) and labels (n,); whatever is given becomes read-only float64 arrays in C order,
    copied, with the values exactly as given. `metric` is a name of `METRICS` (rms is called rmse too), which
    says whether the task is a regression, or one's own, `package.module:function`, for which `regression`
    does. The labels of classes are 0.0 and 1.0. `scale` is what a label of 1 is in the data's units, where
    labels were standardised; None where they are as the data have them.
    Raises UsageError for arrays that make no task.
    """

    train_features: Floats
    train_labels: Floats
    valid_features: Floats
    valid_labels: Floats
    metric: str = "accuracy"
    name: str = ""
    scale: float | None = None
    regression: bool = False

    # Written out, not generated, so that type checkers let a caller pass anything array-like.
    def __init__(
        self,
        train_features: ArrayLike,
        train_labels: ArrayLike,
        valid_features: ArrayLike,
        valid_labels: ArrayLike,
        metric: str = "accuracy",
        name: str = "",
        scale: float | None = None,
        regression: bool = False,
    ) -> None:
        metric = canonical(metric)
        if metric in METRICS:
            regression = METRICS[metric].regression
        elif not is_reference(metric):
            known = ", ".join(METRIC_NAMES)
            raise UsageError(
                f"the metric of a task is one of {known} or package.module:function, not {metric!r}"
            )
        where = f" of task {name!r}" if name else ""
        train = _examples(train_features, train_labels, "train", where, regression)
        valid = _examples(valid_features, valid_labels, "valid", where, regression)
        if train[0].shape[1] != valid[0].shape[1]:
            raise UsageError(
                f"train_features{where} has {train[0].shape[1]} columns and valid_features "
                f"{valid[0].shape[1]}; both need the same features"
            )
        values = (*train, *valid, metric, name, scale, regression)
        for attribute, value in zip(self.__dataclass_fields__, values, strict=True):
            object.__setattr__(self, attribute, value)

    def __repr__(self) -> str:
        sizes = f"{len(self.train_labels)} + {len(self.valid_labels)} examples of {self.features} features"
        return f"<Task {self.name or 'without name'}: {sizes}, {self.metric}>"

    @property
    def features(self) -> int:
        """F, the number of features of an example."""
        return int(self.train_features.shape[1])

    @property
    def arrays(self) -> tuple[Floats, Floats, Floats, Floats]:
        """The four arrays, in the order in which they are given."""
        return self.train_features, self.train_labels, self.valid_features, self.valid_labels

    def fitness(self, predictions: Floats) -> float:
        """Return the fitness, in [0, 1], of predictions s1 for the examples to be scored on, (n,)."""
        return fitness(predictions, self.valid_labels, metric_of(self.metric, self.regression))

    def first(self, train: int | None = None, valid: int | None = None) -> "Task":
        """Return the task with so many of its first examples to train and be scored on; None for all."""
        x, y, valid_x, valid_y = self.arrays
        examples = x[:train], y[:train], valid_x[:valid], valid_y[:valid]
        return Task(*examples, self.metric, self.name, self.scale, self.regression)


@dataclass(frozen=True, eq=False)
class TaskSet:
    """Tasks that are evaluated together: the same number of features and the same metric.

    `name` is the data set, `split` what the tasks are for, `digest` the sha256 of all arrays (as
    `tasks_digest` computes it), `notices` what a user should know, `request` which examples and tasks
    `task_set` was asked for: train, valid, first, held_out, class_pairs and class_weights. Raises UsageError
    for a set that is empty or mixed.
    """

    name: str
    split: str
    tasks: tuple[Task, ...]
    digest: str
    notices: tuple[str, ...] = ()
    request: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.tasks:
            raise UsageError("a task set needs at least one task")
        for task in self.tasks:
            scored = task.metric, task.regression
            if (task.features, *scored) != (self.features, self.metric, self.regression):
                raise UsageError(
                    f"the tasks of a set need the same features and metric; {self.tasks[0].name!r} has "
                    f"{self.features} and {self.metric}, {task.name!r} has {task.features} and {task.metric}"
                )

    @classmethod
    def of(cls, tasks: Iterable[Task], name: str = "own", split: str = "own") -> "TaskSet":
        """Make a set from tasks, with their digest."""
        members = tuple(tasks)
        return cls(name, split, members, tasks_digest(members))

    @property
    def features(self) -> int:
        """F, the number of features of every example."""
        return self.tasks[0].features

    @property
    def metric(self) -> str:
        """How the tasks are scored: a name of `METRICS`, or the reference of one's own metric."""
        return self.tasks[0].metric

    @property
    def regression(self) -> bool:
        """Whether labels are numbers to come near, and not classes."""
        return self.tasks[0].regression

    def scored_by(self, metric: str) -> "TaskSet":
        """Return the same tasks scored by a metric of the same kind. Raises UsageError for one of another."""
        metric = canonical(metric)
        if metric == self.metric:
            return self
        if metric in METRICS and METRICS[metric].regression != self.regression:
            alike = [name for name in METRIC_NAMES if METRICS[canonical(name)].regression == self.regression]
            kind = "a regression" if self.regression else "classes to tell apart"
            raise UsageError(
                f"the metric {asked_for(metric)} is not for {self.name}, which has {kind}; choose one of "
                f"{', '.join(alike)}, or package.module:function"
            )
        tasks = tuple(
            Task(*task.arrays, metric, task.name, task.scale, task.regression) for task in self.tasks
        )
        return replace(self, tasks=tasks, digest=tasks_digest(tasks))

    @property
    def scale(self) -> float | None:
        """What a label of 1 is in the data's units, the mean over tasks; None where labels are exact."""
        scales = [task.scale for task in self.tasks if task.scale is not None]
        return fmean(scales) if scales else None


def tasks_digest(tasks: Sequence[Task]) -> str:
    """Return the sha256, in hexadecimal, of the tasks' metrics, shapes and values, in order."""
    digest = hashlib.sha256()
    for task in tasks:
        for array in task.arrays:
            digest.update(f"{task.metric}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array, dtype="<f8").data)
    return digest.hexdigest()


def example_order(n: int, epoch: int) -> NDArray[np.int64]:
    """Return the order, (n,) int64, in which the n train examples are shown in an epoch (from 0).

    The first epoch keeps the stored order; every later one has a shuffle that depends on (n, epoch) alone.
    """
    if epoch == 0:
        return np.arange(n, dtype=np.int64)
    return np.random.Generator(np.random.Philox(key=epoch)).permutation(n)


def _examples(
    features: ArrayLike, labels: ArrayLike, part: str, where: str, regression: bool
) -> tuple[Floats, Floats]:
    """Return features and labels as read-only float64 copies, or raise UsageError."""
    x = _floats(features, f"{part}_features{where}", "(examples, features)", 2)
    y = _floats(labels, f"{part}_labels{where}", "(examples,)", 1)
    check_counts(x, y, f"{part}_features{where}", f"{part}_labels")
    wrong = y[~np.isin(y, (0.0, 1.0))]
    if not regression and wrong.size:
        raise UsageError(
            f"{part}_labels{where} holds {wrong[0]:g}; the labels of classes are 0 and 1, and the metric of "
            "a regression is rmse, mae or r2"
        )
    return x, y


def _floats(values: ArrayLike, what: str, shape: str, dimensions: int) -> Floats:
    """Return values as a read-only float64 copy in C order, or raise UsageError."""
    try:
        given: NDArray[Any] = np.asarray(plain(values, what))
    except ValueError:
        raise UsageError(f"{what} has rows of different lengths; it needs the shape {shape}") from None
    if given.ndim != dimensions:
        raise UsageError(f"{what} has shape {given.shape}; it needs {shape}")
    check_numbers(given, what)
    with np.errstate(over="ignore"):
        copy = np.array(given, dtype=np.float64, order="C", subok=False)
    check_numbers(copy, what)  # what a longer format holds may be too large
    copy.setflags(write=False)
    return copy


def check_numbers(array: NDArray[Any], what: str) -> None:
    """Raise UsageError, which names the array, unless it holds real, finite numbers."""
    if array.dtype.kind not in "biuf":
        raise UsageError(f"{what} holds {array.dtype} values; it needs real numbers")
    if not np.isfinite(array).all():
        raise UsageError(f"{what} holds a value that is nan or infinite; it needs finite numbers")


def check_counts(x: NDArray[Any], y: NDArray[Any], x_name: str, y_name: str) -> None:
    """Raise UsageError unless there are examples with features, and a label for each."""
    if not x.size:
        raise UsageError(f"{x_name} is empty, of shape {x.shape}; it needs examples and features")
    if len(x) != len(y):
        raise UsageError(f"{x_name} has {len(x)} examples and {y_name} {len(y)}; both need the same number")
