"""Charts as SVG: axes, lines and dots. Colours are the style sheet's, by class."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from synth.report.page.rendering import compact, render
from synth.report.text import clock

Format = Callable[[float], str]
Point = tuple[float, float]

_DECIMAL = (1.0, 2.0, 2.5, 5.0)
_TIMES = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
"""Seconds that people count in."""


@dataclass(frozen=True)
class Axis:
    """A range of values, linear or logarithmic, and how its ticks are written."""

    low: float
    high: float
    label: str
    format: Format
    log: bool = False

    def position(self, value: float, start: float, end: float) -> float:
        """Return where a value lies when the axis runs from `start` to `end` on the page."""
        low, high, value = (self._scaled(part) for part in (self.low, self.high, value))
        return start + (value - low) / ((high - low) or 1.0) * (end - start)

    def ticks(self, most: int = 6) -> list[float]:
        """Return at most about so many round values; on a logarithmic axis `high` and fractions of it."""
        if self.log:
            return _fractions(self.low, self.high, most)
        step = self._step((self.high - self.low) / max(1, most - 1))
        first, last = math.ceil(self.low / step - 1e-9), math.floor(self.high / step + 1e-9)
        return [count * step for count in range(first, last + 1)]

    def _step(self, least: float) -> float:
        """Return a round distance of ticks that is no smaller."""
        if self.format is clock and least <= _TIMES[-1]:
            return next(float(step) for step in _TIMES if step >= least)
        power = 10.0 ** math.floor(math.log10(least)) if least > 0 else 1.0
        steps = (factor * power for factor in (*_DECIMAL, 10.0))
        return next(step for step in steps if step >= least * (1 - 1e-9))

    def _scaled(self, value: float) -> float:
        return math.log(max(value, 1e-12)) if self.log else value


def spanning(values: Sequence[float], label: str, write: Format, margin: float = 0.06) -> Axis:
    """Return a linear axis that holds all values, with some room at both ends."""
    low, high = min(values), max(values)
    room = (high - low) * margin or abs(high) * margin or 1.0
    return Axis(low - room, high + room, label, write)


def from_zero(most: float, label: str, write: Format) -> Axis:
    """Return a linear axis from 0 on."""
    return Axis(0.0, max(most, 1.0), label, write)


def _fractions(low: float, high: float, most: int) -> list[float]:
    """Return values between low and high, each the same power of two times the one before."""
    doublings = math.floor(math.log2(high / low) + 1e-9)
    step = math.ceil(doublings / (most - 1)) or 1
    return [high / 2**count for count in range(doublings // step * step, -1, -step)]


@dataclass(frozen=True)
class Curve:
    """Points joined in their order; `kind` is its class. A step stays at a value until the next point."""

    name: str
    kind: str
    points: Sequence[Point]
    step: bool = False


@dataclass(frozen=True)
class Dot:
    """A point with words that appear when it is pointed at; with `link` it leads to a part of the page."""

    x: float
    y: float
    kind: str
    words: str
    link: str = ""
    label: str = ""
    """Written beside it."""


def chart(x: Axis, y: Axis, lines: Sequence[Curve], dots: Sequence[Dot] = (), *, description: str) -> Markup:
    """Draw lines and, above them, dots, twice: the style sheet shows the drawing that fits the screen."""
    frames = (_Frame("wide", 1000, 340, 8, x, y), _Frame("narrow", 360, 260, 4, x, y))
    return render("chart.svg", frames=frames, lines=lines, dots=dots, description=description)


@dataclass(frozen=True)
class _Frame:
    """Where things lie in one drawing, in pixels."""

    name: str
    width: int
    height: int
    ticks: int
    """About the most ticks of the horizontal axis."""
    horizontal: Axis
    vertical: Axis
    left: float = 52.0
    right: float = 14.0
    top: float = 28.0
    bottom: float = 40.0

    def x(self, value: float) -> float:
        return self.horizontal.position(value, self.left, self.width - self.right)

    def y(self, value: float) -> float:
        return self.vertical.position(value, self.height - self.bottom, self.top)

    def path(self, line: Curve) -> str:
        """Return the path through a line's points, as SVG writes it."""
        words: list[str] = []
        for x, y in line.points:
            across, down = compact(self.x(x)), compact(self.y(y))
            if words and line.step:
                words.append(f"H{across}V{down}")
            else:
                words.append(f"{'L' if words else 'M'}{across} {down}")
        return "".join(words)
