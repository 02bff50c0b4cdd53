"""`synth explain`: what a program does, and what each part of it is worth."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from synth.commands.common import AsJson, print_json, print_notices, stderr, stdout
from synth.commands.tasks import tasks_for, with_task_options

if TYPE_CHECKING:
    from synth.study.tasks import TaskOptions


@with_task_options
def explain(
    context: typer.Context,
    module: Annotated[Path, typer.Argument(help="A candidate module.", show_default=False)],
    split: Annotated[
        Literal["search", "select", "report"], typer.Option(help="What the tasks are for.")
    ] = "select",
    *,
    wanted: "TaskOptions",
    as_json: AsJson = False,
) -> None:
    """Explain a program: the techniques in it, and the fitness that is lost without each of its parts.

    Losses are means over tasks with their standard errors; a negative one says that the part does harm.
    """
    from rich.text import Text

    from synth.language.parser import parse_file
    from synth.report.terminal.study import explain_result
    from synth.study.explain import explain as explained
    from synth.study.explain import explain_document

    parsed = parse_file(module)
    print_notices(parsed.notices)
    chosen = tasks_for(context, wanted, (split,), (module,))

    def say(sentence: str) -> None:
        if not context.obj["quiet"]:
            stderr().print(Text(sentence, style="dim"), soft_wrap=True)

    document = explain_document(str(module), explained(parsed.candidate, chosen, say), chosen)
    if as_json:
        print_json(document)
    else:
        stdout().print(explain_result(document))
