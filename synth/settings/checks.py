"""Range checks of settings: each problem is one sentence that names the setting, its value and the mend."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS
from synth.language.memory import ADDRESSES
from synth.language.ops import NO_OP, OPS
from synth.settings.schema import Config, ProgramConfig

LEAST: dict[str, float] = {
    "seed": 0,
    "data.features": 1,
    "data.tasks": 1,
    "data.train": 1,
    "data.valid": 1,
    "data.epochs": 1,
    "data.fresh_rounds": 0,
    "data.select_tasks": 1,
    "data.select_train": 1,
    "data.select_valid": 1,
    "data.report_tasks": 1,
    "data.test_tasks": 1,
    "program.scalars": 2,
    "program.vectors": 1,
    "program.matrices": 0,
    **{f"program.{function}_{bound}": 0 for function in FUNCTIONS for bound in ("min", "max", "start")},
    "mutation.probability": 0,
    "mutation.families": 0,
    "search.population": 1,
    "search.tournament": 1,
    "search.islands": 1,
    "search.feedback_islands": 0,
    "search.round_candidates": 1,
    "search.parsimony": 0,
    "search.structure_share": 0.01,
    "search.hurdle_errors": 0,
    "search.race_trials": 0,
    "search.restart_rounds": 0,
    "search.experiment_rounds": 0,
    "search.retries": 1,
    "search.fec_train": 1,
    "search.fec_valid": 0,
    "search.fec_capacity": 1,
    "search.fec_forget": 0,
    "search.hurdle_train": 0,
    "search.hurdle_tasks": 0,
    "search.hurdle_percentile": 0,
    "search.migration_rounds": 0,
    "search.migration_share": 0,
    "search.budget_factor": 0,
    "fitness.tuning_trials": 0,
    "limits.seconds": 0,
    "limits.candidates": 1,
    "limits.train_steps": 1,
    "limits.target": 0,
    "run.workers": 1,
    "run.checkpoint_seconds": 0,
}
MOST: dict[str, float] = {
    "seed": 2**63 - 1,
    "program.scalars": ADDRESSES,
    "program.vectors": ADDRESSES,
    "program.matrices": ADDRESSES,
    "mutation.probability": 1,
    "mutation.families": 1,
    "search.structure_share": 1,
    "search.hurdle_percentile": 100,
    "search.migration_share": 1,
    "limits.target": 1,
}

DRAWN_STARTS = ("random", "valid")
"""Starts from programs that are drawn."""

Complain = Callable[[str, str], UsageError]


def check(config: Config, sources: Mapping[str, str] | None = None) -> None:
    """Raise UsageError for the first setting that is out of range; `sources` says where values came from."""
    values = dict(settings_of(config))

    def complain(key: str, wanted: str) -> UsageError:
        source = f" (from {sources[key]})" if sources and key in sources else ""
        value = values[key]
        return UsageError(f"{key}{source} is {value!r}; {wanted}")

    for key, value in values.items():
        if value is not None and (value < LEAST.get(key, value) or value > MOST.get(key, value)):
            raise complain(key, f"it must be {_range(key)}")
    _check_data(config.data.name, "data.name", complain)
    _check_mixes(config, complain)
    _check_program(config.program, complain)
    _check_mutation(config, complain)
    _check_start(config, complain)
    _check_freedom(config, complain)
    _check_cluster(config.run.cluster, complain)


def suggestion(name: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?`, or nothing when no known name is like it."""
    known = list(known)
    found = difflib.get_close_matches(name, known, 1, 0.5)
    # A section is easily forgotten or confused: `population` for `search.population`.
    found = found or [key for key in known if key.rpartition(".")[2] == name.rpartition(".")[2]]
    return f"; did you mean {found[0]}?" if found else ""


def settings_of(config: Config) -> Iterator[tuple[str, Any]]:
    """Give each setting's full name and value."""
    for field in fields(config):
        section = getattr(config, field.name)
        if is_dataclass(section):
            yield from ((f"{field.name}.{key.name}", getattr(section, key.name)) for key in fields(section))
        else:
            yield field.name, section


def _range(key: str) -> str:
    least = f"at least {LEAST[key]}" if key in LEAST else ""
    most = f"at most {MOST[key]}" if key in MOST else ""
    return " and ".join(filter(None, (least, most)))


def _check_data(name: str, key: str, complain: Complain) -> None:
    from synth.tasks.sets import DATA_SETS

    known = ("auto", *DATA_SETS)
    if name not in known and not name.endswith(".npz"):
        choices = f"a data set must be one of {', '.join(known)} or the path of an .npz file"
        raise complain(key, choices + suggestion(name, known))


