"""`synth check`: whether modules are in the candidate language."""

import typer

from synth.commands.common import AsJson, Modules, print_result


def check(modules: Modules, as_json: AsJson = False) -> None:
    """Check that modules are in the candidate language, and say where they are not.

    Exit code 1 if a module is refused, 2 if one cannot be read.
    """
    from synth.report.terminal.tables import check_result
    from synth.study.evaluate import check_module

    results = [check_module(path) for path in modules]
    print_result({"schema": 1, "results": results}, as_json, check_result)
    if any(result["status"] != "ok" for result in results):
        raise typer.Exit(1)
