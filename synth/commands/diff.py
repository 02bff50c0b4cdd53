"""`synth diff`: how two modules differ."""

from pathlib import Path
from typing import Annotated, Any

import typer

from synth.commands.common import AsJson, print_diff, print_json, print_table, with_options
from synth.commands.tasks import TASK_OPTIONS, find_tasks


@with_options(TASK_OPTIONS)
def diff(
    context: typer.Context,
    first: Annotated[
        Path, typer.Argument(help="A module, or a template's name.", metavar="A", show_default=False)
    ],
    second: Annotated[Path, typer.Argument(help="Another module.", metavar="B", show_default=False)],
    semantic: Annotated[
        bool,
        typer.Option(
            "--semantic", help="Compare what the programs do: both are simplified, B is written like A."
        ),
    ] = False,
    *,
    as_json: AsJson = False,
    **task_options: Any,
) -> None:
    """Show how two modules differ; with --data or another task option, also their fitness on each task.

    Exit code 0 if they are equal, 1 if they differ.
    """
    from synth.report.terminal.study import fitness_result
    from synth.study.difference import difference, difference_document, fitness_of_both

    changes = difference(first, second, semantic)
    fitness = None
    if any(value is not None for value in task_options.values()):
        tasks = find_tasks(context, task_options, ("select",), (first, second))
        fitness = fitness_of_both(first, second, tasks)
    if as_json:
        print_json(difference_document(first, second, semantic, changes, fitness))
    else:
        print_diff(changes)
        if fitness:
            print_table(fitness_result(fitness, str(first), str(second)))
    if changes:
        raise typer.Exit(1)
