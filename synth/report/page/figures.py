"""What was measured of the best program: figures beside others, pairs of classes, curves, images."""

import base64
import math
import struct
import zlib
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from synth.report.page.axes import Axis, spanning
from synth.report.page.charts import Dot, Line, legend, lines_and_dots
from synth.report.page.heatmap import diverging, heat_map, rising
from synth.report.page.markup import tag
from synth.report.page.words import Scale, counted
from synth.runs.folder import SPLITS
from synth.runs.record import Record
from synth.statistics import Difference
from synth.study.gallery import Gallery, Picture
from synth.study.measure import BEST, LINEAR, NET, Measured, Pairs

KINDS = {BEST: "best", LINEAR: "linear", NET: "net"}
"""The class of each program's colour; the linear model has that of `regression`."""


def comparison(measured: Measured, scale: Scale) -> dict[str, Any]:
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


def final(record: Record, scale: Scale) -> dict[str, Any]:
    """Return the figures with which a run ended, of programs as they are and with tuned constants."""
    names = {"best": BEST, "linear": LINEAR, "neural_net": NET}
    rows = []
    for suffix in ("", ", tuned"):
        for key, name in names.items():
            if figures := record.figures.get(key + suffix):
                values = [scale.write(figures.get(split)) for split in SPLITS]
                rows.append({"name": name + suffix, "kind": KINDS[name], "values": values})
    tuned = (record.facts.get("summary") or {}).get("tuned") or {}
    sentences = [
        scale.compare(f"the {names[key]}", Difference(**found))
        for key, found in tuned.get("differences", {}).items()
        if key in names
    ]
    return {"rows": rows, "splits": SPLITS, "trials": tuned.get("trials"), "sentences": sentences}


def pair_maps(pairs: Pairs, linear_model: str) -> list[Markup]:
    """Return the accuracy of each pair, and how far it is above that of the linear model and of the net."""
    best = pairs.accuracy[BEST]
    low, high = math.floor(10 * min(best.values())) / 10, math.ceil(10 * max(best.values())) / 10
    maps = [
        heat_map(
            pairs.classes,
            best,
            lambda value: f"{100 * value:.0f}",
            rising(low, high),
            caption="Best program, accuracy in percent",
            marked=pairs.held_out,
        )
    ]
    others = {name: pairs.accuracy[name] for name in (linear_model, NET)}
    differences = {
        name: {group: best[group] - accuracy[group] for group in best} for name, accuracy in others.items()
    }
    most = max(abs(value) for of in differences.values() for value in of.values())
    for name, of in differences.items():
        maps.append(
            heat_map(
                pairs.classes,
                of,
                _points,
                diverging(most),
                caption=f"Best program minus {name}, in percentage points",
                marked=pairs.held_out,
            )
        )
    return maps


def _points(value: float) -> str:
    text = f"{100 * value:+.0f}".replace("-", "−")
    return "0" if text in ("+0", "−0") else text


def curves(measured: Measured, scale: Scale) -> dict[str, Any]:
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
        Line(name, kind, list(zip(map(float, sizes), fitness[name], strict=True)))
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
        "chart": lines_and_dots(x, y, lines, dots, description=description),
        "legend": legend(list(names.items())),
    }


def gallery_cards(galleries: tuple[Gallery, ...]) -> list[dict[str, Any]]:
    """Return, for each pair, its accuracy and its images as HTML."""
    return [
        {
            "pair": f"{one.classes[0]} or {one.classes[1]}",
            "accuracy": f"{100 * one.accuracy:.1f} %",
            "right": [_picture(picture) for picture in one.right],
            "wrong": [_picture(picture) for picture in one.wrong],
        }
        for one in galleries
    ]


def _picture(picture: Picture) -> Markup:
    right = picture.said == picture.is_class
    words = (
        f"{picture.is_class}, recognised" if right else f"{picture.is_class}, taken for {picture.said}"
    ) + f" ({100 * picture.sure:.0f} % sure)"
    size = 64 if picture.pixels.shape[0] <= 32 else picture.pixels.shape[0]
    return tag("img", src=data_uri(picture.pixels), alt=words, data_tip=words, width=size, height=size)


def data_uri(pixels: NDArray[np.uint8]) -> str:
    """Return an image, (h, w) or (h, w, 3), as a PNG inside of an address."""
    return f"data:image/png;base64,{base64.b64encode(png(pixels)).decode()}"


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
