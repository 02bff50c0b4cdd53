"""Where the best program comes from: every improvement of the run, and its own line of descent."""

from typing import Any

from markupsafe import Markup

from synth.report.page.charts import Curve, Dot, chart, spanning
from synth.report.page.programs import difference, sizes
from synth.report.page.words import BASELINES, FitnessScale
from synth.report.text import clock, origin_words
from synth.runs.record import Improvement, Record, RecordedAncestor
from synth.search.evolution.rules import template
from synth.study.show import length, pareto_front

SHOWN = 300
"""Most improvements that are shown, the latest."""


def lineage(record: Record, scale: FitnessScale) -> dict[str, Any]:
    """Return each improvement of a run, the latest last, and the steps of the best program's own line."""
    steps = list(zip((None, *record.improvements), record.improvements, strict=False))
    return {
        "items": [_improvement(before, one, scale) for before, one in steps[-SHOWN:]],
        "left_out": max(0, len(steps) - SHOWN),
        "descent": [
            _step(before, one, scale)
            for before, one in zip((None, *record.descent), record.descent, strict=False)
        ],
    }


def _improvement(before: Improvement | None, one: Improvement, scale: FitnessScale) -> dict[str, Any]:
    """Return an improvement with its gain and its difference from the one before."""
    rows = difference(before.candidate if before else None, one.candidate)
    kinds = [kind for kind, _ in rows]
    return {
        "number": one.number,
        "clock": clock(one.seconds),
        "select": scale.write(one.select),
        "search": scale.write(one.search),
        "gain": scale.change(one.select - before.select) if before else "",
        "added": kinds.count("added"),
        "removed": kinds.count("removed"),
        "sizes": sizes(one.candidate),
        "place": f"island {one.island}, round {one.round}",
        "difference": rows,
    }


def _step(before: RecordedAncestor | None, one: RecordedAncestor, scale: FitnessScale) -> dict[str, Any]:
    """Return a step of the best program's line: the mutation, its gain on search tasks, what changed."""
    return {
        "origin": origin_words(one.origin),
        "edits": one.edits,
        "search": scale.write(one.search),
        "gain": scale.change(one.search - before.search) if before else "",
        "place": f"island {one.island}, round {one.round}",
        "difference": difference(before.candidate if before else None, one.candidate),
        "sizes": sizes(one.candidate),
    }


def trade_off(record: Record, scale: FitnessScale) -> Markup:
    """Return the chart of fitness against length, with the programs that no other beats in both."""
    if not record.improvements:
        return Markup("")
    points = {one.number: (float(length(one.candidate)), one.select) for one in record.improvements}
    front = pareto_front(record.improvements)
    written = _apart([points[number][0] for number in front], front)
    dots = [
        Dot(
            x,
            y,
            "best" if number in front else "island",
            f"improvement {number}: {scale.write(y)}, {x:.0f} statements",
            f"#improvement-{number}",
            str(number) if number in written else "",
        )
        for number, (x, y) in points.items()
    ]
    for key, (name, kind) in BASELINES.items():
        if (value := record.figures.get(key, {}).get("select")) is not None:
            x = float(length(template(key)))
            words = f"{name}: {scale.write(value)}, {x:.0f} statements"
            dots.append(Dot(x, value, kind, words, label=name))
    line = Curve("Pareto front", "front", [points[number] for number in front], step=True)
    described = ", ".join(f"{scale.write(y)} at {x:.0f}" for x, y in line.points)
    return chart(
        spanning(
            [dot.x for dot in dots],
            "statements that may reach a prediction",
            lambda x: f"{x:.3g}",
            0.1,
        ),
        spanning([dot.y for dot in dots], f"{scale.name}, selection tasks", scale.tick, 0.1),
        [line],
        dots,
        description=f"Chart of fitness against length; on the Pareto front: {described}.",
    )


def _apart(positions: list[float], numbers: list[int]) -> set[int]:
    """Return numbers, from the last on, whose positions are far enough apart to be written."""
    least = 0.08 * (max(positions) - min(positions))
    apart: set[int] = set()
    limit = float("inf")
    for position, number in reversed(list(zip(positions, numbers, strict=True))):
        if position <= limit:
            apart.add(number)
            limit = position - least
    return apart
