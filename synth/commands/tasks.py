"""Options that say on which tasks programs are studied, and finding those tasks."""

import inspect
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth.commands.common import DataDir, print_notices, stderr

if TYPE_CHECKING:
    from synth.study.tasks import StudyTasks, TaskOptions

DataName = Annotated[
    str | None,
    typer.Option(
        "--data",
        help="auto, cifar10, digits, linear, affine, nonlinear, or FILE.npz with X and y.",
        show_default="that of the run around a module, or auto",
    ),
]
Features = Annotated[int | None, typer.Option("--features", min=1, help="Features of an example (F).")]
TaskCount = Annotated[int | None, typer.Option("--tasks", min=1, help="Number of tasks.")]
Train = Annotated[int | None, typer.Option("--train", min=1, help="Training examples of a task.")]
Valid = Annotated[int | None, typer.Option("--valid", min=1, help="Examples of a task that are scored.")]
Epochs = Annotated[int | None, typer.Option("--epochs", min=1, help="Passes over the training examples.")]
RandomSeed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of what programs draw.")]

_OPTIONS = {
    "data": DataName,
    "data_dir": DataDir,
    "features": Features,
    "tasks": TaskCount,
    "train": Train,
    "valid": Valid,
    "epochs": Epochs,
    "seed": RandomSeed,
}


def with_task_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name tasks, in place of its keyword parameter `wanted`.

    The command gets what was given as one `study.tasks.TaskOptions`.
    """
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in _OPTIONS.items()
    ]
    parameters = list(inspect.signature(command).parameters.values())
    place = [parameter.name for parameter in parameters].index("wanted")
    parameters[place : place + 1] = options

    @wraps(command)
    def with_options(*arguments: Any, **given: Any) -> None:
        from synth.study.tasks import TaskOptions

        wanted = TaskOptions(**{name: given.pop(name) for name in _OPTIONS})
        command(*arguments, wanted=wanted, **given)

    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options


def tasks_for(
    context: typer.Context,
    wanted: "TaskOptions",
    splits: Sequence[str],
    modules: Sequence[Path] = (),
    projections: int | None = None,
) -> "StudyTasks":
    """Find the tasks, show a download, and tell what is to be known of the data."""
    from synth.report.terminal.download import DownloadProgress
    from synth.study.tasks import find_tasks

    with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
        found = find_tasks(wanted, splits, modules, projections, progress)
    print_notices(found.notices)
    return found
