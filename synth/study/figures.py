"""The fitness of scikit-learn's linear models on tasks."""

import warnings
from collections.abc import Mapping, Sequence

import numpy as np

from synth.tasks.task import Task

LINEAR_MODELS: Mapping[bool, str] = {False: "logistic regression", True: "linear regression"}
"""The linear model that `linear_model` fits, by whether tasks are regressions."""

Figures = Mapping[str, Sequence[float]]
"""The fitness of each program on each task."""


def linear_model(task: Task) -> float:
    """Return the fitness of scikit-learn's logistic (in a regression linear) regression on a task."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LinearRegression, LogisticRegression
    from threadpoolctl import threadpool_limits

    x, y, valid, _ = task.arrays
    if task.regression:
        return task.fitness(LinearRegression().fit(x, y).predict(valid))
    if len(np.unique(y)) == 1:  # a few examples can all be of one class
        return task.fitness(np.full(len(valid), 2.0 * y[0] - 1.0))
    # Tasks are small: threads of a matrix library would only wait for each other.
    with warnings.catch_warnings(action="ignore", category=ConvergenceWarning), threadpool_limits(1):
        scores = LogisticRegression(max_iter=1000).fit(x, y).decision_function(valid)
    return task.fitness(scores)
