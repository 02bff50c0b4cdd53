"""`synth verify`: whether the figures that a module states come out again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.errors import Refusal, UsageError
from synth.language.parser import read_text
from synth.runs.files import SETTINGS
from synth.runs.record import run_around
from synth.runs.stated import DIGITS_OF_DIGEST, StatedFigure, digest_of_metric, figures_of
from synth.settings.resolve import import_metric, read
from synth.settings.schema import Level
from synth.study.evaluate import Module, evaluator, load_all
from synth.tasks.metrics import combine
from synth.tasks.names import DATA_SETS
from synth.tasks.sets import task_set
from synth.tasks.sources.download import Progress
from synth.tasks.task import TaskSet


@dataclass(frozen=True)
class Claim:
    """A figure that a module states, and the tasks on which it is replayed."""

    stated: StatedFigure
    tasks: TaskSet


def claims_of(
    path: Path,
    data: str | None = None,
    *,
    test: bool = False,
    data_dir: Path | None = None,
    progress: Progress | None = None,
) -> list[Claim]:
    """Return what a module states, with the tasks; figures on test tasks with `test` alone.

    `data` takes the place of the data set that it names; a module on somebody's own data needs it, unless the
    file lies beside it, or beside its folder. Raises
    UsageError where it states nothing, or where the data are others, and the errors of `task_set`.
    """
    found = figures_of(read_text(path), str(path))
    if not found:
        raise UsageError(
            f"{path} states no figures; best.py and tuned.py do, and what `synth export --style numpy` makes "
            "of a run's module"
        )
    chosen = [one for one in found if test or one.split != "test"]
    if not chosen:
        raise UsageError(f"{path} states figures on test tasks alone; --test replays them")
    if folder := run_around([path]):
        import_metric(read(folder / SETTINGS))
    return [Claim(one, _tasks(path, one, data, data_dir, progress)) for one in chosen]


def _tasks(
    path: Path, stated: StatedFigure, data: str | None, data_dir: Path | None, progress: Progress | None
) -> TaskSet:
    """Return the tasks of a statement. Raises UsageError where they are not those that it was made on."""
    conditions = stated.conditions
    if data is None and conditions.data not in DATA_SETS:
        beside = (folder / conditions.data for folder in path.resolve().parents[:2])
        data = next((str(file) for file in beside if file.is_file()), None)
    if data is None and conditions.data not in DATA_SETS:
        raise UsageError(f"{path} states figures on {conditions.data}; --data says where that file is")
    request = conditions.request | ({"data": data} if data else {})
    tasks = task_set(split=stated.split, data_dir=data_dir, progress=progress, **request)
    function = digest_of_metric(tasks.metric)
    if conditions.function and function != conditions.function:
        raise UsageError(
            f"{path} states figures by {tasks.metric} of a file with the digest {conditions.function}, and "
            f"that file has {function} here; put the original one in its place, or evaluate the module anew "
            "by `synth eval`"
        )
    digest = tasks.digest[:DIGITS_OF_DIGEST]
    if digest != conditions.digest:
        original = "" if conditions.data in DATA_SETS else "give the original file by --data, or "
        raise UsageError(
            f"{path} states figures on {stated.split} tasks of {conditions.data} with the digest "
            f"{conditions.digest}, and those of {tasks.name} here have {digest}; {original}"
            "evaluate it anew by `synth eval`"
        )
    return tasks


def verify(
    path: Path,
    claims: Sequence[Claim],
    *,
    engine: str = "native",
    time_limit: float = 600.0,
    sandbox: Level = "full",
    announce: Callable[[str], None] = lambda sentence: None,
) -> dict[str, Any]:
    """Return the JSON document of `synth verify`: each figure as stated and as it comes out in float64."""
    (module,) = load_all([path], engine)
    if isinstance(module, Refusal):
        raise module
    if isinstance(module, Module) and engine == "native":
        raise UsageError(f"{module.refusal}; --engine python can replay modules outside of the language")
    figures = []
    for claim in claims:
        stated, conditions = claim.stated, claim.stated.conditions
        how = (conditions.seed, conditions.epochs, time_limit, sandbox, announce)
        with evaluator(claim.tasks, engine, "float64", *how) as (run, _):
            result = run(module)
        replayed = None
        if result.per_task:
            replayed = stated.rounded(combine(result.per_task, conditions.combine))
        figures.append(
            {
                "split": stated.split,
                "tasks": len(claim.tasks.tasks),
                "data": claim.tasks.name,
                "metric": claim.tasks.metric,
                "stated": stated.figure,
                "replayed": replayed,
                "equal": None if replayed is None else replayed == stated.figure,
                "error": result.error,
            }
        )
    return {"schema": 1, "module": str(path), "engine": engine, "figures": figures}
