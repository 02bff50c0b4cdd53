"""The columns of a table: which are numbers, which texts, and where values are missing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cached_property
from numbers import Number
from typing import Any

import numpy as np

from synth.errors import UsageError
from synth.tasks.arrays import Mask, listed, missing_labels
from synth.tasks.names import Missing, counted
from synth.tasks.sources.frames import Frame, check_different
from synth.tasks.task import check_counts

MOST_TEXTS = 1000
"""A column of more different texts has no categories."""
MOST_NAMED = 5
"""A sentence names no more columns than this."""

_DATE = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})([ T].*)?")


def check_missing(missing: Mapping[str, int], name: str) -> None:
    """Raise UsageError for missing values, given as numbers by column, if there are any."""
    if not missing:
        return
    named = [f"{count} in column {column}" for column, count in missing.items()]
    more = f" and others in {len(missing) - MOST_NAMED} more" if len(missing) > MOST_NAMED else ""
    raise UsageError(
        f"{name} has {counted(sum(missing.values()), 'missing value')}: {', '.join(named[:MOST_NAMED])}{more}"
        "; --missing drop leaves out such rows, mean or median fills them in"
    )


@dataclass(frozen=True)
class Columns:
    """A pandas frame of features, with labels, (n,), and what becomes of missing values.

    Columns are called by their names or, where these are no texts, by their numbers, as scikit-learn does.
    Raises UsageError for names that are of several types or not different.
    """

    name: str
    frame: Frame
    labels: Any
    missing: Missing

    def __post_init__(self) -> None:
        names = list(self.frame.columns)
        if len({isinstance(name, str) for name in names}) > 1:
            raise UsageError(
                f"{self.name} has columns with names of several types; make texts of all of them"
            )
        check_different(names, self.name)
        check_counts(self.frame, self.labels, f"{self.name}: X", "y")

    def of_kind(self, *, text: bool) -> list[Any]:
        """Return the columns of texts, or those of numbers. Raises UsageError for one of neither."""
        return [name for name, is_text in self._kinds.items() if is_text == text]

    def missing_by_column(self) -> dict[str, int]:
        """Return how many values are missing in each column that lacks some."""
        counts = self.frame.isna().sum()
        return {str(name): int(count) for name, count in zip(self._called, counts, strict=True) if count}

    def without_missing(self) -> "Columns":
        """Return the columns without rows that are to be dropped; raise UsageError for what is refused."""
        if self.missing == "refuse":
            check_missing(self.missing_by_column(), self.name)
        if self.missing != "drop":
            return self
        labels = listed(self.labels, f"{self.name}: y")
        keep: Mask = ~(self.frame.isna().any(axis=1).to_numpy(bool) | missing_labels(labels))
        if not keep.any():
            raise UsageError(
                f"{self.name} has missing values in all rows; --missing mean or median fills them in"
            )
        return replace(self, frame=self.frame[keep], labels=labels[keep])

    @property
    def _called(self) -> list[Any]:
        """What the columns are called."""
        names = list(self.frame.columns)
        return names if names and isinstance(names[0], str) else list(range(len(names)))

    @cached_property
    def _kinds(self) -> dict[Any, bool]:
        """Whether each column is one of texts."""
        return {
            name: _is_text(f"{self.name}: column {name}", self.frame.iloc[:, number])
            for number, name in enumerate(self._called)
        }


def _is_text(where: str, column: Any) -> bool:
    """Return whether a column is one of texts. Raises UsageError for one of neither texts nor numbers."""
    cells = column.dropna()
    if not len(cells):
        raise UsageError(f"{where} holds no value; leave it out")
    if getattr(cells.dtype, "kind", "O") in "biuf":
        _check_numbers(where, cells)
        return False
    types = set(map(type, cells))
    if _holds_dates(types, cells):
        raise UsageError(
            f"{where} holds dates; make numbers of them, such as days since a first one, or leave it out"
        )
    if odd := next((one for one in types if not issubclass(one, str | Number | np.bool_)), None):
        raise UsageError(f"{where} holds {odd.__name__} values; it needs numbers, booleans or texts")
    if str not in types:
        _check_numbers(where, cells)
        return False
    if (different := cells.astype(str).nunique()) > MOST_TEXTS:
        raise UsageError(
            f"{where} holds {different} different texts, each a feature; group them or leave it out"
        )
    return True


def _check_numbers(where: str, cells: Any) -> None:
    """Raise UsageError for numbers that are complex or infinite."""
    if any(isinstance(cell, complex | np.complexfloating) for cell in cells):
        raise UsageError(f"{where} holds complex numbers; it needs real ones")
    if infinite := int(np.isinf(cells.to_numpy(dtype=float)).sum()):
        raise UsageError(f"{where} holds {counted(infinite, 'infinite value')}; it needs finite numbers")


def _holds_dates(types: set[type], cells: Any) -> bool:
    """Return whether cells are dates or times, or texts that all look like dates."""
    if any(issubclass(one, date | time | timedelta) or one.__name__ == "Period" for one in types):
        return True
    return types == {str} and all(_DATE.fullmatch(cell.strip()) for cell in cells)
