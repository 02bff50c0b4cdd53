"""`synth compare`: which of two programs is better, and how surely."""

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from synth.commands.common import AsJson, print_json, stderr, stdout
from synth.commands.tasks import tasks_for, with_task_options
from synth.settings.schema import Level

if TYPE_CHECKING:
    from synth.study.tasks import TaskOptions

PROJECTIONS = 5
"""Tasks of each pair of classes, unless a number of tasks is asked for."""

_WHAT = "A module, a template's name (linear, neural_net, ...), or logistic for logistic regression."


@with_task_options
def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(help=_WHAT, metavar="A", show_default=False)],
    second: Annotated[str, typer.Argument(help="What it is compared with.", metavar="B", show_default=False)],
    split: Annotated[
        Literal["search", "select", "report", "test"],
        typer.Option(help="What the tasks are for; report: pairs and rows that no choice was made on."),
    ] = "report",
    *,
    wanted: "TaskOptions",
    tune: Annotated[
        int,
        typer.Option(
            help="Trials in which the constants of both are tuned first, on select tasks; at most 5 with "
            "more than 64 features.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    sandbox: Level = "full",
    as_json: AsJson = False,
) -> None:
    """Compare two programs on the same tasks: the mean difference A - B with its 95 % interval.

    With --tune both have their constants tuned first, in equally many trials.

    The interval comes from a bootstrap over pairs of classes, then projections, as tasks of one pair share
    their images.
    """
    from dataclasses import replace

    from rich.text import Text

    from synth.report.terminal.study import compare_result
    from synth.search.scoring.tuning import affordable
    from synth.study.compare import compare as compared
    from synth.study.compare import compare_document, contestant, tuned
    from synth.study.tasks import find_tasks

    one, other = contestant(first), contestant(second)
    modules = [found.path for found in (one, other) if found.path]
    chosen = tasks_for(context, wanted, (split,), modules, PROJECTIONS)

    def say(sentence: str) -> None:
        if not context.obj["quiet"]:
            stderr().print(Text(sentence, style="dim"), soft_wrap=True)

    tuning = None
    if tune > 0:
        select = find_tasks(replace(wanted, tasks=None), ("select",), modules)
        say(f"tuning the constants of both on {select.words} ...")
        trials = affordable(tune, select.sets[0].features)
        one, other = tuned(one, select, trials), tuned(other, select, trials)
        tuning = {"trials": trials, "tasks": select.words, "first": one.module, "second": other.module}
    document = compare_document(compared(one, other, chosen, sandbox, say=say)) | {"tuned": tuning}
    if as_json:
        print_json(document)
    else:
        stdout().print(compare_result(document))
