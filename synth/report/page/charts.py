"""Charts as SVG: lines, dots, areas that add up. Colours are the style sheet's, by class."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from synth.report.page.axes import Axis
from synth.report.page.markup import compact, tag

Point = tuple[float, float]

WIDTHS = {"wide": 1000, "narrow": 360}
"""Of the two drawings of each chart, in pixels; the style sheet shows the one that fits the screen."""


@dataclass(frozen=True)
class Line:
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


@dataclass(frozen=True)
class Layer:
    """A share at each place of a chart of areas."""

    name: str
    kind: str
    values: Sequence[float]


def lines_and_dots(
    x: Axis, y: Axis, lines: Sequence[Line], dots: Sequence[Dot] = (), *, description: str
) -> Markup:
    """Draw lines and, above them, dots."""

    def inside(frame: "_Frame") -> Iterable[Markup]:
        for line in lines:
            points = [(frame.x(px), frame.y(py)) for px, py in line.points]
            yield tag("path", d=_path(points, line.step), class_=f"line {line.kind}", data_name=line.name)
        for dot in dots:
            yield _dot(dot, frame)

    return _chart(x, y, inside, description)


def areas(x: Axis, y: Axis, places: Sequence[float], layers: Sequence[Layer], *, description: str) -> Markup:
    """Draw layers one upon the other; each has a value for every place on the x axis."""

    def inside(frame: "_Frame") -> Iterable[Markup]:
        below = [0.0] * len(places)
        for layer in layers:
            above = [low + value for low, value in zip(below, layer.values, strict=True)]
            edge = [(frame.x(place), frame.y(value)) for place, value in zip(places, above, strict=True)]
            back = [(frame.x(place), frame.y(value)) for place, value in zip(places, below, strict=True)]
            path = _path([*edge, *reversed(back)], False) + "Z"
            yield tag("path", d=path, class_=f"area {layer.kind}", data_tip=layer.name)
            below = above

    return _chart(x, y, inside, description)


def legend(entries: Sequence[tuple[str, str]], shape: str = "line") -> Markup:
    """Return the key to a chart's colours from (name, kind)."""
    return tag(
        "ul",
        *(tag("li", tag("span", class_=f"swatch {shape} {kind}"), name) for name, kind in entries),
        class_="legend",
        aria_hidden="true",
    )


@dataclass(frozen=True)
class _Frame:
    """Where things lie in one drawing."""

    width: int
    height: int
    horizontal: Axis
    vertical: Axis
    left: float = 52.0
    right: float = 14.0
    top: float = 28.0
    bottom: float = 40.0

    def x(self, value: float) -> float:
        return self.horizontal.place(value, self.left, self.width - self.right)

    def y(self, value: float) -> float:
        return self.vertical.place(value, self.height - self.bottom, self.top)


def _chart(x: Axis, y: Axis, inside: Callable[[_Frame], Iterable[Markup]], description: str) -> Markup:
    """Draw a chart in both widths, each with its alternative text."""
    drawings = []
    for name, width in WIDTHS.items():
        frame = _Frame(width, 340 if name == "wide" else 260, x, y)
        drawings.append(
            tag(
                "svg",
                *_axes(frame, 8 if name == "wide" else 4),
                tag("g", *inside(frame), class_="data"),
                viewBox=f"0 0 {frame.width} {frame.height}",
                class_=f"chart {name}",
                role="img",
                aria_label=description,
            )
        )
    return Markup("").join(drawings)


def _axes(frame: _Frame, most: int) -> Iterable[Markup]:
    right, floor = frame.width - frame.right, frame.height - frame.bottom
    for value in frame.vertical.ticks(6):
        height = frame.y(value)
        yield tag("line", x1=frame.left, x2=right, y1=height, y2=height, class_="grid")
        yield tag("text", frame.vertical.format(value), x=frame.left - 8, y=height + 4, class_="tick end")
    for value in frame.horizontal.ticks(most):
        place = frame.x(value)
        yield tag("line", x1=place, x2=place, y1=floor, y2=floor + 4, class_="axis")
        yield tag("text", frame.horizontal.format(value), x=place, y=floor + 18, class_="tick middle")
    yield tag("line", x1=frame.left, x2=right, y1=floor, y2=floor, class_="axis")
    yield tag("text", frame.horizontal.label, x=right, y=floor + 35, class_="axis-label end")
    yield tag("text", frame.vertical.label, x=0, y=12, class_="axis-label")


def _dot(dot: Dot, frame: _Frame) -> Markup:
    x, y = frame.x(dot.x), frame.y(dot.y)
    parts = [tag("circle", cx=x, cy=y, r=4.5, class_=f"dot {dot.kind}")]
    if dot.label:
        before = x > frame.width * 0.75
        side = "end" if before else "start"
        parts.append(tag("text", dot.label, x=x + (-9 if before else 9), y=y + 4, class_=f"dot-label {side}"))
    if dot.link:
        return tag("a", *parts, href=dot.link, data_tip=dot.words, aria_label=dot.words)
    return tag("g", *parts, data_tip=dot.words)


def _path(points: Sequence[Point], step: bool) -> str:
    """Return the path through points, as SVG writes it."""
    words: list[str] = []
    for number, (x, y) in enumerate(points):
        if step and number:
            words.append(f"H{compact(x)}V{compact(y)}")
        else:
            words.append(f"{'L' if number else 'M'}{compact(x)} {compact(y)}")
    return "".join(words)
