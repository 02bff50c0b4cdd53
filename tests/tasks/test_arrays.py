"""One rule for labels, and arrays with parts that numpy would read over."""

import datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from scipy.sparse import csr_matrix

import synth
from synth.errors import UsageError
from synth.tasks.arrays import as_array, as_labels, missing_labels, plain

TEXTS = ["no", "yes", "no"]


class Tensor:
    """What numpy sees of torch's: no array as long as a gradient is wanted."""

    def __init__(self, values: list[float], gradient: bool = True) -> None:
        self.values, self.gradient = values, gradient

    def detach(self) -> "Tensor":
        return Tensor(self.values, gradient=False)

    def cpu(self) -> "Tensor":
        return self

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        if self.gradient:
            raise RuntimeError("Can't call numpy() on Tensor that requires grad.")
        return np.array(self.values, dtype)


@pytest.mark.parametrize(
    "given",
    [
        TEXTS,
        np.array(TEXTS),
        np.array(TEXTS, dtype=object),
        np.array(TEXTS, dtype=np.dtypes.StringDType()),
        np.array(TEXTS).astype("S"),
        [b"no", "yes", b"no"],
        np.array(TEXTS)[:, None],
        pd.Series(TEXTS),
        pd.Series(TEXTS, dtype="category"),
        pl.Series(TEXTS),
        np.ma.MaskedArray(TEXTS),
    ],
    ids=lambda given: f"{type(given).__name__} {getattr(given, 'dtype', '')}",
)
def test_texts_are_texts_however_they_come(given: Any) -> None:
    labels = as_labels(given)
    assert labels.dtype.kind == "U"
    assert labels.tolist() == TEXTS


@pytest.mark.parametrize(
    ("given", "labels", "kind"),
    [
        ([1, 0, 1], [1, 0, 1], "i"),
        (np.array([1, 0, True], dtype=object), [1, 0, 1], "i"),
        ([True, False], [True, False], "b"),
        ([1, 0.5], [1.0, 0.5], "f"),
        ([Decimal("0.5"), 1], [0.5, 1.0], "f"),
        ([1, "a", True], ["1", "a", "True"], "U"),
        (pd.Series([1, 2], dtype="Int64"), [1, 2], "i"),
        (np.eye(3)[[2, 0, 1]], [2, 0, 1], "i"),
        ([[False, True], [True, False]], [1, 0], "i"),
        (Tensor([0.5, 1.5]), [0.5, 1.5], "f"),
        (np.ma.MaskedArray([3, 4]), [3, 4], "i"),
    ],
)
def test_numbers_stay_and_mixtures_are_texts(given: Any, labels: list[Any], kind: str) -> None:
    assert as_labels(given).tolist() == labels
    assert as_labels(given).dtype.kind == kind


@pytest.mark.parametrize(
    "missing", [None, np.nan, "", "  ", b"", pd.NaT, pd.NA, np.float32("nan"), np.str_("nan")]
)
def test_missing_labels_are_refused_with_their_number(missing: Any) -> None:
    given = np.array(["a", missing, "b", missing], dtype=object)
    with pytest.raises(UsageError, match=r"^y has 2 missing labels, the first in row 1 \(from 0\); leave"):
        as_labels(given)
    assert missing_labels(given).tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    "given",
    [
        ["a", np.nan],  # a list of which numpy makes the text nan
        np.array(["a", np.nan]),
        [1.5, np.nan],
        [1, None],
        np.ma.MaskedArray(["a", "b"], mask=[False, True]),
        np.ma.MaskedArray([1, 2], mask=[False, True]),
        pd.Series([1, None], dtype="Int64"),
        pl.Series([True, None]),
        pl.Series(["a", None]),
    ],
)
def test_a_missing_label_is_seen_in_any_array(given: Any) -> None:
    with pytest.raises(UsageError, match=r"^y has 1 missing label, the first in row 1 "):
        as_labels(given)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            np.array(["2020-01-01"], dtype="datetime64[D]"),
            r"holds dates, as datetime64\[D\]; it needs classes",
        ),
        ([datetime.date(2020, 1, 1)], "holds a date, datetime.date"),
        ([[1], [2, 3]], "is not an array of labels|holds a list"),
        (np.zeros((3, 2)), r"has shape \(3, 2\)"),
        (np.array([[1, 1], [0, 1]]), r"has shape \(2, 2\)"),
        (np.zeros(3, complex), "holds complex128 values"),
        (7, r"has shape \(\)"),
        (csr_matrix(np.eye(3)), r"y is a sparse matrix; its method toarray\(\)"),
    ],
)
def test_what_are_no_labels(given: Any, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        as_labels(given)


def test_arrays_of_objects_are_numbers_where_all_are() -> None:
    assert as_array([[1, None], [2.5, 3]], "X").tolist()[1] == [2.5, 3.0]
    assert np.isnan(as_array(np.array([[1, pd.NA]], dtype=object), "X")).tolist() == [[False, True]]
    assert as_array(np.array([["a", 1]], dtype=object), "X").dtype.kind == "U"
    masked = np.ma.MaskedArray([[1, 2]], mask=[[False, True]])
    assert np.isnan(as_array(masked, "X")).tolist() == [[False, True]]
    assert plain(np.ma.MaskedArray([1.0, 2.0], mask=[True, False]), "X")[1] == 2.0
    image = np.zeros((2, 3, 3)).astype(object)
    assert as_array(image, "X").shape == (2, 3, 3)


def test_a_task_of_hidden_values_or_a_sparse_matrix_is_refused() -> None:
    x, y = np.ones((4, 2)), np.array([0, 1, 0, 1])
    with pytest.raises(UsageError, match="train_features holds a value that is nan"):
        synth.Task(np.ma.MaskedArray(x, mask=np.eye(4)[:, :2] > 0), y, x, y)
    with pytest.raises(UsageError, match="valid_features is a sparse matrix"):
        synth.Task(x, y, csr_matrix(x), y)
