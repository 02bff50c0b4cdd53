"""The page of a run, made of sections; a live page replaces those that changed."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from synth.reading.simplify.passes import normal_form
from synth.report.page import figures, lineage, parts, programs, progress
from synth.report.page.words import Scale, counted, listed
from synth.report.text import clock, ended, number
from synth.runs.cluster import Cluster
from synth.runs.folder import shown
from synth.runs.provenance import command
from synth.runs.record import Record
from synth.settings.resolve import to_toml
from synth.study.measure import Measured
from synth.version import __version__

_TEMPLATES = Path(__file__).parent / "templates"

LATER = "This is measured when the run has ended."


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    id: str
    title: str
    short: str
    """Its title in the bar."""
    html: Markup

    @property
    def version(self) -> str:
        """Something that changes whenever the section does."""
        return hashlib.sha256(self.html.encode()).hexdigest()[:12]


Measurement = Measured | str
"""What was measured, or a sentence that says why nothing was."""


def page(record: Record, measured: Measurement = LATER, *, live: bool = False) -> str:
    """Return the whole page as one HTML document that needs nothing else.

    A live one asks the server that it comes from, every few seconds, for what changed.
    """
    style, script = (_read(name) for name in ("report.css", "report.js"))
    server = "'self'" if live else "'none'"
    policy = "; ".join(
        (
            "default-src 'none'",
            "img-src data:",
            "style-src 'unsafe-inline'",
            f"script-src 'sha256-{_digest(script)}'",
            f"connect-src {server}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )
    html = _templates().get_template("report.html")
    return html.render(
        name=record.folder.resolve().name,
        sections=sections(record, measured),
        style=Markup(style),
        script=Markup(script),
        policy=policy,
        live=live,
        version=__version__,
    )


def live_document(record: Record, measured: Measurement) -> str:
    """Return what a live page asks for: each section's version and HTML, and whether the run has ended."""
    found = {one.id: {"version": one.version, "html": str(one.html)} for one in sections(record, measured)}
    return json.dumps({"schema": 1, "ended": record.finished, "sections": found}, allow_nan=False)


def sections(record: Record, measured: Measurement) -> list[Section]:
    """Return the sections of a page, in their order."""
    if not record.facts:
        return [_section("summary", "Summary", "Summary", name=record.folder.resolve().name, waiting=True)]
    plan: list[tuple[str, str, str, Callable[[Record, Measurement], dict[str, Any]]]] = [
        ("summary", "Summary", "Summary", _summary),
        ("program", "The program", "Program", _program),
        ("progress", "Progress", "Progress", _progress),
        ("effort", "What the search did", "Search", _effort),
        *([("cluster", "The cluster", "Cluster", _cluster)] if "cluster" in record.facts else []),
        ("comparison", "Beside others", "Others", _comparison),
        ("pairs", "Pairs of classes", "Pairs", _pairs),
        ("curves", "Learning curves", "Curves", _curves),
        ("images", "Images", "Images", _images),
        ("parts", "What each part is worth", "Parts", _parts),
        ("lineage", "Lineage", "Lineage", _lineage),
        ("tradeoff", "Accuracy and length", "Length", _trade_off),
        ("reproduce", "Reproduce", "Reproduce", _reproduce),
    ]
    return [_section(*names, **context(record, measured)) for *names, context in plan]


def _section(id: str, title: str, short: str, /, **context: Any) -> Section:
    template = _templates().get_template(f"{id}.html")
    return Section(id, title, short, Markup(template.render(**context)))


STARTS = {
    "empty": "an empty program",
    "random": "random programs",
    "valid": "random programs in which data flows",
}
"""Starts that are no module, in words."""


def _summary(record: Record, measured: Measurement) -> dict[str, Any]:
    facts, scale, totals = record.facts, Scale(record.facts["metric"]), record.totals
    start = record.config.search.start
    best = record.figures.get("best", {})
    return {
        "waiting": False,
        "name": record.folder.resolve().name,
        "ended": record.finished,
        "start": STARTS.get(start, start),
        "data": facts["data"],
        "features": facts["features"],
        "time": clock(facts["summary"]["seconds"] if record.finished else totals.get("seconds", 0)),
        "why": ended(facts["stopped_by"]) if record.finished else "",
        "scale": scale.name,
        "test": scale.write(best["test"]) if "test" in best else "",
        "select": scale.write(record.best.select) if record.best else "",
        "others": [
            (name, scale.write(record.figures[key]["test"]))
            for key, name in (("linear", "linear program"), ("neural_net", "neural net"))
            if "test" in record.figures.get(key, {})
        ],
        "candidates": number(totals.get("candidates", 0)),
        "train_steps": number(totals.get("train_steps", 0)),
        "improvements": len(record.improvements),
        "notices": facts.get("notices", ()),
        "preset": record.config.preset,
        "seed": record.config.seed,
    }


