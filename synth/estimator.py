"""scikit-learn estimators over a candidate: any program of the language, put to use on one's own data.

What they do is the standing part of exported modules (`standalone/sklearn_source.py`); here the program is a
parameter, training runs in the native engine, and predictions of many rows are made at once.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.parallel import Parallel, delayed

from synth.engine.python.procedure import functions_of
from synth.engine.python.rows import Memory, decide
from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.parser import parse_file
from synth.language.templates import template_names, template_path
from synth.standalone import sklearn_source
from synth.tasks.arrays import as_labels, plain

Floats = NDArray[np.float64]
Problem = tuple[Floats, Floats]
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


class _WithCandidate:
    """What makes an estimator of an exported module one over any candidate."""

    candidate_: Candidate
    centers_: Floats

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

    def fit(self, X: ArrayLike, y: ArrayLike) -> Any:
        self.candidate_ = as_candidate(self.candidate)
        return super().fit(_whole(X, "X"), _labels(y))  # type: ignore[misc]

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
    `n_jobs` are threads over pairs of classes. Rows are shuffled and standardised inside fit. Every
    prediction starts from the memory as a first one, of the last row of training, leaves it, so it does not
    depend on order or batch. In a search memory goes on from one validation example to the next, which makes
    a difference only for a program whose predict reads what an earlier predict wrote.

    fit raises UsageError for anything else as a candidate, Refusal for a module outside of the language,
    ValueError for data or parameters that are wrong.
    """


class EvolvedRegressor(_WithCandidate, sklearn_source.EvolvedRegressor):
    """A candidate as a regressor by scikit-learn's rules; parameters are those of `EvolvedClassifier`.

    Targets are standardised for training, and predictions scaled back.
    """
