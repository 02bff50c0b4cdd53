"""`synth explain`: what a program does, and what each part of it is worth."""

from typing import Annotated, Any, Literal

import typer

from synth.commands.common import (
    AsJson,
    Module,
    announcer,
    print_notices,
    print_obstacle,
    print_result,
    with_options,
)
from synth.commands.tasks import TASK_OPTIONS, find_tasks


@with_options(TASK_OPTIONS)
def explain(
    context: typer.Context,
    module: Module,
    split: Annotated[
        Literal["search", "select", "report"], typer.Option(help="Split of the tasks.")
    ] = "select",
    *,
    as_json: AsJson = False,
    **task_options: Any,
) -> None:
    """Explain a program: its equations, its techniques, and how much fitness it loses without each part.

    Losses are means over tasks with their standard errors; a negative loss means that the part does harm.
    """
    from synth.language.parser import parse_file
    from synth.report.terminal.study import explain_result
    from synth.study import explain

    parsed = parse_file(module)
    print_notices(*parsed.notices)
    print_obstacle(module)
    tasks = find_tasks(context, task_options, (split,), (module,))
    explanation = explain.explain(parsed.candidate, tasks, announcer(context))
    print_result(explain.explain_document(str(module), explanation, tasks), as_json, explain_result)
