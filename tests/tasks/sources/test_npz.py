import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.tasks.sets import task_set
from synth.tasks.sources import npz

X = np.random.RandomState(0).randn(60, 5)


def save(path: Path, **arrays: Any) -> Path:
    np.savez(path / "mine.npz", **arrays)
    return path / "mine.npz"


def test_integer_labels_are_classes_and_every_fifth_pair_is_held_out(tmp_path: Path) -> None:
    examples, notices = npz.read(save(tmp_path, X=X, y=np.arange(60) % 4))
    assert notices == ()
    examples = examples.with_held_out([])
    assert examples.name == "mine.npz"
    assert examples.classes == ("0", "1", "2", "3")
    assert examples.held_out == ((1, 3),)
    assert examples.groups("select") == ((1, 3),)
    assert len(examples.groups("search")) == 5
    assert len(examples.groups("test")) == 6
    assert (examples.raw == X).all()
    assert examples.labels is None
    ten = npz.read(save(tmp_path, X=X, y=np.arange(60) % 10))[0].with_held_out([])
    assert len(ten.groups("search")) == 36
    assert len(ten.groups("select")) == 9


@pytest.mark.parametrize(
    "y",
    [np.arange(60) % 2, np.arange(60) % 2 == 1, np.array(["no", "yes"] * 30), np.array([b"no", b"yes"] * 30)],
)
def test_two_classes_are_one_pair_that_selection_shares(tmp_path: Path, y: NDArray[Any]) -> None:
    examples, [notice] = npz.read(save(tmp_path, X=X, y=y))
    assert examples.groups("search") == examples.groups("select") == ((0, 1),)
    assert "has one pair of classes, too few to hold any out" in notice
    assert examples.classes[1] in ("1", "True", "yes")


def test_float_labels_are_a_regression(tmp_path: Path) -> None:
    y = X[:, 0].astype(np.float32)
    examples, [notice] = npz.read(save(tmp_path, X=X, y=y[:, None]))
    assert "no classes, as it is a regression: there are no pairs to hold out; selection uses" in notice
    assert examples.labels is not None
    assert (examples.labels == y).all()
    assert examples.groups("test") == ((0,),)


def test_labels_that_may_be_meant_otherwise_are_told(tmp_path: Path) -> None:
    _, notices = npz.read(save(tmp_path, X=X, y=np.arange(60) % 2 * 1.0))
    assert any("it holds 2 whole numbers; for classes save y as integers" in notice for notice in notices)
    _, notices = npz.read(save(tmp_path, X=X, y=X[:, 0] * 1e6))
    assert len(notices) == 1


@pytest.mark.parametrize(
    "y", [np.arange(60), np.arange(60) % 30 * 10, np.arange(60) % 21, np.arange(-30, 30)]
)
def test_many_whole_numbers_ask_whether_a_regression_is_meant(tmp_path: Path, y: NDArray[Any]) -> None:
    path = save(tmp_path, X=X, y=y)
    with pytest.raises(UsageError, match=rf"{len(set(y))} different whole numbers; is a regression meant\?"):
        npz.read(path)
    assert npz.read(save(tmp_path, X=X, y=y.astype(float)))[0].labels is not None


@pytest.mark.parametrize("first", [0, 1])
def test_many_whole_numbers_without_a_gap_are_classes(tmp_path: Path, first: int) -> None:
    y = np.arange(125) % 25 + first
    assert len(npz.read(save(tmp_path, X=np.eye(125), y=y))[0].classes) == 25
    gap = np.where(y == 7, 100, y)
    with pytest.raises(UsageError, match="25 different whole numbers; is a regression meant"):
        npz.read(save(tmp_path, X=np.eye(125), y=gap))
    assert len(npz.read(save(tmp_path, X=np.eye(125), y=gap.astype(str)))[0].classes) == 25


