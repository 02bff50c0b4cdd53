"""pandas frames of tables: of files, of polars, and without the column that holds the labels.

pandas is an extra; whatever needs it says so where it is not installed.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from synth.errors import UsageError, closest

INSTALL = "pip install 'synth-evolve[tables]' installs it"

Frame = Any
"""A pandas.DataFrame."""


def pandas_for(name: str) -> Any:
    """Return pandas, for data of this name. Raises UsageError where it is not installed."""
    try:
        import pandas
    except ImportError as error:
        raise UsageError(f"{name} is a table, which needs pandas; {INSTALL}") from error
    return pandas


def as_frame(X: Any, name: str) -> Frame | None:
    """Return a frame or Series of pandas or polars as a pandas frame; None for what is no table."""
    if hasattr(X, "to_frame"):
        X = X.to_frame()
    if hasattr(X, "to_pandas"):
        pandas_for(name)
        try:
            X = X.to_pandas()
        except ImportError as error:
            raise UsageError(f"{name} needs pyarrow; {INSTALL}") from error
    return X if hasattr(X, "iloc") else None


def read(path: Path) -> Any:
    """Return the frame that a table's file holds, or the array of an .npy file.

    Raises UsageError for a file that cannot be read.
    """
    try:
        return _READERS[path.suffix.lower()](path)
    except UsageError:
        raise
    except ImportError as error:
        raise UsageError(f"{path} needs pyarrow; {INSTALL}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not text in UTF-8; save it as such") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # what readers raise for a damaged file is their own affair
        reason = str(error).strip().partition("\n")[0]
        raise UsageError(f"{path} cannot be read as a table: {reason}") from error


def split_off(frame: Frame, label: str | None, name: str) -> tuple[Frame, Any, str]:
    """Return a frame without the column that `label` names or numbers, that column, and its name.

    Raises UsageError where there is no such column, or no other.
    """
    names = [str(column) for column in frame.columns]
    shown = ", ".join(names if len(names) < 12 else [*names[:5], "...", *names[-3:]])
    if label is None:
        raise UsageError(f"{name} needs --label, the column to predict; its columns are {shown}")
    number = names.index(label) if label in names else _number(label, len(names))
    if number is None:
        close = closest(label, names)
        meant = f"did you mean {close}?" if close else f"its columns are {shown}"
        raise UsageError(f"{name} has no column {label!r}; {meant}")
    others = [other for other in range(len(names)) if other != number]
    if not others:
        raise UsageError(f"{name} has one column alone, {names[0]}; it needs others beside the label")
    return frame.iloc[:, others], frame.iloc[:, number], names[number]


def _number(label: str, columns: int) -> int | None:
    """Return the number of a column, from 0, that a text gives; None where it is none."""
    if not re.fullmatch(r"-?\d+", label) or not -columns <= int(label) < columns:
        return None
    return int(label) % columns


def _read_text(path: Path) -> Frame:
    """Return the table of a CSV or TSV file, which begins with a line of names."""
    with path.open(encoding="utf-8-sig") as file:
        first = file.readline()
    if not first:
        raise UsageError(f"{path} is empty; it needs a line of names, and a line for each example")
    separator = "\t" if path.suffix.lower() == ".tsv" else max(",;\t", key=first.count)
    _check_names(path, [name.strip().strip('"') for name in first.split(separator)])
    frame = pandas_for(path.name).read_csv(
        path,
        sep=separator,
        encoding="utf-8-sig",
        index_col=False,
        skipinitialspace=True,
        low_memory=False,
        # Whole numbers and booleans stay so beside missing cells.
        dtype_backend="numpy_nullable",
    )
    return frame.rename(columns=str.strip)


def _check_names(path: Path, names: list[str]) -> None:
    """Raise UsageError for a first line that holds an example, a column without name, or a name twice."""
    if any(re.fullmatch(r"[-+]?\d*\.\d+", name) for name in names):
        raise UsageError(f"{path} has numbers in its first line; it needs the names of its columns there")
    if "" in names:
        raise UsageError(f"{path}: column {names.index('')} (from 0) has no name; name it or leave it out")
    check_different(names, str(path))


def check_different(names: Sequence[Any], where: str) -> None:
    """Raise UsageError for a name that two columns have."""
    if repeated := [name for name in names if names.count(name) > 1]:
        raise UsageError(f"{where} has two columns {repeated[0]!r}; give each a name of its own")


_READERS: dict[str, Callable[[Path], Any]] = {
    ".csv": _read_text,
    ".tsv": _read_text,
    ".parquet": lambda path: pandas_for(path.name).read_parquet(path),
    ".feather": lambda path: pandas_for(path.name).read_feather(path),
    ".npy": lambda path: np.load(path, allow_pickle=False),
}
