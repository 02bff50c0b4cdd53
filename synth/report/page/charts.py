"""Charts as SVG: lines and dots. Colours are the style sheet's, by class."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from synth.report.page.axes import Axis
from synth.report.page.templates import compact, render

Point = tuple[float, float]


@dataclass(frozen=True)
class Curve:
    """Points joined in their order; `kind` is its class. A step stays at a value until the next point."""

    name: str
    kind: str
    points: Sequence[Point]
    step: bool = False


@dataclass(frozen=True)
class Dot:
    """A point with words that appear when it is pointed at; with `link` it leads to a place in the page."""

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
