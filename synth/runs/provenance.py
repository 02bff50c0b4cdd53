"""Where a module comes from: the run in whose folder it lies, and the command that evolves it again."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.runs.folder import headline
from synth.runs.record import Figures, Record, run_around
from synth.settings.resolve import resolve
from synth.settings.schema import FLAGS, Config, settings_of
from synth.settings.values import as_text

SAME_RESULT = ("run.workers", "run.cluster", "run.sandbox")
"""Settings that change nothing in a result."""


@dataclass(frozen=True)
class Provenance:
    """The run that evolved a program."""

    run: str
    """The name of its folder."""
    number: int
    """Which improvement of the run it is."""
    headline: str
    """The one line that stands in the run's `best.py`."""
    figures: Figures
    """Its fitness by split; on test tasks only for the best program of a finished run."""
    baselines: Mapping[str, Figures]
    """The same of templates; empty while the run goes on."""
    command: str
    """Evolves the program again, on any machine."""


def provenance(module: Path, candidate: Candidate) -> Provenance | None:
    """Return where a module comes from, or None when no run around it evolved just this program.

    A run's modules are `best.py` and those in `history/` and `raw/`. Raises UsageError for a run's folder
    that cannot be read.
    """
    folder = run_around([module])
    if folder is None:
        return None
    record = Record.read(folder)
    for improvement in reversed(record.improvements):
        if candidate in (improvement.candidate, candidate_of(improvement.raw)):
            figures = dict(record.figures)
            of_best = figures.pop("best", {})
            best = of_best if improvement is record.best else {}
            return Provenance(
                folder.name,
                improvement.number,
                headline(improvement.select, **record.facts),
                {"search": improvement.search, "select": improvement.select, **best},
                figures,
                command(record.config, improvement.candidates),
            )
    return None


def command(config: Config, candidates: int | None) -> str:
    """Return the command that repeats a run with these settings up to so many candidates, None for no limit.

    Files are named without their folders.
    """
    preset = settings_of(resolve(config.preset, environment={}))
    flags = {key: flag for flag, key in FLAGS.items()}
    settings = settings_of(config) | {"limits.seconds": None, "limits.candidates": candidates}
    words, sets = ["synth", "run", "--preset", config.preset], []
    for key, value in settings.items():
        if key in ("preset", *SAME_RESULT) or (value == preset[key] and key != "seed"):
            continue
        if key in flags and value is not None:
            words += [flags[key], _text(value)]
        else:
            sets += ["--set", f"{key}={_text(value)}"]
    return shlex.join([*words, *sets])


def _text(value: Any) -> str:
    """Return a setting as the command line takes it, a file without its folders."""
    text = as_text(value)
    return Path(text).name if text.endswith((".npz", ".py")) else text
