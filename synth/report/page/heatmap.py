"""Figures of pairs of classes as tables whose cells are coloured."""

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from synth.report.page.templates import render
from synth.tasks.pairs import Group

LEVELS = 9
"""Shades of a scale, from 0; the style sheet has a colour for each."""


def heat_map(
    classes: Sequence[str],
    values: Mapping[Group, float],
    write: Callable[[float], str],
    shade: Callable[[float], str],
    *,
    caption: str,
    marked: frozenset[Group] = frozenset(),
) -> Markup:
    """Return a table with a cell for each pair (a, b), a < b, in row b and column a.

    `shade` gives the class of a value's colour. Cells of `marked` pairs have a frame.
    """
    return render(
        "heatmap.html",
        classes=classes,
        values=values,
        write=write,
        shade=shade,
        caption=caption,
        marked=marked,
        short=max(map(len, classes)) <= 2,
    )


def rising(low: float, high: float) -> Callable[[float], str]:
    """Return shades from `low` to `high`."""
    return lambda value: f"up{_level((value - low) / ((high - low) or 1.0))}"


def diverging(most: float) -> Callable[[float], str]:
    """Return shades to both sides of nothing; `most` is the largest difference to either side."""
    return lambda value: f"{'more' if value >= 0 else 'less'}{_level(abs(value) / (most or 1.0))}"


def _level(share: float) -> int:
    return max(0, min(LEVELS - 1, int(share * LEVELS)))
