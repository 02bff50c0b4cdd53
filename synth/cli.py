"""The command line `synth`: its commands, and how every failure becomes one sentence and an exit code."""

import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from synth.commands import (
    bench,
    check,
    compare,
    data,
    diff,
    doctor,
    evaluate,
    explain,
    export,
    mutate,
    ops,
    report,
    resume,
    run,
    show,
    simplify,
    verify,
    watch,
)
from synth.commands.streams import forgiving
from synth.errors import SynthError
from synth.version import __version__

ANYWHERE = ("--quiet", "--debug")
"""Options of `synth` itself that may also stand behind a command."""

app = typer.Typer(
    name="synth",
    help="Evolves whole machine-learning algorithms, from empty programs, as readable Python modules.",
    epilog="Exit codes: 0 done; 1 target missed or a module not ok; 2 usage; 3 failure; 130 interrupted.",
    pretty_exceptions_show_locals=False,
)
COMMANDS: dict[str, Callable[..., None]] = {
    "run": run.run,
    "resume": resume.resume,
    "eval": evaluate.evaluate,
    "verify": verify.verify,
    "check": check.check,
    "mutate": mutate.mutate,
    "export": export.export,
    "compare": compare.compare,
    "diff": diff.diff,
    "explain": explain.explain,
    "show": show.show,
    "simplify": simplify.simplify,
    "report": report.report,
    "watch": watch.watch,
    "ops": ops.ops,
    "data": data.data,
    "bench": bench.bench,
    "doctor": doctor.doctor,
}
for command_name, command in COMMANDS.items():
    app.command(command_name)(command)


def _version(value: bool) -> None:
    if value:
        typer.echo(f"synth {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, only results and notices.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks of errors.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    context.obj = {"quiet": quiet}
    if context.invoked_subcommand is None:
        typer.echo(context.get_help(), nl=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code; `arguments` are those of the process unless given."""
    if arguments is None:
        _begin_in_utf8()
    given = list(sys.argv[1:] if arguments is None else arguments)
    before = given[: given.index("--")] if "--" in given else given
    front = [flag for flag in ANYWHERE if flag in before]
    rest = [argument for argument in before if argument not in front] + given[len(before) :]
    with forgiving():
        return _carried_out(front, rest)


def _begin_in_utf8() -> None:
    """Begin anew in Python's UTF-8 mode where names of files would not be UTF-8, as records and JSON are.

    That is so with LC_ALL=C where the mode is switched off, and in old locales.
    """
    if sys.getfilesystemencoding() != "utf-8" and os.environ.get("PYTHONUTF8") != "1" and sys.executable:
        words = [sys.executable, *sys.orig_argv[1:]]
        os.execve(sys.executable, words, {**os.environ, "PYTHONUTF8": "1"})


def _carried_out(front: list[str], rest: list[str]) -> int:
    """Carry out a command, with its options and those of `synth` in front; return the exit code."""
    try:
        code = app([*front, *rest], prog_name="synth", standalone_mode=False)
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except Exception as error:
        _forget_stdout()
        if "--debug" in front:
            traceback.print_exc()
        sentence, code = _explain(error)
        _say(sentence)
    return code if isinstance(code, int) else 0


def _explain(error: Exception) -> tuple[str, int]:
    """Return the sentence and the exit code of an error."""
    if isinstance(error, SynthError):
        return str(error), error.exit_code
    # typer has moved the classes of its usage errors between versions; their methods stayed.
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        context = getattr(error, "ctx", None)
        message = error.format_message().rstrip(".")
        return message + (f"; see {context.command_path} --help" if context else ""), int(error.exit_code)
    if isinstance(error, OSError) and error.strerror:
        place = f"{error.filename}: " if error.filename else ""
        return f"{place}{error.strerror}", 3
    if isinstance(error, UnicodeEncodeError):
        wrong = ascii(error.object[error.start : error.end])
        return f"a name holds {wrong}, which is not text in UTF-8; rename it, and try again", 2
    return f"internal error, {type(error).__name__}: {error} (--debug shows where)", 3


def _say(sentence: str) -> None:
    from rich.console import Console
    from rich.text import Text

    message = Text.assemble(("error: ", "bold red"), sentence)
    Console(stderr=True, highlight=False).print(message, soft_wrap=True)


def _forget_stdout() -> None:
    """Let what could not be written go, so that Python does not fail again when it exits."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
