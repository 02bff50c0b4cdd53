"""A module's functions as text, and what changed between two texts, as a unified diff."""

import difflib


def functions_text(text: str) -> str:
    """Return a module from its first function on, without docstring and import."""
    return text[text.index("def setup") :]


def unified_diff(before: str, after: str, name_before: str, name_after: str, context: int = 3) -> str:
    """Return the unified diff of two texts; it is empty if they are equal."""
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name_before, name_after, n=context
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
