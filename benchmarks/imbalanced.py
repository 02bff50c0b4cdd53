"""Five positives in a hundred, beside class-weighted logistic regression, by balanced accuracy.

    python benchmarks/imbalanced.py --seeds 0 1 2 3 4

For each data set and seed: the balanced accuracy on report tasks of the best program of a run with balanced
class weights by balanced accuracy, beside that of scikit-learn's LogisticRegression(class_weight="balanced")
on the same tasks as they are without weights. At least the other's minus 0.02 is wanted.
"""

import argparse
import tempfile
from functools import partial
from pathlib import Path
from statistics import fmean

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits, make_classification
from sklearn.linear_model import LogisticRegression

import synth
from synth.tasks.sets import task_set
from synth.tasks.task import Task

WANTED = -0.02
"""Least difference, the program minus logistic regression."""

SHARE = 0.05
"""Of positives."""

Arrays = tuple[NDArray[np.float64], NDArray[np.int64]]


def eights() -> Arrays:
    """Is a digit an 8, with fewer eights than there are."""
    X, y = load_digits(return_X_y=True)
    others, positives = np.flatnonzero(y != 8), np.flatnonzero(y == 8)
    kept = np.concatenate([others, positives[: round(len(others) * SHARE / (1 - SHARE))]])
    return X[kept], (y[kept] == 8).astype(np.int64)


def made() -> Arrays:
    """Classes of two clusters each, made by scikit-learn."""
    X, y = make_classification(
        3000, 16, n_informative=6, weights=[1 - SHARE], flip_y=0.0, class_sep=1.5, random_state=0
    )
    return X, y


DATA = {"digits: is it an 8": eights, "make_classification": made}


def of_logistic(task: Task) -> float:
    """The balanced accuracy of class-weighted logistic regression on a task."""
    x, y, valid, _ = task.arrays
    return task.fitness(
        LogisticRegression(class_weight="balanced", max_iter=1000).fit(x, y).decision_function(valid)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--candidates", type=int, default=40_000)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--metric", default="balanced_accuracy", help="By what a run compares programs.")
    given = parser.parse_args()
    print(f"{'data':24}{'seed':>5}{'program':>10}{'logistic':>10}{'difference':>12}")
    with tempfile.TemporaryDirectory() as folder:
        for number, (name, arrays) in enumerate(DATA.items()):
            path = Path(folder) / f"rare{number}.npz"
            X, y = arrays()
            np.savez(path, X=X, y=y)
            differences = []
            for seed in given.seeds:
                run = synth.run(
                    data=str(path),
                    seed=seed,
                    class_weights="balanced",
                    max_candidates=given.candidates,
                    workers=given.workers,
                    metric=given.metric,
                    out=Path(folder) / f"{path.stem}-{seed}",
                )
                assert run.best is not None, "a program that can learn"
                tasks = partial(task_set, str(path), "report", metric="balanced_accuracy")
                own = synth.evaluate(run.best, tasks(class_weights="balanced"), seed=seed).fitness or 0.0
                other = fmean(map(of_logistic, tasks().tasks))
                differences.append(own - other)
                print(f"{name:24}{seed:5}{own:10.4f}{other:10.4f}{differences[-1]:+12.4f}", flush=True)
            kept = sum(difference >= WANTED for difference in differences)
            print(f"{name:24}at least {WANTED:+} for {kept} of {len(differences)} seeds", flush=True)


if __name__ == "__main__":
    main()
