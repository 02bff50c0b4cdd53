"""A user's own arrays: an .npz file with X, (n, D) or images (n, ...), and y, (n,).

Float y is a regression scored by RMS error, any other y are classes, whose pairs are tasks.
"""

import hashlib
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from synth.errors import UsageError
from synth.tasks.names import FEW_GROUPS
from synth.tasks.pairs import ClassRows, Examples, cut, machine_memory
from synth.tasks.task import check_counts, check_numbers

FEWEST = 5
"""Examples that a class needs for its 60/20/20 cut to leave no part empty."""
MANY_VALUES = 20
"""With more whole numbers it is worth asking whether they are classes; with fewer, whether they are not."""


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
    return _examples(path, *_arrays(path))


def packed(X: ArrayLike, y: ArrayLike) -> bytes:
    """Return the content of a file that holds these arrays; raise UsageError where they make no tasks."""
    arrays = [_plain(X, "X"), _plain(y, "y")]
    _examples(Path("own data"), *_checked(Path("own data"), *arrays))
    file = io.BytesIO()
    np.savez(file, X=arrays[0], y=arrays[1])
    return file.getvalue()


def _plain(values: ArrayLike, name: str) -> NDArray[Any]:
    """Return an array of numbers or texts, where an array of objects (a data frame's, say) stands for one."""
    try:
        array = np.asarray(values)
        return np.array(array.tolist()) if array.dtype == object else array
    except ValueError as error:
        raise UsageError(f"own data: {name} is not an array of numbers ({error})") from error


def _examples(path: Path, x: NDArray[Any], y: NDArray[Any]) -> tuple[Examples, tuple[str, ...]]:
    return (_regression if y.dtype.kind == "f" else _classification)(path, x, y)


def _arrays(path: Path) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return X as (n, D) and y as (n,), both checked; arrays of objects are refused, not unpickled."""
    try:
        with np.load(path, allow_pickle=False) as file:
            if missing := [name for name in ("X", "y") if name not in file]:
                raise UsageError(
                    f"{path} has no array {' and no array '.join(missing)}, only "
                    f"{', '.join(file) or 'nothing'}; save one with np.savez(path, X=..., y=...)"
                )
            _check_size(path, sum(member.file_size for member in file.zip.infolist()))
            x, y = file["X"], file["y"]
    except UsageError:
        raise
    except Exception as error:  # numpy reads headers as Python, and raises whatever comes up
        if "Object arrays" in str(error):
            raise UsageError(f"{path}: X or y holds Python objects; both need numbers") from error
        raise UsageError(
            f"{path} is not a whole .npz file ({error}); save one with np.savez(path, X=..., y=...)"
        ) from error
    return _checked(path, np.asarray(x), np.asarray(y))


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
    if y.dtype.kind not in "biufUS":
        raise UsageError(f"{path}: y holds {y.dtype} values; it needs classes or, for a regression, floats")
    if y.ndim == 2 and y.shape[1] == 1:
        y = y[:, 0]
    if x.ndim < 2 or y.ndim != 1:
        raise UsageError(
            f"{path}: X has shape {x.shape} and y {y.shape}; they need (examples, features) and (examples,)"
        )
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
    names = tuple(
        value.decode("utf8", "replace") if isinstance(value, bytes) else str(value) for value in values
    )
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
            f"{path}: y holds {len(values)} different whole numbers; is a regression meant? Then save y as "
            "floats, y.astype(float); if they are classes, save it as texts, y.astype(str)"
        )


def _shared(name: str, groups: str) -> str:
    """Say what selection tasks are where no pairs can be held out."""
    return (
        f"{name} has {groups}; selection uses the same examples as the search, with other projections and "
        "other training and validation rows"
    )
