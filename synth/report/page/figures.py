"""What was measured of the best program: fitness beside others, pairs of classes, curves, images."""

import base64
import math
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from synth.report.page.charts import Axis, Curve, Dot, chart, spanning
from synth.report.page.rendering import render
from synth.report.page.words import BASELINES, FitnessScale
from synth.runs.record import Record
from synth.statistics import Difference
from synth.study.gallery import Picture
from synth.study.measure import BEST, NET, Measured, Pairs
from synth.tasks.names import SPLITS, counted
from synth.tasks.pairs import Group

KINDS = {BEST: "best", **dict(BASELINES.values())}
"""The class of each program's colour; the linear model has that of `regression`."""

LEVELS = 9
"""Shades of a scale, from 0; the style sheet has a colour for each."""


def comparison(measured: Measured, scale: FitnessScale) -> dict[str, Any]:
    """Return mean figures on the report tasks and how the best program stands to the others."""
    rows = [
        {
            "name": name,
            "kind": KINDS.get(name, "regression"),
            "mean": scale.write(sum(values) / len(values)),
            "difference": scale.change(-measured.differences[name].mean) if name != BEST else "",
        }
        for name, values in sorted(measured.fitness.items(), key=lambda item: -sum(item[1]))
    ]
    others = {measured.linear_model: measured.linear_model, NET: f"the {NET}"}
    sentences = [scale.compare(said, measured.differences[name]) for name, said in others.items()]
    return {"rows": rows, "sentences": sentences, "tasks": counted(len(measured.tasks), "report task")}


def final(record: Record, scale: FitnessScale) -> dict[str, Any]:
    """Return the figures with which a run ended, of programs as they are and with tuned constants."""
    names = {"best": BEST, **{template: name for template, (name, _) in BASELINES.items()}}
    rows = [
        {
            "name": name + suffix,
            "kind": KINDS[name],
            "values": [scale.write(record.figures[key + suffix].get(split)) for split in SPLITS],
        }
        for suffix in ("", ", tuned")
        for key, name in names.items()
        if key + suffix in record.figures
    ]
    tuned = (record.facts.get("summary") or {}).get("tuned") or {}
    sentences = [
        scale.compare(f"the {names[key]}", Difference(**difference))
        for key, difference in tuned.get("differences", {}).items()
        if key in names
    ]
    return {"rows": rows, "splits": SPLITS, "trials": tuned.get("trials"), "sentences": sentences}


def pair_maps(pairs: Pairs, linear_model: str) -> list[Markup]:
    """Return the accuracy of each pair, and how far it is above that of the linear model and of the net."""
    best = pairs.accuracy[BEST]
    low, high = math.floor(10 * min(best.values())) / 10, math.ceil(10 * max(best.values())) / 10
    differences = {
        name: {group: best[group] - pairs.accuracy[name][group] for group in best}
        for name in (linear_model, NET)
    }
    most = max(abs(value) for values in differences.values() for value in values.values())
    draw = partial(heat_map, pairs.classes, marked=pairs.held_out)
    return [
        draw(best, _percent, rising(low, high), caption="Best program, accuracy in percent"),
        *(
            draw(values, _points, diverging(most), caption=f"Best program minus {name}, in percentage points")
            for name, values in differences.items()
        ),
    ]


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


def _percent(value: float) -> str:
    return f"{100 * value:.0f}"


def _points(value: float) -> str:
    text = f"{100 * value:+.0f}".replace("-", "−")
    return "0" if text in ("+0", "−0") else text


def curves(measured: Measured, scale: FitnessScale) -> dict[str, Any]:
    """Return the chart of fitness over train examples, and its key."""
    sizes, fitness = measured.curves.sizes, measured.curves.fitness
    names = {name: KINDS.get(name, "regression") for name in fitness}
    x = Axis(
        float(sizes[0]),
        float(max(sizes[-1], sizes[0] + 1)),
        "train examples",
        lambda n: f"{n:,.0f}",
        log=True,
    )
    y = spanning([value for values in fitness.values() for value in values], scale.name, scale.tick)
    lines = [
        Curve(name, kind, list(zip(map(float, sizes), fitness[name], strict=True)))
        for name, kind in reversed(names.items())
    ]
    dots = [
        Dot(float(size), value, kind, f"{name}: {scale.write(value)} after {size:,} train examples")
        for name, kind in reversed(names.items())
        for size, value in zip(sizes, fitness[name], strict=True)
    ]
    ends = ", ".join(
        f"{name} {scale.write(values[0])} to {scale.write(values[-1])}" for name, values in fitness.items()
    )
    description = f"Chart of fitness over train examples, from {sizes[0]:,} to {sizes[-1]:,}: {ends}."
    return {
        "chart": chart(x, y, lines, dots, description=description),
        "entries": list(names.items()),
        "tasks": counted(len(measured.tasks), "report task"),
    }


def images(measured: Measured, scale: FitnessScale) -> dict[str, Any]:
    """Return the accuracy and the images of each pair."""
    if not measured.galleries:
        return {"missing": "The examples are not images."}
    cards = [
        {
            "pair": f"{one.classes[0]} or {one.classes[1]}",
            "accuracy": f"{100 * one.accuracy:.1f} %",
            "right": [_picture(picture, "recognised") for picture in one.right],
            "wrong": [_picture(picture, f"taken for {picture.said}") for picture in one.wrong],
        }
        for one in measured.galleries
    ]
    return {"cards": cards}


def _picture(picture: Picture, outcome: str) -> dict[str, Any]:
    return {
        "src": f"data:image/png;base64,{base64.b64encode(png(picture.pixels)).decode()}",
        "words": f"{picture.is_class}, {outcome} ({100 * picture.sure:.0f} % sure)",
        "size": max(64, picture.pixels.shape[0]),
    }


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return an image, (h, w) grey or (h, w, 3) red, green and blue, as a PNG file."""
    height, width = pixels.shape[:2]
    header = struct.pack(">IIBBBBB", width, height, 8, 2 if pixels.ndim == 3 else 0, 0, 0, 0)
    rows = np.ascontiguousarray(pixels).reshape(height, -1)
    filtered = np.hstack([np.zeros((height, 1), np.uint8), rows]).tobytes()  # each row without a filter
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(filtered, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
