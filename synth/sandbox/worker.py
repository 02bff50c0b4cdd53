"""What runs in a worker process: import a module of handlers, initialise it, close the sandbox, answer.

The module is given by name and has two functions over frames (`wire.py`):

    def initialise(header, arrays) -> None              before the sandbox closes: imports, machine code
    def handle(header, arrays) -> (header, arrays)      afterwards, once for each request

After the sandbox has closed nothing can be imported that holds machine code, so a module imports all that it
may need. An exception in a handler is answered as an error, and the worker goes on.

A worker of the profile `python` reads and handles each request in a fork of its own (a keeper), where the
system has forks. So it stays as `initialise` left it: what it hands down to the next candidate holds neither
another candidate's text nor its answer.
"""

import importlib
import os
import select
import sys
import traceback
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO, TypedDict

from synth.errors import SandboxUnavailable, UsageError
from synth.sandbox import confine
from synth.sandbox.fork import FORKS
from synth.sandbox.wire import WireError, read_frame, write_frame
from synth.settings.schema import Level

BOOT = (
    "import json, sys; options = json.loads(sys.argv[1]); sys.path[:] = options['path'];"
    " from synth.sandbox.worker import main; main(options)"
)
"""The program a worker is started with; its one argument is the JSON of Options."""


class Options(TypedDict):
    """The options that a worker is started with."""

    path: list[str]
    """The import path of the starter."""
    parent: int
    module: str
    profile: confine.Profile
    level: Level
    readable: list[str]
    memory: int


def main(options: Options) -> None:
    """Run a worker until its requests end."""
    layers = confine.begin(options["level"], options["parent"], options["memory"])
    requests, answers = _streams()
    try:
        module = importlib.import_module(options["module"])
        setup = read_frame(requests)
        if setup is None:
            return
        module.initialise(*setup)
        layers += confine.close(
            options["level"], options["profile"], [Path(path) for path in options["readable"]]
        )
        if options["profile"] == "python" and options["level"] == "full":
            confine.require(layers)
    except Exception as error:
        _answer(answers, _failure(error))
        return
    _answer(answers, {"answer": {"layers": [asdict(layer) for layer in layers]}})
    serve = _serve_in_a_fork if options["profile"] == "python" and FORKS else _serve
    while serve(module, requests, answers):
        pass


def _serve(module: ModuleType, requests: BinaryIO, answers: BinaryIO) -> bool:
    """Answer one request; return False when there are no more."""
    request = read_frame(requests)
    if request is None:
        return False
    try:
        header, arrays = module.handle(*request)
    except Exception as error:
        _answer(answers, _failure(error))
    else:
        _answer(answers, {"answer": header}, arrays)
    return True


def _serve_in_a_fork(module: ModuleType, requests: BinaryIO, answers: BinaryIO) -> bool:
    """Have a fork of this process answer one request; return False when it did not."""
    if sys.platform == "win32":
        raise OSError("this system has no forks")
    poll = select.poll()
    poll.register(requests, select.POLLIN)
    poll.poll()
    worker = os.getpid()
    try:
        keeper = os.fork()
    except OSError as error:  # too many processes, or too little memory for one more
        refused = read_frame(requests) is not None
        _answer(answers, _failure(error))
        return refused
    if keeper == 0:
        answered = False
        try:
            confine.stay_with(worker)
            answered = _serve(module, requests, answers)
        finally:
            os._exit(0 if answered else 1)
    if os.waitpid(keeper, 0)[1]:
        os._exit(1)  # it left no answer, and the starter is to know
    return True


def _streams() -> tuple[BinaryIO, BinaryIO]:
    """Move the pipes away from the standard descriptors, so that nothing printed or read gets between."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)
    return requests, answers


def _answer(stream: BinaryIO, header: dict[str, Any], arrays: Sequence[Any] = ()) -> None:
    try:
        write_frame(stream, header, arrays)
    except WireError as error:
        write_frame(stream, _failure(error))
    except OSError:
        sys.exit(1)  # the starter is gone


def _failure(error: Exception) -> dict[str, Any]:
    return {
        "error": str(error) or type(error).__name__,
        "traceback": "".join(traceback.format_exception(error))[-10_000:],
        "unavailable": isinstance(error, SandboxUnavailable),
        "usage": isinstance(error, UsageError),
    }
