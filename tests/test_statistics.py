"""Intervals cover what they say, and pairs, not tasks, are the sample."""

import numpy as np
import pytest

from synth.errors import UsageError
from synth.statistics import pair_name, paired_difference


def test_every_pair_weighs_the_same() -> None:
    difference = paired_difference([0.9, 0.7, 0.7, 0.5], [0.8, 0.5, 0.5, 0.3], ["a", "b", "b", "b"])
    assert difference.per_pair == pytest.approx({"a": 0.1, "b": 0.2})
    assert difference.mean == pytest.approx(0.15)
    assert difference.low <= difference.mean <= difference.high


def test_equal_figures_differ_by_nothing() -> None:
    difference = paired_difference([0.7, 0.8], [0.7, 0.8], ["a", "b"])
    assert (difference.mean, difference.low, difference.high, difference.error) == (0.0, 0.0, 0.0, 0.0)


def test_the_interval_covers_the_truth_and_ignores_how_many_tasks_a_pair_has() -> None:
    random = np.random.default_rng(0)
    covered, errors = 0, []
    names = [f"pair {number}" for number in range(9) for _ in range(11)]
    for seed in range(100):
        of_pairs = np.repeat(random.normal(0.02, 0.01, 9), 11)
        values = of_pairs + random.normal(0.0, 0.001, 99)
        difference = paired_difference(values.tolist(), [0.0] * 99, names, seed)
        covered += difference.low <= 0.02 <= difference.high
        errors.append(difference.error)
    assert 80 <= covered <= 99
    assert np.mean(errors) == pytest.approx(0.01 / 3, rel=0.15)  # not 0.01 / sqrt(99)


def test_a_single_pair_is_resampled_within() -> None:
    difference = paired_difference([0.5, 0.6, 0.7], [0.5, 0.5, 0.5], ["a"] * 3)
    assert difference.low < 0.1 < difference.high


def test_the_same_seed_gives_the_same_interval() -> None:
    arguments = ([0.5, 0.6, 0.7, 0.9], [0.4, 0.6, 0.5, 0.5], ["a", "a", "b", "c"])
    assert paired_difference(*arguments) == paired_difference(*arguments)


def test_unequal_lists_are_refused() -> None:
    with pytest.raises(UsageError, match="as many tasks on both sides"):
        paired_difference([0.5], [0.5, 0.6], ["a"])
    with pytest.raises(UsageError, match="as many tasks"):
        paired_difference([], [], [])


@pytest.mark.parametrize(
    ("name", "pair"),
    [("airplane-dog:0", "airplane-dog"), ("linear:17", "linear"), ("mine", "mine"), ("", "")],
)
def test_pairs_of_task_names(name: str, pair: str) -> None:
    assert pair_name(name) == pair
