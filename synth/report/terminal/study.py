"""What the studies of programs found, as a person reads it: from the JSON documents of their commands."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from synth.report.terminal.tables import figure, plain_table

_COLORS = {"kept": "green", "refused": "yellow", "nothing to do": "dim"}


def simplify_result(document: Mapping[str, Any]) -> RenderableType:
    """Return what each step of a simplification did, and what was proven."""
    table = plain_table("step", "outcome", "statements", "what", right=("statements",))
    for step in document["steps"]:
        what = step["what"] + (f"; {step['why']}" if step["why"] else "")
        outcome = Text(step["outcome"], style=_COLORS[step["outcome"]])
        table.add_row(Text(step["name"]), outcome, str(step["statements"]), Text(what))
    counts, fitness = document["statements"], document["fitness"]
    engines = (
        "both engines" if document["confirmed_by_python"] else "the native engine, python could not run it"
    )
    same = fitness["before"] == fitness["after"]
    equal = "fitness is equal on each" if same else "until the last steps fitness stayed equal on each"
    proven = (
        f"{counts['before']} statements became {counts['after']}; {equal} of {document['tasks']['what']} "
        f"by {engines}"
    )
    if not same:
        proven += f"; mean fitness went from {fitness['before']:.4f} to {fitness['after']:.4f}"
    return Group(table, Text(), Text(proven))


def fitness_result(fitness: Mapping[str, Any], first: str, second: str) -> RenderableType:
    """Return the fitness of two modules on each task."""
    columns = ("A", "B", "B - A")
    table = plain_table("task", *columns, right=columns)
    for row in fitness["per_task"]:
        table.add_row(Text(row["task"]), *_figures(row))
    table.add_row(Text("mean", style="bold"), *_figures(fitness))
    measure = "accuracy" if fitness["metric"] == "accuracy" else "fitness"
    return Group(Text(f"{measure} on {fitness['tasks']}: A is {first}, B is {second}"), table)


def _figures(row: Mapping[str, Any]) -> list[Text]:
    difference = row["difference"]
    style = "green" if difference > 0 else "red" if difference < 0 else "dim"
    return [Text(figure(row["first"])), Text(figure(row["second"])), Text(f"{difference:+.4f}", style=style)]


def compare_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the comparison of two programs: each pair, the mean, and the verdict."""
    columns = ("A", "B", "A - B")
    table = plain_table("pair", "tasks", *columns, right=("tasks", *columns))
    for row in document["per_pair"]:
        table.add_row(Text(row["pair"]), str(row["tasks"]), *_figures(row))
    mean = document["difference"]["mean"]
    means = {
        "first": document["first"]["fitness"],
        "second": document["second"]["fitness"],
        "difference": mean,
    }
    table.add_row(Text("mean", style="bold"), str(document["tasks"]["count"]), *_figures(means))
    names = f"A is {document['first']['name']}, B is {document['second']['name']}"
    return Group(table, Text(names, style="dim"), Text(), Text(document["verdict"], style="bold"))


def explain_result(document: Mapping[str, Any]) -> RenderableType:
    """Return what a program does: techniques, statements and constants with the fitness lost without them."""
    accuracy = document["metric"] == "accuracy"
    mean = f"{'accuracy' if accuracy else 'fitness'} {_loss(document['fitness'])}"
    head = Text(f"{document['module']}: mean {mean} on {document['tasks']['what']}", style="bold")
    parts: list[RenderableType] = [head, Text()]
    parts += [_techniques(document["techniques"]), Text()]
    for title, rows, columns in (
        ("Loss without a statement", document["statements"], ("loss",)),
        ("Loss without a block", document["blocks"], ("loss",)),
        ("Loss with another constant", document["constants"], ("halved", "doubled")),
    ):
        if rows:
            parts += [Text(title, style="bold"), _losses(rows, columns), Text()]
    return Group(*parts, Text(document["evaluation"]["text"]))


def _techniques(found: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not found:
        return Text("No technique was recognised.")
    lines = [Text("Techniques", style="bold")]
    for technique in found:
        loss = f"; loss without it {_loss(technique['loss'])}" if technique["loss"] else ""
        lines.append(Text.assemble((technique["name"], "green"), f": {technique['what']}{loss}"))
        for line in technique["statements"]:
            lines.append(Text(f"    {line['function']:7} {line['text']}", style="dim"))
    return Group(*lines)


def _losses(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> RenderableType:
    table = plain_table("", "", *columns, right=columns)
    for row in rows:
        if "what" in row:
            count = len(row["statements"])
            function, text = row["name"], f"{row['what']} ({count} statement{'s' if count > 1 else ''})"
        else:
            function, text = row["statement"]["function"], row["statement"]["text"]
        name = f"  {row['name']} = {row['value']:g}" if "value" in row else ""
        dead = not row.get("live", True)
        values = [Text("no effect" if dead else _loss(row[column])) for column in columns]
        table.add_row(Text(function), Text(text + name, style="dim" if dead else ""), *values)
    return table


def _loss(loss: Mapping[str, float]) -> str:
    return f"{loss['mean']:.4f} +- {loss['error']:.4f}"
