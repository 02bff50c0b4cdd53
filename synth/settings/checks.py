"""What must hold of settings: each problem is one sentence that names the setting, its value and the mend."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path

from synth.errors import UsageError, closest
from synth.language.candidate import FUNCTIONS
from synth.language.memory import ADDRESSES
from synth.language.ops import NO_OP, OPS
from synth.plugins import check_plugin, is_reference
from synth.settings.schema import RANGES, TENSORBOARD, Config, ProgramConfig, settings_of
from synth.tasks.names import AUTO, DATA_SETS, METRIC_NAMES, TABLES, asked_for, is_arrays, is_table

DRAWN_STARTS = ("random", "valid")
"""Starts from programs that are drawn."""

Problem = tuple[str, str]
"""A setting that is wrong, and what would be right."""

_ADDRESS = re.compile(r"(ray://)?[\w.-]+:\d{1,5}|(ray://)?\[[\da-fA-F:]+\]:\d{1,5}")


def check(config: Config, sources: Mapping[str, str], *, files: bool = True) -> None:
    """Raise UsageError for the first setting that is wrong; `sources` says where values came from.

    Without `files`, the files, folders and functions of one's own that settings name need not exist, and no
    module is imported.
    """
    for key, wanted in chain(_problems(config), _missing(config) if files else ()):
        source = f" (from {sources[key]})" if key in sources else ""
        raise UsageError(f"{key}{source} is {settings_of(config)[key]!r}; {wanted}")


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?`, or nothing when no known name is like it."""
    known = list(known)
    # A section is easily forgotten or confused: `population` for `search.population`.
    same = (key for key in known if key.rpartition(".")[2] == name.rpartition(".")[2])
    meant = closest(name, known, 0.5) or next(same, None)
    return f"; did you mean {meant}?" if meant else ""


def is_text(value: str) -> bool:
    """Return whether a text can be written as UTF-8: names of files may hold other bytes."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problems(config: Config) -> Iterator[Problem]:
    """Give the problems of settings one after the other; later checks may rely on earlier ones."""
    yield from _out_of_range(config)
    yield from _not_text(config)
    yield from _unknown_names(config)
    yield from _program(config.program)
    yield from _contradictions(config)


def _out_of_range(config: Config) -> Iterator[Problem]:
    values = settings_of(config)
    for key, bounds in RANGES.items():
        value = values[key]
        if value is None:
            continue
        if value < bounds.least or (bounds.most is not None and value > bounds.most):
            most = "" if bounds.most is None else f" and at most {bounds.most}"
            yield key, f"it must be at least {bounds.least}{most}"


def _not_text(config: Config) -> Iterator[Problem]:
    for key, value in settings_of(config).items():
        if isinstance(value, str) and not is_text(value):
            yield key, "no record can hold a name that is not text in UTF-8; rename it"


def _unknown_names(config: Config) -> Iterator[Problem]:
    from synth.language.templates import template_names
    from synth.mutation.kinds import KINDS, weighted
    from synth.tasks.weights import read_class_weights

    data_sets, templates = ("auto", *DATA_SETS), template_names()
    data = f"a data set must be one of {', '.join(data_sets)} or the path of an .npz file"
    if not is_table(config.data.name) and not is_arrays(config.data.name):
        tables = f"{data} or of a table ({', '.join(TABLES)})"
        yield from _unknown("data.name", config.data.name, data_sets, tables)
    metric = config.data.metric
    if metric != AUTO and asked_for(metric) not in METRIC_NAMES and not is_reference(metric):
        wanted = f"it must be one of {', '.join(METRIC_NAMES)}, or package.module:function"
        yield from _unknown("data.metric", metric, METRIC_NAMES, wanted)
    for mix in config.data.mix:
        if mix.name is not None and not is_arrays(mix.name):
            yield from _unknown("data.mix", mix.name, data_sets, data)
    start, address, choices = config.search.start, config.run.cluster, ", ".join(templates)
    if not start.endswith(".py"):
        wanted = f"it must be random, valid, a template ({choices}) or the path of a module"
        yield from _unknown("search.start", start, (*DRAWN_STARTS, *templates), wanted)
    budget_program = config.search.budget_program
    yield from _unknown(
        "search.budget_program", budget_program, templates, f"it must be a template ({choices})"
    )
    if address is not None and not _ADDRESS.fullmatch(address):
        wanted = "it must be auto, local, or an address such as 10.0.0.1:6379"
        yield from _unknown("run.cluster", address, ("auto", "local"), wanted)
    log = config.run.log
    if log and (not log.startswith(TENSORBOARD) or log == TENSORBOARD):
        yield "run.log", f"it must be {TENSORBOARD}FOLDER"
    for name in config.search.freeze:
        yield from _unknown("search.freeze", name, FUNCTIONS, f"it must list {', '.join(FUNCTIONS)}")
    try:
        read_class_weights(config.data.class_weights)
    except ValueError as error:
        yield "data.class_weights", str(error)
    try:
        mutations, _ = weighted(config.mutation.kinds)
    except ValueError as error:
        yield "mutation.kinds", str(error)
    else:
        for name in mutations:
            if not is_reference(name):
                wanted = f"there is no mutation {name!r} among {', '.join(KINDS)}"
                yield from _unknown("mutation.kinds", name, KINDS, wanted)


def _missing(config: Config) -> Iterator[Problem]:
    from synth.mutation.kinds import weighted

    start, immigrants = config.search.start, config.search.immigrants
    if start.endswith(".py") and not Path(start).is_file():
        yield "search.start", "there is no such file"
    if immigrants and not Path(immigrants).is_dir():
        yield "search.immigrants", "there is no such folder"
    yield from _not_importable("data.metric", [config.data.metric], config.run.plugins)
    yield from _not_importable("mutation.kinds", weighted(config.mutation.kinds)[0], config.run.plugins)


def _not_importable(key: str, names: Iterable[str], folder: str) -> Iterator[Problem]:
    """Give the functions of one's own among the names that a setting holds which cannot be imported."""
    for name in filter(is_reference, names):
        try:
            check_plugin(name, folder)
        except UsageError as error:
            yield key, str(error)


