"""The SQLite store of a run: one writer, WAL on this machine's disks; readers open it read-only."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.runs.events import Improved, RoundFinished
from synth.runs.files import is_shared, writing
from synth.runs.lineage import Ancestor

SCHEMA_VERSION = 1

READERS_LEAVE = 60.0
"""Seconds that a writer waits for readers, which without a write-ahead log keep it out."""

_SCHEMA = """
CREATE TABLE run (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE round (
    island INTEGER NOT NULL, round INTEGER NOT NULL, experiment INTEGER NOT NULL,
    best_search REAL, seconds REAL NOT NULL,
    rounds INTEGER, candidates INTEGER, evaluated INTEGER, rejected INTEGER, cached INTEGER,
    repeated INTEGER, hurdled INTEGER, train_steps INTEGER, experiments INTEGER,
    PRIMARY KEY (island, round)
);
CREATE TABLE improvement (
    number INTEGER PRIMARY KEY, parent INTEGER REFERENCES improvement (number),
    island INTEGER NOT NULL, round INTEGER NOT NULL, experiment INTEGER NOT NULL, seconds REAL NOT NULL,
    search REAL NOT NULL, select_fitness REAL NOT NULL, text TEXT NOT NULL, raw TEXT NOT NULL
);
CREATE TABLE task_fitness (
    program INTEGER NOT NULL REFERENCES improvement (number), split TEXT NOT NULL, task INTEGER NOT NULL,
    fitness REAL NOT NULL, PRIMARY KEY (program, split, task)
);
CREATE TABLE ancestor (
    improvement INTEGER NOT NULL REFERENCES improvement (number), step INTEGER NOT NULL,
    origin TEXT NOT NULL, edits INTEGER NOT NULL, search REAL NOT NULL,
    island INTEGER NOT NULL, round INTEGER NOT NULL, raw TEXT NOT NULL,
    PRIMARY KEY (improvement, step)
);
CREATE TABLE figure (program TEXT NOT NULL, split TEXT NOT NULL, fitness REAL, PRIMARY KEY (program, split));
CREATE TABLE event (id INTEGER PRIMARY KEY, kind TEXT NOT NULL, detail TEXT NOT NULL);
CREATE TABLE test_use (
    id INTEGER PRIMARY KEY, program TEXT NOT NULL, tasks INTEGER NOT NULL, purpose TEXT NOT NULL
);
"""
"""`round` holds totals of the whole run at the end of each island's round; `improvement.parent` is the best
program before. `ancestor` holds an improvement's line of descent, from step 0 to the program itself as the
last: `origin` is the mutation that made a step (or start, random, migration, `immigrant NAME`), `edits` how
many mutations lie between it and the one before. `figure.program` and `test_use.program` are `best` or a
template's name."""


_SEALED = ("round", "improvement", "task_fitness", "ancestor", "event")

NOTHING = hashlib.sha256(b"".join(hashlib.sha256().digest() for _ in _SEALED)).hexdigest()
"""The seal of a store that holds nothing."""


class _Seal:
    """A digest of rows in the order in which they were written, which grows with them."""

    def __init__(self) -> None:
        self._digests = {table: hashlib.sha256() for table in _SEALED}
        self._last = dict.fromkeys(_SEALED, 0)

    def add(self, connection: sqlite3.Connection, wanted: Callable[[str, tuple[Any, ...]], bool]) -> None:
        """Take in the rows that are new since then."""
        for table, digest in self._digests.items():
            query = f"SELECT rowid, * FROM {table} WHERE rowid > ? ORDER BY rowid"
            for number, *row in connection.execute(query, (self._last[table],)):
                self._last[table] = number
                if wanted(table, tuple(row)):
                    digest.update(f"{row}\n".encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        """The digest of all tables together."""
        return hashlib.sha256(b"".join(digest.digest() for digest in self._digests.values())).hexdigest()


class Store:
    """The one writer of a run's database. Every method raises OutputFailed when it cannot write."""

    def __init__(self, path: Path) -> None:
        """Open the database, and lay out its tables when it is new; UsageError for another version's."""
        self.path, self._seal = path, _Seal()
        with writing(path):
            self._connection = sqlite3.connect(path, timeout=READERS_LEAVE)
            try:
                # A write-ahead log needs memory that all its processes share, so none on a network.
                shared = is_shared(path.parent)
                self._connection.execute(f"PRAGMA journal_mode = {'DELETE' if shared else 'WAL'}")
                self._connection.execute(f"PRAGMA synchronous = {'FULL' if shared else 'NORMAL'}")
                version = self._connection.execute("PRAGMA user_version").fetchone()[0]
                if version == 0:
                    self._connection.executescript(
                        f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
                    )
                elif version != SCHEMA_VERSION:
                    raise UsageError(
                        f"{path} was written by another version of synth (its schema is {version})"
                    )
            except BaseException:
                self._connection.close()
                raise

    def set(self, **values: Any) -> None:
        """Keep facts of the run, as JSON."""
        self._write(("run", [(key, _json(value)) for key, value in values.items()]))

    def get(self, key: str) -> Any:
        """A fact of the run; None when it is not there."""
        with writing(self.path):
            row = self._connection.execute("SELECT value FROM run WHERE key = ?", (key,)).fetchone()
        return json.loads(row[0]) if row else None

    def add_round(self, event: RoundFinished) -> None:
        """Keep an island's round with the run's totals at its end."""
        row = {**vars(event), **vars(event.totals)}
        del row["totals"]
        self._write((f"round ({', '.join(row)})", [tuple(row.values())]))

    def add_improvement(self, event: Improved) -> None:
        """Keep an improvement, where it came from, and its fitness on each selection task."""
        program, parent = event.program, event.previous.number if event.previous else None
        place = (program.number, parent, program.island, program.round, program.experiment, event.seconds)
        texts = (program.candidate.text(), program.raw.text())
        self._write(
            ("improvement", [(*place, program.search, program.select, *texts)]),
            (
                "task_fitness",
                [
                    (program.number, "select", task, value)
                    for task, value in enumerate(program.select_per_task)
                ],
            ),
            (
                "ancestor",
                [
                    (program.number, step, *_descent(ancestor), ancestor.candidate.text())
                    for step, ancestor in enumerate(program.lineage)
                ],
            ),
        )

    def add_figures(self, program: str, figures: Mapping[str, float | None]) -> None:
        """Keep a program's final figures by split (`best` or a template's name)."""
        self._write(("figure", [(program, split, fitness) for split, fitness in figures.items()]))

    def add_event(self, kind: str, **detail: Any) -> None:
        """Keep something that happened."""
        self._write(("event (kind, detail)", [(kind, _json(detail))]))

    def add_test_use(self, program: str, tasks: int, purpose: str) -> None:
        """Keep that the test split was used: for which program, on how many tasks, what for."""
        self._write(("test_use (program, tasks, purpose)", [(program, tasks, purpose)]))

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The details of all events of a kind, in order."""
        with writing(self.path):
            found = self._connection.execute("SELECT detail FROM event WHERE kind = ? ORDER BY id", (kind,))
            return [json.loads(detail) for (detail,) in found]

    def last_event(self) -> int:
        """The number of the last event; 0 when there is none."""
        with writing(self.path):
            return int(self._connection.execute("SELECT ifnull(max(id), 0) FROM event").fetchone()[0])

    def rewind(self, rounds: Sequence[int], improvements: int) -> None:
        """Go back to a checkpoint: so many rounds of each island and so many improvements, and no end."""
        with writing(self.path), self._connection as connection:
            for island, number in enumerate(rounds):
                connection.execute("DELETE FROM round WHERE island = ? AND round >= ?", (island, number))
            for table, column in (
                ("improvement", "number"),
                ("task_fitness", "program"),
                ("ancestor", "improvement"),
            ):
                connection.execute(f"DELETE FROM {table} WHERE {column} > ?", (improvements,))
            connection.execute("DELETE FROM figure")
            connection.execute("DELETE FROM run WHERE key IN ('stopped_by', 'summary')")
        self._seal = _Seal()

    def forget_events(self, kind: str, after: int) -> None:
        """Take away the events of a kind that came after the one with this number."""
        with writing(self.path), self._connection as connection:
            connection.execute("DELETE FROM event WHERE kind = ? AND id > ?", (kind, after))

    def seal(self) -> str:
        """A digest of the rounds, improvements and events so far, by which damage is noticed later."""
        with writing(self.path):
            self._seal.add(self._connection, lambda table, row: True)
        return self._seal.text()

    def seal_of(self, rounds: Sequence[int], improvements: int, events: int) -> str:
        """The seal as it was with so many rounds of each island, improvements and events; see `rewind`."""

        def wanted(table: str, row: tuple[Any, ...]) -> bool:
            if table == "round":
                island, number = row[:2]
                return 0 <= island < len(rounds) and bool(number < rounds[island])
            return bool(row[0] <= (events if table == "event" else improvements))

        seal = _Seal()
        try:
            seal.add(self._connection, wanted)
        except (sqlite3.Error, TypeError) as error:
            raise UsageError(f"{self.path} is damaged: {error}") from None
        return seal.text()

    def flush(self) -> None:
        """Force everything to the disk."""
        with writing(self.path):
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()

    def close(self) -> None:
        """Fold the log into the database and close it."""
        self._connection.close()

    def _write(self, *tables: tuple[str, list[tuple[Any, ...]]]) -> None:
        """Write rows of one or more tables in one transaction."""
        with writing(self.path), self._connection:
            for table, rows in filter(lambda entry: entry[1], tables):
                places = ", ".join("?" * len(rows[0]))
                self._connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", rows)


def _descent(ancestor: Ancestor) -> tuple[Any, ...]:
    return (ancestor.origin, ancestor.edits, ancestor.fitness, ancestor.island, ancestor.round)


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a run's database read-only; UsageError when there is none."""
    address = f"{path.resolve().as_uri()}?mode=ro"
    if not path.with_name(f"{path.name}-wal").exists() and not os.access(path.parent, os.W_OK):
        address += "&immutable=1"  # SQLite could not make the files by which it watches for writers.
    try:
        connection = sqlite3.connect(address, uri=True)
        connection.execute("PRAGMA user_version")
    except sqlite3.Error as error:
        raise UsageError(f"{path} is not a run's database: {error}") from None
    try:
        connection.row_factory = sqlite3.Row
        yield connection
    finally:
        connection.close()


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
