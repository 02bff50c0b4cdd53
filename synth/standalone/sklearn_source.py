"""The standing part of exported modules for scikit-learn, as real code: `parts.py` reads it from here.

It follows the standing part `Model`, whose functions it uses, and its imports follow that of numpy. Every
statement fits into 88 columns.
"""

# mypy: ignore-errors

import itertools
import numbers

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_is_fitted, validate_data

from synth.standalone.model_source import _Memory, _sigmoid, learn, predict, setup

# From here on the text is the same in every module that synth writes with this style.
# It needs scikit-learn: the algorithm above as estimators by scikit-learn's rules.


class _Evolved(BaseEstimator):
    """What both estimators share: preparing the data, training, values of rows."""

    def __init__(
        self,
        epochs: int = 1,
        projection: int | None = None,
        random_state: int | np.random.RandomState | None = 0,
        n_jobs: int | None = 1,
    ) -> None:
        self.epochs = epochs
        self.projection = projection
        self.random_state = random_state
        self.n_jobs = n_jobs

    def _functions(self):
        """Return the algorithm."""
        return setup, predict, learn

    def _learn(self, X, problems, classes):
        """Train once for each problem: numbers of rows, and their labels.

        A problem's rows are shuffled and then standardised by their own mean and
        deviation; a feature that is constant in them becomes zero.
        """
        _check("epochs", self.epochs)
        random, seed = check_random_state(self.random_state), self.random_state
        if not isinstance(seed, numbers.Integral):
            seed = random.randint(2**31 - 1)
        self.projection_ = None
        if self.projection is not None:
            _check("projection", self.projection, X.shape[1])
            entries = random.standard_normal((X.shape[1], self.projection))
            # such entries times whole numbers, such as pixels, are summed exactly
            self.projection_ = np.round(entries * 2**16) / 2**16
        X = self._projected(X)
        shuffled = [random.permutation(len(rows)) for rows, _ in problems]
        problems = [(r[s], y[s]) for (r, y), s in zip(problems, shuffled, strict=True)]
        scalings = [_scaling(X[rows]) for rows, _ in problems]
        self.centers_ = np.stack([center for center, _ in scalings])
        self.scales_ = np.stack([scale for _, scale in scalings])
        prepared = (
            ((X[rows] - center) / scale, labels)
            for (rows, labels), (center, scale) in zip(problems, scalings, strict=True)
        )
        self.memories_ = self._memories(prepared, int(seed), classes)

    def _memories(self, problems, seed, classes):
        """Return the memory after training on each problem."""
        jobs = (
            delayed(_Memory(X.shape[1], seed, task).trained)(
                *self._functions(), X, labels, self.epochs, classes
            )
            for task, (X, labels) in enumerate(problems)
        )
        return Parallel(self.n_jobs, prefer="threads")(jobs)

    def _decide(self, memory, X):
        """Return m.s1 of each row."""
        return memory.decide(self._functions()[1], X)

    def _projected(self, X):
        """Return the projected rows, each the same whatever rows are beside it."""
        if self.projection_ is None:
            return X
        return np.matmul(X[:, None, :], self.projection_)[:, 0]

    def _values(self, X):
        """Return m.s1 of each row after training on each problem: (rows, problems)."""
        check_is_fitted(self)
        X = self._projected(validate_data(self, X, dtype=np.float64, reset=False))
        fitted = zip(self.memories_, self.centers_, self.scales_, strict=True)
        jobs = (delayed(self._value)(X, *of_one) for of_one in fitted)
        return np.stack(Parallel(self.n_jobs, prefer="threads")(jobs), axis=1)

    def _value(self, X, memory, center, scale):
        with np.errstate(all="ignore"):
            return self._decide(memory, (X - center) / scale)


def _check(name, value, most=None):
    """Raise ValueError for a parameter that is no whole number of 1 or more."""
    wanted = "a whole number of at least 1"
    whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
    if not whole or value < 1:
        raise ValueError(f"{name} is {value!r}; it must be {wanted}")
    if most is not None and value > most:
        raise ValueError(f"{name} is {value}, but X has {most} features")


def _scaling(X):
    """Return mean and deviation of each feature; an infinite one where it is constant."""
    with np.errstate(over="ignore", invalid="ignore"):
        center, scale = X.mean(axis=0), X.std(axis=0)
    constant = (X.max(axis=0) == X.min(axis=0)) | (scale == 0.0)
    return center, np.where(constant, np.inf, scale)


class EvolvedClassifier(ClassifierMixin, _Evolved):
    """The algorithm as a classifier, for any number of classes: one against one.

    epochs: passes over the rows. projection: None, or to how many features the rows are
    projected at random. random_state: seed of the projection, the order of the rows and
    what the algorithm draws. n_jobs: threads over pairs of classes. Every prediction
    starts from the memory as a first one leaves it, so it does not depend on other rows.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> "EvolvedClassifier":
        """Learn from rows (n, features) and their classes (n,); return the estimator."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, number = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            only = f"y holds one class ({self.classes_[0]})"
            raise ValueError(f"{only}; a classifier needs at least 2 classes")
        problems = []
        for first, second in self._pairs():
            rows = np.flatnonzero((number == first) | (number == second))
            problems.append((rows, np.float64(number[rows] == second)))
        self._learn(X, problems, True)
        return self

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the class of each row."""
        best = self.predict_proba(X).argmax(axis=1)
        return self.classes_[best]

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Return (n, classes): the mean of a class's probabilities against each other."""
        return self._shares(self._values(X))

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Return m.s1, (n,), of two classes; of more, as `predict_proba`, (n, classes)."""
        values = self._values(X)
        if len(self.classes_) > 2:
            return self._shares(values)
        return np.nan_to_num(values[:, 0], nan=np.finfo(np.float64).min)

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True  # few rows, seen once, may be too few
        return tags

    def _pairs(self):
        return itertools.combinations(range(len(self.classes_)), 2)

    def _shares(self, values):
        chances = np.nan_to_num(_sigmoid(values), nan=0.0)  # nan counts as the first
        total = np.zeros((len(values), len(self.classes_)))
        for chance, (first, second) in zip(chances.T, self._pairs(), strict=True):
            total[:, first] += 1.0 - chance
            total[:, second] += chance
        return total / values.shape[1]


class EvolvedRegressor(RegressorMixin, _Evolved):
    """The algorithm as a regressor; parameters are those of `EvolvedClassifier`.

    Targets are standardised for training, and predictions scaled back.
    """

    def fit(self, X: np.ndarray, y: np.ndarray) -> "EvolvedRegressor":
        """Learn from rows (n, features) and their targets (n,); return the estimator."""
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        y = np.float64(y)
        self.target_center_, self.target_scale_ = y.mean(), y.std() or 1.0
        labels = (y - self.target_center_) / self.target_scale_
        self._learn(X, [(np.arange(len(y)), labels)], False)
        return self

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.regressor_tags.poor_score = True  # few rows, seen once, may be too few
        return tags

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return the predicted target of each row."""
        return self._values(X)[:, 0] * self.target_scale_ + self.target_center_
