"""Programs and their differences, with colours by kind of token or line."""

from markupsafe import Markup

from synth.language.candidate import FUNCTIONS, Candidate
from synth.study.text_diff import functions_text, unified_diff


def code(text: str) -> Markup:
    """Return a Python module as HTML; the style sheet knows the classes of its tokens."""
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers.python import PythonLexer

    spans = highlight(text.strip("\n"), PythonLexer(), HtmlFormatter(nowrap=True))
    return Markup('<pre class="code" tabindex="0"><code>{}</code></pre>').format(Markup(spans))


def body(candidate: Candidate) -> str:
    """Return the three functions alone."""
    return functions_text(candidate.text())


def sizes(candidate: Candidate) -> str:
    """Return how long the functions are: "setup 1, predict 2, learn 4"."""
    return ", ".join(f"{name} {len(part)}" for name, part in zip(FUNCTIONS, candidate.bodies, strict=True))


def difference(before: Candidate | None, after: Candidate) -> list[tuple[str, str]]:
    """Return the kind and text of each line of the diff of two programs, or of one and nothing."""
    old = body(before or Candidate())
    lines = unified_diff(old, body(after), "before", "after", context=2).splitlines()[2:]
    kinds = {"+": "added", "-": "removed", "@": "hunk"}
    return [(kinds.get(line[:1], "same"), "⋯" if line.startswith("@") else line) for line in lines]
