"""Tables and arrays become the same numbers, however they are handed over."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.datasets import load_iris

from synth.errors import UsageError
from synth.tasks.names import TABLES
from synth.tasks.sources import npz
from synth.tasks.sources.table import Prepared, in_words, prepare

ROWS = 60


def sales() -> pd.DataFrame:
    """Numbers, a boolean and a text, with two classes."""
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "price": random.normal(size=ROWS).round(6),
            "rooms": random.integers(1, 6, ROWS),
            "garden": random.integers(0, 2, ROWS).astype(bool),
            "town": np.array(["Ulm", "Köln", "Bonn"])[np.arange(ROWS) % 3],
            "bought": np.array(["yes", "no"])[random.integers(0, 2, ROWS)],
        }
    )


def arrays(prepared: Prepared) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(prepared.content), allow_pickle=False) as file:
        return dict(file)


def done(prepared: Prepared, folder: Path) -> dict[str, Any]:
    """What was done, as it is read from the kept file."""
    (folder / "kept.npz").write_bytes(prepared.content)
    return npz.done_to_table(folder / "kept.npz") or {}


def expected(frame: pd.DataFrame) -> NDArray[Any]:
    """The features, written down without scikit-learn."""
    towns = [(frame["town"] == town).to_numpy() for town in ("Bonn", "Köln", "Ulm")]
    return np.column_stack([frame["price"], frame["rooms"], frame["garden"], *towns]).astype(float)


def save(frame: pd.DataFrame, path: Path) -> Path:
    if path.suffix == ".npy":
        np.save(path, frame.to_records(index=False))
    elif path.suffix == ".feather":
        frame.to_feather(path)
    elif path.suffix == ".parquet":
        frame.to_parquet(path)
    else:
        frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",", encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", [suffix for suffix in TABLES if suffix != ".npy"])
def test_every_kind_of_file_gives_the_same(suffix: str, tmp_path: Path) -> None:
    frame = sales()
    prepared = prepare(save(frame, tmp_path / f"sales{suffix}"), label="bought")
    kept = arrays(prepared)
    assert prepared.file == "sales.npz"
    assert np.array_equal(kept["X"], expected(frame))
    assert kept["y"].tolist() == frame["bought"].tolist()
    said = done(prepared, tmp_path)
    assert said["numbers"] == ["price", "rooms", "garden"]
    assert said["texts"] == ["town"]
    assert said["features"] == ["price", "rooms", "garden", "town_Bonn", "town_Köln", "town_Ulm"]
    assert (said["source"], said["label"], said["regression"]) == (f"sales{suffix}", "bought", False)
    assert in_words(said) == (
        f"sales{suffix} has 60 rows, 3 columns of numbers and 1 of text, which become 6 features"
    )


@pytest.mark.parametrize(
    "given",
    [
        lambda frame: (frame, None, "bought"),
        lambda frame: (frame, None, "4"),
        lambda frame: (frame, None, "-1"),
        lambda frame: (frame.drop(columns="bought"), frame["bought"], None),
        lambda frame: (frame.drop(columns="bought"), frame["bought"].tolist(), None),
        lambda frame: (pl.from_pandas(frame), None, "bought"),
        lambda frame: (pl.from_pandas(frame).drop("bought"), pl.Series(frame["bought"].tolist()), None),
        lambda frame: (frame.convert_dtypes(), None, "bought"),
        lambda frame: (frame.astype({"town": "category", "bought": "category"}), None, "bought"),
        lambda frame: (frame.astype(object), None, "bought"),
    ],
)
def test_every_kind_of_frame_gives_the_same(given: Any) -> None:
    frame = sales()
    X, y, label = given(frame)
    kept = arrays(prepare(X, y, label=label))
    assert np.array_equal(kept["X"], expected(frame))
    assert kept["y"].tolist() == frame["bought"].tolist()


@pytest.mark.parametrize("as_frame", [False, True])
def test_a_bunch_of_scikit_learn(as_frame: bool) -> None:
    kept = arrays(prepare(load_iris(as_frame=as_frame)))
    X, y = load_iris(return_X_y=True)
    assert np.array_equal(kept["X"], X)
    assert np.array_equal(kept["y"], y)
    with pytest.raises(UsageError, match="a Bunch holds its labels, and y was given as well"):
        prepare(load_iris(), y)


def test_arrays_in_two_files_and_in_one(tmp_path: Path) -> None:
    X, y = load_iris(return_X_y=True)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "y.npy", y)
    np.save(tmp_path / "both.npy", np.column_stack([X, y]))
    (tmp_path / "both.npy").rename(tmp_path / "both.NPY")
    two = arrays(prepare(tmp_path / "X.npy", label=str(tmp_path / "y.npy")))
    one = arrays(prepare(tmp_path / "both.NPY", label="-1"))
    for kept in (two, one):
        assert np.array_equal(kept["X"], X)
        assert np.array_equal(kept["y"], y)
    np.save(tmp_path / "objects.npy", X.astype(object))
    with pytest.raises(UsageError, match=r"objects\.npy cannot be read as a table: Object arrays cannot be"):
        prepare(tmp_path / "objects.npy", label="0")


def test_series_are_one_feature() -> None:
    x, y = np.arange(20.0), np.arange(20) % 2
    for series in (pd.Series(x, name="x"), pl.Series("x", x)):
        kept = arrays(prepare(series, y))
        assert np.array_equal(kept["X"], x[:, None])


def with_gaps() -> pd.DataFrame:
    frame = sales()
    frame["rooms"] = frame["rooms"].astype("Int64")
    frame.loc[[3, 4], "price"] = np.nan
    frame.loc[4, "rooms"] = pd.NA
    frame.loc[9, "town"] = None
    return frame


def test_missing_values_are_refused_with_count_and_column() -> None:
    with pytest.raises(UsageError) as refused:
        prepare(with_gaps(), label="bought")
    assert str(refused.value) == (
        "own data has 4 missing values: 2 in column price, 1 in column rooms, 1 in column town; "
        "--missing drop leaves out such rows, mean or median fills them in"
    )
    with pytest.raises(UsageError, match=r"20 missing values: 4 in column c0, .* and others in 1 more;"):
        gaps = {f"c{k}": np.where(np.arange(20) < (4, 4, 3, 3, 3, 3)[k], np.nan, 1.0) for k in range(6)}
        prepare(pd.DataFrame(gaps), np.arange(20) % 2)


def test_dropped_rows(tmp_path: Path) -> None:
    frame = with_gaps()
    frame.loc[20, "bought"] = None
    prepared = prepare(frame, label="bought", missing="drop")
    rest = sales().drop(index=[3, 4, 9, 20])
    assert np.array_equal(arrays(prepared)["X"], expected(rest))
    assert arrays(prepared)["y"].tolist() == rest["bought"].tolist()
    said = done(prepared, tmp_path)
    assert (said["rows"], said["dropped"], said["filled"]) == (56, 4, {})
    assert in_words(said).endswith("; 4 rows with missing values left out")
    with pytest.raises(UsageError, match="own data: y has 1 missing label, the first in row 20"):
        prepare(frame, label="bought", missing="mean")
    with pytest.raises(UsageError, match="own data has missing values in all rows"):
        prepare(frame.assign(price=np.where(frame.rooms.notna(), np.nan, 1)), label="bought", missing="drop")


@pytest.mark.parametrize("missing", ["mean", "median"])
def test_filling_in_sees_no_row_of_the_test_split(missing: Any, tmp_path: Path) -> None:
    """Test rows have prices that would move the mean and the median, and a text of their own."""
    labels = sales()["bought"].to_numpy()
    test = npz.test_rows(labels.astype(str), "it")
    seen = np.setdiff1d(np.arange(ROWS), test)
    assert 10 <= len(test) <= 14
    frame = with_gaps()
    gap = int(seen[0])
    frame.loc[test, ["price", "town"]] = [1e6, "Rom"]
    frame.loc[gap, "price"] = np.nan
    prepared = prepare(frame, label="bought", missing=missing)
    kept, said = arrays(prepared), done(prepared, tmp_path)
    assert kept["X"][gap, 0] == pytest.approx(getattr(frame["price"].iloc[seen], missing)())
    assert not any("Rom" in name for name in said["features"])
    towns = [name.startswith("town") for name in said["features"]]
    assert (kept["X"][test][:, towns] == 0).all()
    # and the cut of the kept file is that very one
    examples, _ = npz.read(tmp_path / "kept.npz")
    assert np.array_equal(np.sort(np.concatenate([rows.test for rows in examples.rows])), test)
    assert f"filled in by the {missing} of the column" in in_words(said)


def test_a_missing_text_is_a_category(tmp_path: Path) -> None:
    prepared = prepare(with_gaps(), label="bought", missing="mean")
    features = done(prepared, tmp_path)["features"]
    assert features[-1] == "town_None"
    assert arrays(prepared)["X"][9, -1] == 1.0
    assert in_words(done(prepared, tmp_path)).endswith("; 1 missing text made a category")


def test_whole_numbers_beside_missing_ones_stay_classes(tmp_path: Path) -> None:
    frame = sales().assign(bought=np.arange(ROWS) % 2)
    path = tmp_path / "sales.csv"
    text = frame.to_csv(index=False).splitlines()
    text[1] = text[1][: text[1].rindex(",") + 1]
    path.write_text("\n".join(text))
    with pytest.raises(UsageError, match=r"sales\.csv: y has 1 missing label, the first in row 0"):
        prepare(path, label="bought")
    assert arrays(prepare(path, label="bought", missing="drop"))["y"].dtype.kind == "i"


def test_arrays_with_gaps_are_filled_in_too() -> None:
    X, y = load_iris(return_X_y=True)
    X[::10, 1] = np.nan
    with pytest.raises(UsageError, match="own data has 15 missing values: 15 in column 1; --missing"):
        prepare(X, y)
    assert np.isfinite(arrays(prepare(X, y, missing="median"))["X"]).all()
    assert len(arrays(prepare(X, y, missing="drop"))["X"]) == 135
    masked = np.ma.MaskedArray(np.nan_to_num(X), mask=np.isnan(X))
    with pytest.raises(UsageError, match="15 missing values: 15 in column 1"):
        prepare(masked, y)
    y_gap = np.array(["a", "b", None], dtype=object)[y]
    with pytest.raises(UsageError, match="y has 50 missing labels"):
        prepare(np.nan_to_num(X), y_gap)
    assert arrays(prepare(np.nan_to_num(X), y_gap, missing="drop"))["y"].tolist() == ["a"] * 50 + ["b"] * 50


def test_plain_arrays_stay_what_they_are() -> None:
    pictures = np.arange(20 * 6, dtype=np.uint8).reshape(20, 2, 3)
    kept = arrays(prepare(pictures, np.eye(2)[np.arange(20) % 2]))
    assert sorted(kept) == ["X", "y"]
    assert np.array_equal(kept["X"], pictures)
    assert kept["y"].tolist() == [0, 1] * 10


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (
            (sales(), None, None),
            "own data needs --label, the column to predict; its columns are price, rooms",
        ),
        ((sales(), None, "bougth"), "has no column 'bougth'; did you mean bought?"),
        ((sales(), None, "5"), "has no column '5'; its columns are price, rooms, garden, town, bought"),
        ((sales(), [0, 1] * 30, "bought"), "label names a column, and y was given as well"),
        ((sales()[["bought"]], None, "bought"), "has one column alone, bought"),
        ((sales(), [0, 1], None), "X has 60 examples and y 2"),
        ((np.ones((4, 2)), None, None), r"run\(\) needs X and y together, or a frame and label"),
        (
            (csr_matrix(np.eye(6)), [0, 1] * 3, None),
            r"own data: X is a sparse matrix; its method toarray\(\)",
        ),
        ((np.array([["a", "b"]] * 10), [0, 1] * 5, None), "own data: X holds <U1 values"),
        ((sales().rename(columns={"town": "price"}), None, "bought"), "has two columns 'price'"),
        ((sales().rename(columns={"town": 3}), None, "bought"), "columns with names of several types"),
    ],
)
def test_what_cannot_be_prepared(given: tuple[Any, Any, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        prepare(given[0], given[1], label=given[2])
