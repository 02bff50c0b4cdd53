"""scikit-learn estimators over a candidate: any program of the language, put to use on one's own data.

What they do is the standing part of exported modules (`standalone/sklearn_source.py`); here the program is a
parameter, training runs in the native engine, and predictions of many rows are made at once.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils import _safe_indexing
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_sample_weight, check_consistent_length

from synth.engine.python.procedure import functions_of
from synth.engine.python.rows import Memory, decide
from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.parser import parse_file
from synth.language.templates import template_names, template_path
from synth.standalone import sklearn_source
from synth.tasks.arrays import as_labels, plain
from synth.tasks.weights import LARGEST, resampled

Floats = NDArray[np.float64]
Problem = tuple[Floats, Floats]
Rows = tuple[NDArray[np.intp], Floats]
"""A problem as numbers of rows, and their labels."""
CandidateLike = Candidate | str | os.PathLike[str]
RandomState = int | np.random.RandomState | None


def as_candidate(given: CandidateLike) -> Candidate:
    """Return the candidate that a template's name, the path of a module or a candidate stands for.

    Raises UsageError for anything else, Refusal for a module outside the language.
    """
    if isinstance(given, Candidate):
        return given
    if isinstance(given, str | os.PathLike):
        path = template_path(str(given)) if given in template_names() else Path(given)
        if path.is_file():
            return parse_file(path).candidate
    raise UsageError(
        f"candidate is {given!r}; it must be a template ({', '.join(template_names())}), "
        "the path of a module or a synth.Candidate"
    )


@lru_cache(maxsize=256)
def _functions(candidate: Candidate) -> tuple[Callable[..., object], ...]:
    """Return the three functions of a candidate, made once."""
    functions = functions_of(candidate)
    return functions.setup, functions.predict, functions.learn


def _whole(values: Any, what: str) -> Any:
    """Return values as numpy reads them whole; raise ValueError for a sparse matrix."""
    try:
        return plain(values, what)
    except UsageError as error:
        raise ValueError(str(error)) from error


def _labels(y: Any) -> Any:
    """Return labels that are texts or objects by the rule of `synth.run`; others are for scikit-learn.

    Raises ValueError for missing ones.
    """
    y = _whole(y, "y")
    array = np.asarray(y)
    if array.dtype.kind not in "OSUT" or not array.ndim:
        return y
    try:
        return as_labels(y)
    except UsageError as error:
        raise ValueError(str(error)) from error


def _sample_weights(weights: Any, X: Any) -> Floats:
    """Return what each row of X weighs, (n,), at most 1; raise ValueError for what scikit-learn refuses."""
    found: Floats = _check_sample_weight(_whole(weights, "sample_weight"), X, dtype=np.float64)
    if (found < 0).any():
        raise ValueError(f"sample_weight holds {found.min():g}; weights must be at least 0")
    if not found.any():
        raise ValueError("sample_weight is zero for all rows; at least one needs a weight above 0")
    scaled: Floats = found / found.max()
    if (scaled[found > 0] < 1.0 / LARGEST**2).any():
        least = found[found > 0].min()
        raise ValueError(
            f"sample_weight goes from {least:g} to {found.max():g}; those above 0 must be at least "
            f"{1.0 / LARGEST**2:g} of the largest"
        )
    return scaled


class _WithCandidate:
    """What makes an estimator of an exported module one over any candidate, with weights of rows."""

    candidate_: Candidate
    centers_: Floats
    _sample_weight: Floats | None = None
    """Of the rows that are being learned; None before and after."""

    def __init__(
        self,
        candidate: CandidateLike = "neural_net",
        epochs: int = 1,
        projection: int | None = None,
        random_state: RandomState = 0,
        n_jobs: int | None = 1,
    ) -> None:
        self.candidate = candidate
        self.epochs = epochs
        self.projection = projection
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Any:
        """Learn from rows (n, features) and labels (n,); return the estimator.

        By `sample_weight`, (n,) or one number, rows are resampled with a fixed seed to as many as have a
        weight: a row is shown in proportion to its weight, one of weight 0 is as if it were not there.
        Raises ValueError for weights that are negative, missing, all zero, or not as many as rows.
        """
        self.candidate_ = as_candidate(self.candidate)
        X, y = _whole(X, "X"), _labels(y)
        if sample_weight is None:
            return super().fit(X, y)  # type: ignore[misc]
        weights = _sample_weights(sample_weight, X)
        check_consistent_length(X, y)
        if not weights.all():
            X, y, weights = (_safe_indexing(part, np.flatnonzero(weights)) for part in (X, y, weights))
        self._sample_weight = weights
        try:
            return super().fit(X, y)  # type: ignore[misc]
        finally:
            del self._sample_weight

    def _learn(self, X: Floats, problems: list[Rows], classes: bool) -> None:
        weights = self._row_weights(X, problems)
        if weights is not None:
            shown = [resampled(weights[rows]) for rows, _ in problems]
            problems = [(rows[at], labels[at]) for (rows, labels), at in zip(problems, shown, strict=True)]
        super()._learn(X, problems, classes)  # type: ignore[misc]

    def _row_weights(self, X: Floats, problems: list[Rows]) -> Floats | None:
        """Return the weight of each row, (n,); None where all are alike."""
        return self._sample_weight

    def _values(self, X: ArrayLike) -> Floats:
        values: Floats = super()._values(_whole(X, "X"))  # type: ignore[misc]
        return values

    def _functions(self) -> tuple[Callable[..., object], ...]:
        return _functions(self.candidate_)

    def _decide(self, memory: Any, X: Floats) -> Floats:
        return decide(self._functions()[1], memory, X)

    def _memories(self, problems: Iterable[Problem], seed: int, classes: bool) -> list[Any]:
        """Train in the native engine, and once more in Python where training fails."""
        # Who only predicts, as after unpickling, does without the compiler.
        from synth.engine.native.training import Trainer

        count, features = self.centers_.shape
        trainer = Trainer(
            self.candidate_,
            features,
            count,
            regression=not classes,
            seed=seed,
            epochs=self.epochs,
        )

        def train(group: list[Problem], first: int) -> list[Any]:
            memories = []
            trainings = zip(group, trainer.train(group, first), strict=True)
            for task, (problem, values) in enumerate(trainings, start=first):
                if values is None:  # to find the step at which it failed, say so and keep the memory of then
                    memory = Memory(features, seed, task)
                    memories.append(memory.trained(*self._functions(), *problem, self.epochs, classes))
                else:
                    memories.append(Memory(features, seed, task, values))
            return memories

        groups = _batched(problems, trainer.lanes)
        jobs = (delayed(train)(group, number * trainer.lanes) for number, group in enumerate(groups))
        return [memory for group in Parallel(self.n_jobs, prefer="threads")(jobs) for memory in group]


def _batched(problems: Iterable[Problem], size: int) -> Iterator[list[Problem]]:
    rest = iter(problems)
    while group := list(islice(rest, size)):
        yield group


class EvolvedClassifier(_WithCandidate, sklearn_source.EvolvedClassifier):
    """A candidate as a classifier by scikit-learn's rules, for any number of classes: one against one.

    `candidate` is a template's name, the path of a module in the language, or a `synth.Candidate`; `epochs`
    are passes over the rows; `projection` is None, or to how many features the rows are projected at random;
    `random_state` is the seed of the projection, of the order of the rows and of what the program draws;
    `n_jobs` are threads over pairs of classes; `class_weight` is None, "balanced" or a dict of weights above
    0, which are multiplied with those of fit. Weights are resampling by a fixed seed: a program learns from
    one row after the other, so a row of more weight is shown more often, and in all as many rows as there
    are; rows of low weight may not be shown at all. Rows are shuffled and standardised inside fit. Every
    prediction starts from the memory as a first one, of the last row of training, leaves it, so it does not
    depend on order or batch. In a search memory goes on from one validation example to the next, which makes
    a difference only for a program whose predict reads what an earlier predict wrote.

    fit raises UsageError for anything else as a candidate, Refusal for a module outside of the language,
    ValueError for data or parameters that are wrong.
    """

    def __init__(
        self,
        candidate: CandidateLike = "neural_net",
        epochs: int = 1,
        projection: int | None = None,
        random_state: RandomState = 0,
        n_jobs: int | None = 1,
        class_weight: Mapping[Any, float] | Literal["balanced"] | None = None,
    ) -> None:
        super().__init__(candidate, epochs, projection, random_state, n_jobs)
        self.class_weight = class_weight

    def _row_weights(self, X: Floats, problems: list[Rows]) -> Floats | None:
        weights = super()._row_weights(X, problems)
        if self.class_weight is None:
            return weights
        number = np.empty(len(X), dtype=np.intp)  # of each row's class
        pairs = self._pairs()  # type: ignore[no-untyped-call]
        for pair, (rows, labels) in zip(pairs, problems, strict=True):
            number[rows] = np.array(pair)[labels.astype(np.intp)]
        of_classes = compute_class_weight(self.class_weight, classes=self.classes_, y=self.classes_[number])
        for name, weight in zip(self.classes_, of_classes, strict=True):
            if not 1.0 / LARGEST <= weight <= LARGEST:
                raise ValueError(
                    f"class_weight of class {name} is {weight:g}; it must be at least {1.0 / LARGEST:g} and "
                    f"at most {LARGEST:g}"
                )
        found: Floats = (of_classes / of_classes.max())[number]  # a product of these cannot overflow
        return found if weights is None else found * weights


class EvolvedRegressor(_WithCandidate, sklearn_source.EvolvedRegressor):
    """A candidate as a regressor by scikit-learn's rules; parameters are those of `EvolvedClassifier`.

    There is no `class_weight`; weights of rows are resampling by a fixed seed, as there. Targets are
    standardised for training, and predictions scaled back.
    """
