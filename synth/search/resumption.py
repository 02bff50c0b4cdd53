"""Where a search begins, and on what conditions it goes on from a checkpoint."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from synth.errors import UsageError
from synth.language.ops import OPS
from synth.mutation.fresh import ADDRESS_SETTINGS
from synth.runs.events import Counts
from synth.runs.folder import RunFolder
from synth.search import checkpoint
from synth.search.arrays import check_code
from synth.search.checkpoint import Identity, Point
from synth.search.evolution.migration import scored_anew
from synth.search.evolution.rules import rules_for
from synth.search.scoring.judge import Judge
from synth.settings.mixes import mix_of
from synth.settings.resolve import digests, parse, to_toml
from synth.settings.schema import Config, LimitsConfig, RunConfig
from synth.settings.values import as_text

DIFFERENCES = {"config": "settings", "ops": "op table", "data": "task data"}
"""What may differ since a checkpoint, by the name that accepts it."""

START = "# start program "
"""What stands before the digest of the start program, which follows on an identity's settings; after it come
lines of the functions of one's own, each with its digest."""


def first_point(config: Config) -> Point:
    """Return the beginning of a search."""
    islands = config.search.islands
    return Point(0, 0, tuple({} for _ in range(islands)), Counts(experiments=islands), None, (), (), 0, 0.0)


def identity_of(judge: Judge) -> Identity:
    """Return what results of a search depend on: neither limits, nor what `run` holds beside the engine."""
    config = judge.config
    bare = replace(config, limits=LimitsConfig(), run=RunConfig(engine=config.run.engine))
    start = hashlib.sha256(rules_for(config).start.text().encode()).hexdigest()
    own = [f"# {reference} {digest}" for reference, digest in digests(config).items()]
    ops = hashlib.sha256(repr([(op.id, op.name, op.template, op.cost, op.constants) for op in OPS]).encode())
    data = {
        "search" if mix == 0 else f"search {mix}": tasks.digest for mix, tasks in enumerate(judge.search_sets)
    }
    return Identity(
        "\n".join((f"{to_toml(bare)}{START}{start}", *own, "")),
        ops.hexdigest(),
        {**data, "select": judge.select_tasks.digest},
    )


def last_point(judge: Judge, folder: RunFolder, accept: Sequence[str]) -> tuple[Point, list[str]]:
    """Return the last checkpoint of a run, and notices about it.

    Raises UsageError when there is none that is whole, or something differs since then that `accept` does not
    name. When something that it names differs, every program is scored anew.
    """
    accept = [name.strip() for names in accept for name in names.split(",")]
    for name in accept:
        if name not in DIFFERENCES:
            raise UsageError(f"--accept {name} accepts nothing; it takes {', '.join(DIFFERENCES)}")
    point, before, notice = checkpoint.load(folder.checkpoint)
    notices = [f"{notice}; the run goes on from the checkpoint before"] if notice else []
    now = identity_of(judge)
    other_settings = _difference(before.config, now.config)
    same = {"config": not other_settings, "ops": before.ops == now.ops, "data": before.data == now.data}
    changed = [name for name in DIFFERENCES if not same[name]]
    for name in changed:
        if name not in accept:
            detail = other_settings if name == "config" else ""
            raise UsageError(
                f"the {DIFFERENCES[name]} of {folder.path} changed since its checkpoint{detail}; "
                f"`--accept {name}` goes on all the same and scores every program anew"
            )
    if folder.store.seal_of(point.mark) != point.seal:
        raise UsageError(
            f"{folder.store.path} is damaged: it does not hold what it held at the checkpoint, without which "
            "the run cannot go on"
        )
    if len(point.inputs) != judge.config.search.islands:
        raise UsageError(
            f"{folder.path} has {len(point.inputs)} islands, and search.islands is now "
            f"{judge.config.search.islands}; a run keeps its islands"
        )
    _check_programs(point, judge.config)
    if changed:
        notices.append(
            f"the {' and '.join(DIFFERENCES[name] for name in changed)} changed since the checkpoint; "
            "programs are scored anew"
        )
        point = _scored_anew(point, judge)
    return point, notices


def _check_programs(point: Point, config: Config) -> None:
    """Raise UsageError for programs that use more addresses than the run has, which is not safe."""
    limits = {kind: getattr(config.program, name) for kind, name in ADDRESS_SETTINGS.items()}
    for arrays in point.inputs:
        for name in arrays.keys() & {"code", "line_code"}:
            try:
                check_code(arrays[name], limits)
            except ValueError as error:
                raise UsageError(
                    f"the checkpoint holds a program outside of the run's space: {error}"
                ) from None


def _difference(before: str, now: str) -> str:
    """Return in words the first setting in which two documents differ; an empty text where none does.

    They may be written differently, and a setting that an earlier one does not have has its default.
    """
    then = _settings(before)
    for key, value in _settings(now).items():
        if then.get(key) != value:
            return f" (then {key} = {as_text(then.get(key))}, now {as_text(value)})"
    return ""


def _settings(document: str) -> dict[str, Any]:
    """Return the settings of an identity's document by their names, and what else it has digests of."""
    settings, _, lines = document.rpartition(START)
    start, *own = lines.strip().split("\n")
    files = (line.removeprefix("# ").split() for line in own)
    return {
        **parse(settings),
        "the start program": start.strip(),
        **{f"the file of {reference}": digest for reference, digest in files},
    }


def _scored_anew(point: Point, judge: Judge) -> Point:
    """Return a point whose programs are scored again, as their tasks or rules changed."""
    best = point.best
    if best is not None:
        search = judge.on_search(best.candidate, mix_of(judge.config, best.island))
        result = judge.select.evaluate(best.candidate)
        select, per_task = result.fitness or 0.0, result.per_task or ()
        best = replace(best, search=search, select=select, select_per_task=per_task)
    return replace(point, inputs=tuple(map(scored_anew, point.inputs)), best=best, judged=())