def _check_cluster(address: str | None, complain: Complain) -> None:
    words = ("auto", "local")
    if address is not None and address not in words and not _ADDRESS.fullmatch(address):
        wanted = "it must be auto, local, or an address such as 10.0.0.1:6379"
        raise complain("run.cluster", wanted + suggestion(address, words))


_ADDRESS = re.compile(r"(ray://)?[\w.-]+:\d{1,5}|(ray://)?\[[\da-fA-F:]+\]:\d{1,5}")


def _check_mixes(config: Config, complain: Complain) -> None:
    from synth.settings.mixes import mixes

    for data in mixes(config) if config.data.mix else ():
        _check_data(data.name, "data.mix", complain)
    count, islands = len(config.data.mix), config.search.islands
    if count > islands:
        raise complain("data.mix", f"{count} mixes need as many islands; search.islands is {islands}")


def _check_program(program: ProgramConfig, complain: Complain) -> None:
    for function in FUNCTIONS:
        key = f"program.{function}_ops"
        ids: tuple[int, ...] = getattr(program, f"{function}_ops")
        for op_id in ids:
            if not NO_OP.id < op_id < len(OPS):
                raise complain(key, f"there is no op {op_id} to choose; ids go from 1 to {len(OPS) - 1}")
            op = OPS[op_id]
            if program.matrices == 0 and "m" in (*op.inputs, op.output):
                raise complain("program.matrices", f"op {op_id} ({op.name}) in {key} needs at least 1")
            if program.vectors == 1 and op.output == "v":
                raise complain("program.vectors", f"op {op_id} ({op.name}) in {key} needs at least 2")
        smallest, largest = getattr(program, f"{function}_min"), getattr(program, f"{function}_max")
        if smallest > largest:
            raise complain(f"program.{function}_min", f"it must be at most program.{function}_max, {largest}")
        if getattr(program, f"{function}_start") and not ids:
            raise complain(f"program.{function}_start", f"a random start needs ids in {key}")
    if not any(getattr(program, f"{function}_ops") for function in FUNCTIONS):
        raise complain("program.predict_ops", "at least one function needs ops; see `synth ops`")


def _check_mutation(config: Config, complain: Complain) -> None:
    from synth.mutation.kinds import KINDS, weighted

    try:
        names, _ = weighted(config.mutation.kinds)
    except ValueError as error:
        raise complain("mutation.kinds", str(error)) from None
    for name in names:
        if name not in KINDS:
            hint = suggestion(name, KINDS) or f"; there are {', '.join(KINDS)}"
            raise complain("mutation.kinds", f"there is no mutation {name!r}{hint}")
    if not config.mutation.kinds and config.search.method == "evolution":
        raise complain("mutation.kinds", f"evolution needs at least one of {', '.join(KINDS)}")


def _check_start(config: Config, complain: Complain) -> None:
    from synth.language.templates import template_names

    known = template_names()
    start, program = config.search.start, config.program
    if start.endswith(".py"):
        if not Path(start).is_file():
            raise complain("search.start", "there is no such file")
    elif start not in (*DRAWN_STARTS, *known):
        choices = f"it must be random, valid, a template ({', '.join(known)}) or the path of a module"
        raise complain("search.start", choices + suggestion(start, (*DRAWN_STARTS, *known)))
    if start == "random" and not any(getattr(program, f"{function}_start") for function in FUNCTIONS):
        raise complain("search.start", "a random start needs a size, such as program.predict_start")
    if config.search.budget_program not in known:
        hint = suggestion(config.search.budget_program, known)
        raise complain("search.budget_program", f"it must be a template ({', '.join(known)}){hint}")


def _check_freedom(config: Config, complain: Complain) -> None:
    search = config.search
    for name in search.freeze:
        if name not in FUNCTIONS:
            raise complain(
                "search.freeze", f"it must list {', '.join(FUNCTIONS)}{suggestion(name, FUNCTIONS)}"
            )
    if search.restart_rounds and search.experiment_rounds:
        raise complain(
            "search.restart_rounds", "an island has restarts or search.experiment_rounds, not both"
        )
    if config.data.fresh_rounds and config.data.redraw:
        raise complain("data.fresh_rounds", "tasks change after rounds or, by data.redraw, with experiments")
    if set(search.freeze) == set(FUNCTIONS):
        raise complain("search.freeze", "at least one function must be left to change")
    if search.freeze and search.start in ("empty", *DRAWN_STARTS):
        raise complain("search.freeze", "only a start program can be frozen; name one with --start")
    if search.freeze and search.method == "random":
        raise complain("search.freeze", "random search draws whole programs; use search.method=evolution")
    if search.immigrants and not search.migration_rounds:
        raise complain("search.immigrants", "immigrants come at migrations; set search.migration_rounds")
    if search.immigrants and not Path(search.immigrants).is_dir():
        raise complain("search.immigrants", "there is no such folder")
