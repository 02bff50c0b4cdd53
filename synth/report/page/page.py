"""The page of a run, made of sections; a live page replaces those that changed."""

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from synth.reading.equations.equations import equations_of
from synth.report.page import figures, lineage, parts, programs, progress
from synth.report.page.dataflow import LEGEND, data_flow
from synth.report.page.mathematics import mathematics
from synth.report.page.rendering import FOLDER, render
from synth.report.page.words import FitnessScale, baselines
from synth.report.text import clock, cluster_sentence, ended, listed, number
from synth.runs.cluster import Cluster
from synth.runs.folder import shown
from synth.runs.record import Record
from synth.settings.resolve import to_command, to_toml
from synth.study.measure import Measured
from synth.study.text_diff import functions_text
from synth.tasks.names import counted
from synth.version import __version__

LATER = "This is measured when the run has ended."


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    id: str
    title: str
    """In the bar."""
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
    script = (FOLDER / "report.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    server = "'self'" if live else "'none'"
    policy = (
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
        f"script-src 'sha256-{digest}'; connect-src {server}"
    )
    return render(
        "report.html",
        name=record.folder.resolve().name,
        sections=sections(record, measured),
        style=Markup((FOLDER / "report.css").read_text(encoding="utf-8")),
        script=Markup(script),
        policy=policy,
        live=live,
        version=__version__,
    )


def live_document(record: Record, measured: Measurement) -> str:
    """Return what a live page asks for: each section's version and HTML, and whether the run has ended."""
    current = {one.id: {"version": one.version, "html": one.html} for one in sections(record, measured)}
    return json.dumps({"schema": 1, "ended": record.finished, "sections": current}, allow_nan=False)


def sections(record: Record, measured: Measurement) -> list[Section]:
    """Return the sections of a page, in their order."""
    if not record.facts:
        return [_section("summary", "Summary", name=record.folder.resolve().name, waiting=True)]
    scale = FitnessScale(record.facts["metric"], record.facts.get("scale"))
    described = [
        _section("summary", "Summary", **_summary(record, scale)),
        _section("program", "Program", **_program(record)),
        _section("progress", "Progress", **progress.progress(record, scale)),
        _section("effort", "Search", effort=progress.effort(record)),
    ]
    if "cluster" in record.facts:
        cluster = Cluster.of(record.facts["cluster"])
        described.append(_section("cluster", "Cluster", cluster=cluster, sentence=cluster_sentence(cluster)))
    final = figures.final(record, scale)
    return [
        *described,
        _measured_section("comparison", "Others", measured, scale, figures.comparison, final=final),
        _measured_section("pairs", "Pairs", measured, scale, _pairs),
        _measured_section("curves", "Curves", measured, scale, figures.curves),
        _measured_section("images", "Images", measured, scale, figures.images),
        _measured_section("parts", "Parts", measured, scale, parts.ablation),
        _section("lineage", "Lineage", **lineage.lineage(record, scale)),
        _section("tradeoff", "Length", chart=lineage.trade_off(record, scale)),
        _section("reproduce", "Reproduce", **_reproduce(record)),
    ]


def _section(id: str, title: str, /, **context: Any) -> Section:
    return Section(id, title, render(f"{id}.html", **context))


def _measured_section(
    id: str,
    title: str,
    measured: Measurement,
    scale: FitnessScale,
    describe: Callable[[Measured, FitnessScale], dict[str, Any]],
    **context: Any,
) -> Section:
    """Return a section about what was measured, or one that says why nothing was."""
    if isinstance(measured, str):
        return _section(id, title, missing=measured, scale=scale.name, **context)
    return _section(id, title, **{"missing": "", "scale": scale.name, **context, **describe(measured, scale)})


STARTS = {
    "empty": "an empty program",
    "random": "random programs",
    "valid": "random programs in which data flows",
}
"""Starts that are no module, in words."""


def _summary(record: Record, scale: FitnessScale) -> dict[str, Any]:
    facts, totals = record.facts, record.totals
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
        "others": [(name, scale.write(fitness)) for name, _, fitness in baselines(record, "test")],
        "candidates": number(totals.get("candidates", 0)),
        "train_steps": number(totals.get("train_steps", 0)),
        "improvements": len(record.improvements),
        "notices": (*filter(None, [record.obstacle]), *facts.get("notices", ())),
        "preset": record.config.preset,
        "seed": record.config.seed,
    }


def _program(record: Record) -> dict[str, Any]:
    if record.best is None:
        return {"versions": [], "obstacle": record.obstacle}
    candidate = record.best.candidate
    texts = {"To read": functions_text(record.best.text), "As evolved": functions_text(record.best.raw)}
    equations = equations_of(candidate)
    return {
        "mathematics": mathematics(equations),
        "flow": data_flow(equations),
        "flow_legend": LEGEND,
        "versions": [
            {"id": name.lower().replace(" ", "-"), "name": name, "text": text, "code": programs.code(text)}
            for name, text in texts.items()
        ],
        "sizes": programs.sizes(candidate),
        "features": record.facts["features"],
        "number": record.best.number,
        "path": shown(record.folder.absolute() / "best.py"),
    }


def _pairs(measured: Measured, scale: FitnessScale) -> dict[str, Any]:
    pairs = measured.pairs
    if pairs is None:
        return {"missing": "There are fewer than three classes, so there are no pairs to compare."}
    held_out = [f"{pairs.classes[a]} or {pairs.classes[b]}" for a, b in sorted(pairs.held_out)]
    return {"maps": figures.pair_maps(pairs, measured.linear_model), "held_out": listed(held_out)}


def _reproduce(record: Record) -> dict[str, Any]:
    facts = record.facts
    return {
        "command": to_command(record.config, record.totals.get("candidates", 0)),
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
