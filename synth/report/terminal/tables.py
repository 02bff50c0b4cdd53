"""The tables that commands print on stdout."""

import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from synth.report.text import clock, ended, number
from synth.runs.folder import shown
from synth.tasks.metrics import beside, fitness_name, unit_of, unit_text
from synth.tasks.names import CIFAR10, DIGITS, SPLITS, TABLES, TEACHERS
from synth.tasks.sources.cache import Cached

GAP = 3
"""Columns between those of a table."""


def plain_table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    right: Iterable[str] = (),
    gap: int = GAP,
) -> Table:
    """Return a table without a frame; the columns of `right` are aligned to the right and never broken.

    Strings are shown as they are, brackets included. Without any column name there is no header.
    """
    table = Table(
        box=None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold", show_header=any(columns)
    )
    for column in columns:
        end: Literal["left", "right"] = "right" if column in right else "left"
        table.add_column(Text(column), justify=end, overflow="fold", no_wrap=column in right)
    for row in rows:
        table.add_row(*(Text(cell) if isinstance(cell, str) else cell for cell in row))
    return table


def figure(value: float | None) -> str:
    """Return a fitness with four decimals, or a dash."""
    return "-" if value is None else f"{value:.4f}"


def equations_result(equations: Mapping[str, Any]) -> RenderableType:
    """Return a program's equations, in parts, with the words for them."""
    shown: list[RenderableType] = []
    for part in equations["parts"]:
        rows = [(f"    {one['unicode']}", Text(one["words"], style="dim")) for one in part["equations"]]
        shown += [Text(part["title"], style="bold"), plain_table(("", ""), rows)]
    return Group(*shown, Text(equations["note"], style="dim"))


def figures_table(
    title: str,
    figures: Mapping[str, Mapping[str, float]],
    best: str,
    metric: str = "accuracy",
    scale: float | None = None,
) -> RenderableType:
    """Return the fitness of programs on each split that has any; the program named `best` is highlighted.

    Where fitness is not the metric itself, the line below has the metric in its own unit.
    """
    splits = [split for split in SPLITS if any(split in fitness for fitness in figures.values())]
    rows = []
    for name, fitness in figures.items():
        values, style = [fitness.get(split) for split in splits], "bold green" if name == best else ""
        rows.append([Text(text, style=style) for text in (name, *map(figure, values))])
        if unit := unit_of(metric, scale):
            rows.append([Text(f"  {unit}"), *(Text(unit_text(metric, value, scale)) for value in values)])
    return plain_table((title, *splits), rows, right=splits)


