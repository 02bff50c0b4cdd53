"""Fitness from predictions: the reference's formulas and their edges."""

import math
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import (
    balanced_accuracy_score,
    f1_score,
    log_loss,
    mean_absolute_error,
    r2_score,
    roc_auc_score,
)

from synth.errors import UsageError
from synth.tasks.metrics import (
    METRICS,
    beside,
    combine,
    errors,
    fitness,
    fitness_name,
    in_unit,
    metric_of,
    unit_text,
)
from synth.tasks.names import IN_MACHINE_CODE, METRIC_NAMES, asked_for, canonical

Floats = NDArray[np.float64]

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("prediction", "said"),
    [(0.1, 1), (-0.1, 0), (0.0, 0), (NAN, 0), (INF, 1), (-INF, 0), (800.0, 1), (-800.0, 0), (1e-17, 0)],
)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_the_class_said_by_a_prediction(prediction: float, said: int, label: float) -> None:
    """The sigmoid decides: where it rounds to exactly 0.5 the class is 0, and nan is class 0."""
    assert fitness(np.array([prediction]), np.array([label]), METRICS["accuracy"]) == float(said == label)


def test_accuracy_is_the_share_that_is_right() -> None:
    predictions, labels = np.array([1.0, -1.0, 2.0, NAN]), np.array([1.0, 1.0, 1.0, 0.0])
    assert fitness(predictions, labels, METRICS["accuracy"]) == 0.75
    assert errors(predictions, labels, False).tolist() == [0.0, 1.0, 0.0, 0.0]


def test_regression_fitness_is_the_arc_tangent_of_the_error() -> None:
    predictions, labels = np.array([1.0, 2.0, 5.0]), np.array([1.0, 0.0, 1.0])
    assert errors(predictions, labels, True).tolist() == [0.0, 2.0, 4.0]
    expected = 1 - 2 / math.pi * math.atan(math.sqrt(20 / 3))
    assert fitness(predictions, labels, METRICS["rms"]) == pytest.approx(expected, rel=1e-15)
    assert fitness(labels, labels, METRICS["rms"]) == 1.0


def test_the_error_in_the_data_s_units_comes_back_from_the_fitness() -> None:
    truth, said = 77.0 * np.random.RandomState(0).randn(2, 50) + 152.0
    share = fitness((said - 152.0) / 77.0, (truth - 152.0) / 77.0, METRICS["rms"])
    assert in_unit("rms", share, 77.0) == pytest.approx(math.sqrt(np.mean((said - truth) ** 2)))
    assert (in_unit("rms", 1.0, 77.0), in_unit("rms", 0.0, 77.0)) == (0.0, INF)


def test_errors_are_told_in_four_digits_where_there_is_a_scale() -> None:
    assert [unit_text("rms", 0.5, scale) for scale in (2.71828, 77, 12345.6, 2.8e6, 1e-7)] == [
        "2.718",
        "77",
        "12,350",
        "2,800,000",
        "1e-07",
    ]
    assert (unit_text("rms", None, 1.0), unit_text("rms", 0.0, 1.0)) == ("-", "-")
    assert (beside("rms", 0.5, 54.3), beside("rms", 0.5, None), beside("rms", None, 1.0)) == (
        " (rmse 54.3)",
        "",
        "",
    )


@pytest.mark.parametrize(
    ("prediction", "zero"), [(100.0, False), (100.1, True), (-100.1, True), (NAN, True), (INF, True)]
)
def test_one_large_error_makes_a_regression_worthless(prediction: float, zero: bool) -> None:
    assert (fitness(np.array([prediction, 0.0]), np.zeros(2), METRICS["rms"]) == 0.0) is zero


def test_combining_tasks() -> None:
    assert combine([0.0, 0.5, 1.0, 0.9]) == pytest.approx(0.6)
    assert combine([0.9, 0.1, 0.5], "median") == 0.5
    assert combine([0.9, 0.1, 0.5, 0.6], "median") == 0.6  # the element at n // 2, as the reference has it


# Other metrics


def scores(seed: int, n: int = 60) -> tuple[Floats, Floats]:
    """Predictions of which many are equal, and labels of both classes."""
    random = np.random.RandomState(seed)
    return np.round(random.randn(n) * 2.0) / 2.0, (random.rand(n) > 0.7).astype(np.float64)


