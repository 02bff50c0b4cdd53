"""Functions of one's own, named as `package.module:function`, for a metric or a mutation.

They run unconfined: what a module does when it is imported, it does with the rights of whoever runs synth.
"""

import hashlib
import importlib
import inspect
import re
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from synth.errors import UsageError

_REFERENCE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*")


@dataclass(frozen=True)
class Plugin:
    """A function of one's own, by its reference."""

    reference: str
    function: Callable[..., Any]
    files: tuple[Path, ...]
    """The file of the module that is named and, where it only hands the function on, the one that defines
    it."""
    digest: str
    """The sha256 of these files, in hexadecimal."""

    def __call__(self, *arguments: Any) -> Any:
        """Call the function; what it prints goes to stderr, as stdout is for results.

        Raises UsageError, which says where, when the function raises an error or ends Python.
        """
        try:
            with redirect_stdout(sys.stderr):
                return self.function(*arguments)
        except (Exception, SystemExit) as error:
            raise UsageError(f"{self.reference} failed: {_told(error, self.files)}") from error


def is_reference(text: str) -> bool:
    """Return whether a text names a function as `package.module:function`."""
    return _REFERENCE.fullmatch(text) is not None


_known: dict[str, Plugin] = {}
"""What this process has looked up, by reference."""


def plugin(reference: str, folder: str | None = None) -> Plugin:
    """Return the function that a reference names, imported from `folder` before anything installed.

    An empty folder is the current one; without one it is what this process looked up last, if it did. A
    process imports it once, and reads no file when it is asked again. Raises UsageError where there is none,
    or its module cannot be imported.
    """
    if folder is None and reference in _known:
        return _known[reference]
    _known[reference] = _plugin(reference, folder_of(folder or ""))
    return _known[reference]


def folder_of(name: str) -> Path:
    """Return the whole path of a folder of functions; that of the current one without a name."""
    return Path(name or ".").expanduser().resolve()


def check_plugin(reference: str, folder: str = "") -> None:
    """Raise UsageError where `plugin` does, or when the file changed since this process imported it."""
    own = plugin(reference, folder)
    if _digest(own.files) != own.digest:
        files = " or ".join(map(str, own.files))
        raise UsageError(f"{reference}: {files} changed since this Python imported it; start Python anew")


def check_digests(digests: Mapping[str, str], folder: str) -> None:
    """Import functions, and raise UsageError for the first one whose files have another digest than given."""
    for reference, digest in digests.items():
        own = plugin(reference, folder)
        if own.digest != digest:
            files = " or ".join(map(str, own.files))
            raise UsageError(
                f"{reference}: {files} is not the file that the run goes by; put that one in its place"
            )


@lru_cache(maxsize=64)
def _plugin(reference: str, folder: Path) -> Plugin:
    name, _, attribute = reference.partition(":")
    with _first_on_the_path(folder):
        module = _imported(reference, name, folder)
    file, function = getattr(module, "__file__", None), getattr(module, attribute, None)
    if not callable(function):
        place = f" ({file})" if file else ""
        raise UsageError(
            f"{reference}: the module {name}{place} has no function {attribute}; "
            "write package.module:function with the name of one that it has"
        )
    named = dict.fromkeys(filter(None, [file, *map(inspect.getsourcefile, _wrapped(function))]))
    files = tuple(path for path in map(Path, named) if path.is_file())
    if not files:
        raise UsageError(f"{reference}: its module has no file, so no run can say later what it was")
    return Plugin(reference, function, files, _digest(files))


def _wrapped(function: Any) -> Iterator[Any]:
    """Give the functions of Python among a function and what decorators put it around."""
    while function is not None:
        if inspect.isfunction(function):
            yield function
        function = getattr(function, "__wrapped__", None)


def _digest(files: Sequence[Path]) -> str:
    with suppress(OSError):
        return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()
    return ""


@contextmanager
def _first_on_the_path(folder: Path) -> Iterator[None]:
    """Let modules of a folder go first; afterwards they are found last, so that they hide nothing."""
    sys.path.insert(0, str(folder))
    try:
        yield
    finally:
        with suppress(ValueError):  # the module may have changed the path
            sys.path.remove(str(folder))
        if str(folder) not in sys.path:
            sys.path.append(str(folder))


def _imported(reference: str, name: str, folder: Path) -> ModuleType:
    own = folder.joinpath(*name.split("."))
    there = [file for file in (own.with_suffix(".py"), own / "__init__.py") if file.is_file()]
    module = None
    try:
        importlib.invalidate_caches()
        with redirect_stdout(sys.stderr):
            module = importlib.import_module(name)
    except (Exception, SystemExit) as error:
        missing = error.name if isinstance(error, ModuleNotFoundError) else None
        if not missing or not f"{name}.".startswith(f"{missing}."):
            raise UsageError(f"{reference} cannot be imported: {_told(error, there)}") from None
        if not there:
            hint = f"; write {reference.replace('.py:', ':')}" if name.endswith(".py") else ""
            raise UsageError(
                f"{reference}: there is no module {missing} in {folder}, nor one that is installed{hint}"
            ) from None
    first = name if module else name.partition(".")[0]
    found = getattr(module or sys.modules.get(first), "__file__", None)
    if module is None or (there and Path(found or "").resolve() not in map(Path.resolve, there)):
        raise UsageError(
            f"{reference}: another module is called {first} ({found or 'a part of Python'}); "
            f"rename that in {folder}"
        )
    return module


def _told(error: BaseException, files: Sequence[Path]) -> str:
    """Return in one line where an error was raised, by the last line of these files on its way, and what.

    Where none of them is on its way, it is the line that raised it. No file is read, as a sandbox may forbid.
    """
    if isinstance(error, SyntaxError):
        where = f"{error.filename}:{error.lineno}: "
    else:
        lines = [(frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)]
        names = {str(file) for file in files} | {str(file.resolve()) for file in files}
        of_files = [place for place in lines if place[0] in names]
        where = "{}:{}: ".format(*(of_files or lines)[-1])
    what = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
    return where + type(error).__name__ + (f": {what}" if what else "")
