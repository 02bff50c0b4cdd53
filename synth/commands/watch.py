"""`synth watch`: the page of a run, live."""

import threading
from functools import partial
from typing import Annotated

import typer

from synth.commands.common import DataDir, RunArgument, stdout


def watch(
    run: RunArgument = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any free port.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Serve the live page of a run to the browsers of this machine; Ctrl-C stops it.

    No file is written, and no other machine can reach the page.

    When the run has ended, the page also shows what `synth report` measures.
    """
    from rich.text import Text

    from synth.report.page.server import LivePage, serving
    from synth.runs.folder import shown
    from synth.runs.record import Record, find_run
    from synth.study.measure import measure

    folder = find_run(run)
    Record.read(folder)  # so that a broken run is an error here
    with serving(LivePage(folder, partial(measure, data_dir=data_dir)), port) as address:
        stdout().print(Text(f"{address} shows {shown(folder.absolute())}; Ctrl-C ends it"))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return
