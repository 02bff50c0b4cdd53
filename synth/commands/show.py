"""`synth show`: what a run has found."""

from typing import Annotated

import typer

from synth.commands.common import AsJson, RunArgument, print_json, stdout


def show(
    run: RunArgument = None,
    top: Annotated[int, typer.Option(min=1, help="Programs in the table, the best first.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Show the best programs of a run, the Pareto front, and where the best comes from.

    It only reads, so it may be called while the run goes on.
    """
    from synth.report.terminal.show import show_result
    from synth.runs.record import Record, find_run
    from synth.study.show import show_document

    document = show_document(Record.read(find_run(run)))
    if as_json:
        print_json(document)
    else:
        stdout().print(show_result(document, top))
