"""`synth export`: a program as a module that other projects import."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from synth.commands.common import print_notices


def export(
    module: Annotated[Path, typer.Argument(help="A candidate module.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the module here.", show_default=False)
    ] = None,
    style: Annotated[
        Literal["numpy", "sklearn"],
        typer.Option(help="numpy: the class Model, numpy alone. sklearn: estimators too, by its rules."),
    ] = "numpy",
) -> None:
    """Write a program as a module of its own: `from model import Model` needs numpy alone.

    Its docstring says which run found it, what it reaches, and how to find it again.
    """
    from synth.runs.files import write_atomically
    from synth.study import export

    text = export.export(module, style, lambda notice: print_notices((notice,)))
    if output:
        write_atomically(output, text)
    else:
        sys.stdout.write(text)