def _program(record: Record, measured: Measurement) -> dict[str, Any]:
    if record.best is None:
        return {"versions": []}
    candidate = record.best.candidate
    simplified = normal_form(candidate) if isinstance(measured, str) else measured.simplified
    return {
        "versions": [
            {"id": name.lower().replace(" ", "-"), "name": name, "text": text, "code": programs.code(text)}
            for name, text in (
                ("To read", programs.readable(simplified)),
                ("As found", programs.body(candidate)),
            )
        ],
        "sizes": programs.sizes(candidate),
        "proven": "" if isinstance(measured, str) else measured.proven,
        "features": record.facts["features"],
        "number": record.best.number,
        "path": shown(record.folder.absolute() / "best.py"),
    }


def _progress(record: Record, measured: Measurement) -> dict[str, Any]:
    return {
        "by_time": progress.fitness_over(record, "seconds"),
        "by_steps": progress.fitness_over(record, "train_steps"),
        "legend": progress.fitness_legend(record),
        "any": bool(record.rounds),
    }


def _effort(record: Record, measured: Measurement) -> dict[str, Any]:
    return {"effort": progress.effort(record)}


def _cluster(record: Record, measured: Measurement) -> dict[str, Any]:
    cluster = Cluster.of(record.facts["cluster"])
    speeds = {node.name: number(node.candidates_per_second) for node in cluster.nodes}
    return {"cluster": cluster, "speeds": speeds, "sentence": cluster.sentence()}


def _comparison(record: Record, measured: Measurement) -> dict[str, Any]:
    scale = Scale(record.facts["metric"])
    final = figures.final(record, scale)
    if isinstance(measured, str):
        return {"missing": measured, "scale": scale.name, "final": final}
    return {"missing": "", "scale": scale.name, "final": final, **figures.comparison(measured, scale)}


def _pairs(record: Record, measured: Measurement) -> dict[str, Any]:
    if isinstance(measured, str):
        return {"missing": measured}
    pairs = measured.pairs
    if pairs is None:
        return {"missing": "There are fewer than three classes, so there are no pairs to compare."}
    held_out = [f"{pairs.classes[a]} or {pairs.classes[b]}" for a, b in sorted(pairs.held_out)]
    return {
        "missing": "",
        "maps": figures.pair_maps(pairs, measured.linear_model),
        "held_out": listed(held_out) if held_out else "",
        "linear_model": measured.linear_model,
    }


def _curves(record: Record, measured: Measurement) -> dict[str, Any]:
    if isinstance(measured, str):
        return {"missing": measured}
    tasks = counted(len(measured.tasks), "report task")
    return {"missing": "", "tasks": tasks, **figures.curves(measured, Scale(record.facts["metric"]))}


def _images(record: Record, measured: Measurement) -> dict[str, Any]:
    if isinstance(measured, str):
        return {"missing": measured}
    if not measured.galleries:
        return {"missing": f"The examples of {record.facts['data']} are no images."}
    return {"missing": "", "cards": figures.gallery_cards(measured.galleries)}


def _parts(record: Record, measured: Measurement) -> dict[str, Any]:
    if isinstance(measured, str):
        return {"missing": measured}
    return {"missing": "", **parts.ablation(measured.explanation, Scale(record.facts["metric"]))}


def _lineage(record: Record, measured: Measurement) -> dict[str, Any]:
    return {**lineage.improvements(record), "descent": lineage.descent(record)}


def _trade_off(record: Record, measured: Measurement) -> dict[str, Any]:
    return lineage.trade_off(record) if record.improvements else {"chart": ""}


def _reproduce(record: Record, measured: Measurement) -> dict[str, Any]:
    facts = record.facts
    return {
        "command": command(record.config, record.totals.get("candidates", 0)),
        "settings": to_toml(record.config),
        "facts": {
            "data": facts["data"],
            "tasks": f"{counted(facts['search_tasks'], 'search task')}, "
            f"{counted(facts['select_tasks'], 'selection task')}",
            **{f"sha256 of the {split} tasks": digest for split, digest in facts.get("digests", {}).items()},
            "workers": facts["workers"],
            "confined by": listed(facts["sandbox"]) or "nothing",
            "synth": __version__,
        },
        "test_uses": record.test_uses,
        "events": [(kind, json.dumps(detail, ensure_ascii=False)) for kind, detail in record.events[-50:]],
    }


@cache
def _templates() -> Environment:
    loader = FileSystemLoader(_TEMPLATES)
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


@cache
def _read(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
