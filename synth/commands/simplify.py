"""`synth simplify`: a program that does the same with less, and reads well."""

import sys
from typing import Annotated, Any

import typer

from synth.commands.common import (
    AsJson,
    InPlace,
    Module,
    Output,
    output_path,
    print_json,
    print_notices,
    print_obstacle,
    stderr,
    with_options,
)
from synth.commands.tasks import TASK_OPTIONS, PythonSandbox, find_tasks


@with_options(TASK_OPTIONS)
def simplify(
    context: typer.Context,
    module: Module,
    output: Output = None,
    in_place: InPlace = False,
    names: Annotated[
        bool,
        typer.Option("--names", help="Name memory by its role, and comment what blocks compute."),
    ] = False,
    prune: Annotated[
        float | None,
        typer.Option(
            min=0.0,
            help="Also remove statements that together are worth at most this much mean fitness.",
            show_default=False,
        ),
    ] = None,
    drop_draws: Annotated[
        bool,
        typer.Option(
            "--drop-draws",
            help="Also remove draws without effect. This changes later draws, so 20 seeds are compared.",
        ),
    ] = False,
    *,
    sandbox: PythonSandbox = "full",
    as_json: AsJson = False,
    **task_options: Any,
) -> None:
    """Simplify a program by steps that keep its fitness on each search and selection task.

    The native engine looks at all of these tasks, the python engine at two, cut to 500 examples. A step that
    changes a fitness is refused; --prune and --drop-draws report their cost.
    """
    from synth.language.parser import parse_file, read_text
    from synth.report.terminal.study import simplify_result
    from synth.runs.files import write_atomically
    from synth.runs.stated import figures_of
    from synth.search import simplification
    from synth.study.simplify import simplified_text, simplify_document, still_true

    target = output_path(module, output, in_place)
    parsed = parse_file(module)
    print_notices(*parsed.notices)
    print_obstacle(module)
    before = read_text(module)
    figures = figures_of(before, str(module))
    tasks = find_tasks(context, task_options, ("search", "select"), (module,))
    proof = simplification.Proof(tasks.tasks, tasks.seed, tasks.epochs, sandbox)
    simplified = simplification.simplify(parsed.candidate, proof, prune=prune, drop_draws=drop_draws)
    exact = simplified.before == simplified.after or (prune is None and not drop_draws)
    figures = still_true(figures, simplified, tasks, exact)
    text = simplified_text(before, simplified.after, figures, names=names, exact=exact)
    if target:
        write_atomically(target, text)
    document = simplify_document(str(module), simplified, text, tasks)
    if as_json:
        print_json(document)
        return
    if not context.obj["quiet"]:
        stderr().print(simplify_result(document))
    if not target:
        sys.stdout.write(text)
