"""The errors that synth raises on purpose, each with the exit code that the command line gives it."""

import difflib
from collections.abc import Iterable


class SynthError(Exception):
    """An error whose message is one clear sentence: what is wrong, where, and what would be right."""

    exit_code = 3


class UsageError(SynthError):
    """A flag, key, preset or input file that is wrong or missing (exit code 2)."""

    exit_code = 2


class Refusal(UsageError):
    """A module's text that is not in the candidate language, with the place.

    Reads `file:line:column: what is wrong; what would be right`. Lines and columns count from 1.
    """

    def __init__(self, path: str, line: int, column: int, what: str, right: str = "") -> None:
        self.path, self.line, self.column, self.what, self.right = path, line, column, what, right
        super().__init__(f"{path}:{line}:{column}: {what}" + (f"; {right}" if right else ""))


class SandboxUnavailable(SynthError):
    """A layer of the sandbox that cannot be applied here (exit code 3)."""


class DownloadFailed(SynthError):
    """A data set that could not be fetched (exit code 3)."""


class OutputFailed(SynthError):
    """A folder or file that could not be written (exit code 3)."""


def closest(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    """Return the known name that one may have been meant for, whatever its case; None where none is like it.

    `cutoff` is how like it must be, from 0 to 1, as difflib has it.
    """
    folded = {one.casefold(): one for one in known}
    matches = difflib.get_close_matches(name.casefold(), folded, 1, cutoff)
    return folded[matches[0]] if matches else None
