"""`synth diff`: how two modules differ."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth.commands.common import AsJson, print_json, stdout
from synth.commands.tasks import tasks_for, with_task_options

if TYPE_CHECKING:
    from synth.study.tasks import TaskOptions


@with_task_options
def diff(
    context: typer.Context,
    first: Annotated[Path, typer.Argument(help="A module.", metavar="A", show_default=False)],
    second: Annotated[Path, typer.Argument(help="Another module.", metavar="B", show_default=False)],
    semantic: Annotated[
        bool, typer.Option("--semantic", help="Compare what the programs do: simplified, B written after A.")
    ] = False,
    *,
    wanted: "TaskOptions",
    as_json: AsJson = False,
) -> None:
    """Show how two modules differ, and with --data or another option of tasks their fitness on each task.

    Exit code 0 when they are equal, 1 when they differ.
    """
    from synth.report.terminal.diff import print_diff
    from synth.report.terminal.study import fitness_result
    from synth.study.difference import difference, difference_document, fitness_of_both

    found = difference(first, second, semantic)
    fitness = None
    if not wanted.is_none:
        chosen = tasks_for(context, wanted, ("select",), (first, second))
        fitness = fitness_of_both(first, second, chosen)
    if as_json:
        print_json(difference_document(found, fitness))
    else:
        print_diff(stdout(), found.diff)
        if fitness:
            stdout().print(fitness_result(fitness, str(first), str(second)))
    if not found.equal:
        raise typer.Exit(1)