def test_images_are_flattened(tmp_path: Path) -> None:
    pictures = np.arange(60 * 12).reshape(60, 2, 3, 2).astype(np.uint8)
    examples, _ = npz.read(save(tmp_path, X=pictures, y=np.arange(60) % 2))
    assert (examples.raw == pictures.reshape(60, 12)).all()


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": X}, "has no array y, only X; save one with np.savez"),
        ({"y": np.arange(60)}, "has no array X, only y"),
        ({"x": X, "labels": np.arange(60)}, "has no array y, only x, labels"),
        ({"features": X, "labels": np.arange(60)}, "has no array X and no array y, only features, labels"),
        ({}, "only nothing"),
        ({"X": X, "y": np.zeros(60, int)}, r"has one class only \(0\)"),
        ({"X": X, "y": np.arange(59)}, "X has 60 examples and y 59"),
        ({"X": X[:, 0], "y": np.arange(60)}, r"X has shape \(60,\)"),
        ({"X": X, "y": np.zeros((60, 2))}, r"y has shape \(60, 2\)"),
        ({"X": X[:0], "y": np.zeros(0)}, "X is empty"),
        ({"X": X[:4], "y": np.zeros(4)}, "has 4 examples; it needs at least 5"),
        (
            {"X": X, "y": np.arange(60) // 56},
            "has 4 examples of class 1; every class needs at least 5; for a regr",
        ),
        ({"X": X * np.nan, "y": np.zeros(60)}, "X holds a value that is nan or infinite"),
        ({"X": X, "y": X[:, 0] * 1e200}, "y reaches 2.* too large to be squared; give it in larger units"),
        ({"X": X, "y": np.full(60, np.inf)}, "y holds a value that is nan or infinite"),
        ({"X": X.astype(complex), "y": np.zeros(60)}, "X holds complex128 values"),
        ({"X": X, "y": np.zeros(60, complex)}, "y holds complex128 values"),
        ({"X": np.array([["a"]] * 60), "y": np.zeros(60)}, "X holds <U1 values"),
        (
            {"X": X, "y": np.array([None] * 60)},
            r"an array holds Python objects, which are not read; save .* y\.astype\(str\)",
        ),
        (
            {"X": X.astype(object), "y": np.zeros(60)},
            r"an array holds Python objects, which are not read; save .* y\.astype\(str\)",
        ),
    ],
)
def test_arrays_that_make_no_tasks_are_refused(tmp_path: Path, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=f"mine.npz.*{message}"):
        npz.read(save(tmp_path, **arrays))


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.99])
def test_a_truncated_file_is_refused(tmp_path: Path, keep: float) -> None:
    path = save(tmp_path, X=X, y=np.arange(60) % 2)
    content = path.read_bytes()
    path.write_bytes(content[: int(keep * len(content))])
    with pytest.raises(UsageError, match=r"mine\.npz is not a whole \.npz file"):
        npz.read(path)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "mine.npz", X=X, y=np.arange(60) % 2)
    content = bytearray((tmp_path / "mine.npz").read_bytes())
    content[600:620] = bytes(20)
    (tmp_path / "mine.npz").write_bytes(content)
    with pytest.raises(UsageError, match=r"mine\.npz is not a whole \.npz file"):
        npz.read(tmp_path / "mine.npz")


def test_files_of_other_kinds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.npz"
    np.save(tmp_path / "single.npy", X)
    (tmp_path / "single.npy").rename(path)
    with pytest.raises(UsageError, match=r"is not a whole \.npz file"):
        npz.read(path)
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("X.npy", b"no array")
        zipped.writestr("y.npy", b"\x93NUMPY\x01\x00v\x00{'descr': broken")
    with pytest.raises(UsageError, match=r"mine\.npz"):
        npz.read(path)


def test_a_file_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"absent\.npz cannot be read: No such file"):
        npz.digest(tmp_path / "absent.npz")
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        npz.digest(tmp_path)


