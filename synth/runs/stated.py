"""What a module states of its figures: for `synth verify`, in comments between docstring and imports.

    # synth verify: select=0.9720 data=digits features=16 tasks=9 seed=0 epochs=1
    #     metric=accuracy digest=9c0e7f1f4a1d53a2

One stands for each split: the figure as it is told elsewhere, and the conditions under which it holds. Beside
them stands what a module reaches in words: in its docstring, or in a comment where that is a person's.
"""

import re
import textwrap
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields
from typing import Any, cast
from urllib.parse import quote, unquote

from synth.errors import UsageError
from synth.language.candidate import NO_DOCSTRING, quoted
from synth.plugins import is_reference, plugin
from synth.standalone.module_text import below_docstring, docstring_source, with_docstring
from synth.tasks.metrics import METRICS, Combine, beside, fitness_name
from synth.tasks.names import MOST_PAIRS, NO_WEIGHTS, SPLITS, Split, canonical
from synth.tasks.pairs import Valid
from synth.tasks.task import TaskSet

MARK = "# synth verify: "
GOES_ON = "#     "
_COMMENT = re.compile(rf"^{MARK}(.*(?:\n{GOES_ON}.*)*)\n", re.MULTILINE)
_COMMENTS = re.compile(rf"\n?(?:^{MARK}.*(?:\n{GOES_ON}.*)*\n)+", re.MULTILINE)
"""All of them, with the empty line that sets them off."""

WIDTH = 88
"""Columns of a comment."""

DIGITS_OF_DIGEST = 16
"""So many of the 64 hexadecimal digits tell data apart."""


@dataclass(frozen=True)
class Conditions:
    """What a program was evaluated on, and how; what has its default is not written down."""

    data: str
    """A name of DATA_SETS, or of an .npz file without its folder."""
    features: int
    tasks: int
    seed: int
    epochs: int
    metric: str
    digest: str
    """The first digits of the tasks' sha256."""
    train: int | None = None
    valid: Valid = None
    first: int = 0
    held_out: tuple[int, ...] = ()
    class_pairs: int = MOST_PAIRS
    class_weights: str = NO_WEIGHTS
    combine: Combine = "mean"
    """How the fitness of all tasks becomes one figure."""
    function: str = ""
    """The first digits of the sha256 of a metric of one's own."""

    @classmethod
    def of(cls, tasks: TaskSet, seed: int, epochs: int, combine: Combine = "mean") -> "Conditions":
        """Return the conditions of an evaluation on tasks that came from `task_set`."""
        digest = tasks.digest[:DIGITS_OF_DIGEST]
        how = (len(tasks.tasks), seed, epochs, tasks.metric, digest)
        function = digest_of_metric(tasks.metric)
        return cls(tasks.name, tasks.features, *how, combine=combine, function=function, **tasks.request)

    @classmethod
    def read(cls, words: dict[str, str]) -> "Conditions":
        """Make conditions of words by their keys. Raises ValueError, with the reason, where that fails."""
        missing = [one.name for one in fields(cls) if one.default is MISSING and one.name not in words]
        if missing:
            raise ValueError(f"{missing[0]} is missing")
        values: dict[str, Any] = {}
        for key, word in words.items():
            if key not in _READ:
                raise ValueError(f"{key} is unknown")
            try:
                values[key] = _READ[key](word)
            except (ValueError, KeyError):
                raise ValueError(f"{key} cannot be {word}") from None
        return cls(**values)

    @property
    def request(self) -> dict[str, Any]:
        """The arguments of `task_set`, beside the split, that give the tasks again."""
        sizes = {"count": self.tasks, "features": self.features, "train": self.train, "valid": self.valid}
        pairs = {"held_out_classes": self.held_out, "class_pairs": self.class_pairs}
        how = {"class_weights": self.class_weights, "metric": self.metric}
        return {"data": self.data, **sizes, "first": self.first, **pairs, **how}

    def __str__(self) -> str:
        values = ((one, getattr(self, one.name)) for one in fields(self))
        return " ".join(f"{one.name}={_word(value)}" for one, value in values if value != one.default)


def digest_of_metric(metric: str) -> str:
    """Return the first digits of the sha256 of a metric of one's own; an empty text for others."""
    return plugin(metric).digest[:DIGITS_OF_DIGEST] if is_reference(metric) else ""


_READ: dict[str, Any] = {
    "data": str,
    **dict.fromkeys(("features", "tasks", "seed", "epochs", "train", "first", "class_pairs"), int),
    "metric": lambda word: word if is_reference(word) else METRICS[canonical(word)].name,
    **dict.fromkeys(("digest", "function"), str),
    "class_weights": str,
    "valid": lambda word: word if word == "all" else int(word),
    "held_out": lambda word: tuple(map(int, word.split(","))),
    "combine": {"mean": "mean", "median": "median"}.__getitem__,
}
"""How the word of each condition becomes its value."""


def _word(value: Any) -> str:
    return quote(",".join(map(str, value)) if isinstance(value, tuple) else str(value), safe=",:")


@dataclass(frozen=True)
class StatedFigure:
    """A figure that a module states: fitness on the tasks of a split, as printed, and its conditions."""

    split: Split
    figure: str
    conditions: Conditions

    @property
    def comment(self) -> str:
        """The lines that state it."""
        words = f"{MARK}{self.split}={self.figure} {self.conditions}"
        lines = textwrap.wrap(
            words, WIDTH, subsequent_indent=GOES_ON, break_long_words=False, break_on_hyphens=False
        )
        return "\n".join(lines) + "\n"

    def rounded(self, fitness: float) -> str:
        """Return a fitness with as many decimals as are stated."""
        return f"{fitness:.{len(self.figure.partition('.')[2])}f}"


