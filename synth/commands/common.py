"""What commands share: options that mean the same everywhere, and printing."""

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args, get_origin

import typer

from synth.errors import UsageError
from synth.settings.schema import FLAGS, HINTS, Flag

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

UNBROKEN = 1000
"""Columns of output that is not a terminal."""


def module_path(path: Path) -> Path:
    """Return a module's path; in place of a run, or its name, that of its best program.

    Raises UsageError where that run has none.
    """
    if path.suffix != ".py":
        from synth.language.templates import template_names
        from synth.runs.record import run_called

        folder = run_called(path) if path.is_dir() or str(path) not in template_names() else None
        path = folder / "best.py" if folder else path
    if path.name == "best.py" and not path.exists():
        from synth.runs.record import Record, run_around

        folder = run_around((path,))
        if folder is not None and (record := Record.read(folder)).best is None:
            raise UsageError(
                f"the run {folder} has no best.py: {record.obstacle or 'no program can learn so far'}"
            )
    return path


Modules = Annotated[
    list[Path],
    typer.Argument(
        help="Candidate modules: .py files, names of templates, or runs, whose best.py it is.",
        metavar="MODULE...",
        show_default=False,
        callback=lambda paths: list(map(module_path, paths)),
    ),
]
RunArgument = Annotated[
    str | None,
    typer.Argument(
        help="A run's folder, or its name in SYNTH_RUNS_DIR or ./generated.",
        metavar="[RUN]",
        show_default="the latest run",
    ),
]


Module = Annotated[
    Path,
    typer.Argument(
        help="A candidate module: a .py file, the name of a template, or a run, whose best.py it is.",
        show_default=False,
        callback=module_path,
    ),
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write the new module to this file.", show_default=False)
]
InPlace = Annotated[bool, typer.Option("--in-place", help="Overwrite the module with the new one.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
DataDir = Annotated[
    Path | None,
    typer.Option("--data-dir", help="Folder of CIFAR-10, otherwise SYNTH_DATA_DIR.", show_default=False),
]
Seed = Annotated[int, typer.Option("--seed", min=0, help="Seed of all random choices.")]

Command = Callable[..., None]


def with_options(options: Mapping[str, Any]) -> Callable[[Command], Command]:
    """Give a command these options in place of its `**` parameter, in front of its keyword parameters.

    Each is the annotation of a parameter by its name; one that is not given is None.
    """

    def decorate(command: Command) -> Command:
        *parameters, _ = inspect.signature(command).parameters.values()
        kind = inspect.Parameter.KEYWORD_ONLY
        index = [parameter.kind for parameter in parameters].index(kind)
        parameters[index:index] = [
            inspect.Parameter(name, kind, default=None, annotation=option) for name, option in options.items()
        ]
        command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        return command

    return decorate


def flags_of_run(names: Iterable[str]) -> dict[str, Any]:
    """Return these flags of `synth run` as options."""
    return {name[2:].replace("-", "_"): _option(name) for name in names}


def _option(name: str) -> Any:
    """Return the annotation of a flag's parameter, made of what its setting says."""
    kind, *extras = get_args(HINTS[FLAGS[name]])
    (flag,) = (extra for extra in extras if isinstance(extra, Flag))
    if get_origin(kind) is tuple:
        kind = list[str]
    return Annotated[kind | None, typer.Option(name, help=flag.help, metavar=flag.metavar)]


def stdout() -> "Console":
    """Return the console for results."""
    from rich.console import Console

    # Off a terminal, lines are as long as they need to be.
    return Console(highlight=False, width=None if sys.stdout.isatty() else UNBROKEN)


def stderr() -> "Console":
    """Return the console for everything else."""
    from rich.console import Console

    return Console(stderr=True, highlight=False)


def print_json(document: dict[str, Any]) -> None:
    """Print a JSON document; a number that is not finite is a bug, not a `null`."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def print_notices(*notices: str) -> None:
    """Print on stderr what a user should not miss."""
    from rich.text import Text

    console = stderr()
    for notice in notices:
        console.print(Text(f"notice: {notice}", style="bold yellow"), soft_wrap=True)


def print_obstacle(module: Path) -> None:
    """Say on stderr why the run of a module found nothing that learns, if that is so."""
    from synth.runs.record import Record, run_around

    folder = run_around((module,))
    obstacle = Record.read(folder).obstacle if folder is not None else ""
    print_notices(*filter(None, (obstacle,)))


def output_path(module: Path, output: Path | None, in_place: bool) -> Path | None:
    """Return the file that a new module goes to, or None if it is only printed."""
    if output and in_place:
        raise UsageError("--output and --in-place both say where the module goes; give one of them")
    if in_place and not module.exists():
        raise UsageError(f"--in-place: there is no file {module}; --output says where a new one goes")
    return module if in_place else output


def print_result(
    document: dict[str, Any], as_json: bool, render: "Callable[[dict[str, Any]], RenderableType]"
) -> None:
    """Print a command's JSON document, either as JSON or as `render` shows it to a person."""
    if as_json:
        print_json(document)
    else:
        print_table(render(document))


def print_table(table: "RenderableType") -> None:
    """Print a result on stdout; off a terminal without the spaces that fill a table's lines.

    A `Text` that must not be broken, such as a command to copy, has the overflow "ignore".
    """
    console = stdout()
    if console.is_terminal:
        console.print(table, crop=False)
        return
    with console.capture() as captured:
        console.print(table, crop=False)
    sys.stdout.write("\n".join(line.rstrip() for line in captured.get().split("\n")))


def announcer(context: typer.Context) -> Callable[[str], None]:
    """Return a function that says on stderr what a command is doing, unless it should be quiet."""
    from rich.text import Text

    def announce(sentence: str) -> None:
        if not context.obj["quiet"]:
            stderr().print(Text(sentence, style="dim"), soft_wrap=True)

    return announce


def print_diff(difference: str) -> None:
    """Print a unified diff, in colours on a terminal."""
    from rich.syntax import Syntax

    console = stdout()
    if console.is_terminal and difference:
        console.print(Syntax(difference.rstrip(), "diff", theme="ansi_dark", background_color="default"))
    else:
        console.out(difference, end="", highlight=False)
