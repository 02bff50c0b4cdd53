"""`synth run`: a search, from nothing to a module."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from synth.commands.common import AsJson, DataDir, flags_of_run, print_result, stderr, with_options
from synth.settings.presets import preset_description, preset_names
from synth.settings.schema import FLAGS

if TYPE_CHECKING:
    from synth.api import Run


def _presets(value: bool) -> None:
    """Print what presets there are."""
    if value:
        width = max(map(len, preset_names()))
        for name in preset_names():
            typer.echo(f"{name:{width}}  {preset_description(name)}")
        raise typer.Exit


@with_options(flags_of_run(FLAGS))
def run(
    context: typer.Context,
    preset: Annotated[
        str | None,
        typer.Option(help=f"Settings to start from: {', '.join(preset_names())}.", show_default="quick"),
    ] = None,
    *,
    data_dir: DataDir = None,
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
    **flags: Any,
) -> None:
    """Evolve a learning algorithm and write it as a Python module.

    Flags come before --set, then SYNTH_SECTION__FIELD in the environment, then --config, then the preset.
    """
    from synth.report.terminal.run_display import RunDisplay
    from synth.settings.resolve import resolve

    settings = resolve(preset, flags, sets or (), config)
    with RunDisplay(stderr(), context.obj["quiet"], web) as display:
        from synth.api import launch  # takes a moment, in which a Ctrl-C wants an answer too

        result = launch(settings, data_dir=data_dir, out=out, name=name, listener=display)
    finish(result, as_json)


def finish(result: "Run", as_json: bool) -> None:
    """Print the result of a run; the exit code is 1 when its target was missed."""
    from synth.report.terminal.tables import run_result

    print_result(result.document, as_json, run_result)
    if result.target_missed:
        raise typer.Exit(1)