def stated_figures(figures: dict[str, float], conditions: dict[str, str]) -> list[StatedFigure]:
    """Return statements of figures by split, with four decimals, for those splits that have conditions."""
    return [
        StatedFigure(cast(Split, split), f"{figures[split]:.4f}", Conditions.read(_words(conditions[split])))
        for split in SPLITS
        if split in figures and split in conditions
    ]


EVOLVED = "Evolved by synth"
"""Begins what is said of a program that a run found."""


def headline(
    select: float,
    *,
    data: str,
    metric: str,
    select_tasks: int,
    features: int,
    combine: str = "mean",
    scale: float | None = None,
    **_others: Any,
) -> str:
    """Return the one line that says what a program reaches, and on what, from the facts of `RunStarted`."""
    what = _reached(select, select_tasks, "selection", metric, combine, scale)
    return f"{EVOLVED}: {what} of {data} (F = {features})."


def tuned_line(
    report: float,
    tasks: int,
    *,
    metric: str = "",
    combine: str = "mean",
    scale: float | None = None,
    **_others: Any,
) -> str:
    """Return the one line that says what a program with tuned constants reaches on so many report tasks."""
    return f"{EVOLVED}, constants tuned: {_reached(report, tasks, 'report', metric, combine, scale)}."


def _reached(fitness: float, tasks: int, split: str, metric: str, combine: str, scale: float | None) -> str:
    of = f"{tasks} {split} task{'s' if tasks > 1 else ''}"
    return f"{combine} {fitness_name(metric)} {fitness:.4f}{beside(metric, fitness, scale)} on {of}"


_REACHING = rf"{EVOLVED}(?:, constants tuned)?: (?:mean|median) [\w ]+ [01]\.\d{{4}}.* on \d+ \w+ tasks?\b.*"


def improvement_line(number: int, *, as_evolved: bool = False) -> str:
    """Return the one line that says which improvement of its run a program is."""
    return f"Improvement {number}{' as evolved' if as_evolved else ''}."


_IMPROVEMENT = r"Improvement \d+(?: as evolved)?\."

DERIVED = "Made from a program evolved by synth."
"""The docstring of a module whose figures are not those of the module that it was made from."""

_PLAIN = (f"{EVOLVED}.", DERIVED, NO_DOCSTRING, "A mutant of a program evolved by synth.")
"""Lines that never differ; synth writes the last one no more."""

_LINE = f"(?:{'|'.join((_REACHING, _IMPROVEMENT, *map(re.escape, _PLAIN)))})"
"""What synth itself says of a module, also what it once said."""
_LINE_OF_SYNTH = re.compile(_LINE)
_COMMENT_OF_SYNTH = re.compile(rf"\n?^# {_LINE}\n", re.MULTILINE)


def is_of_synth(docstring: str) -> bool:
    """Return whether a module's docstring is one that synth wrote, and not a person."""
    first = docstring.partition("\n")[0]
    return _LINE_OF_SYNTH.fullmatch(first) is not None


def with_line(text: str, line: str) -> str:
    """Return a module's text that says what it is: in its docstring, or in a comment below a person's."""
    if is_of_synth(docstring_source(text).strip("'\"")):
        return with_docstring(text, quoted(line))
    return below_docstring(text, f"# {line}\n")


def with_figures(text: str, figures: Iterable[StatedFigure]) -> str:
    """Return the text of a module that states these figures and no others."""
    text, comments = _COMMENTS.sub("", text), "".join(one.comment for one in figures)
    return below_docstring(text, comments) if comments else text


def without_claims(text: str) -> str:
    """Return the text of a module without anything that synth says of what it reaches."""
    text = _COMMENT_OF_SYNTH.sub("", _COMMENTS.sub("", text)).lstrip("\n")
    docstring = docstring_source(text)
    return with_docstring(text, quoted(DERIVED)) if is_of_synth(docstring.strip("'\"")) else text


def figures_of(text: str, path: str = "<text>") -> list[StatedFigure]:
    """Return what a module states. Raises UsageError, with the line, for what cannot be read."""
    return [_read(found, text, path) for found in _COMMENT.finditer(text + "\n")]


def _read(found: "re.Match[str]", text: str, path: str) -> StatedFigure:
    words = _words(found[1].replace("\n" + GOES_ON, " "))
    try:
        splits = [split for split in SPLITS if split in words]
        if len(splits) != 1:
            raise ValueError(f"it needs one figure, of {', '.join(SPLITS)}")
        figure = words.pop(splits[0])
        if not re.fullmatch(r"\d+\.\d+", figure):
            raise ValueError(f"{splits[0]} cannot be {figure}")
        return StatedFigure(cast(Split, splits[0]), figure, Conditions.read(words))
    except ValueError as error:
        line = text.count("\n", 0, found.start()) + 1
        sentence = f"{path}:{line}: what this comment states cannot be read: {error}"
        raise UsageError(f"{sentence}; `synth export` of a run's module writes it anew") from None


def _words(text: str) -> dict[str, str]:
    pairs = (word.partition("=") for word in text.split())
    return {key: unquote(value) for key, _, value in pairs}
