"""`synth show`: what a run has found, and any program as mathematics."""

import sys
from functools import partial
from typing import Annotated

import typer

from synth.commands.common import AsJson, print_notices, print_result
from synth.errors import UsageError


def show(
    run: Annotated[
        str | None,
        typer.Argument(
            help="A run's folder, or its name in SYNTH_RUNS_DIR or ./generated; with --math also a module.",
            metavar="[RUN|MODULE]",
            show_default="the latest run",
        ),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Most programs to list, the best first.")] = 10,
    math: Annotated[
        bool, typer.Option("--math", help="Show the equations of a run's best program, or of a module.")
    ] = False,
    latex: Annotated[
        bool, typer.Option("--latex", help="Write the equations as LaTeX; implies --math.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the best programs of a run, the Pareto front, and the lineage of the best program.

    It only reads, so it can be used while the run goes on.
    """
    from synth.reading.equations.equations import equations_of
    from synth.reading.equations.listing import latex_text
    from synth.report.terminal.show import math_result, show_result
    from synth.runs.record import Record, find_run
    from synth.study.show import is_module, math_document, program_of, show_document

    if not (math or latex):
        if run is not None and is_module(run):
            raise UsageError(f"{run} is a module, of which there are only equations to show; add --math")
        print_result(show_document(Record.read(find_run(run))), as_json, partial(show_result, top=top))
        return
    program = program_of(run, print_notices)
    if latex and not as_json:
        sys.stdout.write(latex_text(equations_of(program.candidate), [program.name]))
    else:
        print_result(math_document(program), as_json, math_result)
