"""What people hand over as arrays: features that numpy reads whole, and one rule for labels.

Masked arrays, tensors and sparse matrices have parts that `np.asarray` reads over; texts come as arrays of
`str`, of `bytes`, of StringDType and of objects, and a missing label as None, nan, NaT or an empty text.
"""

from collections.abc import Iterable
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.errors import UsageError

Mask = NDArray[np.bool_]

MISSING_TEXTS = ("", "nan", "NaT", "<NA>")
"""What a missing label becomes where somebody made a text of it; an empty one may have spaces."""

_WANTED = "it needs classes, as whole numbers or text, or floats for a regression"


def plain(values: Any, what: str) -> Any:
    """Return values as numpy reads them whole; what needs nothing comes back as it is.

    Hidden values of a masked array become nan or None, a tensor lets go of its gradient and its device.
    Raises UsageError for a sparse matrix.
    """
    if isinstance(values, np.ma.MaskedArray):
        if not np.ma.is_masked(values):
            return values.data
        floats = values.dtype.kind == "f"
        seen = np.array(values.data, dtype=None if floats else object)
        seen[np.ma.getmaskarray(values)] = np.nan if floats else None
        return seen
    if hasattr(values, "detach"):
        return values.detach().cpu()
    if hasattr(values, "toarray") and hasattr(values, "nnz"):
        raise UsageError(f"{what} is a sparse matrix; its method toarray() makes an array of it")
    return values


def as_array(values: Any, what: str) -> NDArray[Any]:
    """Return an array of numbers or texts, where an array of objects (a data frame's, say) stands for one.

    Missing numbers are nan. Raises UsageError for what is no array.
    """
    try:
        array = np.asarray(plain(values, what))
        if array.dtype != object:
            return array
        cells = [np.nan if is_missing(cell) and not isinstance(cell, str) else cell for cell in array.flat]
        numbers = _numbers(np.array(cells, dtype=object))
        return (numbers if numbers.dtype != object else np.array(cells)).reshape(array.shape)
    except (ValueError, TypeError) as error:
        raise UsageError(f"{what} is not an array of numbers ({error})") from error


def missing_labels(values: Any, what: str = "y") -> Mask:
    """Return which labels are missing, (n,). Raises UsageError as `as_labels` does, but for those."""
    labels = listed(values, what)
    if labels.dtype.kind == "f":
        return np.asarray(np.isnan(labels))
    if labels.dtype.kind in "biu":
        return np.zeros(len(labels), dtype=bool)
    return np.fromiter(map(is_missing, labels), bool, len(labels))


def as_labels(values: Any, what: str = "y") -> NDArray[Any]:
    """Return labels, (n,), as numbers or `str`, whatever array, list, Series or tensor holds them.

    A column, (n, 1), is one; (n, k) of zeros and a single 1 in each row are the numbers of k classes. Objects
    are numbers where all are, and otherwise texts. Raises UsageError for missing labels, with their number,
    and for dates, complex numbers, other objects and other shapes.
    """
    labels = listed(values, what)
    missing = missing_labels(labels, what)
    if count := int(missing.sum()):
        raise UsageError(
            f"{what} has {count} missing label{'s' if count > 1 else ''}, the first in row "
            f"{int(missing.argmax())} (from 0); leave such rows out, by --missing drop in a run"
        )
    return _texts(labels, what) if labels.dtype == object else labels


def is_missing(value: Any) -> bool:
    """Return whether a cell or label is None, nan, NaT, pandas' NA or an empty text."""
    if isinstance(value, bytes):
        value = value.decode("utf8", "replace")
    if isinstance(value, str):
        return value.strip() in MISSING_TEXTS
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def listed(values: Any, what: str) -> NDArray[Any]:
    """Return labels as (n,) of booleans, integers, floats or objects, or raise UsageError."""
    values = plain(values, what)
    try:
        # numpy would make floats of the whole numbers of a Series with gaps
        given = values.to_list() if hasattr(values, "to_list") else values
        labels = _numbers(np.asarray(given))
    except (ValueError, TypeError) as error:
        raise UsageError(f"{what} is not an array of labels ({error})") from error
    if labels.ndim == 2:
        labels = labels[:, 0] if labels.shape[1] == 1 else _one_hot(labels)
    if labels.ndim != 1:
        raise UsageError(f"{what} has shape {labels.shape}; it needs (examples,)")
    if labels.dtype.kind in "mM":
        raise UsageError(f"{what} holds dates, as {labels.dtype}; {_WANTED}")
    if labels.dtype.kind not in "biufOSUT":
        raise UsageError(f"{what} holds {labels.dtype} values; {_WANTED}")
    return labels.astype(object) if labels.dtype.kind in "SUT" else labels


def _numbers(labels: NDArray[Any]) -> NDArray[Any]:
    """Return objects as numbers where all are, and anything else as it is."""
    if labels.dtype != object or not labels.size:
        return labels
    if not all(_is_number(label) for label in labels.flat):
        return labels
    numbers = np.array(labels.tolist())
    return numbers.astype(float) if numbers.dtype == object else numbers


def _one_hot(labels: NDArray[Any]) -> NDArray[Any]:
    """Return the numbers of classes of one-hot rows, or the labels as they are."""
    if labels.dtype.kind not in "biuf" or not labels.size:
        return labels
    single = np.isin(labels, (0, 1)).all() and (labels.sum(axis=1) == 1).all()
    return labels.argmax(axis=1) if single else labels


def _texts(labels: Iterable[Any], what: str) -> NDArray[Any]:
    """Return objects that are not all numbers as texts."""
    for label in labels:
        if not isinstance(label, str | bytes) and not _is_number(label):
            raise UsageError(f"{what} holds a {type(label).__name__}, {label!r}; {_WANTED}")
    return np.array([label_text(label) for label in labels])


def label_text(label: Any) -> str:
    """Return a label as text."""
    return label.decode("utf8", "replace") if isinstance(label, bytes) else str(label)


def _is_number(value: Any) -> bool:
    return isinstance(value, Real | Decimal | np.bool_)
