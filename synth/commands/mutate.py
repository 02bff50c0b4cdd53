"""`synth mutate`: mutations of a module's text."""

from pathlib import Path
from typing import Annotated

import typer

from synth.commands.common import Seed, stderr, stdout


def mutate(
    context: typer.Context,
    module: Annotated[Path, typer.Argument(help="A candidate module.", show_default=False)],
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Mutations, one after the other.")] = 1,
    seed: Seed = 0,
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", help="A mutation to draw from; repeat for more.", metavar="NAME"),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="Draw ops, addresses, sizes and kinds as this preset does.", show_default=False),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the mutant here.", show_default=False)
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write the mutant over the module.")] = False,
) -> None:
    """Mutate a module and print what changed as a diff, or write the mutant."""
    from rich.text import Text

    from synth.errors import UsageError
    from synth.report.terminal.diff import print_diff
    from synth.runs.files import write_atomically
    from synth.study.mutate import mutate_file
    from synth.study.text_diff import unified_diff

    if output and in_place:
        raise UsageError("--output and --in-place both say where the mutant goes; give one of them")
    mutant = mutate_file(module, count, seed, kind or (), preset)
    target = module if in_place else output
    if not context.obj["quiet"]:
        stderr().print(Text(f"mutations: {', '.join(mutant.kinds)}"), soft_wrap=True)
    if target:
        write_atomically(target, mutant.after)
        return
    difference = unified_diff(mutant.before, mutant.after, str(module), f"{module} (mutated)")
    print_diff(stdout(), difference)
