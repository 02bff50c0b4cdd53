"""What Python and the command line call: run, resume, load, evaluate, equations; it prints nothing."""

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.reading.equations.equations import equations_of
from synth.reading.equations.listing import Listing
from synth.runs.events import Event, Listener, Notice, RunFinished
from synth.runs.files import SETTINGS
from synth.runs.folder import PREPARED, RunFolder
from synth.runs.loggers import logged
from synth.runs.record import find_run
from synth.settings.resolve import read, resolve, to_toml
from synth.settings.schema import Config
from synth.settings.values import as_text
from synth.study.evaluate import Module, evaluate, load
from synth.tasks.metrics import METRICS
from synth.tasks.names import CIFAR10, canonical, is_arrays, is_table
from synth.tasks.sources import cifar10, npz, table

__all__ = ["Module", "Run", "equations", "evaluate", "launch", "load", "resume", "run"]


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
    X: Any = None,
    y: Any = None,
    *,
    label: str | int | None = None,
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
    run's folder. X may be a pandas or polars frame too, whose column `label`, a name or a number, holds the
    labels unless y does, a scikit-learn Bunch, or the path of a table. Without them the data are those of the
    preset or of `data`; a preset's name may be given instead: `synth.run("linear", seed=1)`. `callback` is
    called with each event of `synth.runs.events` as it happens, such as an improvement. `flags` are those of
    `synth run`, with underscores; `settings` are any others by their full names (`{"search.retries": 50}`).
    Class weights may be a dict: `class_weights={"no": 1, "yes": 10}`.
    It needs no main guard. Raises UsageError, OutputFailed and the other errors of `synth.errors`.
    """
    if X is not None and flags.get("data") is not None:
        raise UsageError("run() was given X and data as well; give one of them")
    if isinstance(X, str | Path) and (is_arrays(str(X)) or is_table(str(X))):
        X, flags["data"] = None, str(X)
    if isinstance(X, str):
        if preset is not None:
            raise UsageError(f"run() was given two presets, {X!r} and {preset!r}; give one of them")
        X, preset = None, X
    if X is None and y is not None:
        raise UsageError("run() needs X and y together; without them it takes a data set's name as data")
    if X is not None:
        flags["data"] = table.OWN
    flags["label"] = None if label is None else str(label)
    flags = {key: as_text(value) if isinstance(value, Mapping) else value for key, value in flags.items()}
    sets = [f"{key}={as_text(value)}" for key, value in (settings or {}).items()]
    config = resolve(preset, flags, sets, config_file)
    own = None if X is None else (X, y)
    return launch(config, data_dir=data_dir, out=out, name=name, own=own, listener=Listener(callback))


def launch(
    config: Config,
    *,
    data_dir: str | Path | None = None,
    out: str | Path | None = None,
    name: str | None = None,
    own: tuple[Any, Any] | None = None,
    listener: Listener | None = None,
) -> Run:
    """Carry out a run with these settings, send its events to `listener`, and return its result.

    `own`, X and y, or else the table that the settings name, goes into the folder, prepared, and is the data
    then. A folder in which the search never began is taken away again.
    """
    from synth.search.coordinator import search

    cifar10_dir = Path(data_dir).absolute() if data_dir is not None else None
    prepared = _prepared(config, own)
    with logged(config, listener or Listener()) as heard_by, RunFolder.create(config, out, name) as folder:
        try:
            _opened(folder, config, heard_by)
            if config.data.name == CIFAR10 and cifar10.find(cifar10_dir) is None:
                cifar10.download(heard_by.downloaded)
            config = _with_kept(prepared, config, folder)
            if done := npz.done_to_table(Path(config.data.name)):
                folder.record_notice(PREPARED, **done)
                heard_by.heard(Notice(table.in_words(done)))
            return _finished(search(config, folder, data_dir=cifar10_dir), config, folder, heard_by)
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

    cifar10_dir = Path(data_dir).absolute() if data_dir is not None else None
    with RunFolder(find_run(run)) as folder:
        recorded = folder.path / SETTINGS
        config = resolve(flags=flags, config_file=recorded, environment={}, recorded=True)
        folder.refuse_ended(read(recorded).limits, config.limits)
        with logged(config, listener or Listener()) as heard_by:
            _opened(folder, config, heard_by)
            events = search(config, folder, resume=True, accept=accept, data_dir=cifar10_dir)
            return _finished(events, config, folder, heard_by)


def equations(program: Candidate | Module) -> Listing:
    """Return a program's equations, to be printed, or shown as mathematics by a notebook.

    `program` is a run's `best` or what `load` returns. Raises UsageError for a module outside the language.
    """
    if isinstance(program, Module):
        raise UsageError(f"equations() needs a program in the language: {program.refusal}")
    return Listing(equations_of(program))


def _prepared(config: Config, own: tuple[Any, Any] | None) -> table.Prepared | None:
    """Return what a run was given, or the table that it names, prepared; None for any other data."""
    data = config.data
    if own is None and not is_table(data.name):
        if (data.label, data.missing) != (None, "refuse"):
            raise UsageError(f"--label and --missing are for tables, and {Path(data.name).name} is none")
        return None
    X, y = own or (Path(data.name), None)
    metric = METRICS.get(canonical(data.metric))
    regression = metric is not None and metric.regression
    return table.prepare(X, y, label=data.label, missing=data.missing, regression=regression)


def _with_kept(prepared: table.Prepared | None, config: Config, folder: RunFolder) -> Config:
    """Keep prepared data, if there are any, in a run's folder, and return settings that name them there."""
    if prepared is None:
        return config
    path = folder.write(prepared.file, prepared.content)
    data = replace(config.data, name=str(path), label=None, missing="refuse")
    config = replace(config, data=data)
    folder.write(SETTINGS, to_toml(config))
    return config


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
        "metric": started.metric,
        "scale": started.scale,
    }
    if best is not None:
        document["best"] = {"module": str(folder.best), **last.summary["best"]}
    missed = target is not None and (best is None or best.select < target)
    return Run(folder.path, best.candidate if best else None, document, missed)
