"""Options that say on which tasks programs are studied, and finding those tasks."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth.commands.common import DataDir, print_notices, stderr
from synth.settings.schema import Level
from synth.tasks.names import DATA_HELP

if TYPE_CHECKING:
    from synth.study.tasks import StudyTasks

DataName = Annotated[
    str | None,
    typer.Option(
        "--data",
        help=DATA_HELP,
        show_default="that of the run whose folder holds a module, or auto",
    ),
]
Features = Annotated[int | None, typer.Option("--features", min=1, help="Features of each example (F).")]
TaskCount = Annotated[int | None, typer.Option("--tasks", min=1, help="Number of tasks.")]
Train = Annotated[int | None, typer.Option("--train", min=1, help="Training examples of each task.")]
Valid = Annotated[
    int | None,
    typer.Option("--valid", min=1, help="Validation examples of each task."),
]
Epochs = Annotated[int | None, typer.Option("--epochs", min=1, help="Passes over the training examples.")]
RandomSeed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of programs' random draws.")]
PythonSandbox = Annotated[Level, typer.Option("--sandbox", help="Confinement of the python engine.")]

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


@dataclass(frozen=True)
class TaskFlags:
    """What a user asked for with the options that name tasks."""

    quiet: bool
    values: dict[str, Any]
    """The value of each option, None where it was not given."""

    @property
    def given(self) -> bool:
        """Whether any of the options was given."""
        return any(value is not None for value in self.values.values())

    def find(
        self, splits: Sequence[str], modules: Sequence[Path], projections: int | None = None
    ) -> "StudyTasks":
        """Find the tasks of these splits, show a download's progress, and print notices about the data."""
        from synth.report.terminal.download import DownloadProgress
        from synth.study.tasks import TaskOptions, find_tasks

        with DownloadProgress(stderr(), self.quiet) as progress:
            tasks = find_tasks(TaskOptions(**self.values), splits, modules, projections, progress)
        print_notices(tasks.notices)
        return tasks


def with_task_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options that name tasks, in place of its keyword parameter `task_flags`."""
    options = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=option)
        for name, option in _OPTIONS.items()
    ]
    parameters = list(inspect.signature(command).parameters.values())
    position = [parameter.name for parameter in parameters].index("task_flags")
    parameters[position : position + 1] = options

    @wraps(command)
    def with_options(context: typer.Context, **arguments: Any) -> None:
        values = {name: arguments.pop(name) for name in _OPTIONS}
        command(context, task_flags=TaskFlags(context.obj["quiet"], values), **arguments)

    with_options.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    with_options.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return with_options
