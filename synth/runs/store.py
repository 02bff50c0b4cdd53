"""The SQLite store of a run: one writer, WAL on this machine's disks; readers open it read-only."""

import hashlib
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from synth.errors import UsageError
from synth.runs.events import Improved, RoundFinished
from synth.runs.files import has_locks, is_shared, writing

SCHEMA_VERSION = 1

READERS_LEAVE = 60.0
"""Seconds that a writer waits for readers, which without a write-ahead log keep it out."""

COPIES = 100
"""How often a database is copied at most until a copy is as the file was between two writes."""

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


_KEPT = {
    "round": "round < :number + (island < :island)",
    "improvement": "number <= :improvements",
    "task_fitness": "program <= :improvements",
    "ancestor": "improvement <= :improvements",
    "event": "id <= :events",
}
"""Which rows of the tables that are sealed a checkpoint knows, see `Mark`."""

Mark = Mapping[str, int]
"""How far a run had come at a checkpoint: round `number` of `island` is next, and so many `improvements` and
`events` there were."""


class _Seal:
    """A digest of rows in the order in which they were written, which grows with them."""

    def __init__(self) -> None:
        self._digests = {table: hashlib.sha256() for table in _KEPT}
        self._last = dict.fromkeys(_KEPT, 0)

    def add(self, connection: sqlite3.Connection, mark: Mark | None = None) -> None:
        """Take in the rows that are new since then, those alone that a mark includes."""
        for table, digest in self._digests.items():
            wanted = _KEPT[table] if mark else "1"
            query = f"SELECT rowid, * FROM {table} WHERE rowid > :last AND {wanted} ORDER BY rowid"
            for number, *row in connection.execute(query, {**(mark or {}), "last": self._last[table]}):
                self._last[table] = number
                digest.update(f"{row}\n".encode("utf-8", "surrogatepass"))

    def text(self) -> str:
        """Return the digest of all tables together."""
        return hashlib.sha256(b"".join(digest.digest() for digest in self._digests.values())).hexdigest()


NOTHING = _Seal().text()
"""The seal of a store that holds nothing."""


