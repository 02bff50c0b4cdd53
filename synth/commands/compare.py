"""`synth compare`: which of two programs is better, and how surely."""

from pathlib import Path
from typing import Annotated, Any

import typer

from synth.commands.common import AsJson, announcer, module_path, print_result, with_options
from synth.commands.tasks import TASK_OPTIONS, PythonSandbox, find_tasks
from synth.tasks.names import Split

PROJECTIONS = 5
"""Tasks of each pair of classes, unless a number of tasks is asked for."""

_PROGRAM = "A module, a template (linear, neural_net, ...), a run, or logistic for logistic regression."


def _program(name: str) -> str:
    from synth.study.compare import LOGISTIC

    return name if name == LOGISTIC else str(module_path(Path(name)))


@with_options(TASK_OPTIONS)
def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(help=_PROGRAM, metavar="A", show_default=False, callback=_program)],
    second: Annotated[
        str,
        typer.Argument(
            help="The program to compare with.", metavar="B", show_default=False, callback=_program
        ),
    ],
    split: Annotated[
        Split,
        typer.Option(help="Split of the tasks; report has pairs and rows that no choice was based on."),
    ] = "report",
    *,
    tune: Annotated[
        int,
        typer.Option(
            help="Tune the constants of both first, in this many trials each, on select tasks; at most 5 "
            "trials with more than 64 features.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    sandbox: PythonSandbox = "full",
    as_json: AsJson = False,
    **task_options: Any,
) -> None:
    """Compare two programs on the same tasks: the mean difference A - B and its 95 % interval.

    The interval is from a bootstrap over pairs of classes, then projections, as a pair's tasks share images.
    """
    from synth.report.terminal.study import compare_result
    from synth.search.scoring.tuning import affordable
    from synth.study import compare

    one, other = compare.contestant(first), compare.contestant(second)
    modules = [program.path for program in (one, other) if program.path]
    tasks = find_tasks(context, task_options, (split,), modules, PROJECTIONS)
    announce = announcer(context)
    tuning = None
    if tune > 0:
        select = find_tasks(context, task_options | {"count": None}, ("select",), modules)
        announce(f"tuning the constants of both on {select.words} ...")
        trials = affordable(tune, select.sets[0].features)
        one, other = compare.tuned(one, select, trials), compare.tuned(other, select, trials)
        tuning = {"trials": trials, "tasks": select.words, "first": one.module, "second": other.module}
    comparison = compare.compare(one, other, tasks, sandbox, say=announce)
    document = compare.compare_document(comparison) | {"tuned": tuning}
    print_result(document, as_json, compare_result)
