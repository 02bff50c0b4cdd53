"""How a run came along: fitness over time and over train steps, and what was done with candidates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from synth.report.page.axes import Axis, count_axis, spanning, time_axis
from synth.report.page.charts import Dot, Layer, Line, areas, legend, lines_and_dots
from synth.report.page.words import Scale
from synth.report.text import clock, number
from synth.runs.record import Record

WINDOWS = 60
"""Most spans of time for which shares and speeds are drawn."""


@dataclass(frozen=True)
class Fate:
    """What becomes of candidates: the name of their count, and what that means."""

    key: str
    name: str
    meaning: str


FATES = (
    Fate("evaluated", "evaluated", "trained and scored on the search tasks"),
    Fate("hurdled", "stopped at a hurdle", "left after a first, cheap stage of their evaluation"),
    Fate("cached", "cached", "made the same first errors as a program before, so they have its fitness"),
    Fate("repeated", "repeated", "equal to a program seen before, once dead statements are dropped"),
    Fate("rejected", "rejected", "cannot learn, whatever the data, or would cost too much"),
)


def fitness_over(record: Record, by: str) -> Markup:
    """Draw the fitness of the best program and of each island over `seconds` or `train_steps`."""
    scale, rounds, improvements = Scale(record.facts["metric"]), record.rounds, record.improvements
    steps_at = _steps_at(rounds)
    here = {
        improvement.number: improvement.seconds if by == "seconds" else steps_at(improvement.seconds)
        for improvement in improvements
    }
    end = max([row[by] for row in rounds] + list(here.values()), default=1.0)
    x = time_axis(end) if by == "seconds" else count_axis(end, "train steps")
    lines = [
        Line(
            f"island {island}",
            "island",
            [(row[by], row["best_search"]) for row in rounds if row["island"] == island],
            step=True,
        )
        for island in sorted({row["island"] for row in rounds})
    ]
    for name, kind in (("linear", "linear"), ("neural_net", "net")):
        if (value := record.figures.get(name, {}).get("select")) is not None:
            lines.append(Line(name, kind, [(0.0, value), (end, value)]))
    best = [(here[one.number], one.select) for one in improvements]
    lines.append(Line("best program", "best", [*best, *([(end, best[-1][1])] if best else [])], step=True))
    dots = [
        Dot(
            here[one.number],
            one.select,
            "best",
            f"improvement {one.number}: {scale.write(one.select)} after {clock(one.seconds)}",
            f"#improvement-{one.number}",
        )
        for one in improvements
    ]
    values = [value for line in lines for _, value in line.points if value > 0] or [0.0, 1.0]
    y = spanning(values, scale.name, scale.tick)
    lines = [
        Line(one.name, one.kind, [(px, max(py, y.low)) for px, py in one.points], one.step) for one in lines
    ]
    return lines_and_dots(x, y, lines, dots, description=_description(record, scale, by))


def fitness_legend(record: Record) -> Markup:
    """Return the key to the chart of fitness."""
    entries = [("best program, selection tasks", "best"), ("each island, search tasks", "island")]
    if "linear" in record.figures:
        entries += [("linear program", "linear"), ("neural net", "net")]
    return legend(entries)


def _description(record: Record, scale: Scale, by: str) -> str:
    over = "time" if by == "seconds" else "train steps"
    if not record.improvements:
        return f"Fitness over {over}: no program that learns so far."
    first, last = record.improvements[0], record.improvements[-1]
    others = [
        f"{name} {scale.write(record.figures[key]['select'])}"
        for key, name in (("linear", "the linear program has"), ("neural_net", "the neural net has"))
        if "select" in record.figures.get(key, {})
    ]
    return (
        f"Chart of fitness over {over}: the best program rises from {scale.write(first.select)} to "
        f"{scale.write(last.select)} in {len(record.improvements)} improvements"
        f"{'; ' if others else ''}{', '.join(others)}."
    )


def _steps_at(rounds: Sequence[Mapping[str, Any]]) -> Any:
    """Return a function from seconds to the train steps done by then."""
    known = [(0.0, 0), *((row["seconds"], row["train_steps"]) for row in rounds)]

    def steps(seconds: float) -> float:
        after = next((n for n, (at, _) in enumerate(known) if at >= seconds), len(known) - 1)
        (t0, s0), (t1, s1) = known[max(0, after - 1)], known[after]
        share = min(1.0, (seconds - t0) / (t1 - t0)) if t1 > t0 else 1.0
        return float(s0 + share * (s1 - s0))

    return steps


def effort(record: Record) -> dict[str, Any] | None:
    """Return shares, speeds and totals of what the search did; None before its first round."""
    if not record.rounds:
        return None
    totals = record.totals
    fates = [fate for fate in FATES if totals.get(fate.key)]
    considered = max(1, totals["candidates"])
    table = [
        {
            "name": fate.name,
            "kind": fate.key,
            "meaning": fate.meaning,
            "count": f"{totals[fate.key]:,}",
            "share": f"{100 * totals[fate.key] / considered:.1f} %",
        }
        for fate in fates
    ]
    windows = _windows(record.rounds)
    return {
        "table": table,
        "shares": _shares(windows, fates) if len(windows) > 1 else "",
        "legend": legend([(fate.name, fate.key) for fate in fates], "block"),
        "speeds": _speeds(windows) if len(windows) > 1 else "",
        "speed_legend": legend([("candidates considered", "best")]),
        "totals": {
            "candidates": number(totals["candidates"]),
            "per second": number(totals["candidates"] / max(totals["seconds"], 1e-9)),
            "train steps": number(totals["train_steps"]),
            "steps per second": number(totals["train_steps"] / max(totals["seconds"], 1e-9)),
            "rounds": number(totals["rounds"]),
            "experiments": number(totals["experiments"]),
        },
    }


@dataclass(frozen=True)
class _Window:
    """What was done in a span of time."""

    end: float
    seconds: float
    counts: Mapping[str, int]


def _windows(rounds: Sequence[Mapping[str, Any]]) -> list[_Window]:
    """Cut a run into spans of time of about the same length, in which every island has its share."""
    end, last = rounds[-1]["seconds"], max(row["island"] for row in rounds)
    rounds = [row for row in rounds if row["island"] == last] or rounds
    found: list[_Window] = []
    before: Mapping[str, Any] = dict.fromkeys(rounds[0], 0)
    for row in rounds:
        seconds = row["seconds"] - before["seconds"]
        if seconds >= end / WINDOWS and row["candidates"] > before["candidates"]:
            counts = {
                key: value - before[key]
                for key, value in row.items()
                if isinstance(value, int) and isinstance(before[key], int)
            }
            found.append(_Window(row["seconds"], seconds, counts))
            before = row
    return found


def _shares(windows: Sequence[_Window], fates: Sequence[Fate]) -> Markup:
    layers = [
        Layer(
            fate.name,
            fate.key,
            [window.counts[fate.key] / window.counts["candidates"] for window in windows for _ in range(2)],
        )
        for fate in fates
    ]
    places = [place for window in windows for place in (window.end - window.seconds, window.end)]
    last = ", ".join(f"{layer.name} {100 * layer.values[-1]:.0f} %" for layer in layers)
    return areas(
        time_axis(places[-1]),
        Axis(0.0, 1.0, "share of candidates", lambda value: f"{100 * value:.0f} %"),
        places,
        layers,
        description=f"Chart of what became of candidates over time; at the end: {last}.",
    )


def _speeds(windows: Sequence[_Window]) -> Markup:
    points = [(window.end, window.counts["candidates"] / window.seconds) for window in windows]
    speeds = [speed for _, speed in points]
    return lines_and_dots(
        time_axis(points[-1][0]),
        count_axis(max(speeds) * 1.05, "candidates a second"),
        [Line("candidates a second", "best", points)],
        description=(
            f"Chart of candidates considered a second over time: between {number(min(speeds))} and "
            f"{number(max(speeds))}."
        ),
    )
