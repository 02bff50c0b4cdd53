"""A candidate's module as Python runs it, and what went wrong with one, in a sentence.

Everything here meets code that nobody has seen, inside the child that runs it.
"""

import sys
from types import ModuleType
from typing import cast

from synth.engine.python.procedure import Function, Functions
from synth.engine.result import Status

NAME = "candidate"
"""What a module is called while it runs."""

_LONGEST = 300


class Unusable(Exception):
    """A module that cannot be evaluated, with its status and a sentence."""

    def __init__(self, status: Status, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


def load(text: str, path: str) -> Functions:
    """Execute a module's text and return its three functions; `path` is what errors call it.

    Raises Unusable for a text that is not Python and for functions that are missing, and whatever the module
    raises.
    """
    try:
        code = compile(text, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        where = f"{path}:{error.lineno or 1}:{error.offset or 1}"
        raise Unusable("rejected", f"{where}: this is not Python: {error.msg}") from None
    except (ValueError, OverflowError, RecursionError, MemoryError) as error:
        raise Unusable("rejected", f"{path}: this is not Python that can be compiled: {error}") from None
    module = ModuleType(NAME)
    module.__file__ = path
    sys.modules[NAME] = module  # dataclasses and others look themselves up
    exec(code, module.__dict__)
    return Functions(*(_function(module, name) for name in ("setup", "predict", "learn")))


def described(error: BaseException, path: str) -> tuple[Status, str]:
    """Return the status and a sentence for what a module raised, with its file and line.

    The exception's own code is not trusted to say anything, nor to be short.
    """
    if type(error) is Unusable:  # not isinstance, which would ask the exception
        return error.status, one_line(error.sentence)
    kind = one_line(type.__dict__["__name__"].__get__(type(error)))  # past what a metaclass may say
    try:
        message = one_line(str(error))
    except BaseException:
        message = ""
    sentence = f"{path}:{_line(error, path)}: {kind}" + (f": {message}" if message else "")
    ended = issubclass(type(error), (MemoryError, SystemExit))
    return "crashed" if ended else "failed", one_line(sentence)


def _function(module: ModuleType, name: str) -> Function:
    function = module.__dict__.get(name)
    if not callable(function):
        raise Unusable(
            "failed",
            f"{module.__file__}: there is no function {name}(m); a module defines setup, predict and learn",
        )
    return cast(Function, function)


def one_line(text: object) -> str:
    """Return a text without line ends and control characters, and not longer than a sentence may be."""
    if type(text) is not str:
        return ""
    plain = "".join(character if character.isprintable() else " " for character in text[: 2 * _LONGEST])
    plain = " ".join(plain.split())
    return plain if len(plain) <= _LONGEST else plain[: _LONGEST - 3] + "..."


def _line(error: BaseException, path: str) -> int:
    """Return the line of the module that an exception came through last, 1 when there is none."""
    trace, line = BaseException.__getattribute__(error, "__traceback__"), 1
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