@pytest.mark.parametrize("seed", range(20))
def test_metrics_of_classes_are_those_of_scikit_learn(seed: int) -> None:
    s1, labels = scores(seed, 5 + 20 * seed)
    labels[:2] = 0.0, 1.0
    probability = 1.0 / (1.0 + np.exp(-s1))
    loss = in_unit("log_loss", fitness(s1, labels, METRICS["log_loss"]))
    assert fitness(s1, labels, METRICS["auc"]) == pytest.approx(roc_auc_score(labels, s1), abs=1e-12)
    assert loss == pytest.approx(log_loss(labels, probability), rel=1e-12)
    balanced = fitness(s1, labels, METRICS["balanced_accuracy"])
    assert balanced == pytest.approx(balanced_accuracy_score(labels, s1 > 0.0), abs=1e-12)


@pytest.mark.parametrize("seed", range(10))
def test_metrics_of_numbers_are_those_of_scikit_learn(seed: int) -> None:
    random = np.random.RandomState(seed)
    said, truth = random.randn(2, 40)
    error = in_unit("mae", fitness(said, truth, METRICS["mae"]), 20.0)
    assert error == pytest.approx(20.0 * mean_absolute_error(truth, said), rel=1e-12)
    share = in_unit("r2", fitness(said, truth, METRICS["r2"]))
    assert share == pytest.approx(r2_score(truth, said), rel=1e-12)


@given(st.integers(0, 2**32 - 1), st.integers(1, 7), st.integers(2, 40))
def test_a_metric_has_the_same_bits_on_many_tasks_as_on_one(seed: int, tasks: int, n: int) -> None:
    random = np.random.RandomState(seed)
    predictions, labels = random.randn(tasks, n), (random.rand(tasks, n) > 0.5).astype(np.float64)
    predictions[random.rand(tasks, n) > 0.98] = NAN
    for metric in METRICS.values():
        together = metric.score(predictions, labels, np.full(tasks, n)).tolist()
        alone = [fitness(*one, metric) for one in zip(predictions, labels, strict=True)]
        assert together == alone and all(0.0 <= value <= 1.0 for value in together)
        if metric.name in IN_MACHINE_CODE:
            continue
        counts = random.randint(1, n + 1, tasks)
        own = np.arange(n) < counts[:, np.newaxis]
        uneven = metric.score(np.where(own, predictions, 0.0), np.where(own, labels, 0.0), counts)
        cut = zip(predictions, labels, counts, strict=True)
        assert uneven.tolist() == [fitness(said[:k], truth[:k], metric) for said, truth, k in cut]


@given(st.lists(st.floats(width=16, allow_nan=False), min_size=2, max_size=30), st.randoms())
def test_the_area_is_the_share_of_pairs_in_order(values: list[float], random: Random) -> None:
    labels = [float(random.random() > 0.5) for _ in values]
    pairs = [
        (one > other) + 0.5 * (one == other)
        for one, label in zip(values, labels, strict=True)
        for other, negative in zip(values, labels, strict=True)
        if label > negative
    ]
    expected = sum(pairs) / len(pairs) if pairs else 0.5
    area = fitness(np.array(values), np.array(labels), METRICS["auc"])
    assert area == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("name", ["balanced_accuracy", "log_loss", "auc"])
def test_a_prediction_that_is_nan_is_a_failure(name: str) -> None:
    labels = np.array([1.0, 0.0, 1.0])
    assert fitness(np.array([2.0, NAN, 1.0]), labels, METRICS[name]) == 0.0
    assert fitness(np.array([INF, -INF, 1.0]), labels, METRICS[name]) > 0.8
    assert fitness(np.array([-INF, INF, 1.0]), labels, METRICS["log_loss"]) == 0.0


def test_what_stands_behind_a_task_s_own_examples_is_nothing_to_its_log_loss() -> None:
    for s1 in (40.0, 3.0, 1e-300):
        alone = METRICS["log_loss"].score(np.array([[s1]]), np.ones((1, 1)), np.array([1]))
        padded = np.zeros((1, 2500))
        padded[0, 0] = s1
        labels = np.zeros((1, 2500))
        labels[0, 0] = 1.0
        assert METRICS["log_loss"].score(padded, labels, np.array([1])).tolist() == alone.tolist()


def test_a_class_that_is_not_there_says_nothing() -> None:
    ones = np.ones(4)
    assert fitness(np.array([1.0, 1.0, -1.0, 1.0]), ones, METRICS["balanced_accuracy"]) == 0.75
    assert fitness(np.array([1.0, 2.0, -1.0, 3.0]), ones, METRICS["auc"]) == 0.5
    assert fitness(ones, ones, METRICS["r2"]) == 1.0
    assert fitness(np.zeros(4), ones, METRICS["r2"]) == 0.0


