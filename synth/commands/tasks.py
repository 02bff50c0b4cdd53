"""The options that say on which tasks programs are studied, and the tasks that they name."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth.commands.common import DataDir, print_notices, stderr
from synth.settings.schema import Level
from synth.tasks.names import CLASS_WEIGHTS_HELP, DATA_HELP, METRIC_HELP

if TYPE_CHECKING:
    from synth.study.tasks import StudyTasks

Features = Annotated[int | None, typer.Option("--features", min=1, help="Features of each example (F).")]
TaskCount = Annotated[int | None, typer.Option("--tasks", min=1, help="Number of tasks.")]
Train = Annotated[int | None, typer.Option("--train", min=1, help="Training examples of each task.")]
Valid = Annotated[
    int | None,
    typer.Option("--valid", min=1, help="Validation examples of each task."),
]
PythonSandbox = Annotated[Level, typer.Option("--sandbox", help="Confinement of the python engine.")]

TASK_OPTIONS: dict[str, Any] = {
    "data": Annotated[
        str | None,
        typer.Option(
            "--data", help=DATA_HELP, show_default="that of the run whose folder holds a module, or auto"
        ),
    ],
    "data_dir": DataDir,
    "features": Features,
    "count": TaskCount,
    "train": Train,
    "valid": Valid,
    "metric": Annotated[
        str | None,
        typer.Option("--metric", help=METRIC_HELP, metavar="NAME", show_default="that of the run, or auto"),
    ],
    "class_weights": Annotated[str | None, typer.Option("--class-weights", help=CLASS_WEIGHTS_HELP)],
    "epochs": Annotated[
        int | None, typer.Option("--epochs", min=1, help="Passes over the training examples.")
    ],
    "seed": Annotated[int | None, typer.Option("--seed", min=0, help="Seed of programs' random draws.")],
}
"""The options that name tasks, for `with_options`."""


def find_tasks(
    context: typer.Context,
    options: Mapping[str, Any],
    splits: Sequence[str],
    modules: Sequence[Path],
    projections: int | None = None,
) -> "StudyTasks":
    """Return the tasks of these splits; show the progress of a download, and print notices about the data."""
    from synth.report.terminal.download import DownloadProgress
    from synth.study import tasks

    with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
        chosen = tasks.find_tasks(options, splits, modules, projections, progress)
    print_notices(*chosen.notices)
    return chosen
