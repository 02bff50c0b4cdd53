"""What Python and the command line call: run, resume, load, evaluate, equations; it prints nothing."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from numpy.typing import ArrayLike

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.reading.equations.equations import equations_of
from synth.reading.equations.listing import Listing
from synth.runs.events import Event, Listener, Notice, RunFinished
from synth.runs.files import SETTINGS
from synth.runs.folder import RunFolder
from synth.runs.record import find_run
from synth.settings.resolve import read, resolve, to_toml
from synth.settings.schema import Config
from synth.settings.values import as_text
from synth.study.evaluate import Module, evaluate, load
from synth.tasks.names import CIFAR10
from synth.tasks.sources import cifar10, npz

__all__ = ["Module", "Run", "equations", "evaluate", "launch", "load", "resume", "run"]

OWN = "own.npz"
"""The file of a run's folder that holds the arrays that `run` was given."""


@dataclass(frozen=True)
class Run:
    """What a run left behind."""

    folder: Path
    """Everything that the run wrote; see `best.py` there."""
    best: Candidate | None
    """The best program, without dead statements; None when no program could learn."""
    document: dict[str, Any]
    """The run's JSON document (`synth run --json`)."""
    target_missed: bool
    """Whether a target was set and not reached."""

    @property
    def stopped_by(self) -> str:
        """Which limit ended the run."""
        return str(self.document["stopped_by"])


def run(
    X: ArrayLike | str | None = None,
    y: ArrayLike | None = None,
    *,
    preset: str | None = None,
    callback: Callable[[Event], object] | None = None,
    settings: Mapping[str, Any] | None = None,
    config_file: str | Path | None = None,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    name: str | None = None,
    **flags: Any,
) -> Run:
    """Run a search and return its result: `synth.run(X, y, max_seconds=60)`.

    X is (n, D), or images (n, ...), and y (n,): classes, or floats for a regression; they are kept in the
    run's folder. Without arrays the data are those of the preset or of `data`; a preset's name may be given
    instead of arrays: `synth.run("linear", seed=1)`. `callback` is called with each event of
    `synth.runs.events` as it happens, such as an improvement. `flags` are those of `synth run`, with
    underscores; `settings` are any others by their full names (`{"search.retries": 50}`). It needs no main
    guard. Raises UsageError, OutputFailed and the other errors of `synth.errors`.
    """
    if isinstance(X, str):
        if preset is not None:
            raise UsageError(f"run() was given two presets, {X!r} and {preset!r}; give one of them")
        X, preset = None, X
    if (X is None) != (y is None):
        raise UsageError("run() needs X and y together; without them it takes a data set's name as data")
    arrays = None
    if X is not None and y is not None:
        if flags.get("data") is not None:
            raise UsageError("run() was given X and y and data as well; give one of them")
        arrays, flags["data"] = npz.packed(X, y), OWN
    sets = [f"{key}={as_text(value)}" for key, value in (settings or {}).items()]
    config = resolve(preset, flags, sets, config_file)
    return launch(config, data_dir=data_dir, out=out, name=name, arrays=arrays, listener=Listener(callback))


def launch(
    config: Config,
    *,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    name: str | None = None,
    arrays: bytes | None = None,
    listener: Listener | None = None,
) -> Run:
    """Carry out a run with these settings, send its events to `listener`, and return its result.

    `arrays`, the content of an .npz file, goes into the folder and is the data then. A folder in which the
    search never began is taken away again.
    """
    from synth.search.coordinator import search

    listener = listener or Listener()
    cifar10_dir = Path(data_dir).absolute() if data_dir is not None else None
    with RunFolder.create(config, out, name) as folder:
        try:
            _opened(folder, config, listener)
            if config.data.name == CIFAR10 and cifar10.find(cifar10_dir) is None:
                cifar10.download(listener.downloaded)
            if arrays is not None:
                path = folder.write(OWN, arrays)
                config = replace(config, data=replace(config.data, name=str(path)))
                folder.write(SETTINGS, to_toml(config))
            return _finished(search(config, folder, data_dir=cifar10_dir), config, folder, listener)
        except BaseException:
            if folder.started is None:
                folder.discard()
            raise


def resume(
    run: str | Path | None = None,
    *,
    flags: Mapping[str, Any] | None = None,
    accept: Sequence[str] = (),
    data_dir: str | Path | None = None,
    listener: Listener | None = None,
) -> Run:
    """Go on with a run (a folder, a name among the runs, or the latest) to the result of one without a break.

    `flags` change limits, such as `--max-seconds`, in which the time before counts, and workers. `accept`
    names what may differ from the checkpoint: config, ops, data. Raises UsageError, and leaves the run as it
    is, when it has ended and no limit was raised, or its checkpoint cannot be used.
    """
    from synth.search.coordinator import search

    listener = listener or Listener()
    cifar10_dir = Path(data_dir).absolute() if data_dir is not None else None
    with RunFolder(find_run(run)) as folder:
        recorded = folder.path / SETTINGS
        config = resolve(flags=flags, config_file=recorded, environment={}, recorded=True)
        folder.refuse_ended(read(recorded).limits, config.limits)
        _opened(folder, config, listener)
        events = search(config, folder, resume=True, accept=accept, data_dir=cifar10_dir)
        return _finished(events, config, folder, listener)


def equations(program: Candidate | Module) -> Listing:
    """Return a program's equations, to be printed, or shown as mathematics by a notebook.

    `program` is a run's `best` or what `load` returns. Raises UsageError for a module outside the language.
    """
    if isinstance(program, Module):
        raise UsageError(f"equations() needs a program in the language: {program.refusal}")
    return Listing(equations_of(program))


def _opened(folder: RunFolder, config: Config, listener: Listener) -> None:
    """Announce the run's folder, and what a user should know about it."""
    listener.opened(folder.path, config)
    for notice in folder.notices:
        listener.heard(Notice(notice))


def _finished(events: Generator[Event], config: Config, folder: RunFolder, listener: Listener) -> Run:
    """Carry out a search, and return the run with the JSON document of the command line."""
    last: Event | None = None
    with closing(events):
        for last in events:
            listener.heard(last)
    started = folder.started
    assert started is not None and isinstance(last, RunFinished), "a search begins and ends with these events"
    best, target = last.best, config.limits.target
    document = {
        "schema": 1,
        "run": str(folder.path),
        **last.summary,
        "preset": config.preset,
        "seed": config.seed,
        "data": started.data,
        "features": started.features,
        "scale": started.scale,
    }
    if best is not None:
        document["best"] = {"module": str(folder.best), **last.summary["best"]}
    missed = target is not None and (best is None or best.select < target)
    return Run(folder.path, best.candidate if best else None, document, missed)
