"""`synth eval`: the fitness of modules on tasks."""

from typing import Annotated, Literal

import typer

from synth.commands.common import (
    AsJson,
    DataDir,
    Dtype,
    EngineName,
    Modules,
    Seed,
    print_json,
    print_notices,
    stderr,
    stdout,
)
from synth.commands.tasks import Features, TaskCount, Train, Valid
from synth.settings.schema import Level


def evaluate(
    context: typer.Context,
    modules: Modules,
    data: Annotated[
        str, typer.Option(help="auto, cifar10, digits, linear, affine, nonlinear, or FILE.npz with X and y.")
    ] = "auto",
    data_dir: DataDir = None,
    features: Features = None,
    split: Annotated[
        Literal["search", "select", "report", "test"],
        typer.Option(help="What the tasks are for; test is for final figures only."),
    ] = "select",
    tasks: TaskCount = None,
    train: Train = None,
    valid: Valid = None,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training examples.")] = 1,
    seed: Seed = 0,
    engine: Annotated[
        EngineName,
        typer.Option(help="native: fast, runs ops. python: runs the module itself in the sandbox."),
    ] = "native",
    dtype: Annotated[Dtype, typer.Option(help="Number format of the native engine.")] = "float64",
    time_limit: Annotated[float, typer.Option(help="Seconds a module may take.")] = 60.0,
    sandbox: Annotated[Level, typer.Option(help="Confinement of the python engine.")] = "full",
    as_json: AsJson = False,
) -> None:
    """Evaluate modules: train and score them on the tasks of a data set.

    Exit code 1 when a module is not ok.
    """
    from synth.report.terminal.download import DownloadProgress
    from synth.report.terminal.tables import eval_result
    from synth.study.evaluate import evaluate_modules, load_all
    from synth.tasks.sets import task_set

    loaded = load_all(modules, engine)
    with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
        chosen = task_set(
            data,
            split,
            count=tasks,
            features=features,
            train=train,
            valid=valid,
            data_dir=data_dir,
            progress=progress,
        )
    print_notices(chosen.notices)
    document = evaluate_modules(
        modules,
        loaded,
        chosen,
        engine=engine,
        dtype=dtype,
        seed=seed,
        epochs=epochs,
        time_limit=time_limit,
        sandbox=sandbox,
        announce=lambda sentence: print_notices((sentence,)),
    )
    if as_json:
        print_json(document)
    else:
        where = f"{len(chosen.tasks)} {split} tasks of {chosen.name}, F = {chosen.features}"
        stdout().print(eval_result(document, where))
        if not context.obj["quiet"]:
            from rich.text import Text

            for result in document["results"]:
                if result["error"]:
                    stderr().print(Text(f"{result['module']}: {result['error']}"), soft_wrap=True)
    if any(result["status"] != "ok" for result in document["results"]):
        raise typer.Exit(1)
