"""How often rows are shown: in proportion to weights, by a fixed seed; and how class weights are written."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from thorough import examples

from synth.errors import UsageError
from synth.tasks.weights import class_weights_of, in_words, read_class_weights, resampled, row_weights

weights = st.lists(st.integers(0, 20).map(float) | st.floats(1e-3, 1e3), min_size=1, max_size=40)


@examples(300)
@given(weights)
def test_a_row_comes_the_floor_or_the_ceiling_of_its_share(values: list[float]) -> None:
    assume(any(values))
    shown = resampled(np.array(values))
    kept = sum(value > 0 for value in values)
    assert len(shown) == kept
    total = sum(map(Fraction, values))
    of_weight: dict[float, list[int]] = {}
    for row, value in enumerate(values):
        share, count = kept * Fraction(value) / total, int((shown == row).sum())
        assert math.floor(share) <= count <= math.ceil(share)
        assert count == 0 or value > 0
        of_weight.setdefault(value, []).append(count)
    for value, counts in of_weight.items():
        share = kept * len(counts) * Fraction(value) / total
        assert math.floor(share) <= sum(counts) <= math.ceil(share)


@examples(50)
@given(weights)
def test_only_proportions_and_the_seed_count(values: list[float]) -> None:
    array = np.array(values)
    shown = resampled(array)
    assert np.array_equal(resampled(array), shown)
    assert np.array_equal(resampled(array * 4.0), shown)
    assert np.array_equal(array, values)


def test_seeds_differ() -> None:
    values = np.arange(1.0, 30.0)
    assert not np.array_equal(resampled(values, seed=1), resampled(values, seed=2))


@pytest.mark.parametrize("value", [1.0, 0.1, 1e300, 5e-324])
def test_equal_weights_leave_rows_as_they_are(value: float) -> None:
    assert np.array_equal(resampled(np.full(7, value)), np.arange(7))
    assert np.array_equal(resampled(np.array([0.0, value, value, 0.0, value])), [1, 2, 4])


def test_copies_do_not_stand_together() -> None:
    shown = resampled(np.array([19.0] * 5 + [1.0] * 95))
    assert np.bincount(shown, minlength=100)[:5].tolist() == [10] * 5
    in_a_row = (np.diff(shown) == 0).sum()
    assert in_a_row < 10  # of 45, were they not shuffled


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("none", None),
        ("balanced", "balanced"),
        ("yes:10", (1.0, 10.0, 1.0)),
        ("no:0.5, yes:1e1", (0.5, 10.0, 1.0)),
        ("1:3,12:30:2", (1.0, 3.0, 2.0)),
        ("2:7", (1.0, 1.0, 7.0)),
    ],
)
def test_texts_of_class_weights(text: str, found: object) -> None:
    assert class_weights_of(text, ("no", "yes", "12:30"), "mine.npz") == found


def test_a_class_with_a_comma_in_its_name() -> None:
    classes = ("yes, twice", "no,never", "so:so, so")
    assert class_weights_of("yes, twice:2,no,never:3", classes, "mine.npz") == (2.0, 3.0, 1.0)
    with pytest.raises(UsageError, match=r"name class 'no, yes', which mine\.npz does not have"):
        class_weights_of("no, yes:3", ("no", "yes"), "mine.npz")


def test_a_name_goes_before_a_number() -> None:
    assert class_weights_of("1:5", ("1", "2"), "mine.npz") == (5.0, 1.0)
    assert class_weights_of("0:5", ("one", "two"), "mine.npz") == (5.0, 1.0)
    for text in ("0:5", "01:5"):  # class 0 is not the first of classes 1 and 2
        with pytest.raises(UsageError, match=r"which mine\.npz does not have"):
            class_weights_of(text, ("1", "2"), "mine.npz")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "balnced",
            "it must be none, balanced, or class:weight pairs such as no:1,yes:10; did you mean balanced?",
        ),
        ("", "it must be none, balanced, or class:weight pairs such as no:1,yes:10"),
        ("yes:10,no", "it must be none, balanced, or class:weight pairs such as no:1,yes:10"),
        (":3", "it must be none, balanced, or class:weight pairs"),
        ("yes:ten", "the weight of class yes is 'ten'; write a number, as in yes:10"),
        ("yes:-1", "the weight of class yes is -1; it must be at least 1e-09 and at most 1e+09"),
        ("yes:0,no:0", "the weight of class yes is 0; it must be at least 1e-09 and at most 1e+09"),
        ("no:nan", "the weight of class no is nan; it must be at least 1e-09 and at most 1e+09"),
        ("no:inf", "the weight of class no is inf; it must be at least 1e-09 and at most 1e+09"),
        ("no:1,no:2", "class no has two weights; give it one"),
    ],
)
def test_what_is_no_text_of_class_weights(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match="^" + re.escape(sentence)):
        read_class_weights(text)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("yess:2", "class weights name class 'yess', which mine.npz does not have; did you mean yes?"),
        ("2:2", "class weights name class '2', which mine.npz does not have; its classes are no, yes"),
        ("yes:2,1:3", "class weights are 'yes:2,1:3'; class yes has two, give it one"),
        (
            "yes",
            "class weights are 'yes'; it must be none, balanced, or class:weight pairs such as no:1,yes:10",
        ),
    ],
)
def test_classes_that_there_are_not(text: str, sentence: str) -> None:
    with pytest.raises(UsageError) as caught:
        class_weights_of(text, ("no", "yes"), "mine.npz")
    assert str(caught.value) == sentence


def test_of_many_classes_some_are_listed() -> None:
    with pytest.raises(UsageError, match=r"its classes are c0, c1, .*, c9, \.\.\.$"):
        class_weights_of("elephant:2", [f"c{number}" for number in range(30)], "mine.npz")


def test_balanced_classes_weigh_the_same_in_all() -> None:
    assert (row_weights("balanced", (0, 1), (95, 5)) * (95, 5)).tolist() == [50.0, 50.0]
    assert row_weights((1.0, 2.0, 3.0), (2, 0), (9, 9)).tolist() == [3.0, 1.0]


def test_one_sentence_says_what_is_done() -> None:
    counts = (95, 5)
    assert in_words("mine.npz", ("no", "yes"), counts, row_weights("balanced", (0, 1), counts), 1) == (
        "training rows of mine.npz are resampled by class weights and a fixed seed: a row of class yes is "
        "shown 19 times as often as one of class no, so that class yes has 50 % of the rows shown instead of "
        "5 %; validation rows stay as they are"
    )
