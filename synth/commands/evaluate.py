"""`synth eval`: the fitness of modules on tasks."""

from functools import partial
from typing import Annotated

import typer

from synth.commands.common import (
    AsJson,
    DataDir,
    Modules,
    Seed,
    announcer,
    print_notices,
    print_result,
    stderr,
)
from synth.commands.tasks import Features, PythonSandbox, TaskCount, Train, Valid
from synth.settings.schema import Dtype, EngineName
from synth.tasks.names import CLASS_WEIGHTS_HELP, DATA_HELP, METRIC_HELP, NO_WEIGHTS, Split


def evaluate(
    context: typer.Context,
    modules: Modules,
    data: Annotated[str, typer.Option(help=DATA_HELP)] = "auto",
    data_dir: DataDir = None,
    features: Features = None,
    split: Annotated[
        Split,
        typer.Option(help="Split of the tasks; test is for final results only."),
    ] = "select",
    tasks: TaskCount = None,
    train: Train = None,
    valid: Valid = None,
    class_weights: Annotated[str, typer.Option(help=CLASS_WEIGHTS_HELP)] = NO_WEIGHTS,
    epochs: Annotated[int, typer.Option(min=1, help="Passes over the training examples.")] = 1,
    seed: Seed = 0,
    engine: Annotated[
        EngineName,
        typer.Option(help="native: fast, modules in the language. python: any module, in the sandbox."),
    ] = "native",
    metric: Annotated[str, typer.Option("--metric", help=METRIC_HELP, metavar="NAME")] = "auto",
    dtype: Annotated[Dtype, typer.Option(help="Number format of the native engine.")] = "float64",
    time_limit: Annotated[float, typer.Option(help="Most seconds that each module may take.")] = 60.0,
    sandbox: PythonSandbox = "full",
    as_json: AsJson = False,
) -> None:
    """Evaluate modules: train and score them on the tasks of a data set.

    Exit code 1 if a module is not ok.
    """
    from synth.report.terminal.download import DownloadProgress
    from synth.report.terminal.tables import eval_result
    from synth.study.evaluate import evaluate_modules, load_all, other_data
    from synth.tasks.sets import task_set

    announce = announcer(context)
    loaded = load_all(modules, engine)
    with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
        split_tasks = task_set(
            data,
            split,
            count=tasks,
            features=features,
            train=train,
            valid=valid,
            metric=metric,
            class_weights=class_weights,
            data_dir=data_dir,
            progress=progress,
        )
    source = context.get_parameter_source("data")
    if source is not None and source.name == "DEFAULT":
        print_notices(*other_data(modules, split_tasks.name))
    print_notices(*split_tasks.notices)
    document = evaluate_modules(
        modules,
        loaded,
        split_tasks,
        engine=engine,
        dtype=dtype,
        seed=seed,
        epochs=epochs,
        time_limit=time_limit,
        sandbox=sandbox,
        announce=print_notices,
    )
    where = f"{len(split_tasks.tasks)} {split} tasks of {split_tasks.name}, F = {split_tasks.features}"
    print_result(document, as_json, partial(eval_result, data=where))
    if not as_json:
        for result in document["results"]:
            module, error = result["module"], result["error"]
            if error:  # a refusal begins with the file, and where in it
                announce(error if error.startswith(f"{module}:") else f"{module}: {error}")
    if any(result["status"] != "ok" for result in document["results"]):
        raise typer.Exit(1)
