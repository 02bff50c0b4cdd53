"""`synth mutate`: mutations of a module's text."""

from typing import Annotated

import typer

from synth.commands.common import InPlace, Module, Output, Seed, announcer, output_path, print_diff


def mutate(
    context: typer.Context,
    module: Module,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="Number of mutations.")] = 1,
    seed: Seed = 0,
    kind: Annotated[
        list[str] | None,
        typer.Option(
            "--kind",
            help="A kind of mutation to draw from, or one of your own as package.module:function; otherwise "
            "those of the preset. May be repeated.",
            metavar="NAME",
        ),
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(
            help="Draw ops, addresses, sizes and kinds as this preset does.",
            show_default="all ops, kinds of quick",
        ),
    ] = None,
    output: Output = None,
    in_place: InPlace = False,
) -> None:
    """Mutate a module, and print the changes as a diff or write the mutant to a file.

    By default mutations are drawn as `synth run` draws them.
    """
    from synth.runs.files import write_atomically
    from synth.study.mutate import mutate_file
    from synth.study.text_diff import unified_diff

    target = output_path(module, output, in_place)
    mutant = mutate_file(module, count, seed, kind or (), preset)
    announcer(context)(f"mutations: {', '.join(mutant.kinds)}")
    if target:
        write_atomically(target, mutant.after)
    else:
        print_diff(unified_diff(mutant.before, mutant.after, str(module), f"{module} (mutated)"))
