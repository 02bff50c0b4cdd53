"""A user's own table or arrays, from wherever they are, as the content of an .npz file that makes tasks.

`prepare` takes a path, a pandas or polars frame, a scikit-learn Bunch, or anything that numpy reads. Columns
of text become one-hot, booleans numbers, and missing values are refused, dropped or filled in. What is fitted
for that, in `standalone/table_source.py`, sees no row of the test split.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError
from synth.tasks.arrays import as_array, as_labels, missing_labels
from synth.tasks.names import Missing, counted
from synth.tasks.sources import frames, npz
from synth.tasks.sources.columns import Columns, check_missing

OWN = "own.npz"
"""The name of data that come from no file."""
OWN_DATA = "own data"
"""What they are called in sentences."""


@dataclass(frozen=True)
class Prepared:
    """What became of somebody's data: a name and the content of an .npz file."""

    file: str
    content: bytes


def prepare(
    X: Any,
    y: Any = None,
    *,
    label: str | None = None,
    missing: Missing = "refuse",
    regression: bool = False,
) -> Prepared:
    """Return data as the content of an .npz file, with what was done to the columns of a table.

    X is the path of a file, a frame or Series, a Bunch, or an array, (n, D) or (n, ...); y are the labels,
    (n,), unless `label` names the column of X that holds them, by its name or its number, or the .npy file
    that does for another .npy file. Where a `regression` is meant, whole numbers are no classes. Raises
    UsageError for data that make no tasks, for dates and other cells that are neither numbers nor texts, and
    for a table where pandas is not installed.
    """
    name, file, origin = OWN_DATA, OWN, {"source": OWN_DATA}
    if isinstance(X, Path):
        name, file, origin = X.name, f"{X.stem}.npz", {"source": X.name, "sha256": npz.digest(X)}
    X, y, label = _opened(X, y, label)
    if y is not None and label is not None:
        raise UsageError(f"{name}: label names a column, and y was given as well; give one of them")
    frame = frames.as_frame(X, name)
    if frame is None and y is not None:
        x = as_array(X, f"{name}: X")
        if not _has_missing(name, x, y, missing):
            labels = as_labels(y, f"{name}: y") if regression else y
            return Prepared(file, npz.packed(x, _as_meant(labels, regression), name=name))
        X = x.reshape(len(x), -1)
    if frame is None:
        if y is None and label is None and name == OWN_DATA:
            raise UsageError("run() needs X and y together, or a frame and label, the name of a column")
        frame = frames.pandas_for(name).DataFrame(X)
    if y is None:
        frame, y, label = frames.split_off(frame, label, name)
        origin |= {"label": label}
    return Prepared(file, _prepared(Columns(name, frame, y, missing), origin, regression))


def in_words(done: Mapping[str, Any]) -> str:
    """Return one sentence of what was done to a table, as `npz.done_to_table` returns it."""
    numbers, texts, features = (len(done[name]) for name in ("numbers", "texts", "features"))
    columns = f"{counted(numbers, 'column')} of numbers"
    if texts:
        columns += f" and {texts} of text, which become {counted(features, 'feature')}"
    parts = [f"{done['source']} has {counted(done['rows'] + done['dropped'], 'row')}, {columns}"]
    if done["dropped"]:
        parts.append(f"{counted(done['dropped'], 'row')} with missing values left out")
    of_texts = sum(done["filled"].get(str(column), 0) for column in done["texts"])
    if of_numbers := sum(done["filled"].values()) - of_texts:
        parts.append(
            f"{counted(of_numbers, 'missing number')} filled in by the {done['missing']} of the column"
        )
    if of_texts:
        parts.append(f"{counted(of_texts, 'missing text')} made a category")
    return "; ".join(parts)


def _opened(X: Any, y: Any, label: str | None) -> tuple[Any, Any, str | None]:
    """Return X, y and label with what a file or a Bunch holds in place of it."""
    if isinstance(X, Path):
        if X.suffix.lower() == ".npy" and label is not None and label.lower().endswith(".npy"):
            return frames.read(X), frames.read(Path(label)), None
        return frames.read(X), y, label
    if isinstance(X, dict) and "data" in X and "target" in X:
        if y is not None:
            raise UsageError(
                f"{OWN_DATA}: a Bunch holds its labels, and y was given as well; give one of them"
            )
        return X["data"], X["target"], label
    return X, y, label


def _has_missing(name: str, x: NDArray[Any], y: Any, missing: Missing) -> bool:
    """Return whether an array or its labels have missing values; raise UsageError where they are refused."""
    if x.dtype.kind == "f" and x.ndim > 1 and np.isnan(x).any():
        if missing == "refuse":
            counts = np.isnan(x).reshape(len(x), -1).sum(axis=0)
            check_missing({str(column): int(counts[column]) for column in np.flatnonzero(counts)}, name)
        return True
    return missing == "drop" and bool(missing_labels(y, f"{name}: y").any())


def _as_meant(labels: Any, regression: bool) -> Any:
    """Return whole numbers as floats where a regression is meant; any other labels as they are."""
    return labels.astype(np.float64) if regression and labels.dtype.kind in "iu" else labels


def _prepared(columns: Columns, origin: dict[str, Any], regression: bool) -> bytes:
    """Return the content of a file: rows dropped, and the preparation fitted outside of the test rows."""
    from synth.standalone.table_source import preparation

    rows = len(columns.frame)
    columns = columns.without_missing()
    labels = _as_meant(as_labels(columns.labels, f"{columns.name}: y"), regression)
    numbers, texts = columns.of_kind(text=False), columns.of_kind(text=True)
    transformer = preparation(numbers, texts, columns.missing)
    fitted = np.setdiff1d(np.arange(len(labels)), npz.test_rows(labels, columns.name))
    transformer.fit(columns.frame.iloc[fitted])
    done = origin | {
        "missing": columns.missing,
        "rows": len(labels),
        "dropped": rows - len(labels),
        "filled": columns.missing_by_column(),
        "numbers": numbers,
        "texts": texts,
        "features": list(map(str, transformer.get_feature_names_out())),
        "regression": labels.dtype.kind == "f",
    }
    return npz.packed(transformer.transform(columns.frame), labels, done, name=columns.name)
