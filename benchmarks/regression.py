"""A regression on a file, beside tuned ridge regression: scikit-learn's diabetes, in two units.

    python benchmarks/regression.py --seeds 0 1 2 3 4

For each seed and unit: the error of a run's best program on report tasks, in the data's units, beside that
of scikit-learn's RidgeCV on the same tasks. At most 1.05 of Ridge's is wanted for four of five seeds.
"""

import argparse
import tempfile
from pathlib import Path
from statistics import fmean

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV

import synth
from synth.tasks.metrics import in_unit
from synth.tasks.sets import task_set
from synth.tasks.task import Task

UNITS = {"as they are": (1.0, 0.0), "times 50,000 plus 200,000": (50_000.0, 200_000.0)}
"""Factor and shift of the targets."""

WANTED = 1.05
"""Most of Ridge's error that a run's best program may make."""

PENALTIES = np.logspace(-3, 4, 36)


def ridge(task: Task) -> float:
    """The fitness of ridge regression on a task, its penalty chosen by cross-validation on the train rows."""
    x, y, valid, _ = task.arrays
    return task.fitness(RidgeCV(PENALTIES).fit(x, y).predict(valid))


def errors(seed: int, path: Path, candidates: int, workers: int) -> tuple[float, float]:
    """The errors of a run's best program and of Ridge on the report tasks."""
    out = path.parent / f"{path.stem}-{seed}"
    run = synth.run(data=str(path), seed=seed, max_candidates=candidates, workers=workers, out=out)
    count = run.document["tuned"]["tasks"]
    tasks = task_set(str(path), "report", count=count).tasks
    of_ridge = in_unit("rms", fmean(map(ridge, tasks)), run.document["scale"])
    return run.document["best"]["rmse"]["report"], of_ridge


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    parser.add_argument("--candidates", type=int, default=40_000)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    X, y = load_diabetes(return_X_y=True)
    print(f"{'targets':28}{'seed':>5}{'rmse':>14}{'Ridge':>14}{'ratio':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for number, (unit, (factor, shift)) in enumerate(UNITS.items()):
            path = Path(folder) / f"diabetes{number}.npz"
            np.savez(path, X=X, y=factor * y + shift)
            ratios = []
            for seed in given.seeds:
                own, of_ridge = errors(seed, path, given.candidates, given.workers)
                ratios.append(own / of_ridge)
                print(f"{unit:28}{seed:5}{own:14,.1f}{of_ridge:14,.1f}{ratios[-1]:8.3f}", flush=True)
            kept = sum(ratio <= WANTED for ratio in ratios)
            print(f"{unit:28}at most {WANTED} of Ridge's error for {kept} of {len(ratios)} seeds", flush=True)


if __name__ == "__main__":
    main()
