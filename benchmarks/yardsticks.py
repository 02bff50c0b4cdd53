"""What a person would write: rules and classifiers on the tasks by which searches are reported.

    SYNTH_DATA_DIR=... python benchmarks/yardsticks.py        # what is missing
    python benchmarks/yardsticks.py --table

Constants are tuned on selection tasks and search tasks together, by 200 trials and by 800, which shows
whether more would help; scikit-learn's classifiers by 12 trials on the selection tasks. The report tasks have
projections that nobody looked at while the search was made, those of `past_the_net.py --report-from 10`.
"""

import argparse
from collections.abc import Callable, Sequence
from functools import partial
from random import Random
from statistics import fmean
from typing import Any

import experiments
from past_the_net import interval
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.svm import SVC

from synth.engine.native.engine import NativeEngine
from synth.language.candidate import Body, Candidate
from synth.language.parser import candidate_of
from synth.search.evolution.rules import template
from synth.search.scoring.tuning import tune
from synth.tasks.task import Task

BASELINES = ("neural_net", "quadratic")
"""Tuned as `past_the_net.py` tunes them."""

TRIALS = (200, 800)
TRIALS_OF_CLASSIFIERS = 12


def rule(start: str, setup: str = "", first: str = "", last: str = "", middle: str = "") -> Candidate:
    """A template with more statements: first, behind the error, and last in learn."""
    of_setup, predict, learn = template(start).bodies
    learn = (*_body(first), learn[0], *_body(middle), *learn[1:], *_body(last))
    return Candidate((*of_setup, *_body(setup)), predict, learn)


def _body(statements: str) -> Body:
    """Statements, separated by semicolons, as a function's body."""
    lines = "".join(f"    {line.strip()}\n" for line in statements.split(";") if line) or "    pass\n"
    return candidate_of(f"def setup(m):\n{lines}def predict(m):\n    pass\ndef learn(m):\n    pass\n").setup


NORMALISED = "m.s8 = np.dot(m.v0, m.v0); m.s2 = m.s7 / m.s8"

RULES: dict[str, tuple[Callable[[], Candidate], int]] = {
    "linear": (partial(rule, "linear"), 1),
    "neural_net": (partial(rule, "neural_net"), 1),
    "neural_net, step falling as 1/t": (
        partial(
            rule,
            "neural_net",
            "m.s6 = 0.1",
            last="m.s7 = m.s3 * m.s3; m.s7 = m.s6 * m.s7; m.s3 = m.s3 - m.s7",
        ),
        1,
    ),
    "neural_net, ten epochs": (partial(rule, "neural_net"), 10),
    "averaged_net": (partial(rule, "averaged_net"), 1),
    "quadratic": (partial(rule, "quadratic"), 1),
    "quadratic, error through arctan": (partial(rule, "quadratic", middle="m.s5 = np.arctan(m.s5)"), 1),
    "quadratic, step through arctan": (partial(rule, "quadratic", last="m.s2 = np.arctan(m.s2)"), 1),
    "quadratic, step falling as 1/t": (
        partial(
            rule, "quadratic", "m.s6 = 0.1", last="m.s7 = m.s2 * m.s2; m.s7 = m.s6 * m.s7; m.s2 = m.s2 - m.s7"
        ),
        1,
    ),
    "quadratic, step falling geometrically": (
        partial(rule, "quadratic", "m.s6 = 0.0003", last="m.s7 = m.s6 * m.s2; m.s2 = m.s2 - m.s7"),
        1,
    ),
    "quadratic, step divided by x · x": (partial(rule, "quadratic", "m.s7 = 0.08", NORMALISED), 1),
    "quadratic, step falling as 1/t and divided by x · x": (
        partial(
            rule,
            "quadratic",
            "m.s7 = 0.08; m.s6 = 0.1",
            NORMALISED,
            "m.s9 = m.s7 * m.s7; m.s9 = m.s6 * m.s9; m.s7 = m.s7 - m.s9",
        ),
        1,
    ),
    "quadratic, weight decay": (
        partial(rule, "quadratic", "m.s6 = 0.0001", last="m.m2 = m.s6 * m.m0; m.m0 = m.m0 - m.m2"),
        1,
    ),
}
"""Rules by name, with how often each sees the training examples."""


