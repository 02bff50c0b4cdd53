"""A run's folder: everything that a run writes, as it happens."""

import itertools
import json
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.runs.events import (
    ClusterChanged,
    Event,
    Improved,
    Program,
    Resumed,
    RoundFinished,
    RunFinished,
    RunStarted,
)
from synth.runs.files import SETTINGS, STORE, write_atomically, writing
from synth.runs.owner import Owner
from synth.runs.stated import (
    EVOLVED,
    headline,
    improvement_line,
    stated_figures,
    tuned_line,
    with_figures,
    with_line,
)
from synth.runs.store import Mark, Store
from synth.settings.checks import is_text
from synth.settings.resolve import read, to_toml
from synth.settings.schema import Config, LimitsConfig
from synth.standalone.parts import with_model
from synth.tasks.names import SPLITS

PREPARED = "prepared"
"""The kind of the notice that says what was done to the columns of a table."""


def runs_root() -> Path:
    """Return the folder that holds runs: `SYNTH_RUNS_DIR`, or `generated` where the command is called."""
    return Path(os.environ.get("SYNTH_RUNS_DIR") or "generated")


def shown(path: Path) -> str:
    """Return a path as a person wants to read and type it: from the current folder, where it lies there."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


START = "start.py"


class RunFolder:
    """The folder of one run, locked while it is open.

    It holds `config.toml`, `run.sqlite`, `log.jsonl`, `best.py`, `history/0001.py` and so on (each
    improvement in its readable form), `raw/` (the same as evolved) and `checkpoint/`, and `start.py` where
    the run starts from a person's module. Every method that writes raises OutputFailed when it cannot.
    """

    def __init__(self, path: Path) -> None:
        """Lock the folder of a run and open its store. Raises UsageError when another process has it."""
        self.path = path.absolute()  # Workers run elsewhere.
        self._owner = Owner(self.path)
        try:
            self.store = Store(self.path / STORE)
        except BaseException:
            self._owner.release()
            raise
        self.started: RunStarted | None = None
        self.conditions: dict[str, str] = {}

    @classmethod
    def create(cls, config: Config, out: str | Path | None = None, name: str | None = None) -> "RunFolder":
        """Make a new folder: `out` itself, or `name` (default `<preset>-<data>-s<seed>-<n>`) among the runs.

        Raises UsageError when it exists already, OutputFailed when it cannot be made; then nothing is left.
        """
        if out is not None and name is not None:
            raise UsageError("--out and --name both say where the run goes; give one of them")
        if name is not None and (not name or name in (".", "..") or Path(name).name != name):
            raise UsageError(f"--name {name!r} is not a folder name; --out takes a path")
        if out is None and name is None:
            stem = f"{config.preset}-{Path(config.data.name).stem}-s{config.seed}"
            numbered = (runs_root() / f"{stem}-{number}" for number in itertools.count(1))
            path = next(path for path in numbered if _made(path))
        else:
            path = Path(out) if out is not None else runs_root() / str(name)
            if not is_text(str(path)):
                raise UsageError(f"no record can hold the name {str(path)!a}, which is not text in UTF-8")
            if not _made(path):
                raise UsageError(f"{path} exists already; a run needs a folder of its own")
        try:
            write_atomically(path / SETTINGS, to_toml(config))
            return cls(path)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise

    @property
    def notices(self) -> tuple[str, ...]:
        """What a user should know about the folder."""
        return self._owner.notices

    @property
    def best(self) -> Path:
        """The module of the best program so far."""
        return self.path / "best.py"

    @property
    def checkpoint(self) -> Path:
        """The folder of the checkpoint."""
        return self.path / "checkpoint"

    def record(self, event: Event) -> None:
        """Write what an event brings: modules of an improvement, rows of the store, a line of the log.

        A `Notice` brings nothing: `record_notice` writes it.
        """
        self.check()
        match event:
            case RunStarted():
                self.started, self.conditions = event, dict(event.conditions)
                self._settle_data(event)
                self.store.set(**vars(event))
                self._log("started", **vars(event))
            case Resumed():
                self.record_notice("resumed", rounds=event.totals.rounds, seconds=event.seconds)
            case RoundFinished():
                self.store.add_round(event)
            case Improved():
                self._record_improvement(event)
            case ClusterChanged():
                self.store.set(cluster=asdict(event.cluster))
            case RunFinished():
                self._record_end(event)

    def check(self) -> None:
        """Raise OutputFailed where the folder was taken away, or over: nothing of it is made anew."""
        self._owner.check()

    def record_notice(self, kind: str, **detail: Any) -> None:
        """Write something that happened and is not a result: a worker that died, a limit that was hit."""
        self.check()
        self.store.add_event(kind, **detail)
        self._log(kind, **detail)

    def refuse_ended(self, before: LimitsConfig, now: LimitsConfig) -> None:
        """Raise UsageError when the run has ended and the limit that ended it was not raised."""
        limit = self.store.get("stopped_by")
        if limit is None:
            return
        old, new = getattr(before, limit), getattr(now, limit)
        if new is not None and old is not None and new <= old:
            flag = "--target" if limit == "target" else f"--max-{limit.replace('_', '-')}"
            raise UsageError(
                f"{self.path} has ended: its limit was {limit} = {old:g}; {flag} with more lets it go on"
            )

    def rewind(self, mark: Mark, best: Program | None) -> None:
        """Go back to a checkpoint, when this program was the best."""
        self.store.rewind(mark)
        for part in ("raw", "history"):
            for path in (self.path / part).glob("*.py"):
                if path.stem.isdecimal() and int(path.stem) > mark["improvements"]:
                    path.unlink()
        for path in (*self.path.glob(".*.part"), *self.path.glob("*/.*.part")):
            path.unlink()
        (self.path / "tuned.py").unlink(missing_ok=True)
        if best:
            self._write_best(best)
        else:
            self.best.unlink(missing_ok=True)

    def write_start(self, module: str | None) -> None:
        """Keep the text of the person's module that the run starts from, if it does."""
        if module is not None:
            self.write(START, module)

    def start_module(self) -> str | None:
        """Return the text of the person's module that the run started from, None where it did not."""
        path = self.path / START
        return path.read_text(encoding="utf-8") if path.exists() else None

    def record_conditions(self, conditions: Mapping[str, str]) -> None:
        """Write what final figures on splits depend on, beside those splits that are known from the start."""
        self.conditions |= conditions
        self.store.set(conditions=self.conditions)

    def write_tuned(self, text: str, report: float, tasks: int) -> None:
        """Write the best program's module with tuned constants, and its figure on so many report tasks."""
        line = tuned_line(report, tasks, **vars(self.started) if self.started else {})
        self._write_module("tuned.py", text, line, {"report": report})

    def _write_module(self, name: str, text: str, line: str, figures: dict[str, float]) -> None:
        """Write a module with what it reaches, in words and for `synth verify`, and a standing part."""
        stating = with_figures(text, stated_figures(figures, self.conditions))
        self.write(name, with_model(with_line(stating, line)))

    def record_test_use(self, program: str, tasks: int, purpose: str) -> None:
        """Write a use of the test split before it happens; a final figure is the only purpose there is."""
        self.store.add_test_use(program, tasks, purpose)
        self._log("test_use", program=program, tasks=tasks, purpose=purpose)

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the folder whole or not at all, and return its path."""
        self.check()
        write_atomically(self.path / name, content, within=self.path)
        return self.path / name

    def close(self) -> None:
        """Close the store and let go of the folder."""
        self.store.close()
        self._owner.release()

    def discard(self) -> None:
        """Take the folder away: the search never began."""
        self.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _settle_data(self, event: RunStarted) -> None:
        """Let the settings say what `auto` and `ample` stood for, so that they mean the same elsewhere."""
        config = read(self.path / SETTINGS)
        data = config.data
        if data.name == "auto":
            data = replace(data, name=event.data)
        if data.default_tasks == "ample" and data.tasks is None and not data.mix:
            data = replace(data, tasks=event.search_tasks)
        if data != config.data:
            self.write(SETTINGS, to_toml(replace(config, data=data)))

    def _record_improvement(self, event: Improved) -> None:
        program = event.program
        name = f"{program.number:04d}.py"
        self.write(f"raw/{name}", program.raw.text(improvement_line(program.number, as_evolved=True)))
        self.write(f"history/{name}", with_line(program.text, improvement_line(program.number)))
        self.store.add_improvement(event)
        self._write_best(program)
        facts = {key: getattr(program, key) for key in ("number", "search", "select", "island", "round")}
        self._log("improved", **facts, seconds=round(event.seconds, 3))

    def _write_best(self, program: Program) -> None:
        line = headline(program.select, **vars(self.started)) if self.started else f"{EVOLVED}."
        self._write_module("best.py", program.text, line, {"select": program.select})

    def _record_end(self, event: RunFinished) -> None:
        summary = event.summary
        programs = {"best": summary.get("best") or {}, **(summary.get("baselines") or {})}
        tuned = (summary.get("tuned") or {}).get("figures", {})
        programs |= {f"{name}, tuned": figures for name, figures in tuned.items()}
        for name, figures in programs.items():
            splits = {split: figures[split] for split in SPLITS if split in figures}
            self.store.add_figures(name, splits)
        self.store.set(stopped_by=event.stopped_by, summary=summary)
        self._log("finished", stopped_by=event.stopped_by)

    def _log(self, kind: str, **detail: Any) -> None:
        line = json.dumps({"event": kind, **detail}, ensure_ascii=False, allow_nan=False) + "\n"
        path = self.path / "log.jsonl"
        with writing(path), path.open("a", encoding="utf-8") as file:
            file.write(line)


def _made(path: Path) -> bool:
    """Make a folder and those above it; False when there is something of this name already."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.mkdir()
            return True
    return False
