"""What a run has recorded so far, read from its folder while it goes on or afterwards; nothing is written."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.runs.files import SETTINGS, STORE
from synth.runs.folder import PREPARED, runs_root
from synth.runs.store import reading
from synth.settings.resolve import read
from synth.settings.schema import Config

ROUNDS = 500
"""About as many rounds of each island are read; of longer runs every second, third, ... one."""

_IMPROVEMENTS = """
SELECT number, parent, island, round, experiment, seconds, search, select_fitness AS "select", text, raw,
       (SELECT candidates FROM round
        WHERE (round.island, round.round) = (improvement.island, improvement.round)) AS candidates
FROM improvement ORDER BY number
"""
_DESCENT = """
SELECT origin, edits, search, island, round, raw AS text
FROM ancestor WHERE improvement = (SELECT max(number) FROM improvement) ORDER BY step
"""

Figures = Mapping[str, float]
"""Fitness by split: search, select, test."""


@dataclass(frozen=True, kw_only=True)
class _RecordedProgram:
    """A program as the store holds it."""

    island: int
    round: int
    search: float
    text: str

    @cached_property
    def candidate(self) -> Candidate:
        """The program of `text`."""
        return candidate_of(self.text)


@dataclass(frozen=True, kw_only=True)
class Improvement(_RecordedProgram):
    """A program that was the best of its run for a while; `text` is without dead statements."""

    number: int
    parent: int | None
    experiment: int
    seconds: float
    select: float
    raw: str
    """The text as evolved."""
    select_per_task: tuple[float, ...]
    candidates: int | None = None
    """Candidates of the whole run at the end of its round."""


@dataclass(frozen=True, kw_only=True)
class RecordedAncestor(_RecordedProgram):
    """A step in the line of descent of a program, as evolved."""

    origin: str
    """The mutation that made it, or how the line began: start, random, migration, `immigrant NAME`."""
    edits: int
    """Mutations since the step before; those in between gained nothing."""


@dataclass(frozen=True)
class Record:
    """Everything that a run's store and settings say."""

    folder: Path
    config: Config
    facts: Mapping[str, Any]
    """What `RunStarted` says and, once the run has ended, `stopped_by` and `summary`."""
    rounds: tuple[Mapping[str, Any], ...]
    """Rows of the table `round` in the order of their recording: an island's round, the run's totals."""
    improvements: tuple[Improvement, ...]
    descent: tuple[RecordedAncestor, ...]
    """The best program's line, from its start to the program itself."""
    figures: Mapping[str, Figures]
    """Final figures of `best` and of templates."""
    events: tuple[tuple[str, Mapping[str, Any]], ...]
    """What happened and is not a result: its kind and detail."""
    test_uses: tuple[Mapping[str, Any], ...]

    @classmethod
    def read(cls, folder: Path) -> "Record":
        """Read a run's folder. Raises UsageError when it is not one, or damaged."""
        path = folder / STORE
        if not path.is_file():
            raise UsageError(f"{folder} is not the folder of a run: there is no {STORE} in it")
        try:
            with reading(path) as store:
                tables = _tables(store)
        except (sqlite3.Error, ValueError, KeyError, IndexError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from None
        return cls(folder, read(folder / SETTINGS), **tables)

    @property
    def done_to_table(self) -> Mapping[str, Any] | None:
        """What was done to the columns of the table that the run's data come from; None for other data."""
        return next((detail for kind, detail in self.events if kind == PREPARED), None)

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return "summary" in self.facts

    @property
    def totals(self) -> Mapping[str, Any]:
        """The run's counts after its latest round, with its seconds; empty before the first."""
        return self.rounds[-1] if self.rounds else {}

    @property
    def best(self) -> Improvement | None:
        """The best program so far."""
        return self.improvements[-1] if self.improvements else None

    @property
    def obstacle(self) -> str:
        """Why the run found nothing that learns, in two sentences; nothing where it did or has not ended."""
        return str((self.facts.get("summary") or {}).get("obstacle") or "")

    @property
    def state(self) -> tuple[int, int, int, bool]:
        """Something that differs whenever there is news."""
        return len(self.rounds), self.totals.get("candidates", 0), len(self.improvements), self.finished


def find_run(name: str | Path | None = None) -> Path:
    """Return a run's folder: a path, a name among the runs, or without either the latest run.

    Raises UsageError when there is none.
    """
    if name is not None:
        if folder := run_called(name):
            return folder
        raise UsageError(f"{name} is not a run; it should be the folder of one, or its name in {runs_root()}")
    runs = sorted(runs_root().glob(f"*/{STORE}"), key=lambda path: path.stat().st_mtime)
    if not runs:
        raise UsageError(f"there is no run in {runs_root()}; `synth run` makes one")
    return runs[-1].parent


def run_called(name: str | Path) -> Path | None:
    """Return the folder of the run of a name, or at a path; None where there is none."""
    folders = (Path(name), runs_root() / name)
    return next((folder for folder in folders if (folder / STORE).is_file()), None)


def run_around(modules: Iterable[Path]) -> Path | None:
    """Return the folder of the run to which the first module that belongs to one belongs."""
    folders = (folder for module in modules for folder in module.resolve().parents[:2])
    return next((folder for folder in folders if (folder / STORE).is_file()), None)


def _tables(store: sqlite3.Connection) -> dict[str, Any]:
    """Return the tables as the fields of a Record."""
    store.execute("BEGIN")  # one state of the store for all that follows
    longest = store.execute("SELECT coalesce(max(round), 0) FROM round").fetchone()[0]
    rounds = store.execute(
        "SELECT * FROM round WHERE round % ? = 0 OR rowid = (SELECT max(rowid) FROM round) ORDER BY rowid",
        [1 + longest // ROUNDS],
    )
    per_task: dict[int, list[float]] = defaultdict(list)
    for row in store.execute("SELECT * FROM task_fitness WHERE split = 'select' ORDER BY program, task"):
        per_task[row["program"]].append(row["fitness"])
    figures: dict[str, dict[str, float]] = defaultdict(dict)
    for row in store.execute("SELECT * FROM figure WHERE fitness IS NOT NULL"):
        figures[row["program"]][row["split"]] = row["fitness"]
    return {
        "facts": {row["key"]: json.loads(row["value"]) for row in store.execute("SELECT * FROM run")},
        "rounds": tuple(dict(row) for row in rounds),
        "improvements": tuple(
            Improvement(**row, select_per_task=tuple(per_task[row["number"]]))
            for row in store.execute(_IMPROVEMENTS)
        ),
        "descent": _descent(store),
        "figures": dict(figures),
        "events": tuple(
            (row["kind"], json.loads(row["detail"]))
            for row in store.execute("SELECT * FROM event ORDER BY id")
        ),
        "test_uses": tuple(dict(row) for row in store.execute("SELECT * FROM test_use ORDER BY id")),
    }


def _descent(store: sqlite3.Connection) -> tuple[RecordedAncestor, ...]:
    """Return the line of descent of the latest improvement; nothing where the run kept none."""
    if not store.execute("SELECT 1 FROM sqlite_master WHERE name = 'ancestor'").fetchone():
        return ()
    return tuple(RecordedAncestor(**row) for row in store.execute(_DESCENT))
