"""The page of a run: whole, alone, and made of nothing that a run could put into it."""

import base64
import hashlib
import re
import struct
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from report_runs import EVIL, events, open_run, recorded_run
from run_events import round_finished

from synth.language.candidate import Candidate
from synth.report.page.charts import Axis, from_zero, spanning
from synth.report.page.figures import diverging, heat_map, png, rising
from synth.report.page.page import LATER, page, sections
from synth.report.page.rendering import compact
from synth.report.page.words import FitnessScale
from synth.report.text import clock, listed, number
from synth.runs.events import Improved, RunFinished
from synth.runs.lineage import Ancestor
from synth.runs.record import Record
from synth.statistics import Difference

VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Checks that elements are closed in the order in which they were opened, and keeps what matters."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name in names]


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    return Record.read(recorded_run(tmp_path_factory.mktemp("runs") / "<b>my run"))


def test_a_page_that_needs_nothing_else(record: Record) -> None:
    text = page(record)
    parsed = Page(text)
    for attributes in parsed.all(*{name for name, _ in parsed.elements}):
        for name in ("src", "href", "action", "data", "poster", "srcset"):
            assert (attributes.get(name) or "#").startswith(("#", "data:"))
    assert "@import" not in text
    assert not re.search(r"url\((?!#)", text)
    assert [attributes["id"] for attributes in parsed.all("section")] == [
        section.id for section in sections(record, LATER)
    ]
    assert len(text.encode()) < 8e6


def test_only_the_page_s_own_script_may_run(record: Record) -> None:
    text = page(record)
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policies = [
        str(attributes["content"])
        for html in (text, page(record, live=True))
        for attributes in Page(html).all("meta")
        if attributes.get("http-equiv")
    ]
    for policy, server in zip(policies, ("none", "self"), strict=True):
        assert f"script-src 'sha256-{digest}'" in policy
        assert "default-src 'none'" in policy
        assert f"connect-src '{server}'" in policy


def test_what_a_run_holds_stays_text(record: Record) -> None:
    text = page(record, measured=EVIL)
    assert EVIL not in text
    assert "&lt;script&gt;alert(" in text
    assert "<b>my run" not in text
    parsed = Page(text)
    assert len(parsed.all("script")) == 1
    assert not parsed.all("img")
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)


def test_a_run_can_be_looked_at_at_any_moment(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as folder:
        assert "being prepared" in page(Record.read(folder.path), live=True)
        for event in events():
            folder.record(event)
            record = Record.read(folder.path)
            Page(page(record, live=not record.finished))
    assert ">running<" not in page(record)


def test_figures_and_lineage(record: Record) -> None:
    text = page(record)
    assert "95.0\N{NO-BREAK SPACE}%" in text  # on test tasks
    assert "linear program 96.0\N{NO-BREAK SPACE}%" in text
    assert "+13.0" in text  # the second improvement's gain on selection tasks
    parsed = Page(text)
    details = [attributes.get("id") for attributes in parsed.all("details")]
    assert [name for name in details if name] == ["improvement-1", "improvement-2", "improvement-3"]
    links = {attributes["href"] for attributes in parsed.all("a")}
    assert {"#improvement-1", "#improvement-2", "#improvement-3"} <= links
    assert '<span class="row added">+    m.s3 = m.s2 * m.s3' in text
    assert "synth run --preset quick" in text
    assert "--max-candidates 32000" in text


def test_every_chart_has_its_words_and_lies_inside_its_frame(record: Record) -> None:
    text = page(record)
    charts = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert (
        len(charts) == 2 * 4
    )  # wide and narrow: data flow, fitness over time and over steps, and against length
    for chart in charts:
        (_, attributes), *_ = Page(chart).elements
        assert attributes["role"] == "img"
        assert len(attributes["aria-label"] or "") > 40
        width, height = map(float, (attributes["viewbox"] or "").split()[2:])
        for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)", chart):
            assert 0 <= float(x) <= width
            assert 0 <= float(y) <= height
        assert "nan" not in chart