@pytest.mark.parametrize(
    "names", [("X", "y"), ("x", "y"), ("x", "Y"), ("data", "target"), ("Data", "Target")]
)
def test_arrays_may_be_called_what_they_often_are(names: tuple[str, str], tmp_path: Path) -> None:
    examples, notices = npz.read(save(tmp_path, **dict(zip(names, (X, np.arange(60) % 5), strict=True))))
    assert (examples.raw == X).all()
    assert len(examples.classes) == 5
    assert notices == ()


def test_other_arrays_are_told(tmp_path: Path) -> None:
    """And exact names come first."""
    y = np.arange(60) % 5
    examples, notices = npz.read(save(tmp_path, x=X + 1, X=X, y=y, data=X + 2))
    assert (examples.raw == X).all()
    assert notices == ("arrays of mine.npz that are not used: x, data",)


def test_the_end_of_a_name_may_be_large(tmp_path: Path) -> None:
    path = save(tmp_path, X=X, y=np.arange(60) % 2).rename(tmp_path / "MINE.NPZ")
    tasks = task_set(str(path), "search")
    assert tasks.name == "MINE.NPZ"


@pytest.mark.parametrize("letter", ["x", "X"])
def test_a_split_of_train_and_test_is_kept(letter: str, tmp_path: Path) -> None:
    y = np.arange(60) % 3
    parts = {f"{letter}_train": X[:45], "y_train": y[:45], f"{letter}_test": X[45:], "y_test": y[45:]}
    path = save(tmp_path, **parts)
    examples, notices = npz.read(path)
    assert "the test split of mine.npz is its own" in notices
    for number, rows in enumerate(examples.rows):
        of_class = np.flatnonzero(y == number)
        assert sorted(rows.test) == of_class[of_class >= 45].tolist()
        assert sorted([*rows.train, *rows.valid]) == of_class[of_class < 45].tolist()
        assert len(rows.valid) == 4
    # each of the last task's validation rows is one of the test rows
    (test, *_) = task_set(str(path), "test", count=1, features=5).tasks
    assert len(test.valid_labels) == 10
    regression, _ = npz.read(save(tmp_path, **parts | {"y_train": X[:45, 0], "y_test": X[45:, 0]}))
    assert sorted(regression.rows[0].test) == list(range(45, 60))
    assert regression.labels is not None
    assert (regression.labels == X[:, 0]).all()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"x_test": X[45:, :2]}, "its test examples have 2 features and the others 5"),
        (
            {"y_test": np.arange(15) % 2},
            "y_train and y_test differ in their classes; both need examples of each",
        ),
        (
            {"y_test": np.arange(15) % 4},
            "y_train and y_test differ in their classes|has 3 examples of class 3",
        ),
        ({"y_test": X[45:, 0]}, "y of the test examples holds float64 values, the other int64"),
        ({"y_test": np.arange(14) % 3}, "X has 15 examples and y 14"),
        ({"x_test": X[45:] * np.nan}, "X holds a value that is nan"),
    ],
)
def test_a_split_that_does_not_fit(changes: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    y = np.arange(60) % 3
    arrays = {"x_train": X[:45], "y_train": y[:45], "x_test": X[45:], "y_test": y[45:]}
    with pytest.raises(UsageError, match=sentence):
        npz.read(save(tmp_path, **arrays | changes))


def test_one_hot_labels_are_classes(tmp_path: Path) -> None:
    examples, _ = npz.read(save(tmp_path, X=X, y=np.eye(4)[np.arange(60) % 4]))
    assert examples.classes == ("0", "1", "2", "3")
    assert examples.labels is None


@pytest.mark.parametrize(
    "y", [np.array(["a", ""] * 30), np.array([1.0, np.nan] * 30), np.array([b"a", b""] * 30)]
)
def test_missing_labels_are_refused(y: NDArray[Any], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"mine\.npz: y has 30 missing labels, the first in row 1 "):
        npz.read(save(tmp_path, X=X, y=y))
