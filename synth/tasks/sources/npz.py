"""A user's own arrays: an .npz file with X, (n, D) or images (n, ...), and y, (n,).

Float y is a regression scored by RMS error, any other y are classes, whose pairs are tasks. Where arrays are
called x_train, y_train, x_test and y_test, their split is kept.
"""

import hashlib
import io
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.tasks.arrays import as_labels
from synth.tasks.names import FEW_GROUPS
from synth.tasks.pairs import ClassRows, Examples, RowNumbers, cut, machine_memory
from synth.tasks.task import check_counts, check_numbers

FEWEST = 5
"""Examples that a class needs for its 60/20/20 cut to leave no part empty."""
MANY_VALUES = 20
"""With more whole numbers it is worth asking whether they are classes; with fewer, whether they are not."""

CALLED = (("X", "y"), ("data", "target"), ("X_train", "y_train", "X_test", "y_test"))
"""What arrays may be called, whether letters are small or large; the first names that a file has count."""
DONE = "preparation"
"""The array with what was done to the columns of a table, as JSON."""

Members = Mapping[str, NDArray[Any]]


def digest(path: Path) -> str:
    """Return the sha256 of the file. Raises UsageError where it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error


def read(path: Path) -> tuple[Examples, tuple[str, ...]]:
    """Return the file's examples and notices. Raises UsageError for a file that makes no tasks.

    Notices name the file without its folder: they are kept with the tasks, for the same content elsewhere.
    """
    arrays, unused = _arrays(path)
    x, y, *test = arrays
    examples, notices = _examples(path, *_checked(path, x, y), *test)
    if unused:
        notices = (*notices, f"arrays of {path.name} that are not used: {', '.join(unused)}")
    return examples, notices


def done_to_table(path: Path) -> dict[str, Any] | None:
    """Return what was done to the columns of the table that a file comes from; None for one from arrays.

    Also for a file that cannot be read: whoever makes tasks of it says so.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return dict(json.loads(str(file[DONE]))) if DONE in file else None
    except Exception:  # numpy reads headers as Python, and raises whatever comes up
        return None


def packed(X: NDArray[Any], y: Any, done: Mapping[str, Any] | None = None, *, name: str) -> bytes:
    """Return the content of a file that holds these arrays, and what was done to a table that they come from.

    Raises UsageError where they make no tasks.
    """
    x, labels = _checked(Path(name), X, y)
    _examples(Path(name), x, labels)
    more = {} if done is None else {DONE: np.array(json.dumps(done))}
    file = io.BytesIO()
    np.savez(file, X=X, y=labels, **more)  # type: ignore[arg-type]
    return file.getvalue()


def test_rows(y: NDArray[Any], name: str) -> RowNumbers:
    """Return the numbers of the rows that the cut of these labels keeps for the test split, in order."""
    examples, _ = _examples(Path(name), *_checked(Path(name), np.zeros((len(y), 1)), y))
    return np.sort(np.concatenate([rows.test for rows in examples.rows]))


def _examples(
    path: Path, x: NDArray[Any], y: NDArray[Any], test_x: Any = None, test_y: Any = None
) -> tuple[Examples, tuple[str, ...]]:
    """Return examples with the split of the cut or, where there are test examples of their own, with it."""
    make = _regression if y.dtype.kind == "f" else _classification
    if test_x is None:
        return make(path, x, y)
    test_x, test_y = _checked(path, test_x, test_y)
    if test_x.shape[1] != x.shape[1]:
        raise UsageError(
            f"{path}: its test examples have {test_x.shape[1]} features and the others {x.shape[1]}"
        )
    if (test_y.dtype.kind == "f") != (y.dtype.kind == "f"):
        raise UsageError(f"{path}: y of the test examples holds {test_y.dtype} values, the other {y.dtype}")
    learned, _ = make(path, x, y)
    examples, notices = make(path, np.concatenate([x, test_x]), np.concatenate([y, test_y]))
    rows = tuple(_split_at(of_class, len(y)) for of_class in examples.rows)
    if examples.classes != learned.classes or not all(of_class.test.size for of_class in rows):
        raise UsageError(f"{path}: y_train and y_test differ in their classes; both need examples of each")
    return replace(examples, rows=rows), (*notices, f"the test split of {path.name} is its own")


def _split_at(rows: ClassRows, first: int) -> ClassRows:
    """Cut a class's rows anew: those from a first on are for the test, a fourth of the rest to validate."""
    everything = np.concatenate([rows.valid, rows.train, rows.test])
    rest = everything[everything < first]
    fourth = round(len(rest) / 4)
    return ClassRows(rest[fourth:], rest[:fourth], everything[everything >= first])


def _arrays(path: Path) -> tuple[list[NDArray[Any]], list[str]]:
    """Return X and y, and those of the test if there are, as they are; and the names of other arrays."""
    try:
        with np.load(path, allow_pickle=False) as file:
            names = _names(path, file)
            _check_size(path, sum(member.file_size for member in file.zip.infolist()))
            return [file[name] for name in names], [name for name in file if name not in (*names, DONE)]
    except UsageError:
        raise
    except Exception as error:  # numpy reads headers as Python, and raises whatever comes up
        if "Object arrays" in str(error):
            raise UsageError(
                f"{path}: an array holds Python objects, which are not read; save numbers, and text by "
                "y.astype(str)"
            ) from error
        raise UsageError(
            f"{path} is not a whole .npz file ({error}); save one with np.savez(path, X=..., y=...)"
        ) from error


