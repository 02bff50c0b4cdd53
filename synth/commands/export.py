"""`synth export`: a program as a module that other projects import."""

import sys
from typing import Annotated, Literal

import typer

from synth.commands.common import Module, Output, print_notices


def export(
    module: Module,
    output: Output = None,
    style: Annotated[
        Literal["numpy", "sklearn", "torch", "latex"],
        typer.Option(
            help="numpy: the class Model. sklearn: estimators for scikit-learn as well. "
            "torch: Model on tensors, for many tasks at once. latex: the equations."
        ),
    ] = "numpy",
) -> None:
    """Export a program as a module of its own: `from model import Model` needs only numpy, or torch.

    With --style latex it becomes a fragment of LaTeX. The module's docstring, or the comments, say which run
    found the program, its fitness, and how to find it again.
    """
    from synth.runs.files import write_atomically
    from synth.study import export

    text = export.export(module, style, print_notices)
    if output:
        write_atomically(output, text)
    else:
        sys.stdout.write(text)
