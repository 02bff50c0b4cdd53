"""Programs on the test images of the held-out pairs of CIFAR-10 classes, with all 3072 features.

    SYNTH_DATA_DIR=... python benchmarks/all_features.py A B    # appends rows to results/all_features.csv

A and B are modules whose constants were tuned at F = 16, such as the `tuned.py` of runs. A few trials on
selection tasks of 3072 features tune them again, equally many for both. A step takes milliseconds, and all of
it some ten minutes a program.
"""

import argparse
from pathlib import Path

import experiments

from synth.engine.native.engine import NativeEngine
from synth.language.candidate import Candidate
from synth.language.parser import parse_file
from synth.search.scoring.tuning import FEW_TRIALS, tune
from synth.statistics import pair_name, paired_difference
from synth.tasks.sets import task_set

FEATURES = 3072
TRIAL_TASKS, TRIAL_TRAIN = 2, 1000


def main() -> None:
    """Tune and measure both, a row for each pair, and print the difference."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("first", type=Path, metavar="A")
    parser.add_argument("second", type=Path, metavar="B")
    parser.add_argument("--results", type=Path, default=experiments.RESULTS / "all_features.csv")
    options = parser.parse_args()
    held_out = {pair_name(task.name) for task in task_set("cifar10", "report", features=2).tasks}
    names = [pair_name(task.name) for task in task_set("cifar10", "test", features=2).tasks]
    places = [place for place, name in enumerate(names) if name in held_out]
    trial_tasks = task_set(
        "cifar10", "select", count=TRIAL_TASKS, features=FEATURES, train=TRIAL_TRAIN, valid=TRIAL_TRAIN
    )
    trials = NativeEngine(trial_tasks.tasks, dtype="float32")

    def score(candidate: Candidate) -> float:
        found = trials.evaluate(candidate).fitness or 0.0
        print(f"trial: {found:.4f}", flush=True)
        return found

    paths = options.first, options.second
    tuned = [tune(parse_file(path).candidate, score, FEW_TRIALS)[0] for path in paths]
    tasks = [
        task_set("cifar10", "test", count=1, first=place, features=FEATURES).tasks[0] for place in places
    ]
    engine = NativeEngine(tasks, dtype="float32")
    first, second = (engine.evaluate(program).per_task or () for program in tuned)
    pairs = [names[place] for place in places]
    for pair, *accuracies in zip(pairs, first, second, strict=True):
        row: experiments.Row = {"pair": pair, "commit": experiments.commit()}
        for path, accuracy in zip(paths, accuracies, strict=True):
            row[path.stem] = round(accuracy, 4)
        experiments.append(options.results, row)
        print(*row.values(), flush=True)
    gap = paired_difference(first, second, pairs)
    print(f"{gap.mean:+.4f} ({gap.low:+.4f} to {gap.high:+.4f})")


if __name__ == "__main__":
    main()