def _products(C: float) -> Any:
    return make_pipeline(PolynomialFeatures(2), StandardScaler(), LogisticRegression(C=C, max_iter=500))


CLASSIFIERS: dict[str, tuple[Callable[..., Any], dict[str, tuple[float, float]]]] = {
    "logistic regression on products": (_products, {"C": (1e-4, 1e1)}),
    "support vectors, radial": (SVC, {"C": (1e-1, 1e2), "gamma": (1e-3, 1e0)}),
    "gradient boosting": (
        partial(HistGradientBoostingClassifier, max_iter=200, random_state=0),
        {"learning_rate": (1e-2, 3e-1), "l2_regularization": (1e-3, 1e2)},
    ),
}
"""scikit-learn's classifiers, with the range of each parameter that is drawn, by its logarithm."""


def main() -> None:
    """Measure what is missing, or print the table."""
    parser: argparse.ArgumentParser = experiments.arguments(__doc__, "yardsticks.csv")
    options = parser.parse_args()
    if options.table:
        print(table(options.results))
        return
    yardstick = experiments.Yardstick("quick", options.set, BASELINES, 10)
    judge, report = yardstick.judge, yardstick.report.tasks

    def row(name: str, trials: int, figures: Sequence[float]) -> experiments.Row:
        found = {"name": name, "trials": trials, "report": round(fmean(figures), 5)}
        for baseline, others in yardstick.baselines.items():
            found |= interval(tuple(figures), others, yardstick.pairs, baseline)
        return found

    def of_rule(name: str, trials: int) -> experiments.Row:
        make, epochs = RULES[name]
        tuning = (*judge.select_tasks.tasks, *judge.search_sets[0].tasks)
        engine, reporting = (NativeEngine(tasks, epochs=epochs) for tasks in (tuning, report))
        best, _ = tune(make(), engine.fitness, trials)
        return row(name, trials, reporting.per_task(best))

    def of_classifier(name: str, trials: int) -> experiments.Row:
        make, ranges = CLASSIFIERS[name]
        random = Random(0)

        def drawn() -> dict[str, float]:
            return {key: low * (high / low) ** random.random() for key, (low, high) in ranges.items()}

        tried = [drawn() for _ in range(trials)]
        tuning = judge.select_tasks.tasks
        best = max(tried, key=lambda found: fmean(accuracy(make(**found), task) for task in tuning))
        return row(name, trials, [accuracy(make(**best), task) for task in report])

    rules = [(name, trials) for name in RULES for trials in TRIALS]
    experiments.carry_out(of_rule, rules, options.results, 1)
    classifiers = [(name, TRIALS_OF_CLASSIFIERS) for name in CLASSIFIERS]
    experiments.carry_out(of_classifier, classifiers, options.results, 1)


def accuracy(classifier: Any, task: Task) -> float:
    """The accuracy of a classifier on a task, trained there."""
    x, y, valid_x, valid_y = task.arrays
    return float(classifier.fit(x, y).score(valid_x, valid_y))


def table(path: Any) -> str:
    """For each: its accuracy, and the gaps to the templates as the runs have them, by the most trials."""
    rows = {row["name"]: row for row in experiments.rows(path)}
    lines = []
    for name, row in rows.items():
        gaps = (
            "{:+.4f} ({:+.4f} to {:+.4f})".format(
                *(float(row[f"{key}_{one}"]) for key in ("gap", "low", "high"))
            )
            for one in BASELINES
        )
        trials = [one for one in experiments.rows(path) if one["name"] == name]
        lines.append([name, " / ".join(one["report"] for one in trials), *gaps])
    return experiments.table(["", "accuracy", "gap to neural_net", "gap to quadratic"], lines)


if __name__ == "__main__":
    main()
