"""`synth resume`: continuing a run from its last checkpoint."""

from typing import Annotated, Any

import typer

from synth.commands.common import AsJson, DataDir, RunArgument, flags_of_run, stderr, with_options
from synth.commands.run import finish

CHANGEABLE = (
    "--max-seconds",
    "--max-candidates",
    "--max-train-steps",
    "--target",
    "--workers",
    "--cluster",
    "--sandbox",
    "--log",
)
"""The flags of `synth run` that may change when a run goes on."""


@with_options(flags_of_run(CHANGEABLE))
def resume(
    context: typer.Context,
    run: RunArgument = None,
    *,
    accept: Annotated[
        list[str] | None,
        typer.Option(
            help="Go on although this changed, and score all programs anew: config, ops, data or several.",
            metavar="WHAT",
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
    **flags: Any,
) -> None:
    """Continue a run, with exactly the result of a run without a break, or further with new limits.

    Limits count from the beginning of the run.
    """
    from synth.api import resume as go_on
    from synth.report.terminal.run_display import RunDisplay

    with RunDisplay(stderr(), context.obj["quiet"]) as display:
        result = go_on(run, flags=flags, accept=accept or (), data_dir=data_dir, listener=display)
    finish(result, as_json)
