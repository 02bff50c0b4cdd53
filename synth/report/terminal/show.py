"""What a run has found, as a person reads it: from the JSON document of `synth show`."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from synth.report.terminal.tables import cluster_table, figure, plain_table
from synth.report.text import clock, ended, number
from synth.runs.folder import SPLITS, shown

BESIDE = ("raced", "improved")
"""What is counted beside what became of a child."""

OUTCOMES = ("rejected", "seen", "cached", "hurdled", "evaluated", *BESIDE)
"""What may become of a child that was made; whatever else is counted says why none was."""


def show_result(document: Mapping[str, Any], top: int) -> RenderableType:
    """Return the table of the best programs, the front and the best program's line."""
    parts: list[RenderableType] = [_head(document), Text()]
    programs = document["programs"]
    if not programs:
        return Group(*parts, Text("No program could learn yet."))
    best_first = sorted(programs, key=lambda one: (-one["select"], one["number"]))
    parts += [_table(best_first[:top], document["cost_unit"])]
    if len(programs) > top:
        parts.append(Text(f"and {len(programs) - top} more (--top)", style="dim"))
    by_number = {one["number"]: one for one in programs}
    front = [by_number[number] for number in document["front"]]
    parts += [Text(), Text("Pareto front, the shortest first", style="bold"), _front(front)]
    if document["figures"]:
        parts += [Text(), _final(document["figures"])]
    if document["mutations"]:
        parts += [Text(), _mutations(document["mutations"])]
    if document["lineage"]:
        parts += [Text(), _tree(document["lineage"])]
    if document["cluster"]:
        parts += [Text(), _cluster(document["cluster"])]
    return Group(*parts)


def _head(document: Mapping[str, Any]) -> Text:
    state = f"ended: {ended(document['stopped_by'])}" if document["finished"] else "not ended"
    work = f"{number(document['candidates'])} candidates, {number(document['train_steps'])} train steps"
    seconds = f" in {clock(document['seconds'])}" if document["seconds"] else ""
    data = f"{document['data']}, F = {document['features']}; " if document["data"] else ""
    run = shown(Path(document["run"]).absolute())
    return Text.assemble((run, "bold"), f": {data}{work}{seconds}; {state}")


def _table(programs: Sequence[Mapping[str, Any]], unit: str) -> RenderableType:
    right = ("selection", "gain", "search", "statements", "cost", "found")
    table = plain_table("program", *right, "where", right=right)
    for one in programs:
        sizes = "+".join(map(str, one["statements"].values()))
        front = "*" if one["on_front"] else " "
        gain = "" if one["gain"] is None else f"{one['gain']:+.4f}"
        place = f"island {one['island']}, round {one['round']}"
        table.add_row(
            Text(f"{one['number']:>4} {front}", style="bold green" if one is programs[0] else ""),
            figure(one["select"]),
            gain,
            figure(one["search"]),
            sizes,
            f"{one['cost']:.2f}",
            clock(one["seconds"]),
            place,
        )
    caption = f"* on the Pareto front; statements: setup+predict+learn; cost of a train step, {unit} = 1"
    return Group(table, Text(caption, style="dim"))


def _front(programs: Sequence[Mapping[str, Any]]) -> RenderableType:
    table = plain_table(
        "live statements", "selection", "program", right=("live statements", "selection", "program")
    )
    for one in programs:
        table.add_row(str(one["length"]), figure(one["select"]), str(one["number"]))
    return table


def _final(figures: Mapping[str, Mapping[str, float]]) -> RenderableType:
    table = plain_table("final figures", *SPLITS, right=SPLITS)
    for name, splits in figures.items():
        table.add_row(Text(name), *(figure(splits.get(split)) for split in SPLITS))
    return table


def _mutations(mutations: Mapping[str, Mapping[str, int]]) -> RenderableType:
    """What became of the children of each kind of mutation, and of programs that came otherwise."""
    table = plain_table("mutation", "drawn", *OUTCOMES, "refused", right=("drawn", *OUTCOMES))
    for name in sorted(mutations):
        outcomes = dict(mutations[name])
        drawn = sum(outcomes.values()) - sum(outcomes.get(beside, 0) for beside in BESIDE)
        counts = [number(outcomes.pop(outcome, 0)) for outcome in OUTCOMES]
        refused = ", ".join(f"{number(count)} {why}" for why, count in sorted(outcomes.items()))
        table.add_row(Text(name.replace("_", " ")), number(drawn), *counts, Text(refused, style="dim"))
    caption = "hurdled after the first stage, raced with other constants, improved on all of its island"
    return Group(table, Text(caption, style="dim"))


def _cluster(cluster: Mapping[str, Any]) -> RenderableType:
    """The nodes that played the run's rounds, what became of rounds, and where the workers' logs are."""
    rounds = (
        f"rounds lost with their worker: {cluster['lost']}, repeated: {cluster['repeated']}, "
        f"begun twice as a worker was slow: {cluster['doubled']}"
    )
    parts: list[RenderableType] = [cluster_table(cluster, 1000), Text(rounds, style="dim")]
    for node in cluster["nodes"]:
        parts += [Text(f"log of node {node['name']}: {log}", style="dim") for log in node["logs"]]
    return Group(Text("Cluster", style="bold"), *parts)


def _tree(steps: Sequence[Mapping[str, Any]]) -> RenderableType:
    """The line of descent: each step with its gain on search tasks and what it changed in effect."""
    tree = Tree(Text("Lineage of the best program: fitness on search tasks, what changed", style="bold"))
    for step in steps:
        gain = "" if step["gain"] is None else f" ({step['gain']:+.4f})"
        edits = f" ({step['edits']} edits)" if step["edits"] and step["edits"] > 1 else ""
        origin = step["origin"].replace("_", " ")
        place = f"island {step['island']}, round {step['round']}"
        label = Text.assemble((figure(step["search"]), "bold"), f"{gain}  {origin}{edits}  ", (place, "dim"))
        branch = tree.add(label)
        for line in step["changes"]:
            branch.add(Text(line, style="green" if line.startswith("+") else "red"))
    return tree
