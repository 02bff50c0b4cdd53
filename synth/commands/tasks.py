"""Options that say on which tasks programs are studied, and finding those tasks."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth.commands.common import print_notices, stderr

if TYPE_CHECKING:
    from synth.study.tasks import Ground, Wish

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


def ground_for(
    context: typer.Context,
    wish: "Wish",
    splits: Sequence[str],
    modules: Sequence[Path] = (),
    projections: int | None = None,
) -> "Ground":
    """Find the tasks, show a download, and tell what is to be known of the data."""
    from synth.report.terminal.download import DownloadProgress
    from synth.study.tasks import find_ground

    with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
        found = find_ground(wish, splits, modules, projections, progress)
    print_notices(found.notices)
    return found
