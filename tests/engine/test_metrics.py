"""Fitness from predictions: the reference's formulas and their edges."""

import math

import numpy as np
import pytest

from synth.engine.metrics import beside, best_fitness, combine, errors, fitness, rmse, rmse_text

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("prediction", "said"),
    [(0.1, 1), (-0.1, 0), (0.0, 0), (NAN, 0), (INF, 1), (-INF, 0), (800.0, 1), (-800.0, 0), (1e-17, 0)],
)
@pytest.mark.parametrize("label", [0.0, 1.0])
def test_the_class_said_by_a_prediction(prediction: float, said: int, label: float) -> None:
    """The sigmoid decides: where it rounds to exactly 0.5 the class is 0, and nan is class 0."""
    assert fitness(np.array([prediction]), np.array([label]), "accuracy") == float(said == label)


def test_accuracy_is_the_share_that_is_right() -> None:
    predictions, labels = np.array([1.0, -1.0, 2.0, NAN]), np.array([1.0, 1.0, 1.0, 0.0])
    assert fitness(predictions, labels, "accuracy") == 0.75
    assert errors(predictions, labels, "accuracy").tolist() == [0.0, 1.0, 0.0, 0.0]


def test_regression_fitness_is_the_arc_tangent_of_the_error() -> None:
    predictions, labels = np.array([1.0, 2.0, 5.0]), np.array([1.0, 0.0, 1.0])
    assert errors(predictions, labels, "rms").tolist() == [0.0, 2.0, 4.0]
    expected = 1 - 2 / math.pi * math.atan(math.sqrt(20 / 3))
    assert fitness(predictions, labels, "rms") == pytest.approx(expected, rel=1e-15)
    assert fitness(labels, labels, "rms") == 1.0


def test_the_error_in_the_data_s_units_comes_back_from_the_fitness() -> None:
    truth, said = 77.0 * np.random.RandomState(0).randn(2, 50) + 152.0
    share = fitness((said - 152.0) / 77.0, (truth - 152.0) / 77.0, "rms")
    assert rmse(share, 77.0) == pytest.approx(math.sqrt(np.mean((said - truth) ** 2)))
    assert (rmse(1.0, 77.0), rmse(0.0, 77.0)) == (0.0, INF)


def test_errors_are_told_in_four_digits_where_there_is_a_scale() -> None:
    assert [rmse_text(0.5, scale) for scale in (2.71828, 77, 12345.6, 2.8e6, 1e-7)] == [
        "2.718",
        "77",
        "12,350",
        "2,800,000",
        "1e-07",
    ]
    assert (rmse_text(None, 1.0), rmse_text(0.0, 1.0)) == ("-", "-")
    assert (beside(0.5, 54.3), beside(0.5, None), beside(None, 1.0)) == (" (rmse 54.3)", "", "")


@pytest.mark.parametrize(
    ("prediction", "zero"), [(100.0, False), (100.1, True), (-100.1, True), (NAN, True), (INF, True)]
)
def test_one_large_error_makes_a_regression_worthless(prediction: float, zero: bool) -> None:
    assert (fitness(np.array([prediction, 0.0]), np.zeros(2), "rms") == 0.0) is zero


def test_the_best_epoch_counts() -> None:
    labels = np.array([1.0, 0.0])
    epochs = np.array([[-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
    assert best_fitness(epochs, labels, "accuracy") == 1.0
    assert best_fitness(epochs[:1], labels, "accuracy") == 0.0
    assert best_fitness(epochs[:0], labels, "accuracy") == 0.0


def test_combining_tasks() -> None:
    assert combine([0.0, 0.5, 1.0, 0.9]) == pytest.approx(0.6)
    assert combine([0.9, 0.1, 0.5], "median") == 0.5
    assert combine([0.9, 0.1, 0.5, 0.6], "median") == 0.6  # the element at n // 2, as the reference has it