def test_without_a_learner(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as folder:
        first, *_, last = events()
        folder.record(first)
        for event in events():
            if type(event).__name__ == "RoundFinished":
                folder.record(event)
        assert isinstance(last, RunFinished)
        folder.record(RunFinished(None, "seconds", {**last.summary, "best": None}))
        text = page(Record.read(folder.path))
    assert "without a program that learns so far" in text
    Page(text)


def test_numbers_of_a_chart_are_short() -> None:
    assert [compact(value) for value in (1.0, 0.126, -0.001, 12.5)] == ["1", "0.13", "0", "12.5"]


def test_axes() -> None:
    assert from_zero(95, "time", clock).ticks() == [0, 30, 60, 90]
    assert from_zero(7300, "time", clock).ticks(8) == [0, 1800, 3600, 5400, 7200]
    assert from_zero(4.1e6, "steps", number).ticks(6) == [0, 1e6, 2e6, 3e6, 4e6]
    assert spanning([0.5, 0.5], "x", str).ticks(3) != []
    curve = Axis(10, 80, "n", str, log=True)
    assert curve.ticks(9) == [10, 20, 40, 80]
    assert curve.ticks(2) == [10, 80]
    assert [curve.position(value, 0, 3) for value in (10, 20, 80)] == pytest.approx([0, 1, 3])


def test_heat_maps() -> None:
    text = heat_map(
        ("a", "<b>", "c"),
        {(0, 1): 0.5, (1, 2): 1.0},
        lambda value: f"{value:.0%}",
        rising(0.5, 1.0),
        caption="pairs",
        marked=frozenset({(1, 2)}),
    )
    Page(text)
    assert "<b>" not in text
    assert 'class="up0"' in text
    assert 'class="up8 marked"' in text
    assert text.count('class="void"') == 2
    assert [diverging(0.1)(value) for value in (0.1, 0.0, -0.05)] == ["more8", "more0", "less4"]


@pytest.mark.parametrize("shape", [(8, 8), (5, 7, 3)])
def test_images(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    file = png(pixels)
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    place, chunks = 8, {}
    while place < len(file):
        (length,) = struct.unpack(">I", file[place : place + 4])
        kind, data = file[place + 4 : place + 8], file[place + 8 : place + 8 + length]
        assert struct.unpack(">I", file[place + 8 + length : place + 12 + length])[0] == zlib.crc32(
            kind + data
        )
        chunks[kind], place = data, place + 12 + length
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (height, width, depth, colour) == (*shape[:2], 8, 2 if len(shape) == 3 else 0)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, -1)
    assert (rows[:, 0] == 0).all()
    assert (rows[:, 1:].reshape(shape) == pixels).all()


def test_words() -> None:
    accuracy, rms = FitnessScale("accuracy"), FitnessScale("rms")
    assert (accuracy.write(0.7134), rms.write(0.98712), accuracy.write(None)) == (
        "71.3\N{NO-BREAK SPACE}%",
        "0.9871",
        "–",
    )
    assert FitnessScale("rms", 54.3).write(0.5) == "0.5000 (rmse 54.3)"
    assert FitnessScale("log_loss").write(0.8) == "0.8000 (log loss 0.25)"
    assert FitnessScale("balanced_accuracy").write(0.5) == accuracy.write(0.5)
    assert (FitnessScale("auc").name, FitnessScale("auc").write(0.5)) == ("AUC", "0.5000")
    assert (FitnessScale("costs:saved").name, FitnessScale("costs:saved").write(0.5)) == ("saved", "0.5000")
    assert (accuracy.change(-0.026), rms.change(0.00131)) == ("−2.6", "+0.0013")
    above = accuracy.compare("the net", Difference(0.026, 0.01, 0.04, 0.01, {}))
    assert above == "The best program is 2.6 percentage points above the net (95 % interval +1.0 to +4.0)."
    below = accuracy.compare("the net", Difference(-0.026, -0.04, -0.01, 0.01, {}))
    assert "2.6 percentage points below the net" in below
    level = rms.compare("the net", Difference(-3e-6, -5e-6, -1e-6, 1e-6, {}))
    assert level == "The best program and the net are level (95 % interval 0.0000 to 0.0000)."
    assert "could be chance" in accuracy.compare("the net", Difference(0.01, -0.01, 0.03, 0.01, {}))
    assert [listed(items) for items in ([], ["a"], ["a", "b", "c"])] == ["", "a", "a, b and c"]
    assert number(1500) == "1.5 k"


def test_hurdles_and_descent_where_there_are_any(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as folder:
        first, improved, *_ = events()
        assert isinstance(improved, Improved)
        start = Ancestor(None, "start", 0, 0.0, 0, 0, Candidate())
        inserted = Ancestor(start, "insert", 3, 0.62, 1, 2, improved.program.raw)
        program = replace(improved.program, lineage=(start, inserted))
        folder.record(first)
        folder.record(replace(improved, program=program))
        for number in range(2):
            folder.record(round_finished(0, number, 1.0 + number, candidates=10 + number, hurdled=4 + number))
        text = page(Record.read(folder.path))
    assert "stopped at a hurdle" in text
    assert "Descent of the best program" in text
    assert 'insert <span class="quiet">and 2 before</span>' in text


def test_final_figures_with_tuned_constants(tmp_path: Path) -> None:
    difference = {"mean": 0.021, "low": 0.01, "high": 0.03, "error": 0.005, "per_pair": {"1-8": 0.021}}
    tuned = {
        "trials": 200,
        "tasks": 27,
        "figures": {"best": {"select": 0.97, "report": 0.955}, "linear": {"select": 0.96, "report": 0.934}},
        "differences": {"linear": difference},
    }
    with open_run(tmp_path / "run") as folder:
        *others, last = events()
        assert isinstance(last, RunFinished)
        for event in others:
            folder.record(event)
        folder.record(replace(last, summary={**last.summary, "tuned": tuned}))
        text = page(Record.read(folder.path))
    assert "best program, tuned" in text
    assert "95.5\N{NO-BREAK SPACE}%" in text
    assert "After tuning: The best program is 2.1 percentage points above the linear program" in text
    assert "in 200 trials" in text


def test_what_is_missing_is_said(record: Record) -> None:
    text = page(record, "CIFAR-10 is nowhere.")
    assert text.count("CIFAR-10 is nowhere.") == 5
