"""The table of data sets and splits as the help of commands shows it, and counts; imports nothing heavy."""

from typing import Final, Literal, get_args

Split = Literal["search", "select", "report", "test"]
"""What tasks are for."""

SPLITS: tuple[str, ...] = get_args(Split)

Fetched = Literal["cifar10"]
"""Data sets that have to be downloaded."""

CIFAR10, DIGITS = "cifar10", "digits"

CIFAR10_ARCHIVE = "cifar-10-python.tar.gz"
"""The official file of CIFAR-10."""

IMAGES = (CIFAR10, DIGITS)
"""Images, with a task for each pair of classes, over and over with new projections."""

TEACHERS = ("linear", "affine", "nonlinear")
"""Regressions whose labels a random program computes, see `teachers.py`."""

DATA_SETS = (*IMAGES, *TEACHERS)

Missing = Literal["refuse", "drop", "mean", "median"]
"""What becomes of missing values of a table."""

TABLES = (".csv", ".tsv", ".parquet", ".feather", ".npy")
"""How the names of files end that `synth run` prepares."""

AUTO = "auto"
"""The data set that is at hand; the metric that data have by themselves."""

DATA_HELP = f"auto, {', '.join(DATA_SETS)}, or FILE.npz with X and y."
"""What may be named as data; `auto` is CIFAR-10 where it is available, otherwise digits."""
METRIC_NAMES = ("accuracy", "balanced_accuracy", "log_loss", "auc", "rmse", "mae", "r2")
"""The names by which metrics are asked for; `tasks/metrics.py` has what they are."""

IN_MACHINE_CODE = ("accuracy", "rms")
"""The metrics that the native engine's machine code counts as it predicts."""

METRIC_HELP = f"{', '.join(METRIC_NAMES)}, or a function of your own, package.module:function."

TABLE_HELP = f"{DATA_HELP[:-1]}, or a table: {', '.join(TABLES)}."
"""What may be named as the data of a run."""

FEW_GROUPS = 5
"""Of fewer pairs of classes none is held out."""

NO_WEIGHTS: Final = "none"
BALANCED: Final = "balanced"
"""Class weights that are words: all rows are shown alike, or all classes of a task equally often."""
CLASS_WEIGHTS_HELP = "How often training rows are shown: none, balanced, or weights such as no:1,yes:10."

MOST_PAIRS = 45
"""Of more pairs of classes a sample is taken, unless more are asked for; ten classes have as many."""


def is_arrays(name: str) -> bool:
    """Return whether a name is that of an .npz file."""
    return name.lower().endswith(".npz")


def is_table(name: str) -> bool:
    """Return whether a name is that of a table."""
    return name.lower().endswith(TABLES)


def canonical(metric: str) -> str:
    """Return the name of a metric as tasks have it: rms is asked for as rmse too."""
    return "rms" if metric == "rmse" else metric


def asked_for(metric: str) -> str:
    """Return the name by which a metric is asked for."""
    return "rmse" if metric == "rms" else metric


def counted(number: int, noun: str) -> str:
    """Return a number and what it counts: 1 task, 2 tasks, 20,000 tasks."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
