"""Results as a person reads them: the tables that commands print on stdout."""

import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from synth.report.text import clock, ended, number
from synth.runs.folder import SPLITS, shown


def plain_table(*columns: str, right: Iterable[str] = ()) -> Table:
    """Return a table without frame; the columns of `right` are aligned to the right."""
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(Text(column), justify="right" if column in set(right) else "left", overflow="fold")
    return table


def figure(value: float | None) -> str:
    """Return a fitness with four decimals, or a dash."""
    return "-" if value is None else f"{value:.4f}"


def run_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the end of a run: figures beside the templates', where things are, what to do next.

    `document` is the run's JSON document (`synth run --json`).
    """
    folder, best = Path(shown(Path(document["run"]))), document.get("best")
    parts: list[RenderableType] = []
    if best:
        rows = {"best program": best, **(document.get("baselines") or {})}
        splits = [split for split in SPLITS if any(split in figures for figures in rows.values())]
        table = plain_table("", *splits, right=splits)
        for name, figures in rows.items():
            style = "bold green" if name == "best program" else ""
            values = (Text(figure(figures.get(split)), style=style) for split in splits)
            table.add_row(Text(name, style=style), *values)
        parts += [table, Text()]
    facts = plain_table("", "")
    facts.show_header = False
    facts.add_row("run", Text(str(folder)))
    facts.add_row("best", Text(str(folder / "best.py") if best else "none: no program could learn"))
    for label, sentence in zip(("compared", ""), _comparison(document), strict=False):
        facts.add_row(label, Text(sentence))
    work = f"{number(document['candidates'])} candidates, {number(document['train_steps'])} train steps"
    facts.add_row(
        "ended", Text(f"{ended(document['stopped_by'])}, after {work} in {clock(document['seconds'])}")
    )
    if document.get("assumed"):
        facts.add_row("assumed", Text("; ".join(document["assumed"])))
    for label, command in zip(("next", *[""] * 3), _next_commands(document, folder), strict=False):
        facts.add_row(label, Text(command, style="cyan"))
    return Group(*parts, facts)


def cluster_table(cluster: Mapping[str, Any], most: int) -> RenderableType:
    """Return the nodes of a cluster, those in use first and the others as far as there is room."""
    nodes = sorted(cluster["nodes"], key=lambda node: node["state"] != "in use")
    right = ("workers", "islands", "rounds", "candidates/s")
    table = plain_table("node", "address", "state", *right, right=right)
    for node in nodes[:most]:
        state = node["state"] + (f": {node['reason']}" if node["reason"] else "")
        table.add_row(
            node["name"],
            Text(node["address"]),
            Text(state, style="" if node["state"] == "in use" else "yellow"),
            str(node["workers"]),
            str(node["islands"]),
            str(node["rounds"]),
            number(node["candidates_per_second"]),
        )
    if len(nodes) > most:
        table.add_row("", Text(f"and {len(nodes) - most} more", style="dim"))
    return table


def _comparison(document: Mapping[str, Any]) -> list[str]:
    """Say by how much the best program differs from the baselines after equal tuning."""
    tuned = document.get("tuned") or {}
    return [
        f"{one['mean']:+.4f} to {name} ({one['low']:+.4f} to {one['high']:+.4f}), "
        f"constants of both tuned, on {tuned['tasks']} report tasks"
        for name, one in tuned.get("differences", {}).items()
    ]


def _next_commands(document: Mapping[str, Any], folder: Path) -> list[str]:
    """Return commands worth trying after a run."""
    if not document.get("best"):
        return [f"synth run --seed {document.get('seed', 0) + 1} --max-seconds 300"]
    best = shlex.quote(str(folder / "best.py"))
    data = document.get("data", "auto")
    commands = [
        f"synth eval {best} --data {shlex.quote(str(data))} --split report",
        f"synth simplify {best} --names",
        f"synth report {shlex.quote(str(folder))}",
    ]
    history = sorted((folder / "history").glob("*.py"))
    if len(history) > 1:
        first, last = (shlex.quote(str(path)) for path in (history[0], history[-1]))
        commands.append(f"git diff --no-index {first} {last}")
    return commands


def eval_result(document: Mapping[str, Any], data: str) -> RenderableType:
    """Return the results of `synth eval` (its JSON document), one line a module."""
    table = plain_table(
        "module", "status", "fitness", "lowest", "highest", right=("fitness", "lowest", "highest")
    )
    colors = {"ok": "green", "failed": "red", "crashed": "red", "rejected": "yellow", "timeout": "yellow"}
    for result in document["results"]:
        tasks = result["per_task"] or []
        extremes = (figure(min(tasks)), figure(max(tasks))) if tasks else ("-", "-")
        status = Text(result["status"], style=colors[result["status"]])
        table.add_row(Text(result["module"]), status, figure(result["fitness"]), *extremes)
    measure = "mean accuracy" if document["metric"] == "accuracy" else "mean fitness"
    caption = f"{measure} on {data}; {document['engine']} engine, {document['dtype']}"
    return Group(table, Text(), Text(caption, style="dim"))


def ops_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the op table, one line an op."""
    table = plain_table("id", "name", "statement", "constants", "cost", right=("id", "cost"))
    table.columns[1].no_wrap = True
    for op in document["ops"]:
        constants = ", ".join(
            f"{c['name']}: {c['kind']} {c['low']:g} to {c['high']:g}" for c in op["constants"]
        )
        cost = f"{op['cost']:,}"
        table.add_row(str(op["id"]), Text(op["name"]), Text(op["template"]), Text(constants), cost)
    return table


def bench_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the measurements of `synth bench`."""
    steps = plain_table(
        "program", "features", "dtype", "ns per train step", right=("features", "ns per train step")
    )
    for row in document["ns_per_train_step"]:
        steps.add_row(Text(row["program"]), str(row["features"]), row["dtype"], f"{row['value']:.2f}")
    rest = plain_table("", "")
    rest.show_header = False
    for name, value in document.items():
        if name not in ("schema", "ns_per_train_step"):
            parts = value.items() if isinstance(value, dict) else [("", value)]
            values = ", ".join(f"{key} {_amount(part)}".strip() for key, part in parts)
            rest.add_row(name.replace("_", " "), values)
    return Group(steps, Text(), rest)


def _amount(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
