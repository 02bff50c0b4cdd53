"""Fitness from predictions: the reference's formulas and their edges."""

import math

import numpy as np
import pytest

from synth.tasks.metrics import METRICS, beside, combine, errors, fitness, in_unit, unit_text

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
