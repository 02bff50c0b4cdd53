import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from synth.errors import UsageError
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
        ({"x": X, "labels": np.arange(60)}, "has no array X and no array y, only x, labels"),
        ({}, "only nothing"),
        ({"X": X, "y": np.zeros(60, int)}, r"has one class only \(0\)"),
        ({"X": X, "y": np.arange(59)}, "X has 60 examples and y 59"),
        ({"X": X[:, 0], "y": np.arange(60)}, r"X has shape \(60,\)"),
        ({"X": X, "y": np.zeros((60, 2))}, r"and y \(60, 2\)"),
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
        ({"X": X, "y": np.array([None] * 60)}, "X or y holds Python objects"),
        ({"X": X.astype(object), "y": np.zeros(60)}, "X or y holds Python objects"),
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
