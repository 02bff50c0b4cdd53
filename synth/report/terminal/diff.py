"""A unified diff on a terminal."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def print_diff(console: "Console", difference: str) -> None:
    """Print a unified diff, in colours on a terminal."""
    from rich.syntax import Syntax

    if console.is_terminal and difference:
        console.print(Syntax(difference.rstrip(), "diff", theme="ansi_dark", background_color="default"))
    else:
        console.out(difference, end="", highlight=False)
