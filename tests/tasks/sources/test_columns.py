"""Which columns are numbers and which texts, and what is neither."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from synth.errors import UsageError
from synth.tasks.names import counted
from synth.tasks.sources.columns import MOST_TEXTS, Columns


def columns(**values: Any) -> Columns:
    frame = pd.DataFrame(values)
    return Columns("sales.csv", frame, np.zeros(len(frame)), "mean")


def test_counts() -> None:
    assert [counted(1, "task"), counted(20000, "task")] == ["1 task", "20,000 tasks"]


def test_a_frame_and_its_labels_have_the_same_number_of_rows() -> None:
    with pytest.raises(UsageError, match=r"t\.csv: X has 2 examples and y 3; both need the same number"):
        Columns("t.csv", pd.DataFrame({"a": [1, 2]}), np.zeros(3), "mean")


@pytest.mark.parametrize(
    "values",
    [
        [1, 2],
        [0.5, None],
        [True, False],
        [True, None],
        pd.array([1, None], dtype="Int64"),
        np.array([1, Decimal("0.5")], dtype=object),
        np.array([1, True], dtype=object),
    ],
)
def test_numbers(values: Any) -> None:
    assert columns(a=values).of_kind(text=False) == ["a"]
    assert columns(a=values).of_kind(text=True) == []


@pytest.mark.parametrize(
    "values",
    [["x", "y"], ["x", None], pd.Categorical(["x", "y"]), np.array(["x", 1], dtype=object), ["1.2.3", "1.2"]],
)
def test_texts(values: Any) -> None:
    assert columns(a=values).of_kind(text=True) == ["a"]


@pytest.mark.parametrize(
    "values",
    [
        pd.to_datetime(["2020-01-01", None]),
        pd.to_timedelta([1, 2]),
        pd.period_range("2020-01", periods=2, freq="M"),
        [datetime.date(2020, 1, 1), None],
        ["2020-01-31", "2020-02-01 10:00"],
        ["31.1.2020", None],
        ["1/31/2020", "2/1/2020"],
    ],
)
def test_dates_are_refused(values: Any) -> None:
    with pytest.raises(UsageError, match=r"sales\.csv: column day holds dates; make numbers of them"):
        columns(day=values).of_kind(text=True)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([None, None], "column a holds no value; leave it out"),
        ([np.nan, np.nan], "column a holds no value"),
        ([1.0, np.inf], "column a holds 1 infinite value; it needs finite numbers"),
        ([1j, 2j], "column a holds complex numbers"),
        ([[1], [2]], "column a holds list values; it needs numbers, booleans or texts"),
        ([f"name {k}" for k in range(MOST_TEXTS + 1)], "column a holds 1001 different texts, each a feature"),
    ],
)
def test_what_is_neither(values: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        columns(a=values).of_kind(text=True)


def test_names_that_are_no_texts_are_numbers() -> None:
    frame = pd.DataFrame([[1, "x"], [2, "y"]], columns=[10, 20])
    assert Columns("own data", frame, [0, 1], "refuse").of_kind(text=True) == [1]
