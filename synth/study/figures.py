"""The fitness of programs, and of scikit-learn's linear models, on tasks."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from synth.engine.metrics import fitness
from synth.engine.native.engine import NativeEngine
from synth.language.candidate import Candidate
from synth.tasks.task import Task

LINEAR_MODELS: Mapping[str, str] = {"accuracy": "logistic regression", "rms": "linear regression"}
"""The linear model that `linear_model` fits, by the metric of tasks."""

Figures = Mapping[str, Sequence[float]]
"""The fitness of each program on each task."""


@dataclass(frozen=True)
class Evaluation:
    """Programs that are measured side by side, with a linear model: as in their run, but in float64."""

    programs: Mapping[str, Candidate]
    linear_model: str
    """The name of the linear model among the figures."""
    seed: int
    epochs: int

    def on(self, tasks: Sequence[Task]) -> Figures:
        """Return the fitness of all programs and of the linear model on each task."""
        engine = NativeEngine(tasks, seed=self.seed, epochs=self.epochs)
        figures: dict[str, Sequence[float]] = {
            name: engine.per_task(candidate) for name, candidate in self.programs.items()
        }
        return figures | {self.linear_model: [linear_model(task) for task in tasks]}


def linear_model(task: Task) -> float:
    """Return the fitness of scikit-learn's logistic (for RMS tasks linear) regression on a task."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from threadpoolctl import threadpool_limits

    x, y, valid, labels = task.arrays
    if task.metric == "rms":
        return fitness(LinearRegression().fit(x, y).predict(valid), labels, task.metric)
    if len(np.unique(y)) == 1:  # a few examples can all be of one class
        return fitness(np.full(len(labels), 2.0 * y[0] - 1.0), labels, task.metric)
    # Tasks are small: threads of a matrix library would only wait for each other.
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning), threadpool_limits(1):
        scores = LogisticRegression(max_iter=1000).fit(x, y).decision_function(valid)
    return fitness(scores, labels, task.metric)


def shortened(task: Task, train: int) -> Task:
    """Return a task with its first train examples only."""
    x, y, valid, labels = task.arrays
    return Task(x[:train], y[:train], valid, labels, task.metric, task.name)
