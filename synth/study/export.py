"""A program as a module that other projects import, with where it comes from in its docstring."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from synth.language.candidate import Candidate, quoted
from synth.language.parser import candidate_of, parse_file, read_text
from synth.reading.equations.equations import equations_of
from synth.reading.equations.listing import latex_text
from synth.runs.record import Figures, Record, run_around
from synth.runs.stated import (
    StatedFigure,
    figures_of,
    headline,
    is_of_synth,
    stated_figures,
    with_figures,
    without_claims,
)
from synth.settings.resolve import to_command
from synth.standalone.module_text import with_docstring
from synth.standalone.parts import own_text, with_model, with_sklearn, with_table
from synth.study.torch_text import torch_text
from synth.tasks.sources.table import in_words

Style = Literal["numpy", "sklearn", "torch", "latex"]

USE: dict[Style, str] = {
    "numpy": "Model(features).fit(X, y).predict(X) needs numpy alone; give it standardised, shuffled rows.",
    "sklearn": "EvolvedClassifier().fit(X, y).predict(X) needs scikit-learn; so does EvolvedRegressor.",
    "torch": "Model().fit(X, y).predict(X) needs torch alone; X, (tasks, rows, features), is standardised.",
    "latex": "Needs the packages amsmath and amssymb.",
}
"""The last line of the docstring, or of the comments in LaTeX."""
TABLE_USE: dict[Style, str] = {
    "numpy": "X holds these features as prepared numbers; the style sklearn takes raw columns.",
    "sklearn": "pipeline().fit(frame, y).predict(frame) takes raw columns; it needs scikit-learn and pandas.",
    "torch": "X holds these features as prepared numbers; the style sklearn takes raw columns.",
}
"""The line before, in a module of a run on a table."""

Table = Mapping[str, Any]
"""What a run did to the columns of a table, see `Record.done_to_table`."""


def export(
    path: str | Path, style: Style = "numpy", announce: Callable[[str], None] = lambda notice: None
) -> str:
    """Return the text of a module that holds the program of the module in `path`, ready for use.

    Names and comments stay, except where constants had to be rounded; `announce` gets a notice for these.
    The style numpy ends in the class `Model`; sklearn adds `EvolvedClassifier` and `EvolvedRegressor`. Both
    are in the candidate language. The style torch is the same algorithm on tensors, for many tasks at once.
    Black leaves the text unchanged. The style latex is a fragment with the program's equations instead.
    Of a run on a table, sklearn adds `pipeline`, which takes raw columns, and leaves the language.
    Raises UsageError where the file cannot be read, Refusal where it is not in the language.
    """
    parsed, text = parse_file(path), read_text(path)
    for notice in parsed.notices:
        announce(notice)
    own = parsed.candidate.text() if parsed.notices else without_claims(own_text(text))
    lines, figures, table = _origin(Path(path), parsed.candidate)
    if not lines:
        lines = _without_use(parsed.docstring) or [quoted("").strip('"')]
        figures = figures_of(text, str(path))
    elif not is_of_synth(parsed.docstring):
        lines = [*parsed.docstring.splitlines(), "", *lines]
    if table is not None:
        lines += ["", f"{in_words(table)}.", *filter(None, [TABLE_USE.get(style)])]
    if style == "latex":
        return latex_text(equations_of(parsed.candidate), [*_plain(lines), "", USE[style]])
    docstring = _docstring([*lines, *([] if table else [""]), USE[style]])
    if style == "torch":
        return torch_text(docstring, own, parsed.candidate)
    from black import Mode, format_str

    in_language = style == "numpy" or table is None
    stating = with_figures(with_docstring(own, docstring), figures if in_language else [])
    new = with_model(format_str(stating, mode=Mode()))
    if style == "numpy":
        return new
    new = with_sklearn(new)
    return new if table is None else with_table(new, "\n\n" + format_str(_pipeline(table), mode=Mode()))


def _pipeline(table: Table) -> str:
    """Return the end of a module that takes the raw columns of a table."""
    estimator = "EvolvedRegressor" if table["regression"] else "EvolvedClassifier"
    numbers, texts, missing = (table[name] for name in ("numbers", "texts", "missing"))
    return f"""
# What the run was given: columns of numbers and of text, and what fills missing numbers.
NUMBERS = {numbers!r}
TEXTS = {texts!r}
MISSING = {missing!r}


def pipeline(**parameters):
    \"\"\"Return a model of raw rows, a frame with these columns; parameters are those of {estimator}.\"\"\"
    steps = preparation(NUMBERS, TEXTS, MISSING), {estimator}(**parameters)
    return make_pipeline(*steps)
"""


def _origin(path: Path, candidate: Candidate) -> tuple[list[str], list[StatedFigure], Table | None]:
    """Return the lines that say which run around a module evolved its program, and what to state of it.

    Both are empty when no run did. The third is what the run did to the columns of a table, if to one.

    A run's modules are `best.py` and those in `history/` and `raw/`. Raises UsageError for a run's folder
    that cannot be read.
    """
    folder = run_around([path])
    if folder is None:
        return [], [], None
    record = Record.read(folder)
    for improvement in reversed(record.improvements):
        if candidate in (improvement.candidate, candidate_of(improvement.raw)):
            baselines = dict(record.figures)
            best = baselines.pop("best", {})
            figures = {"search": improvement.search, "select": improvement.select}
            best = best if improvement is record.best else {}
            figures |= best
            lines = [
                headline(improvement.select, **record.facts),
                "",
                f"Improvement {improvement.number} of run {folder.name}.",
                f"Fitness: {_figures(figures)}.",
                *(f"For comparison, {name}: {_figures(of_one)}." for name, of_one in baselines.items()),
                f"Reproduce: {to_command(record.config, improvement.candidates)}",
            ]
            if not best:  # of the search there is no figure in float64 yet
                del figures["search"]
            return lines, stated_figures(figures, record.facts.get("conditions", {})), record.done_to_table
    return [], [], None


def _figures(figures: Figures) -> str:
    names = {"search": "search", "select": "selection", "test": "test"}
    return ", ".join(f"{figures[key]:.4f} on {name} tasks" for key, name in names.items() if key in figures)


def _without_use(docstring: str) -> list[str]:
    lines = [line for line in docstring.splitlines() if line not in USE.values()]
    return "\n".join(lines).strip().splitlines()


def _docstring(lines: list[str]) -> str:
    """Return a docstring as black writes it; quotes and backslashes need care, control characters go."""
    inside = "\n".join(_plain(lines)).strip().replace("\\", "\\\\").replace('"', "'")
    return f'"""{inside}\n"""'


def _plain(lines: list[str]) -> list[str]:
    """Return lines without control characters."""
    return ["".join(letter if letter.isprintable() else " " for letter in line).rstrip() for line in lines]
