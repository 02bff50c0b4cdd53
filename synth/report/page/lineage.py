"""Where the best program comes from: every improvement of the run, and its own line of descent."""

from typing import Any

from synth.language.parser import parse_file
from synth.language.templates import template_path
from synth.report.page.axes import spanning
from synth.report.page.charts import Dot, Line, legend, lines_and_dots
from synth.report.page.programs import counts, difference, sizes
from synth.report.page.words import Scale
from synth.report.text import clock
from synth.runs.record import Improvement, Record, RecordedAncestor
from synth.study.show import length, pareto_front

SHOWN = 300
"""Most improvements whose differences are shown, the latest."""


def improvements(record: Record) -> dict[str, Any]:
    """Return each improvement with its gain and its difference from the one before, the latest last."""
    scale = Scale(record.facts["metric"])
    items = []
    previous: Improvement | None = None
    for one in record.improvements:
        before = previous.candidate if previous else None
        added, removed = counts(before, one.candidate)
        items.append(
            {
                "number": one.number,
                "clock": clock(one.seconds),
                "select": scale.write(one.select),
                "search": scale.write(one.search),
                "gain": scale.change(one.select - previous.select) if previous else "",
                "added": added,
                "removed": removed,
                "sizes": sizes(one.candidate),
                "place": f"island {one.island}, round {one.round}",
                "difference": difference(before, one.candidate),
            }
        )
        previous = one
    return {"items": items[-SHOWN:], "left_out": max(0, len(items) - SHOWN)}


def descent(record: Record) -> list[dict[str, Any]]:
    """Return the steps of the best program's line: the mutation, its gain on search tasks, what changed."""
    scale = Scale(record.facts["metric"])
    steps: list[dict[str, Any]] = []
    before: RecordedAncestor | None = None
    for one in record.descent:
        steps.append(
            {
                "origin": one.origin.replace("_", " "),
                "edits": one.edits,
                "search": scale.write(one.search),
                "gain": scale.change(one.search - before.search) if before else "",
                "place": f"island {one.island}, round {one.round}",
                "difference": difference(before.candidate, one.candidate) if before else "",
                "sizes": sizes(one.candidate),
            }
        )
        before = one
    return steps


def trade_off(record: Record) -> dict[str, Any]:
    """Return the chart of fitness against length, with the programs that no other beats in both."""
    scale = Scale(record.facts["metric"])
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
    for name, label, kind in (("linear", "linear program", "linear"), ("neural_net", "neural net", "net")):
        if (value := record.figures.get(name, {}).get("select")) is not None:
            x = float(length(parse_file(template_path(name)).candidate))
            words = f"{label}: {scale.write(value)}, {x:.0f} statements"
            dots.append(Dot(x, value, kind, words, "", label))
    line = Line("Pareto front", "front", [points[number] for number in front], step=True)
    described = ", ".join(f"{scale.write(y)} at {x:.0f}" for x, y in line.points)
    chart = lines_and_dots(
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
    key = legend([("Pareto front of the improvements", "best"), ("other improvements", "island")], "dot")
    return {"chart": chart, "legend": key}


def _apart(places: list[float], names: list[int]) -> set[int]:
    """Return names, from the last on, whose places are far enough apart to be written."""
    least = 0.08 * (max(places) - min(places))
    found: set[int] = set()
    limit = float("inf")
    for place, name in reversed(list(zip(places, names, strict=True))):
        if place <= limit:
            found.add(name)
            limit = place - least
    return found
