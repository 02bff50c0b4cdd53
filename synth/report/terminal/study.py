"""Results of studies of programs, as tables: from the JSON documents of their commands."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from synth.report.terminal.tables import equations_result, figure, plain_table
from synth.search.simplification import PYTHON_EXAMPLES, PYTHON_TASKS
from synth.study.figures import LINEAR_MODELS
from synth.tasks.metrics import beside, fitness_name, unit_of, unit_text
from synth.tasks.names import counted

_COLORS = {"kept": "green", "refused": "yellow", "nothing to do": "dim"}


def simplify_result(document: Mapping[str, Any]) -> RenderableType:
    """Return what each step of a simplification did, and what was proven."""
    rows = [
        (
            step["name"],
            Text(step["outcome"], style=_COLORS[step["outcome"]]),
            str(step["statements"]),
            step["what"] + (f"; {step['why']}" if step["why"] else ""),
        )
        for step in document["steps"]
    ]
    table = plain_table(("step", "outcome", "statements", "what"), rows, right=("statements",))
    counts, fitness = document["statements"], document["fitness"]
    same = fitness["before"] == fitness["after"]
    few = min(PYTHON_TASKS, document["tasks"]["count"])
    python = (
        f"and of the first {few}, cut to {PYTHON_EXAMPLES} examples, by python"
        if document["confirmed_by_python"]
        else "as python could not run it"
    )
    proven = (
        f"{counts['before']} statements became {counts['after']}; "
        f"{'fitness is' if same else 'until the last steps fitness stayed'} equal on each of "
        f"{document['tasks']['what']} by the native engine, {python}"
    )
    if not same:
        proven += f"; mean fitness went from {fitness['before']:.4f} to {fitness['after']:.4f}"
    return Group(table, Text(), Text(proven))


def fitness_result(fitness: Mapping[str, Any], first: str, second: str) -> RenderableType:
    """Return the fitness of two modules on each task."""
    columns = ("A", "B", "B - A")
    rows = [(row["task"], *_figures(row)) for row in fitness["per_task"]]
    mean = (Text("mean", style="bold"), *_figures(fitness))
    errors = list(_in_units(fitness, fitness["first"], fitness["second"]))
    title = f"{fitness_name(fitness['metric'])} on {fitness['tasks']}: A is {first}, B is {second}"
    return Group(Text(title), plain_table(("task", *columns), [*rows, mean, *errors], right=columns))


EQUAL = {True: Text("yes", "green"), False: Text("no", "red"), None: Text("not replayed", "yellow")}


def verify_result(document: Mapping[str, Any]) -> RenderableType:
    """Return each figure that a module states beside what came out."""
    rows = [
        (
            f"{fitness_name(one['metric'])} on {counted(one['tasks'], one['split'] + ' task')} "
            f"of {one['data']}",
            one["stated"],
            one["replayed"] or "-",
            EQUAL[one["equal"]],
        )
        for one in document["figures"]
    ]
    columns = ("stated", "replayed", "equal")
    return plain_table(("", *columns), rows, right=columns)


def _figures(row: Mapping[str, Any]) -> tuple[str, str, Text]:
    difference = row["difference"]
    style = "green" if difference > 0 else "red" if difference < 0 else "dim"
    return figure(row["first"]), figure(row["second"]), Text(f"{difference:+.4f}", style=style)


def _in_units(document: Mapping[str, Any], *figures: float) -> Iterator[tuple[str, ...]]:
    """Give a row with what stands behind figures, in the metric's own unit; none where they say it all."""
    metric, scale = document["metric"], document["scale"]
    if unit := unit_of(metric, scale):
        yield unit, *(unit_text(metric, one, scale) for one in figures), ""


def compare_result(document: Mapping[str, Any]) -> RenderableType:
    """Return the comparison of two programs: each pair, the mean, and the verdict."""
    first, second = document["first"], document["second"]
    means = {
        "first": first["fitness"],
        "second": second["fitness"],
        "difference": document["difference"]["mean"],
    }
    rows = [(row["pair"], str(row["tasks"]), *_figures(row)) for row in document["per_pair"]]
    mean = (Text("mean", style="bold"), str(document["tasks"]["count"]), *_figures(means))
    errors = [(unit, "", *row) for unit, *row in _in_units(document, first["fitness"], second["fitness"])]
    right = ("tasks", "A", "B", "A - B")
    which = f"A is {first['name']}, B is {second['name']}"
    if document["tuned"] is None and not {first["name"], second["name"]} & set(LINEAR_MODELS.values()):
        which += "; constants are as found, --tune 200 tunes those of both first"
    names = Text(which, style="dim")
    table = plain_table(("pair", *right), [*rows, mean, *errors], right)
    return Group(table, names, Text(), Text(document["verdict"], style="bold"))


def explain_result(document: Mapping[str, Any]) -> RenderableType:
    """Return a program's equations, and its techniques, statements and constants with what they are worth."""
    error = beside(document["metric"], document["fitness"]["mean"], document["scale"])
    mean = f"{fitness_name(document['metric'])} {_loss(document['fitness'])}{error}"
    head = Text(f"{document['module']}: mean {mean} on {document['tasks']['what']}", style="bold")
    errors = "Behind +- is the standard error over tasks; a negative loss means that the part does harm."
    parts: list[RenderableType] = [head, Text(), equations_result(document["equations"]), Text()]
    parts += [Text(errors, style="dim"), Text()]
    parts += [_techniques(document["techniques"]), Text()]
    for title, rows, columns in (
        ("Loss without a statement", document["statements"], ("loss",)),
        ("Loss without a block", document["blocks"], ("loss",)),
        ("Loss with another constant", document["constants"], ("halved", "doubled")),
    ):
        if rows:
            parts += [Text(title, style="bold"), _losses(rows, columns), Text()]
    return Group(*parts, Text(document["evaluation"]["text"]))


def _techniques(techniques: Sequence[Mapping[str, Any]]) -> RenderableType:
    if not techniques:
        return Text("No technique was recognised.")
    lines = [Text("Techniques", style="bold")]
    for technique in techniques:
        loss = f"; loss without it {_loss(technique['loss'])}" if technique["loss"] else ""
        lines.append(Text.assemble((technique["name"], "green"), f": {technique['what']}{loss}"))
        for line in technique["statements"]:
            lines.append(Text(f"    {line['function']:7} {line['text']}", style="dim"))
    return Group(*lines)


def _losses(parts: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> RenderableType:
    rows: list[Sequence[str | Text]] = []
    for part in parts:
        function, words = _part(part)
        live = part.get("live", True)
        losses = (_loss(part[column]) if live else "no effect" for column in columns)
        rows.append((function, Text(words, style="" if live else "dim"), *losses))
    return plain_table(("", "", *columns), rows, right=columns)


def _part(part: Mapping[str, Any]) -> tuple[str, str]:
    """Return the function of a block, statement or constant, and its words."""
    if "what" in part:
        return part["name"], f"{part['what']} ({counted(len(part['statements']), 'statement')})"
    constant = f"  {part['name']} = {part['value']:g}" if "value" in part else ""
    return part["statement"]["function"], part["statement"]["text"] + constant


def _loss(loss: Mapping[str, float]) -> str:
    return f"{loss['mean']:.4f} +- {loss['error']:.4f}"
