"""`synth watch`: the page of a run, live."""

import threading
from typing import Annotated

import typer

from synth.commands.common import DataDir, RunArgument, stdout


def watch(
    run: RunArgument = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 for any that is free.")
    ] = 0,
    data_dir: DataDir = None,
) -> None:
    """Show the page of a run in a browser of this machine while the run goes on; Ctrl-C ends it.

    Nothing is written, and nobody else can reach the page. What `synth report` measures is there when the run
    has ended.
    """
    from rich.text import Text

    from synth.report.page.server import LivePage, serving
    from synth.runs.folder import shown
    from synth.runs.record import Record, find_run

    folder = find_run(run)
    Record.read(folder)  # so that what is wrong with it is said here
    with serving(LivePage(folder, data_dir), port) as address:
        stdout().print(Text(f"{address} shows {shown(folder.absolute())}; Ctrl-C ends it"))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return
