"""`synth report`: a run as one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from synth.commands.common import AsJson, DataDir, RunArgument, print_json, stderr, stdout


def report(
    context: typer.Context,
    run: RunArgument = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The file to write.", show_default="report.html in the run's folder"
        ),
    ] = None,
    data_dir: DataDir = None,
    as_json: AsJson = False,
) -> None:
    """Write a run as one HTML page that needs no network: progress, figures, lineage, how to repeat it.

    The best program is measured anew, on report tasks; the test split is not used. A run may still go on.
    """
    from rich.text import Text

    from synth.report.page.page import page
    from synth.runs.files import write_atomically
    from synth.runs.folder import shown
    from synth.runs.record import Record, find_run
    from synth.study.measure import measure

    def say(sentence: str) -> None:
        if not context.obj["quiet"]:
            stderr().print(Text(sentence))

    folder = find_run(run)
    record = Record.read(folder)
    measured = measure(record, data_dir, say)
    path = (output or folder / "report.html").absolute()
    content = page(record, measured).encode()
    write_atomically(path, content)
    if isinstance(measured, str):
        say(measured)
    if as_json:
        print_json(
            {
                "schema": 1,
                "report": str(path),
                "bytes": len(content),
                "measured": not isinstance(measured, str),
            }
        )
    else:
        stdout().print(Text(f"{shown(path)} ({len(content) / 1e6:.1f} MB)"))