@pytest.mark.parametrize("name", ["mae", "r2"])
def test_one_large_error_makes_other_regressions_worthless_too(name: str) -> None:
    labels = np.array([0.0, 1.0, 2.0])
    assert fitness(np.array([0.0, 101.0, 2.0]), labels, METRICS[name]) > 0.0
    assert fitness(np.array([0.0, 101.1, 2.0]), labels, METRICS[name]) == 0.0
    assert fitness(np.array([0.0, NAN, 2.0]), labels, METRICS[name]) == 0.0


def test_figures_in_the_unit_of_a_metric() -> None:
    assert beside("log_loss", 0.8, None) == " (log loss 0.25)"
    assert beside("mae", 0.8, 400.0) == " (mae 100)"
    assert beside("r2", 0.8, 400.0) == " (R² 0.75)"
    assert [beside(name, 0.8, None) for name in ("accuracy", "balanced_accuracy", "auc")] == ["", "", ""]
    assert (in_unit("mae", 0.0), in_unit("r2", 0.0), beside("mae", 0.0, 1.0)) == (INF, -INF, "")
    names = [fitness_name(one) for one in ("auc", "balanced_accuracy", "log_loss", "mine:f_beta")]
    assert names == ["AUC", "balanced accuracy", "fitness", "f_beta"]


# One's own

OWN = """
import numpy as np

def f1(s1, probability, labels):
    said = probability > 0.5
    return 2 * np.sum(said & (labels > 0.5)) / (np.sum(said) + np.sum(labels > 0.5))

def within(s1, probability, labels):
    assert probability is None
    return np.mean(np.abs(s1 - labels) < 0.5)

def too_much(s1, probability, labels):
    return 3.2

def broken(s1, probability, labels):
    return 1 / (len(labels) - 2)

def leaves(s1, probability, labels):
    raise SystemExit(0)

def says_nothing(s1, probability, labels):
    pass

def rounded(s1, probability, labels):
    return 1.0 + 1e-15

def spoils(s1, probability, labels):
    s1[:], labels[:] = 0.0, 1.0
    return 0.5
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """The name of a module of metrics in the current folder, another one for each test."""
    name = f"own_metrics_{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / f"{name}.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return name


def test_a_metric_of_one_s_own(own: str) -> None:
    s1, labels = scores(3)
    expected = f1_score(labels, s1 > 0.0)
    assert fitness(s1, labels, metric_of(f"{own}:f1")) == pytest.approx(expected, abs=1e-12)
    near = metric_of(f"{own}:within", regression=True)
    assert fitness(labels + 0.4, labels, near) == 1.0
    assert fitness(s1, labels, metric_of(f"{own}:rounded")) == 1.0
    assert fitness(labels + 100.1, labels, near) == 0.0
    assert fitness(np.where(labels > 0.5, NAN, s1), labels, metric_of(f"{own}:f1")) == 0.0
    assert fitness(-np.ones(3), np.zeros(3), metric_of(f"{own}:f1")) == 0.0  # it returns nan


def test_a_metric_of_one_s_own_changes_nothing(own: str) -> None:
    s1, labels = scores(1)
    before = s1.copy(), labels.copy()
    assert fitness(s1, labels, metric_of(f"{own}:spoils")) == 0.5
    assert (s1 == before[0]).all() and (labels == before[1]).all()


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        ("too_much", "returned 3.2; a metric returns a number from 0 to 1"),
        ("broken", r"failed: .*\.py:16: ZeroDivisionError"),
        ("leaves", r"failed: .*\.py:19: SystemExit: 0"),
        ("says_nothing", "returned None; a metric returns a number from 0 to 1"),
        ("f2", "has no function f2"),
    ],
)
def test_a_metric_that_does_not_work_is_refused_at_once(own: str, function: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        metric_of(f"{own}:{function}")


def test_metrics_are_asked_for_by_their_names() -> None:
    assert tuple(map(canonical, METRIC_NAMES)) == tuple(METRICS)
    assert tuple(map(asked_for, METRICS)) == METRIC_NAMES


def test_names_that_are_no_metric() -> None:
    with pytest.raises(UsageError, match="there is no metric 'rsme'; choose one of accuracy"):
        metric_of("rsme")
    with pytest.raises(UsageError, match="there is no module nowhere_at_all in"):
        metric_of("nowhere_at_all:f1")
