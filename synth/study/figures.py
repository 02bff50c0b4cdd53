"""The fitness of scikit-learn's linear models on tasks."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from synth.engine.metrics import fitness
from synth.tasks.task import Task

LINEAR_MODELS: Mapping[str, str] = {"accuracy": "logistic regression", "rms": "linear regression"}
"""The linear model that `linear_model` fits, by the metric of tasks."""

Figures = Mapping[str, Sequence[float]]
"""The fitness of each program on each task."""


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