def _names(path: Path, file: Members) -> list[str]:
    """Return what X and y, and those of the test if there are, are called in a file."""
    lower = {name.lower(): name for name in reversed(list(file))} | {name: name for name in file}
    for called in CALLED:
        found = [lower.get(name) or lower.get(name.lower()) for name in called]
        if all(found):
            return [name for name in found if name is not None]
    missing = [name for name in CALLED[0] if name not in lower and name.lower() not in lower]
    raise UsageError(
        f"{path} has no array {' and no array '.join(missing)}, only {', '.join(file) or 'nothing'}; "
        "save one with np.savez(path, X=..., y=...)"
    )


def _check_size(path: Path, size: int) -> None:
    memory = machine_memory()
    if size > memory / 2:
        raise UsageError(
            f"{path} takes {size / 2**30:.1f} GiB when it is unpacked, and this machine has "
            f"{memory / 2**30:.1f} GiB; save fewer examples"
        )


def _checked(path: Path, x: NDArray[Any], y: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return X as (n, D) and y as (n,), or raise UsageError."""
    check_numbers(x, f"{path}: X")
    if x.ndim < 2:
        raise UsageError(
            f"{path}: X has shape {x.shape} and y {y.shape}; they need (examples, features) and (examples,)"
        )
    y = as_labels(y, f"{path}: y")
    check_counts(x, y, f"{path}: X", "y")
    if y.dtype.kind == "f":
        check_numbers(y, f"{path}: y")
    return x.reshape(len(x), -1), y


def _regression(path: Path, x: NDArray[Any], y: NDArray[Any]) -> tuple[Examples, tuple[str, ...]]:
    if len(y) < FEWEST:
        raise UsageError(f"{path} has {len(y)} examples; it needs at least {FEWEST}")
    labels = y.astype(np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        if not np.isfinite(labels.std()):
            largest = np.abs(y).max()
            raise UsageError(
                f"{path}: y reaches {largest:g}, too large to be squared; give it in larger units"
            )
    notices = [_shared(path.name, "no classes, as it is a regression: there are no pairs to hold out")]
    if len(whole := np.unique(y)) <= MANY_VALUES and (whole == np.round(whole)).all():
        notices.append(
            f"y of {path.name} is float, so this is a regression, though it holds {len(whole)} whole "
            "numbers; for classes save y as integers"
        )
    rows = cut(np.arange(len(y)), seed=0)
    return Examples(path.name, x, (path.stem,), (rows,), held_out=(), labels=labels), tuple(notices)


def _classification(path: Path, x: NDArray[Any], y: NDArray[Any]) -> tuple[Examples, tuple[str, ...]]:
    values, numbers, sizes = np.unique(y, return_inverse=True, return_counts=True)
    names = tuple(map(str, values))
    if len(values) < 2:
        raise UsageError(f"{path} has one class only ({names[0]}); it needs at least two")
    _check_meant(path, values, sizes)
    if sizes.min() < FEWEST:
        smallest = int(sizes.argmin())
        advice = "; for a regression save y as floats" if y.dtype.kind in "iu" else ""
        raise UsageError(
            f"{path} has {sizes[smallest]} examples of class {names[smallest]}; every class needs at least "
            f"{FEWEST}{advice}"
        )
    rows: list[ClassRows] = [cut(np.flatnonzero(numbers == c), seed=c) for c in range(len(values))]
    examples = Examples(path.name, x, names, tuple(rows), held_out=())
    pairs = math.comb(len(values), 2)
    if pairs >= FEW_GROUPS:
        return examples, ()
    groups = "one pair of classes" if pairs == 1 else f"{pairs} pairs of classes"
    return examples, (_shared(path.name, f"{groups}, too few to hold any out from the search"),)


def _check_meant(path: Path, values: NDArray[Any], sizes: NDArray[np.intp]) -> None:
    """Raise UsageError, with the question, for many whole numbers that do not look like those of classes.

    Classes have numbers from 0 or 1 on, without a gap, and enough examples each.
    """
    if values.dtype.kind not in "iu" or len(values) <= MANY_VALUES:
        return
    in_order = values[0] in (0, 1) and int(values[-1]) - int(values[0]) == len(values) - 1
    if not in_order or sizes.min() < FEWEST:
        raise UsageError(
            f"{path}: y holds {len(values)} different whole numbers; is a regression meant? Of a table "
            "--metric rmse says so, in a file save y as floats, y.astype(float); if they are classes, save "
            "it as texts, y.astype(str)"
        )


def _shared(name: str, groups: str) -> str:
    """Say what selection tasks are where no pairs can be held out."""
    return (
        f"{name} has {groups}; selection uses the same examples as the search, with other projections and "
        "other training and validation rows"
    )
