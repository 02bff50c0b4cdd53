"""The live display on a terminal: figures, the best program, and what changed when it improved."""

from dataclasses import asdict

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.panel import Panel
from rich.syntax import Syntax
from rich.table import Table
from rich.text import Text

from synth.report.terminal.progress import RunProgress
from synth.report.terminal.tables import cluster_table
from synth.report.text import clock, cluster_sentence, number
from synth.study.text_diff import functions_text, unified_diff
from synth.tasks.metrics import fitness_name

MINIMUM_WIDTH_FOR_TWO = 100

NODES = 8
"""The most nodes of a cluster that are shown."""


def live_display(progress: RunProgress, width: int) -> RenderableType:
    """Return what a terminal of so many columns shows of a run at this moment."""
    return Constrain(Group(_figures(progress, width), *_programs(progress, width)), width)


def _figures(progress: RunProgress, width: int) -> RenderableType:
    totals, best, started = progress.totals, progress.best, progress.started
    if started is None:
        return Text(f"{progress.title}: {_beginning(progress)} ...", style="bold")
    measure = fitness_name(started.metric)
    rest = f" of {clock(progress.limit)}" if progress.limit else ""
    rest = f", {progress.figures}" if progress.figures else rest
    islands = "  ".join(f"{progress.islands[island]:.4f}" for island in sorted(progress.islands))
    facts: list[tuple[str, Text]] = [
        (
            f"selection {measure}",
            Text(progress.best_text, "bold green") if best else Text("no learner yet", "dim"),
        ),
        ("candidates", Text(f"{number(totals.candidates)} ({number(progress.speed('candidates'))}/s)")),
        (f"search {measure}", Text(f"{best.search:.4f}" if best else "")),
        ("train steps", Text(f"{number(totals.train_steps)} ({number(progress.speed('train_steps'))}/s)")),
        ("improvements", Text(str(best.number if best else 0))),
        ("cached, rejected", Text(f"{progress.share(totals.cached)}, {progress.share(totals.rejected)}")),
        ("time", Text(f"{clock(progress.seconds)}{rest}")),
        ("best on islands", Text(islands)),
    ]
    if progress.phase:
        facts.append(("phase", Text(progress.phase)))
    if progress.cluster:
        facts.append(("cluster", Text(cluster_sentence(progress.cluster))))
    table = Table.grid(padding=(0, 3, 0, 0))
    pairs = 2 if width >= MINIMUM_WIDTH_FOR_TWO else 1
    for row in range(0, len(facts), pairs):
        table.add_row(
            *(cell for name, value in facts[row : row + pairs] for cell in (Text(name, "cyan"), value))
        )
    cluster = [cluster_table(asdict(progress.cluster), NODES)] if progress.cluster else []
    return Panel(Group(table, *cluster), title=Text(progress.title), title_align="left", border_style="dim")


def _beginning(progress: RunProgress) -> str:
    """Say what happens before the search."""
    done, total = progress.downloaded or (0, 0)
    if progress.downloaded is None or done == total:
        return "preparing tasks and workers"
    of = f" of {total / 1e6:.0f}" if total else ""
    return f"downloading {done / 1e6:.0f}{of} MB"


def _programs(progress: RunProgress, width: int) -> list[RenderableType]:
    if progress.best is None:
        return []
    text = _body(progress.best.text)
    panels = [_code(text, "python", f"best program, improvement {progress.best.number}")]
    if progress.previous is not None:
        before = _body(progress.previous.text)
        lines = unified_diff(before, text, "", "", 1).splitlines(keepends=True)[2:]
        change = "".join(line for line in lines if not line.startswith("@@"))
        panels.append(
            _code(change or "the same statements", "diff", f"changed from {progress.previous.number}")
        )
    if width < MINIMUM_WIDTH_FOR_TWO or len(panels) == 1:
        return list(panels)
    beside = Table.grid(expand=True)
    beside.add_column(ratio=1)
    beside.add_column(ratio=1)
    beside.add_row(*panels)
    return [beside]


def _body(text: str) -> str:
    """Return the three functions, without docstring and import."""
    return functions_text(text).replace("\n\n\n", "\n\n")


def _code(text: str, language: str, title: str) -> Panel:
    syntax = Syntax(text.rstrip(), language, theme="ansi_dark", background_color="default", word_wrap=True)
    return Panel(syntax, title=Text(title), title_align="left", border_style="dim")
