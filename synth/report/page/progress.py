"""How a run proceeded: fitness over time and over train steps, and what became of candidates."""

from dataclasses import replace
from typing import Any

import numpy as np
from markupsafe import Markup

from synth.report.page.charts import Curve, Dot, chart, from_zero, spanning
from synth.report.page.words import FitnessScale, baselines
from synth.report.text import clock, number
from synth.runs.record import Record

FATES = {
    "evaluated": ("evaluated", "trained and scored on the search tasks"),
    "hurdled": ("stopped at a hurdle", "given up after a first, cheap stage of their evaluation"),
    "cached": ("cached", "made the same first errors as an earlier program, so they have its fitness"),
    "repeated": ("repeated", "equal to an earlier program, once dead statements are dropped"),
    "rejected": ("rejected", "cannot learn, whatever the data, or would cost too much"),
}
"""What becomes of candidates, by the name of the count: its name on the page, and what it means."""


def progress(record: Record, scale: FitnessScale) -> dict[str, Any]:
    """Return the charts of fitness over time and over train steps, and their key."""
    legend = [("best program, selection tasks", "best"), ("each island, search tasks", "island")]
    return {
        "any": bool(record.rounds),
        "by_time": _fitness_over(record, scale, "seconds"),
        "by_steps": _fitness_over(record, scale, "train_steps"),
        "entries": legend + [(name, kind) for name, kind, _ in baselines(record, "select")],
    }


def _fitness_over(record: Record, scale: FitnessScale, by: str) -> Markup:
    """Draw the fitness of the best program and of each island over `seconds` or `train_steps`."""
    rounds, improvements = record.rounds, record.improvements
    times, done = [0.0, *(row["seconds"] for row in rounds)], [0.0, *(row[by] for row in rounds)]
    reached = np.interp([one.seconds for one in improvements], times, done).tolist()
    if by == "seconds":
        reached = [one.seconds for one in improvements]
    end = max([*done[1:], *reached], default=1.0)
    lines = [
        Curve(
            f"island {island}",
            "island",
            [(row[by], row["best_search"]) for row in rounds if row["island"] == island],
            step=True,
        )
        for island in sorted({row["island"] for row in rounds})
    ]
    lines += [
        Curve(name, kind, [(0.0, fitness), (end, fitness)])
        for name, kind, fitness in baselines(record, "select")
    ]
    best = [(x, one.select) for x, one in zip(reached, improvements, strict=True)]
    lines.append(Curve("best program", "best", [*best, *((end, y) for _, y in best[-1:])], step=True))
    dots = [
        Dot(
            x,
            one.select,
            "best",
            f"improvement {one.number}: {scale.write(one.select)} after {clock(one.seconds)}",
            f"#improvement-{one.number}",
        )
        for x, one in zip(reached, improvements, strict=True)
    ]
    y = spanning(
        [value for line in lines for _, value in line.points if value > 0] or [0.0, 1.0],
        scale.name,
        scale.tick,
    )
    lines = [replace(line, points=[(px, max(py, y.low)) for px, py in line.points]) for line in lines]
    x_axis = from_zero(end, "time", clock) if by == "seconds" else from_zero(end, "train steps", number)
    return chart(x_axis, y, lines, dots, description=_description(record, scale, by))


def _description(record: Record, scale: FitnessScale, by: str) -> str:
    over = "time" if by == "seconds" else "train steps"
    if not record.improvements:
        return f"Fitness over {over}: no program that learns so far."
    first, last = record.improvements[0], record.improvements[-1]
    others = [f"the {name} has {scale.write(fitness)}" for name, _, fitness in baselines(record, "select")]
    return (
        f"Chart of fitness over {over}: the best program rises from {scale.write(first.select)} to "
        f"{scale.write(last.select)} in {len(record.improvements)} improvements"
        f"{'; ' if others else ''}{', '.join(others)}."
    )


def effort(record: Record) -> dict[str, Any] | None:
    """Return what became of candidates, and totals of what the search did; None before its first round."""
    if not record.rounds:
        return None
    totals = record.totals
    considered, seconds = max(1, totals["candidates"]), max(totals["seconds"], 1e-9)
    fates = [
        {
            "name": name,
            "kind": key,
            "meaning": meaning,
            "count": f"{totals[key]:,}",
            "share": f"{100 * totals[key] / considered:.1f} %",
        }
        for key, (name, meaning) in FATES.items()
        if totals.get(key)
    ]
    return {
        "fates": fates,
        "candidates": f"{number(totals['candidates'])}, {number(totals['candidates'] / seconds)} a second",
        "train_steps": f"{number(totals['train_steps'])}, {number(totals['train_steps'] / seconds)} a second",
        "rounds": f"{number(totals['rounds'])}, in {number(totals['experiments'])} experiments",
    }
