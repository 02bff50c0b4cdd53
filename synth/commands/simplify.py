"""`synth simplify`: a program that does the same with less, and reads well."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from synth.commands.common import AsJson, print_json, print_notices, stderr
from synth.commands.tasks import tasks_for, with_task_options
from synth.settings.schema import Level

if TYPE_CHECKING:
    from synth.study.tasks import TaskOptions


@with_task_options
def simplify(
    context: typer.Context,
    module: Annotated[Path, typer.Argument(help="A candidate module.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the module here.", show_default=False)
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write over the module.")] = False,
    names: Annotated[
        bool, typer.Option("--names", help="Name memory after its role, and say what blocks compute.")
    ] = False,
    prune: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="Remove statements too that are worth at most this much mean fitness in all.",
            show_default=False,
        ),
    ] = None,
    drop_draws: Annotated[
        bool,
        typer.Option(
            "--drop-draws", help="Remove draws without effect too; compares over 20 seeds, as others change."
        ),
    ] = False,
    *,
    wanted: "TaskOptions",
    sandbox: Level = "full",
    as_json: AsJson = False,
) -> None:
    """Simplify a program, and prove that its fitness stays equal on every search and selection task.

    A step that changes a fitness, in either engine, is refused; --prune and --drop-draws say what they cost.
    """
    from synth.errors import UsageError
    from synth.language.parser import parse_file
    from synth.report.terminal.study import simplify_result
    from synth.runs.files import write_atomically
    from synth.search.simplification import Proof
    from synth.search.simplification import simplify as simplified
    from synth.study.simplify import rewritten, simplify_document

    if output and in_place:
        raise UsageError("--output and --in-place both say where the module goes; give one of them")
    parsed = parse_file(module)
    print_notices(parsed.notices)
    chosen = tasks_for(context, wanted, ("search", "select"), (module,))
    proof = Proof(chosen.tasks, chosen.seed, chosen.epochs, sandbox)
    found = simplified(parsed.candidate, proof, prune=prune, drop_draws=drop_draws)
    text = rewritten(module.read_text(encoding="utf-8"), found.after, names=names)
    target = module if in_place else output
    if target:
        write_atomically(target, text)
    document = simplify_document(str(module), found, text, chosen)
    if as_json:
        print_json(document)
        return
    if not context.obj["quiet"]:
        stderr().print(simplify_result(document))
    if not target:
        sys.stdout.write(text)
