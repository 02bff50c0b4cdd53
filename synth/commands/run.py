"""`synth run`: a search, from nothing to a module."""

from pathlib import Path
from typing import Annotated

import typer

from synth.commands.common import AsJson, DataDir, EngineName, print_json, stderr, stdout
from synth.settings.presets import preset_description, preset_names
from synth.settings.schema import Level


def _presets(value: bool) -> None:
    """Print what presets there are."""
    if value:
        width = max(map(len, preset_names()))
        for name in preset_names():
            typer.echo(f"{name:{width}}  {preset_description(name)}")
        raise typer.Exit


def run(
    context: typer.Context,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Settings to start from: {', '.join(preset_names())}.", show_default="quick"),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(help="auto, cifar10, digits, linear, affine, nonlinear, or FILE.npz with X and y."),
    ] = None,
    data_dir: DataDir = None,
    features: Annotated[int | None, typer.Option(help="Features of each example (F).")] = None,
    start: Annotated[str | None, typer.Option(help="empty, random, a template's name, or FILE.py.")] = None,
    population: Annotated[int | None, typer.Option(help="Programs on each island.")] = None,
    tournament: Annotated[int | None, typer.Option(help="Programs in each tournament.")] = None,
    islands: Annotated[int | None, typer.Option(help="Number of populations that evolve apart.")] = None,
    freeze: Annotated[
        list[str] | None,
        typer.Option(
            help="A function of the start program to keep: setup, predict or learn.", metavar="NAME"
        ),
    ] = None,
    immigrants: Annotated[
        Path | None, typer.Option(help="Folder whose modules join the search while it goes on.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Worker processes; any number gives the same result.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            help="Ray cluster that plays the rounds: local starts one here, auto or an address joins one.",
            metavar="auto|local|ADDRESS",
        ),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of all random choices.")] = None,
    max_seconds: Annotated[float | None, typer.Option(help="End after this many seconds.")] = None,
    max_candidates: Annotated[int | None, typer.Option(help="End after this many candidates.")] = None,
    max_train_steps: Annotated[int | None, typer.Option(help="End after this many train steps.")] = None,
    target: Annotated[
        float | None, typer.Option(help="End at this selection fitness; exit code 1 when it is not reached.")
    ] = None,
    engine: Annotated[
        EngineName | None,
        typer.Option(
            help="native: fast, runs ops. python: every candidate's module runs in the sandbox; slow."
        ),
    ] = None,
    sandbox: Annotated[Level | None, typer.Option(help="Confinement of the workers.")] = None,
    out: Annotated[Path | None, typer.Option(help="The run's folder, which must be new.")] = None,
    name: Annotated[str | None, typer.Option(help="The run's name in SYNTH_RUNS_DIR or ./generated.")] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file with settings.", metavar="FILE")] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option("--set", help="Any setting, such as search.retries=50.", metavar="KEY=VALUE"),
    ] = None,
    presets: Annotated[
        bool,
        typer.Option("--presets", callback=_presets, is_eager=True, help="Describe the presets and exit."),
    ] = False,
    web: Annotated[
        bool, typer.Option("--web", help="Serve a live page of the run to the browsers of this machine.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Evolve a learning algorithm and write it as a Python module.

    Flags come before --set, then SYNTH_SECTION__FIELD in the environment, then --config, then the preset.
    """
    from synth.api import launch
    from synth.report.terminal.tables import run_result
    from synth.report.terminal.watch import RunDisplay
    from synth.settings.resolve import resolve

    flags = {
        "--data": data,
        "--features": features,
        "--start": start,
        "--population": population,
        "--tournament": tournament,
        "--islands": islands,
        "--freeze": freeze or None,
        "--immigrants": None if immigrants is None else str(immigrants),
        "--workers": workers,
        "--cluster": cluster,
        "--seed": seed,
        "--max-seconds": max_seconds,
        "--max-candidates": max_candidates,
        "--max-train-steps": max_train_steps,
        "--target": target,
        "--engine": engine,
        "--sandbox": sandbox,
    }
    settings = resolve(preset, flags, sets or (), config)
    with RunDisplay(stderr(), context.obj["quiet"], web) as display:
        result = launch(settings, data_dir=data_dir, out=out, name=name, listener=display)
    if as_json:
        print_json(result.document)
    else:
        stdout().print(run_result(result.document))
    if result.target_missed:
        raise typer.Exit(1)