def _unknown(key: str, name: str, known: Iterable[str], wanted: str) -> Iterator[Problem]:
    if name not in known:
        yield key, wanted + suggestion(name, known)


def _program(program: ProgramConfig) -> Iterator[Problem]:
    for name in ("scalars", "vectors", "matrices"):
        if getattr(program, name) > ADDRESSES:
            yield f"program.{name}", f"it must be at most {ADDRESSES}"
    for function in FUNCTIONS:
        smallest, largest, start, ids = (
            getattr(program, f"{function}_{name}") for name in ("min", "max", "start", "ops")
        )
        for op_id in ids:
            yield from _op(program, f"program.{function}_ops", op_id)
        if smallest > largest:
            yield f"program.{function}_min", f"it must be at most program.{function}_max, {largest}"
        if start and not ids:
            yield f"program.{function}_start", f"a random start needs ids in program.{function}_ops"
    if not any(getattr(program, f"{function}_ops") for function in FUNCTIONS):
        yield "program.predict_ops", "at least one function needs ops; see `synth ops`"


def _op(program: ProgramConfig, key: str, op_id: int) -> Iterator[Problem]:
    if not NO_OP.id < op_id < len(OPS):
        yield key, f"there is no op {op_id} to choose; ids go from 1 to {len(OPS) - 1}"
        return
    op = OPS[op_id]
    if program.matrices == 0 and "m" in (*op.inputs, op.output):
        yield "program.matrices", f"op {op_id} ({op.name}) in {key} needs at least 1"
    if program.vectors == 1 and op.output == "v":
        yield "program.vectors", f"op {op_id} ({op.name}) in {key} needs at least 2"


def _contradictions(config: Config) -> Iterator[Problem]:
    """Give the settings that do not go together with others."""
    search, mixes, kinds = config.search, len(config.data.mix), config.mutation.kinds
    sizes = [getattr(config.program, f"{function}_start") for function in FUNCTIONS]
    for wrong, key, wanted in (
        (
            mixes > search.islands,
            "data.mix",
            f"{mixes} mixes need as many islands; search.islands is {search.islands}",
        ),
        (
            search.method == "evolution" and not kinds,
            "mutation.kinds",
            "evolution needs at least one mutation, such as insert",
        ),
        (
            search.start == "random" and not any(sizes),
            "search.start",
            "a random start needs a size, such as program.predict_start",
        ),
        (
            search.restart_rounds and search.experiment_rounds,
            "search.restart_rounds",
            "an island has restarts or search.experiment_rounds, not both",
        ),
        (
            config.data.fresh_rounds and config.data.redraw,
            "data.fresh_rounds",
            "tasks change after rounds or, by data.redraw, with experiments",
        ),
        (
            set(search.freeze) == set(FUNCTIONS),
            "search.freeze",
            "at least one function must be left to change",
        ),
        (
            search.freeze and search.start in ("empty", *DRAWN_STARTS),
            "search.freeze",
            "only a start program can be frozen; name one with --start",
        ),
        (
            search.freeze and search.method == "random",
            "search.freeze",
            "random search draws whole programs; use search.method=evolution",
        ),
        (
            search.immigrants and not search.migration_rounds,
            "search.immigrants",
            "immigrants come at migrations; set search.migration_rounds",
        ),
    ):
        if wrong:
            yield key, wanted
