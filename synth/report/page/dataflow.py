"""The data flow of a program as SVG: from inputs and parameters over values to what a step updates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from synth.language.ops import FEATURES, LABEL, PREDICTION
from synth.reading.equations.equations import Equation, Equations
from synth.reading.equations.expressions import SQUASHED, Symbol, symbols
from synth.reading.equations.writing import Unicode
from synth.report.page.rendering import compact, render

INPUT, PARAMETER, VALUE, UPDATE = "island", "net", "best", "linear"
"""Kinds of boxes, by the classes of their colours."""

LEGEND = (("input", INPUT), ("parameter", PARAMETER), ("value", VALUE), ("what a step updates", UPDATE))


@dataclass(eq=False)
class Box:
    """A symbol, what it is made of, and the layer in which it stands."""

    label: str
    kind: str
    words: str
    sources: list["Box"] = field(default_factory=list)
    layer: int = 0


def data_flow(equations: Equations) -> Markup:
    """Draw the data flow twice: the style sheet shows the drawing that fits the screen."""
    layers = _layers(_boxes(equations))
    if not layers:
        return Markup("")
    most = max(map(len, layers))
    frames = (
        _Frame("wide", 1000, 56 * most + 24, layers, across=True),
        _Frame("narrow", 360, 64 * len(layers), layers, across=False),
    )
    updated = [box.label.removesuffix(" ←") for layer in layers for box in layer if box.kind == UPDATE]
    description = f"Drawing of the data flow; a step updates {', '.join(updated) or 'nothing'}."
    return render("flow.svg", frames=frames, description=description)


def _boxes(equations: Equations) -> list[Box]:
    """Return a box for each equation of a step, and for what they read from outside of it."""
    write = Unicode(equations.letters)
    boxes: list[Box] = []
    current: dict[Symbol, Box] = {}

    def add(symbol: Symbol, box: Box) -> Box:
        current[symbol] = box
        boxes.append(box)
        return box

    def box_of(symbol: Symbol) -> Box:
        if symbol in current:
            return current[symbol]
        given = symbol.variable in (FEATURES, LABEL, SQUASHED)
        box = Box(write.symbol(symbol), INPUT if given else PARAMETER, "")
        if symbol.variable == SQUASHED and Symbol(PREDICTION) in current:
            box.kind = VALUE
            box.sources.append(current[Symbol(PREDICTION)])
        return add(symbol, box)

    for one in (*equations.predict, *equations.learn):
        sources = [box_of(symbol) for symbol in dict.fromkeys(symbols(one.expression))]
        label = write.symbol(one.symbol) + (" ←" if one.replaces else "")
        add(one.symbol, Box(label, UPDATE if one.replaces else VALUE, _words(write, one), sources))
    return boxes


def _words(write: Unicode, one: Equation) -> str:
    return "; ".join(filter(None, (write.equation(one), ", ".join(one.words))))


def _layers(boxes: Sequence[Box]) -> list[list[Box]]:
    """Return boxes in layers, each after its sources; what comes from outside is before its first reader."""
    for box in boxes:
        if box.sources:
            box.layer = 1 + max(source.layer for source in box.sources)
    for box in boxes:
        readers = [other.layer for other in boxes if box in other.sources]
        if not box.sources and readers:
            box.layer = min(readers) - 1
    layers: list[list[Box]] = []
    places: dict[Box, float] = {}
    for number in sorted({box.layer for box in boxes}):
        layer = [box for box in boxes if box.layer == number]
        layer.sort(key=lambda box: _middle([places[source] for source in box.sources if source in places]))
        places |= {box: (place + 0.5) / len(layer) for place, box in enumerate(layer)}
        layers.append(layer)
    return layers


def _middle(places: Sequence[float]) -> float:
    """Return the mean place of a box's sources, or the middle."""
    return sum(places) / len(places) if places else 0.5


@dataclass(frozen=True)
class _Frame:
    """Where boxes lie in one drawing, in pixels: layers are columns, or rows on a narrow screen."""

    name: str
    width: int
    height: int
    layers: Sequence[Sequence[Box]]
    across: bool

    @property
    def box_width(self) -> float:
        """The width of all boxes."""
        columns = len(self.layers) if self.across else max(map(len, self.layers))
        return min(88.0, 0.8 * self.width / columns)

    box_height = 32.0

    def places(self) -> dict[Box, tuple[float, float]]:
        """Return the centre of each box."""
        found = {}
        for number, layer in enumerate(self.layers):
            along = (number + 0.5) / len(self.layers)
            for index, box in enumerate(layer):
                aside = (index + 0.5) / len(layer)
                x, y = (along, aside) if self.across else (aside, along)
                found[box] = (x * self.width, y * self.height)
        return found

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield the path from each source to its reader, with the reader's kind."""
        places = self.places()
        for box, (x, y) in places.items():
            for source in box.sources:
                yield self._path(*places[source], x, y), box.kind

    def _path(self, x: float, y: float, to_x: float, to_y: float) -> str:
        half_width, half_height = self.box_width / 2, self.box_height / 2
        if self.across:
            x, to_x = x + half_width, to_x - half_width
            bends = [((x + to_x) / 2, y), ((x + to_x) / 2, to_y)]
        else:
            y, to_y = y + half_height, to_y - half_height
            bends = [(x, (y + to_y) / 2), (to_x, (y + to_y) / 2)]
        points = [f"{compact(a)} {compact(b)}" for a, b in ((x, y), *bends, (to_x, to_y))]
        return f"M{points[0]}C{', '.join(points[1:])}"
