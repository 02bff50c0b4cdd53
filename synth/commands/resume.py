"""`synth resume`: continuing a run from its last checkpoint."""

from typing import Annotated

import typer

from synth.commands.common import AsJson, DataDir, print_json, stderr, stdout
from synth.settings.schema import Level


def resume(
    context: typer.Context,
    run: Annotated[
        str | None,
        typer.Argument(
            help="A run's folder, or its name in SYNTH_RUNS_DIR or ./generated.",
            metavar="[RUN]",
            show_default="the latest run",
        ),
    ] = None,
    max_seconds: Annotated[float | None, typer.Option(help="End after this many seconds in all.")] = None,
    max_candidates: Annotated[int | None, typer.Option(help="End after this many candidates in all.")] = None,
    max_train_steps: Annotated[
        int | None, typer.Option(help="End after this many train steps in all.")
    ] = None,
    target: Annotated[float | None, typer.Option(help="End at this selection fitness.")] = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; any number gives the same result.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Ray cluster that plays the rounds: local starts one here, auto or an address joins one.",
            metavar="auto|local|ADDRESS|none",
        ),
    ] = None,
    sandbox: Annotated[Level | None, typer.Option(help="Confinement of the workers.")] = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="Continue although this has changed, and score all programs again: config, ops or data.",
            metavar="WHAT",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Continue a run, with exactly the result of a run without a break, or further with new limits."""
    from synth.api import resume as go_on
    from synth.report.terminal.tables import run_result
    from synth.report.terminal.watch import RunDisplay

    flags = {
        "--max-seconds": max_seconds,
        "--max-candidates": max_candidates,
        "--max-train-steps": max_train_steps,
        "--target": target,
        "--workers": workers,
        "--cluster": cluster,
        "--sandbox": sandbox,
    }
    with RunDisplay(stderr(), context.obj["quiet"]) as display:
        result = go_on(run, flags=flags, accept=accept or (), data_dir=data_dir, listener=display)
    if as_json:
        print_json(result.document)
    else:
        stdout().print(run_result(result.document))
    if result.target_missed:
        raise typer.Exit(1)
