"""What commands share: options that mean the same everywhere, and printing."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from rich.console import Console

UNBROKEN = 1000
"""Columns of output that is not a terminal."""

Modules = Annotated[
    list[Path], typer.Argument(help="Candidate modules (.py files).", metavar="MODULE...", show_default=False)
]
RunArgument = Annotated[
    str | None,
    typer.Argument(
        help="A run's folder, or its name in SYNTH_RUNS_DIR or ./generated.",
        metavar="[RUN]",
        show_default="the latest run",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of CIFAR-10, otherwise SYNTH_DATA_DIR.", show_default=False),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all random choices.")]

EngineName = Literal["native", "python"]
Dtype = Literal["float32", "float64"]


def stdout() -> "Console":
    """Return the console for results."""
    from rich.console import Console

    # Where nobody looks at a screen, lines are as long as they need to be.
    return Console(highlight=False, width=None if sys.stdout.isatty() else UNBROKEN)


def stderr() -> "Console":
    """Return the console for everything else."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_json(document: dict[str, Any]) -> None:
    """Print a JSON document; a number that is not finite is a bug, not a `null`."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_notices(notices: tuple[str, ...]) -> None:
    """Tell on stderr what cannot be missed."""
    from rich.text import Text

    console = stderr()
    for notice in notices:
        console.print(Text(f"notice: {notice}", style="bold yellow"), soft_wrap=True)
