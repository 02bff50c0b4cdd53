"""`synth show`: what a run has found."""

from functools import partial
from typing import Annotated

import typer

from synth.commands.common import AsJson, RunArgument, print_result


def show(
    run: RunArgument = None,
    top: Annotated[int, typer.Option(min=1, help="Most programs to list, the best first.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the best programs of a run, the Pareto front, and the lineage of the best program.

    It only reads, so it can be used while the run goes on.
    """
    from synth.report.terminal.show import show_result
    from synth.runs.record import Record, find_run
    from synth.study.show import show_document

    print_result(show_document(Record.read(find_run(run))), as_json, partial(show_result, top=top))
