"""Printing a command's result and its progress, and choosing the file that it writes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth.commands.common import print_json, stderr, stdout
from synth.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

Module = Annotated[Path, typer.Argument(help="A candidate module (.py file).", show_default=False)]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write the new module to this file.", show_default=False)
]
InPlace = Annotated[bool, typer.Option("--in-place", help="Overwrite the module with the new one.")]


def output_path(module: Path, output: Path | None, in_place: bool) -> Path | None:
    """Return the file that a new module goes to, or None if it is only printed."""
    if output and in_place:
        raise UsageError("--output and --in-place both say where the module goes; give one of them")
    return module if in_place else output


def print_result(
    document: dict[str, Any], as_json: bool, render: "Callable[[dict[str, Any]], RenderableType]"
) -> None:
    """Print a command's JSON document, either as JSON or as `render` shows it to a person."""
    if as_json:
        print_json(document)
    else:
        stdout().print(render(document))


def announcer(context: typer.Context) -> Callable[[str], None]:
    """Return a function that says on stderr what a command is doing, unless it should be quiet."""
    from rich.text import Text

    def announce(sentence: str) -> None:
        if not context.obj["quiet"]:
            stderr().print(Text(sentence, style="dim"), soft_wrap=True)

    return announce
