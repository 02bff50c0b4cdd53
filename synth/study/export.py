"""A program as a module that other projects import, with where it comes from in its docstring."""

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from synth.language.parser import parse_file
from synth.runs.provenance import Provenance, provenance
from synth.runs.record import Figures
from synth.standalone.parts import with_sklearn

Style = Literal["numpy", "sklearn"]

USE: dict[Style, str] = {
    "numpy": "Model(features).fit(X, y).predict(X) needs numpy alone; give it standardised, shuffled rows.",
    "sklearn": "EvolvedClassifier().fit(X, y).predict(X) needs scikit-learn; so does EvolvedRegressor.",
}
"""The last line of the docstring."""


def export(
    path: str | Path, style: Style = "numpy", announce: Callable[[str], None] = lambda notice: None
) -> str:
    """Return the text of a module that holds the program of the module in `path`, ready for use.

    The style numpy ends in the class `Model`; sklearn adds `EvolvedClassifier` and `EvolvedRegressor`. The
    text is in the candidate language, and black leaves it unchanged. `announce` is told of constants that
    were rounded. Raises UsageError where the file cannot be read, Refusal where it is not in the language.
    """
    parsed = parse_file(path)
    for notice in parsed.notices:
        announce(notice)
    origin = provenance(Path(path), parsed.candidate)
    usual, _, rest = parsed.candidate.text(model=True).partition("\n")
    docstring = _described(origin) if origin else _without_use(parsed.docstring)
    text = _docstring([*(docstring or [usual.strip('"')]), "", USE[style]]) + "\n" + rest
    return with_sklearn(text) if style == "sklearn" else text


def _described(origin: Provenance) -> list[str]:
    """Return the lines that say where a program comes from, what it reaches, and how to find it again."""
    lines = [
        origin.headline,
        "",
        f"Improvement {origin.number} of run {origin.run}.",
        f"Fitness: {_figures(origin.figures)}.",
    ]
    lines += [f"For comparison, {name}: {_figures(figures)}." for name, figures in origin.baselines.items()]
    return [*lines, f"Reproduce: {origin.command}"]


def _figures(figures: Figures) -> str:
    names = {"search": "search", "select": "selection", "test": "test"}
    return ", ".join(f"{figures[key]:.4f} on {name} tasks" for key, name in names.items() if key in figures)


def _without_use(docstring: str) -> list[str]:
    lines = [line for line in docstring.splitlines() if line not in USE.values()]
    return "\n".join(lines).strip().splitlines()


def _docstring(lines: list[str]) -> str:
    """Return a docstring as black writes it; quotes and backslashes need care, control characters go."""
    plain = ("".join(letter if letter.isprintable() else " " for letter in line).rstrip() for line in lines)
    inside = "\n".join(plain).strip().replace("\\", "\\\\").replace('"', "'")
    return f'"""{inside}\n"""'
