"""`synth report`: a run as one HTML page."""

from pathlib import Path
from typing import Annotated

import typer

from synth.commands.common import AsJson, DataDir, RunArgument, announcer, print_result


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
    """Write a run as one HTML page that works offline: progress, results, lineage, how to reproduce it.

    The best program is measured again on report tasks; the test split is not used. The run may still go on.
    """
    from rich.text import Text

    from synth.report.page.page import page
    from synth.runs.files import write_atomically
    from synth.runs.folder import shown
    from synth.runs.record import Record, find_run
    from synth.study.measure import measure

    announce = announcer(context)
    folder = find_run(run)
    record = Record.read(folder)
    measured = measure(record, data_dir, announce)
    path = (output or folder / "report.html").absolute()
    content = page(record, measured).encode()
    write_atomically(path, content)
    document = {
        "schema": 1,
        "report": str(path),
        "bytes": len(content),
        "measured": not isinstance(measured, str),
    }
    if isinstance(measured, str):
        announce(measured)
    size = Text(f"{shown(path)} ({len(content) / 1e6:.1f} MB)")
    print_result(document, as_json, lambda document: size)
