"""A program's equations as HTML, which wraps on small screens and needs no font or script."""

from typing import Any

from markupsafe import Markup

from synth.reading.equations.equations import Equations
from synth.reading.equations.expressions import Symbol
from synth.reading.equations.listing import latex_text, note, parts
from synth.reading.equations.writing import Unicode


class Html(Unicode):
    """Writes expressions as HTML: vectors bold, everything else with one letter in italics."""

    more = "&gt;"

    def symbol(self, symbol: Symbol) -> str:
        """Return a symbol with its number and its primes."""
        name = self._letters[symbol.variable]
        letter = name.rstrip("0123456789")
        tag = "b" if symbol.kind == "v" else "i"
        text = f"<{tag}>{letter}</{tag}>" if len(letter) == 1 else letter
        number = name[len(letter) :]
        return text + (f"<sub>{number}</sub>" if number else "") + "′" * symbol.primes


def mathematics(equations: Equations) -> dict[str, Any]:
    """Return a program's equations for the page, and their LaTeX to copy."""
    return {
        "parts": [
            {
                "title": Markup(part.title),
                "lines": [(Markup(line.text), line.words) for line in part.lines],
            }
            for part in parts(equations, Html)
        ],
        "note": note(equations, Html),
        "latex": latex_text(equations),
    }
