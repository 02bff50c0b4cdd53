"""Functions of one's own, named as `package.module:function`, for a metric or a mutation.

They run unconfined: what a module does when it is imported, it does with the rights of whoever runs synth.
"""

import hashlib
import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.errors import UsageError

_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


@dataclass(frozen=True)
class Plugin:
    """A function of one's own: its reference, and the sha256 of the file that defines it, in hexadecimal."""

    reference: str
    function: Callable[..., Any]
    digest: str


def is_reference(text: str) -> bool:
    """Return whether a text names a function as `package.module:function`."""
    return _REFERENCE.fullmatch(text) is not None


_found: dict[str, Plugin] = {}
"""In a process a reference means one function, as a module is imported once."""


def plugin(reference: str, folder: str = "") -> Plugin:
    """Return the function that a reference names, imported from `folder` before anything installed.

    An empty folder is the current one; the folder counts the first time that a reference is looked up in a
    process. Raises UsageError where there is no such function, or its module cannot be imported.
    """
    if reference not in _found:
        _found[reference] = _looked_up(reference, folder)
    return _found[reference]


def failure(reference: str, error: Exception) -> str:
    """Return the sentence that a function of one's own raised an error, and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{reference} failed: {last.filename}:{last.lineno}: {type(error).__name__}: {error}"


def _looked_up(reference: str, folder: str) -> Plugin:
    place = Path(folder or ".").resolve()
    name, _, attribute = reference.partition(":")
    with _first_on_the_path(place):
        module = _imported(reference, name, place)
    function = getattr(module, attribute, None)
    if not callable(function):
        raise UsageError(
            f"{reference}: the module {name} has no function {attribute}; "
            f"write package.module:function, with the function's name as in {module.__file__}"
        )
    file = inspect.getsourcefile(inspect.unwrap(function)) if inspect.isfunction(function) else None
    source = Path(file or module.__file__ or "")
    if not source.is_file():
        raise UsageError(f"{reference}: its module has no file, so no run can say later what it was")
    return Plugin(reference, function, hashlib.sha256(source.read_bytes()).hexdigest())


@contextmanager
def _first_on_the_path(folder: Path) -> Iterator[None]:
    """Let modules of a folder go first; afterwards they are found last, so that they hide nothing."""
    before = [entry for entry in sys.path if entry != str(folder)]
    sys.path[:] = [str(folder), *before]
    try:
        yield
    finally:
        sys.path[:] = [*before, str(folder)]


def _imported(reference: str, name: str, folder: Path) -> Any:
    own = folder.joinpath(*name.split("."))
    files = {own.with_suffix(".py"), own / "__init__.py"}
    try:
        importlib.invalidate_caches()
        module = importlib.import_module(name)
    except Exception as error:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{name}.".startswith(f"{error.name}."):
            raise UsageError(
                f"{reference}: there is no module {error.name} in {folder}, nor one that is installed"
            ) from None
        at = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{at.filename}:{at.lineno}"
        if isinstance(error, SyntaxError):
            where = f"{error.filename}:{error.lineno}"
        raise UsageError(
            f"{reference} cannot be imported: {where}: {type(error).__name__}: {error}"
        ) from None
    there = {file for file in files if file.is_file()}
    if there and Path(module.__file__ or "") not in there:
        raise UsageError(
            f"{reference}: another module is called {name} ({module.__file__ or 'a part of Python'}); "
            f"rename that in {folder}"
        )
    return module
