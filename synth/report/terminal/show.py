"""The programs of a run, as tables: from the JSON document of `synth show`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from synth.report.terminal.tables import cluster_table, equations_result, figure, figures_table, plain_table
from synth.report.text import clock, ended, number, origin_words
from synth.runs.folder import shown
from synth.tasks.metrics import beside

NOT_EXCLUSIVE = ("raced", "improved")
"""Outcomes of a child that has another outcome too."""

OUTCOMES = ("rejected", "seen", "cached", "hurdled", "evaluated", *NOT_EXCLUSIVE)
"""Outcomes of a child; every other count has the reason why no child was made."""


def show_result(document: Mapping[str, Any], top: int) -> RenderableType:
    """Return the table of the best programs, the front and the best program's line."""
    parts: list[RenderableType] = [_head(document), Text()]
    programs = document["programs"]
    if document["obstacle"]:
        parts += [Text(document["obstacle"], style="bold yellow"), Text()]
    if not programs:
        return Group(*parts, *([] if document["obstacle"] else [Text("No program could learn yet.")]))
    best_first = sorted(programs, key=lambda one: (-one["select"], one["number"]))
    parts += [_table(best_first[:top], document)]
    if len(programs) > top:
        parts.append(Text(f"and {len(programs) - top} more (--top)", style="dim"))
    by_number = {one["number"]: one for one in programs}
    front = [by_number[number] for number in document["front"]]
    parts += [Text(), Text("Pareto front, the shortest first", style="bold"), _front(front)]
    if document["figures"]:
        how = document["metric"], document["scale"]
        parts += [Text(), figures_table("final figures", document["figures"], "best", *how)]
    if document["mutations"]:
        parts += [Text(), _mutations(document["mutations"])]
    if document["lineage"]:
        parts += [Text(), _tree(document["lineage"])]
    if document["cluster"]:
        parts += [Text(), _cluster(document["cluster"])]
    return Group(*parts)


def math_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the equations of a program under its name."""
    return Group(Text(document["program"], style="bold"), equations_result(document["equations"]))


def _head(document: Mapping[str, Any]) -> Text:
    state = f"ended: {ended(document['stopped_by'])}" if document["finished"] else "not ended"
    work = f"{number(document['candidates'])} candidates, {number(document['train_steps'])} train steps"
    seconds = f" in {clock(document['seconds'])}" if document["seconds"] else ""
    data = f"{document['data']}, F = {document['features']}; " if document["data"] else ""
    run = shown(Path(document["run"]).absolute())
    return Text.assemble((run, "bold"), f": {data}{work}{seconds}; {state}")


def _table(programs: Sequence[Mapping[str, Any]], document: Mapping[str, Any]) -> RenderableType:
    metric, scale, unit = document["metric"], document["scale"], document["cost_unit"]
    rows = [
        (
            Text(
                f"{one['number']:>4} {'*' if one['on_front'] else ' '}",
                style="bold green" if one is programs[0] else "",
            ),
            figure(one["select"]) + beside(metric, one["select"], scale),
            _gain(one["gain"]),
            figure(one["search"]),
            "+".join(map(str, one["statements"].values())),
            f"{one['cost']:.2f}",
            clock(one["seconds"]),
            _origin(one),
        )
        for one in programs
    ]
    right = ("selection", "gain", "search", "statements", "cost", "found")
    caption = f"* on the Pareto front; statements: setup+predict+learn; cost of a train step, {unit} = 1"
    return Group(plain_table(("program", *right, "where"), rows, right), Text(caption, style="dim"))


def _front(programs: Sequence[Mapping[str, Any]]) -> RenderableType:
    columns = ("live statements", "selection", "program")
    rows = [(str(one["length"]), figure(one["select"]), str(one["number"])) for one in programs]
    return plain_table(columns, rows, right=columns)


def _mutations(mutations: Mapping[str, Mapping[str, int]]) -> RenderableType:
    """Return what became of the children of each kind of mutation, and of programs made in other ways."""
    rows: list[tuple[str, ...]] = []
    refusals: list[tuple[str, str]] = []
    for name, counts in sorted(mutations.items()):
        drawn = sum(count for outcome, count in counts.items() if outcome not in NOT_EXCLUSIVE)
        refused = ", ".join(
            f"{number(count)} {reason}" for reason, count in sorted(counts.items()) if reason not in OUTCOMES
        )
        outcomes = (number(counts.get(outcome, 0)) for outcome in OUTCOMES)
        rows.append((origin_words(name), number(drawn), *outcomes))
        refusals += [(origin_words(name), refused)] if refused else []
    right = ("drawn", *OUTCOMES)
    caption = (
        "hurdled: stopped after the first stage; raced: tried with other constants; "
        "improved: the best of its island so far"
    )
    parts: list[RenderableType] = [
        plain_table(("mutation", *right), rows, right, gap=1),
        Text(caption, style="dim"),
    ]
    if refusals:
        parts += [Text(), plain_table(("mutation", "refused, and why"), refusals)]
    return Group(*parts)


def _cluster(cluster: Mapping[str, Any]) -> RenderableType:
    """Return the nodes that played the run's rounds, what became of rounds, and where workers' logs are."""
    rounds = (
        f"rounds lost with their worker: {cluster['lost']}, repeated: {cluster['repeated']}, "
        f"begun twice because a worker was slow: {cluster['doubled']}"
    )
    logs = [f"log of node {node['name']}: {log}" for node in cluster["nodes"] for log in node["logs"]]
    lines = (Text(line, style="dim") for line in (rounds, *logs))
    return Group(Text("Cluster", style="bold"), cluster_table(cluster, 1000), *lines)


def _tree(steps: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Return the line of descent: each step with its gain on search tasks and what it changed in effect."""
    tree = Tree(Text("Lineage of the best program: fitness on search tasks, what changed", style="bold"))
    for step in steps:
        gain = f" ({_gain(step['gain'])})" if step["gain"] is not None else ""
        edits = f" ({step['edits']} edits)" if step["edits"] and step["edits"] > 1 else ""
        words = f"{gain}  {origin_words(step['origin'])}{edits}  "
        branch = tree.add(Text.assemble((figure(step["search"]), "bold"), words, (_origin(step), "dim")))
        for line in step["changes"]:
            branch.add(Text(line, style="green" if line.startswith("+") else "red"))
    return tree


def _gain(gain: float | None) -> str:
    return "" if gain is None else f"{gain:+.4f}"


def _origin(program: Mapping[str, Any]) -> str:
    return f"island {program['island']}, round {program['round']}"
