"""What changed between two texts, as a unified diff."""

import difflib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def unified_diff(before: str, after: str, name_before: str, name_after: str, context: int = 3) -> str:
    """Return the unified diff of two texts, or nothing when they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name_before, name_after, n=context
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def print_diff(console: "Console", difference: str) -> None:
    """Print a unified diff, in colours on a terminal."""
    from rich.syntax import Syntax

    if console.is_terminal and difference:
        console.print(Syntax(difference.rstrip(), "diff", theme="ansi_dark", background_color="default"))
    else:
        console.out(difference, end="", highlight=False)
