"""`synth check`: whether modules are in the candidate language."""

import typer

from synth.commands.common import AsJson, Modules, print_json, stderr, stdout


def check(modules: Modules, as_json: AsJson = False) -> None:
    """Check that modules are in the candidate language, and say where they are not.

    Exit code 1 when one is refused, 2 when one cannot be read.
    """
    from rich.text import Text

    from synth.study.evaluate import check_module

    results = [check_module(path) for path in modules]
    if as_json:
        print_json({"schema": 1, "results": results})
    else:
        for result in results:
            if result["status"] == "ok":
                counts = ", ".join(f"{name} {count}" for name, count in result["instructions"].items())
                learns = "can learn" if result["can_learn"] else "cannot learn"
                stdout().print(
                    Text(f"{result['module']}: ok; {learns}; instructions: {counts}"), soft_wrap=True
                )
                for notice in result["notices"]:
                    stderr().print(Text(notice, style="yellow"), soft_wrap=True)
            else:
                stdout().print(Text(result["error"], style="red"), soft_wrap=True)
    if any(result["status"] != "ok" for result in results):
        raise typer.Exit(1)