class Store:
    """The one writer of a run's database. Every method raises OutputFailed when it cannot write."""

    def __init__(self, path: Path) -> None:
        """Open the database, and lay out its tables when it is new; UsageError for another version's."""
        self.path, self._seal = path, _Seal()
        with writing(path):
            locks = has_locks(path.parent)
            address = f"{path.absolute().as_uri()}?nolock={int(not locks)}"
            self._connection = sqlite3.connect(address, uri=True, timeout=READERS_LEAVE)
            try:
                # A write-ahead log needs locks, and memory that all its processes share: none on a network.
                shared = not locks or is_shared(path.parent)
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
        self._write(run=({"key": key, "value": _json(value)} for key, value in values.items()))

    def get(self, key: str) -> Any:
        """Return a fact of the run; None when it is not there."""
        rows = self._read("SELECT value FROM run WHERE key = ?", key)
        return json.loads(rows[0][0]) if rows else None

    def add_round(self, event: RoundFinished) -> None:
        """Keep an island's round with the run's totals at its end."""
        row = {**vars(event), **vars(event.totals)}
        del row["totals"]
        self._write(round=[row])

    def add_improvement(self, event: Improved) -> None:
        """Keep an improvement, where it came from, and its fitness on each selection task."""
        program = event.program
        improvement = {
            "number": program.number,
            "parent": event.previous.number if event.previous else None,
            "island": program.island,
            "round": program.round,
            "experiment": program.experiment,
            "seconds": event.seconds,
            "search": program.search,
            "select_fitness": program.select,
            "text": program.text,
            "raw": program.raw.text(),
        }
        tasks = (
            {"program": program.number, "split": "select", "task": task, "fitness": fitness}
            for task, fitness in enumerate(program.select_per_task)
        )
        ancestors = (
            {
                "improvement": program.number,
                "step": step,
                "origin": ancestor.origin,
                "edits": ancestor.edits,
                "search": ancestor.fitness,
                "island": ancestor.island,
                "round": ancestor.round,
                "raw": ancestor.candidate.text(),
            }
            for step, ancestor in enumerate(program.lineage)
        )
        self._write(improvement=[improvement], task_fitness=tasks, ancestor=ancestors)

    def add_figures(self, program: str, figures: Mapping[str, float | None]) -> None:
        """Keep a program's final figures by split (`best` or a template's name)."""
        rows = (
            {"program": program, "split": split, "fitness": fitness} for split, fitness in figures.items()
        )
        self._write(figure=rows)

    def add_event(self, kind: str, **detail: Any) -> None:
        """Keep something that happened."""
        self._write(event=[{"kind": kind, "detail": _json(detail)}])

    def add_test_use(self, program: str, tasks: int, purpose: str) -> None:
        """Keep that the test split was used: for which program, on how many tasks, what for."""
        self._write(test_use=[{"program": program, "tasks": tasks, "purpose": purpose}])

    def events(self, kind: str) -> list[dict[str, Any]]:
        """Return the details of all events of a kind, in order."""
        rows = self._read("SELECT detail FROM event WHERE kind = ? ORDER BY id", kind)
        return [json.loads(detail) for (detail,) in rows]

    def last_event(self) -> int:
        """Return the number of the last event; 0 when there is none."""
        return int(self._read("SELECT ifnull(max(id), 0) FROM event")[0][0])

    def rewind(self, mark: Mark) -> None:
        """Go back to a checkpoint, and before the end of the run.

        Of later events only those go that the rounds bring again: programs that are fragile.
        """
        with writing(self.path), self._connection as connection:
            for table, kept in _KEPT.items():
                again = "kind = 'fragile'" if table == "event" else "1"
                connection.execute(f"DELETE FROM {table} WHERE {again} AND NOT ({kept})", mark)
            connection.execute("DELETE FROM figure")
            connection.execute("DELETE FROM run WHERE key IN ('stopped_by', 'summary')")
        self._seal = _Seal()

    def seal(self) -> str:
        """Return a digest of rounds, improvements and events so far, by which damage is noticed later."""
        with writing(self.path):
            self._seal.add(self._connection)
        return self._seal.text()

    def seal_of(self, mark: Mark) -> str:
        """Return the seal as it was at a checkpoint. Raises UsageError for a store that cannot be read."""
        seal = _Seal()
        try:
            seal.add(self._connection, mark)
        except sqlite3.Error as error:
            raise UsageError(f"{self.path} is damaged: {error}") from None
        return seal.text()

    def flush(self) -> None:
        """Force everything to the disk."""
        self._read("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Fold the log into the database and close it."""
        self._connection.close()

    def _read(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with writing(self.path):
            return self._connection.execute(query, values).fetchall()

    def _write(self, **tables: Iterable[Mapping[str, Any]]) -> None:
        """Write rows, values by column, into tables in one transaction."""
        with writing(self.path), self._connection as connection:
            for table, rows in tables.items():
                for row in rows:
                    columns, marks = ", ".join(row), ", ".join("?" * len(row))
                    query = f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})"
                    connection.execute(query, [*row.values()])


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a run's database read-only; UsageError when there is none."""
    with ExitStack() as stack:
        address = f"{path.resolve().as_uri()}?mode=ro"
        if not has_locks(path.parent):
            copies = Path(stack.enter_context(TemporaryDirectory(prefix="synth-")))
            address = f"{_copied(path, copies).as_uri()}?mode=rw&nolock=1"
        elif not path.with_name(f"{path.name}-wal").exists() and not os.access(path.parent, os.W_OK):
            address += "&immutable=1"  # SQLite could not make the files by which it watches for writers.
        try:
            connection = stack.enter_context(closing(sqlite3.connect(address, uri=True)))
            connection.execute("PRAGMA user_version")
        except sqlite3.Error as error:
            raise UsageError(f"{path} is not a run's database: {error}") from None
        connection.row_factory = sqlite3.Row
        yield connection


def _copied(path: Path, folder: Path) -> Path:
    """Copy a database and its journal, as they are between two writes, and return the copy.

    Without locks SQLite would take the journal of a writer that is at work for one that a crash left.
    """
    files = [path, path.with_name(f"{path.name}-journal")]
    for _ in range(COPIES):
        before = [_stamp(file) for file in files]
        for file in files:
            (folder / file.name).unlink(missing_ok=True)
            with suppress(OSError):
                shutil.copyfile(file, folder / file.name)
        if before == [_stamp(file) for file in files]:
            break
        time.sleep(0.02)
    return folder / path.name


def _stamp(file: Path) -> tuple[int, int] | None:
    with suppress(OSError):
        status = file.stat()
        return status.st_mtime_ns, status.st_size
    return None


def _json(value: Any) -> str:
    return json.dumps(value, allow_nan=False, ensure_ascii=False)
