"""Programs and their differences as HTML, with colours by kind of token."""

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from synth.language.candidate import FUNCTIONS, Candidate
from synth.reading.names import named_text
from synth.report.page.markup import tag
from synth.study.text_diff import functions_text, unified_diff


def code(text: str) -> Markup:
    """Return a Python module as HTML; the style sheet knows the classes of its tokens."""
    from pygments.lexers.python import PythonLexer
    from pygments.token import STANDARD_TYPES, Token

    def short(kind: Any) -> str:
        while kind is not Token and kind not in STANDARD_TYPES:
            kind = kind.parent
        return str(STANDARD_TYPES[kind])

    parts = (
        tag("span", value, class_=name) if (name := short(kind)) and value.strip() else value
        for kind, value in PythonLexer().get_tokens(text.strip("\n"))
    )
    return tag("pre", tag("code", *parts), class_="code", tabindex=0)


def body(candidate: Candidate) -> str:
    """Return the three functions alone."""
    return functions_text(candidate.text())


def readable(candidate: Candidate) -> str:
    """Return the three functions of a simplified program, with names and comments."""
    return functions_text(named_text(candidate))


def sizes(candidate: Candidate) -> str:
    """Return how long the functions are: "setup 1, predict 2, learn 4"."""
    return ", ".join(f"{name} {len(part)}" for name, part in zip(FUNCTIONS, candidate.bodies, strict=True))


def difference(before: Candidate | None, after: Candidate) -> Markup:
    """Return what changed from one program to the next, or from none at all."""
    old = body(before) if before else body(Candidate())
    lines = unified_diff(old, body(after), "before", "after", context=2).splitlines()[2:]
    if not lines:
        return tag("p", "Nothing changed in what is written here.", class_="quiet")
    return tag("pre", tag("code", *_diff_lines(lines)), class_="code diff", tabindex=0)


def counts(before: Candidate | None, after: Candidate) -> tuple[int, int]:
    """Return how many lines a difference adds and removes."""
    old = body(before) if before else body(Candidate())
    lines = unified_diff(old, body(after), "before", "after").splitlines()[2:]
    return sum(line[:1] == "+" for line in lines), sum(line[:1] == "-" for line in lines)


def _diff_lines(lines: Iterable[str]) -> Iterable[Markup]:
    kinds = {"+": "added", "-": "removed", "@": "hunk"}
    for line in lines:
        shown = "⋯" if line.startswith("@") else line
        yield tag("span", shown + "\n", class_=f"row {kinds.get(line[:1], 'same')}")
