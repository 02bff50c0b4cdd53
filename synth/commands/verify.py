"""`synth verify`: whether the figures that a module states come out here."""

from typing import Annotated

import typer

from synth.commands.common import AsJson, DataDir, Module, announcer, print_notices, print_result, stderr
from synth.commands.tasks import PythonSandbox
from synth.settings.schema import EngineName


def verify(
    context: typer.Context,
    module: Module,
    data: Annotated[
        str | None,
        typer.Option(
            help="Where the module's data are: FILE.npz.", show_default="the data set that it names"
        ),
    ] = None,
    data_dir: DataDir = None,
    test: Annotated[
        bool, typer.Option("--test", help="Replay figures on test tasks too, which are for final figures.")
    ] = False,
    engine: Annotated[
        EngineName, typer.Option(help="native: fast. python: runs the module itself, in the sandbox.")
    ] = "native",
    time_limit: Annotated[float, typer.Option(help="Most seconds that each figure may take.")] = 600.0,
    sandbox: PythonSandbox = "full",
    as_json: AsJson = False,
) -> None:
    """Replay the figures that a module states, on the tasks that it names, and compare all decimals.

    Exit code 1 if one is not equal, 2 if the data have changed since or the module states nothing.
    """
    from synth.report.terminal.download import DownloadProgress
    from synth.report.terminal.study import verify_result
    from synth.study import verify as study

    with DownloadProgress(stderr(), context.obj["quiet"]) as progress:
        claims = study.claims_of(module, data, test=test, data_dir=data_dir, progress=progress)
    print_notices(*dict.fromkeys(notice for claim in claims for notice in claim.tasks.notices))
    for claim in claims:
        if claim.stated.split == "test":
            print_notices("test tasks are used; whoever chooses by their figures has none left to believe")
    document = study.verify(
        module, claims, engine=engine, time_limit=time_limit, sandbox=sandbox, announce=print_notices
    )
    print_result(document, as_json, verify_result)
    for figure in document["figures"]:
        if figure["error"] and not as_json:
            announcer(context)(figure["error"])
    if not all(figure["equal"] for figure in document["figures"]):
        raise typer.Exit(1)
