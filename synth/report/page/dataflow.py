"""The data flow of a program as SVG: from inputs and parameters over values to what a step updates."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from markupsafe import Markup

from synth.language.ops import FEATURES, LABEL, PREDICTION
from synth.reading.equations.equations import Equation, Equations
from synth.reading.equations.expressions import GIVEN_PREDICTION, Symbol, symbols
from synth.reading.equations.writing import Notation, Unicode
from synth.report.page.rendering import compact, render

INPUT, PARAMETER, VALUE, UPDATE = "island", "net", "best", "linear"
"""Kinds of boxes, by the classes of their colours."""

PASSING = "island"
"""The class of a line that passes a layer on its way to a value."""

LEGEND = (("input", INPUT), ("parameter", PARAMETER), ("value", VALUE), ("what a step updates", UPDATE))


@dataclass(eq=False)
class Box:
    """A symbol, what it is made of, and the layer in which it stands."""

    label: str
    kind: str
    words: str
    sources: list["Box"] = field(default_factory=list)
    layer: int = 0
    passes: bool = False
    """Whether it is no box, but the place where a line to a later layer passes this one."""

    @property
    def room(self) -> float:
        """How much room it takes in its layer, in boxes."""
        return 0.25 if self.passes else 1.0


def data_flow(equations: Equations) -> Markup:
    """Draw the data flow twice: the style sheet shows the drawing that fits the screen."""
    layers = _layers(_boxes(equations))
    if not layers:
        return Markup("")
    frames = (
        _Frame("wide", 1000, round(56 * max(map(_room, layers))) + 24, layers, across=True),
        _Frame("narrow", 360, 64 * len(layers), layers, across=False),
    )
    drawn = (box for layer in layers for box in layer if not box.passes)
    updated = [box.label.removesuffix(" ←") for box in drawn if box.kind == UPDATE]
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
        given = symbol.variable in (FEATURES, LABEL, GIVEN_PREDICTION)
        box = Box(write.symbol(symbol), INPUT if given else PARAMETER, "")
        if symbol.variable == GIVEN_PREDICTION and Symbol(PREDICTION) in current:
            box.kind = VALUE
            box.sources.append(current[Symbol(PREDICTION)])
        return add(symbol, box)

    for one in (*equations.predict, *equations.learn):
        sources = [box_of(symbol) for symbol in dict.fromkeys(symbols(one.expression))]
        label = write.symbol(one.symbol) + (" ←" if one.replaces else "")
        add(one.symbol, Box(label, UPDATE if one.replaces else VALUE, _words(write, one), sources))
    return boxes


def _words(write: Notation, one: Equation) -> str:
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
    everything = (*boxes, *_passing(boxes))
    for number in sorted({box.layer for box in boxes}):
        layer = [box for box in everything if box.layer == number]
        layer.sort(key=lambda box: _middle([places[source] for source in box.sources if source in places]))
        places |= {box: (place + 0.5) / len(layer) for place, box in enumerate(layer)}
        layers.append(layer)
    return layers


def _passing(boxes: Sequence[Box]) -> list[Box]:
    """Return where lines pass layers, so that none runs behind a box, and let readers read from there."""
    found: list[Box] = []
    for box in boxes:
        readers = [other for other in boxes if box in other.sources]
        before = box
        for layer in range(box.layer + 1, max((other.layer for other in readers), default=0)):
            later = {other.kind for other in readers if other.layer > layer}
            before = Box("", UPDATE if later == {UPDATE} else PASSING, "", [before], layer, passes=True)
            found.append(before)
            for other in readers:
                if other.layer == layer + 1:
                    other.sources[other.sources.index(box)] = before
    return found


def _room(layer: Sequence[Box]) -> float:
    return sum(box.room for box in layer)


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

    box_height = 32.0

    def box_width(self, box: Box) -> float:
        """Return the width of a box, the same for all of its layer."""
        columns = len(self.layers) if self.across else _room(self.layers[box.layer])
        return min(88.0, 0.85 * self.width / columns)

    @cached_property
    def places(self) -> dict[Box, tuple[float, float]]:
        """The centre of each box."""
        found = {}
        for number, layer in enumerate(self.layers):
            along = (number + 0.5) / len(self.layers)
            for index, box in enumerate(layer):
                aside = (_room(layer[:index]) + box.room / 2) / _room(layer)
                x, y = (along, aside) if self.across else (aside, along)
                found[box] = (x * self.width, y * self.height)
        return found

    def drawn(self) -> Iterator[tuple[Box, tuple[float, float]]]:
        """Yield each box that is drawn, and its centre."""
        return ((box, place) for box, place in self.places.items() if not box.passes)

    def paths(self) -> Iterator[tuple[str, str]]:
        """Yield the path from each source to its reader, with the reader's kind."""
        for box in self.places:
            for source in box.sources:
                yield self._path(source, box), box.kind

    def _path(self, source: Box, box: Box) -> str:
        (x, y), (to_x, to_y) = self.places[source], self.places[box]
        if self.across:
            x, to_x = x + self.box_width(source) / 2, to_x - self.box_width(box) / 2
            bends = [((x + to_x) / 2, y), ((x + to_x) / 2, to_y)]
            straight_on = f"H{compact(to_x + self.box_width(box))}"
        else:
            y, to_y = y + self.box_height / 2, to_y - self.box_height / 2
            bends = [(x, (y + to_y) / 2), (to_x, (y + to_y) / 2)]
            straight_on = f"V{compact(to_y + self.box_height)}"
        points = [f"{compact(a)} {compact(b)}" for a, b in ((x, y), *bends, (to_x, to_y))]
        return f"M{points[0]}C{', '.join(points[1:])}" + (straight_on if box.passes else "")