def run_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the end of a run: figures beside the templates', where things are, what to do next.

    `document` is the run's JSON document (`synth run --json`).
    """
    folder, best = Path(shown(Path(document["run"]))), document.get("best")
    parts: list[RenderableType] = []
    if best:
        figures = {"best program": best, **(document.get("baselines") or {})}
        parts += [figures_table("", figures, "best program", document["metric"], document["scale"]), Text()]
    work = f"{number(document['candidates'])} candidates, {number(document['train_steps'])} train steps"
    facts = [
        ("run", [str(folder)]),
        ("best", [str(folder / "best.py") if best else f"none: {_why_none(document)}"]),
        ("compared", _comparison(document)),
        ("why", [document["obstacle"]] if document.get("obstacle") else []),
        ("doubt", [_doubt(best)] if best and _doubt(best) else []),
        ("ended", [f"{ended(document['stopped_by'])}, after {work} in {clock(document['seconds'])}"]),
        ("assumed", ["; ".join(document["assumed"])] if document.get("assumed") else []),
    ]
    rows = [("" if index else label, line) for label, lines in facts for index, line in enumerate(lines)]
    widest = max(len(label) for label, _ in rows)
    commands = [  # which a terminal wraps itself, so that they can be copied whole
        Text.assemble(f"{'' if index else 'next':{widest + GAP}}", (command, "cyan"), overflow="ignore")
        for index, command in enumerate(_next_commands(document, folder))
    ]
    return Group(*parts, plain_table(("", ""), rows), *commands)


def cluster_table(cluster: Mapping[str, Any], most: int) -> RenderableType:
    """Return the nodes of a cluster, those in use first, at most so many."""
    nodes = sorted(cluster["nodes"], key=lambda node: node["state"] != "in use")
    rows = [
        (
            node["name"],
            node["address"],
            Text(
                node["state"] + (f": {node['reason']}" if node["reason"] else ""),
                style="" if node["state"] == "in use" else "yellow",
            ),
            str(node["workers"]),
            str(node["islands"]),
            str(node["rounds"]),
            number(node["candidates_per_second"]),
        )
        for node in nodes[:most]
    ]
    right = ("workers", "islands", "rounds", "candidates/s")
    table = plain_table(("node", "address", "state", *right), rows, right)
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


def _why_none(document: Mapping[str, Any]) -> str:
    """Say why a run has no best program."""
    return "no program could learn" if document["candidates"] else "no round came to its end"


DOUBTFUL = 0.01
"""A difference in fitness between the engines that people should know of."""


def _doubt(best: Mapping[str, Any]) -> str:
    """Say where the python engine does not confirm the best program."""
    confirmed = best.get("confirmed") or {"tasks": 1, "difference": 0.0}
    if not confirmed["tasks"]:
        return "the python engine cannot run best.py, see synth eval --engine python"
    if confirmed["difference"] > DOUBTFUL:
        return f"in the python engine its accuracy differs by up to {confirmed['difference']:.4f} a task"
    return ""


def _next_commands(document: Mapping[str, Any], folder: Path) -> list[str]:
    """Return commands worth trying after a run."""
    if not document.get("best"):
        return [f"synth run --seed {document.get('seed', 0) + 1} --max-seconds 300"]
    best = shlex.quote(str(folder / "best.py"))
    commands = [
        f"synth compare {best} neural_net",
        f"synth show {shlex.quote(str(folder))} --math",
        f"synth report {shlex.quote(str(folder))}",
    ]
    history = sorted((folder / "history").glob("*.py"))
    if len(history) > 1:
        first, last = (shlex.quote(str(path)) for path in (history[0], history[-1]))
        commands.append(f"git diff --no-index {first} {last}")
    return commands


def eval_result(document: Mapping[str, Any], data: str) -> RenderableType:
    """Return the results of `synth eval` (its JSON document), one line a module."""
    colors = {"ok": "green", "failed": "red", "crashed": "red", "rejected": "yellow", "timeout": "yellow"}
    rows = [
        (
            result["module"],
            Text(result["status"], style=colors[result["status"]]),
            figure(result["fitness"]) + beside(document["metric"], result["fitness"], document["scale"]),
            figure(min(result["per_task"] or [], default=None)),
            figure(max(result["per_task"] or [], default=None)),
        )
        for result in document["results"]
    ]
    right = ("fitness", "lowest", "highest")
    measure = fitness_name(document["metric"])
    caption = f"mean {measure} on {data}; {document['engine']} engine, {document['dtype']}"
    return Group(plain_table(("module", "status", *right), rows, right), Text(), Text(caption, style="dim"))


def check_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the result of `synth check` for each module, with its notices."""
    lines = []
    for result in document["results"]:
        if result["status"] == "ok":
            counts = ", ".join(f"{name} {count}" for name, count in result["instructions"].items())
            learns = "can learn" if result["can_learn"] else "cannot learn"
            lines.append(Text(f"{result['module']}: ok; {learns}; instructions: {counts}"))
            lines += [Text(notice, style="yellow") for notice in result["notices"]]
        else:
            lines.append(Text(result["error"], style="red"))
    return Group(*lines)


def doctor_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the checks of `synth doctor`, one a line."""
    marks = {True: Text("ok", "green"), False: Text("no", "yellow")}
    rows = [(marks[check["ok"]], check["name"], check["detail"]) for check in document["checks"]]
    return plain_table(("", "", ""), rows)


def data_sets_result(cifar10: Path | None) -> RenderableType:
    """Return the data sets, with the folder or archive of CIFAR-10 if there is one."""
    rows = [
        (CIFAR10, str(cifar10 or f"no: synth data {CIFAR10}"), "45 pairs of classes, images"),
        (DIGITS, "yes", "45 pairs of classes, 8 x 8 images (scikit-learn)"),
        (", ".join(TEACHERS), "yes", "regression on random teachers"),
        ("FILE.npz", "", "your own arrays X and y"),
        (", ".join(f"FILE{suffix}" for suffix in TABLES), "", "your own table, for `synth run`"),
    ]
    return plain_table(("data set", "available", "contents"), rows)


def cache_result(entries: Iterable[Cached]) -> RenderableType:
    """Return what the cache holds, with sizes and paths."""
    rows = [(entry.what, f"{entry.size / 1e6:.1f}", str(entry.path)) for entry in entries]
    return plain_table(("kept", "MB", "where"), rows, right=("MB",))


def ops_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the op table, one line an op."""
    rows = [
        (
            str(op["id"]),
            op["name"],
            op["template"],
            ", ".join(f"{c['name']}: {c['kind']} {c['low']:g} to {c['high']:g}" for c in op["constants"]),
            f"{op['cost']:,}",
        )
        for op in document["ops"]
    ]
    table = plain_table(("id", "name", "statement", "constants", "cost"), rows, right=("id", "cost"))
    table.columns[1].no_wrap = True
    return table


def bench_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the measurements of `synth bench`."""
    steps = [
        (row["program"], str(row["features"]), row["dtype"], f"{row['value']:.2f}")
        for row in document["ns_per_train_step"]
    ]
    others = []
    for name, value in document.items():
        if name not in ("schema", "ns_per_train_step"):
            parts = value.items() if isinstance(value, dict) else [("", value)]
            amounts = ", ".join(f"{key} {_amount(part)}".strip() for key, part in parts)
            others.append((name.replace("_", " "), amounts))
    right = ("features", "ns per train step")
    table = plain_table(("program", "features", "dtype", "ns per train step"), steps, right)
    return Group(table, Text(), plain_table(("", ""), others))


def _amount(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
