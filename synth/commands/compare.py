"""`synth compare`: which of two programs is better, and how surely."""

from typing import Annotated, Literal

import typer

from synth.commands.common import AsJson, DataDir, SandboxLevel, print_json, stderr, stdout
from synth.commands.tasks import (
    DataName,
    Epochs,
    Features,
    RandomSeed,
    TaskCount,
    Train,
    Valid,
    ground_for,
)

PROJECTIONS = 5
"""Tasks of each pair of classes, unless a number of tasks is asked for."""

_WHAT = "A module, a template's name (linear, neural_net, ...), or logistic for logistic regression."


def compare(
    context: typer.Context,
    first: Annotated[str, typer.Argument(help=_WHAT, metavar="A", show_default=False)],
    second: Annotated[str, typer.Argument(help="What it is compared with.", metavar="B", show_default=False)],
    split: Annotated[
        Literal["search", "select", "report", "test"],
        typer.Option(help="What the tasks are for; report: pairs and rows that no choice was made on."),
    ] = "report",
    data: DataName = None,
    data_dir: DataDir = None,
    features: Features = None,
    tasks: TaskCount = None,
    train: Train = None,
    valid: Valid = None,
    epochs: Epochs = None,
    seed: RandomSeed = None,
    tune: Annotated[
        int,
        typer.Option(
            help="Trials in which the constants of both are tuned first, on select tasks; at most 5 with "
            "more than 64 features.",
            min=0,
            metavar="N",
        ),
    ] = 0,
    sandbox: SandboxLevel = "full",
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
    from synth.study.tasks import Wish, find_ground

    one, other = contestant(first), contestant(second)
    wish = Wish(data, data_dir, features, tasks, train, valid, epochs, seed)
    modules = [found.path for found in (one, other) if found.path]
    ground = ground_for(context, wish, (split,), modules, PROJECTIONS)

    def say(sentence: str) -> None:
        if not context.obj["quiet"]:
            stderr().print(Text(sentence, style="dim"), soft_wrap=True)

    tuning = None
    if tune > 0:
        select = find_ground(replace(wish, tasks=None), ("select",), modules)
        say(f"tuning the constants of both on {select.words} ...")
        trials = affordable(tune, select.sets[0].features)
        one, other = tuned(one, select, trials), tuned(other, select, trials)
        tuning = {"trials": trials, "tasks": select.words, "first": one.module, "second": other.module}
    document = compare_document(compared(one, other, ground, sandbox, say=say)) | {"tuned": tuning}
    if as_json:
        print_json(document)
    else:
        stdout().print(compare_result(document))
