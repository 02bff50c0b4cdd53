"""What a run recorded in its folder."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any


def rows(path: Path, query: str) -> list[tuple[Any, ...]]:
    place = f"{(path / 'run.sqlite').resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(place, uri=True)) as store:
        return store.execute(query).fetchall()


def rounds(path: Path) -> int:
    """How many rounds a run has recorded; 0 while it has no store."""
    with suppress(sqlite3.Error, OSError):
        return int(rows(path, "SELECT count(*) FROM round")[0][0])
    return 0


def left_behind(path: Path, tables: Sequence[str] = ()) -> dict[str, Any]:
    """All that a run left and that does not tell the time: modules, and rows without their seconds.

    Of the named tables, or of all that hold results.
    """
    found: dict[str, Any] = {
        str(module.relative_to(path)): module.read_bytes() for module in path.rglob("*.py")
    }
    names = {name for (name,) in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table'")}
    for table in tables or sorted(names - {"run", "event", "test_use"}):
        columns = [column for _, column, *_ in rows(path, f"PRAGMA table_info({table})")]
        chosen = ", ".join(column for column in columns if column != "seconds")
        found[table] = rows(path, f"SELECT {chosen} FROM {table} ORDER BY {chosen}")
    return found
