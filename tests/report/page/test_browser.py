"""The page of a run in a real Chromium: nothing goes wrong, nothing is asked for, all can be clicked."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser
from report_runs import EVIL, events, open_run, recorded_run

from synth.report.page.page import page
from synth.report.page.server import LivePage, serving
from synth.runs.record import Record
from synth.study.measure import measure

pytestmark = pytest.mark.browser

WIDE, PHONE = 1200, 390


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with Browser() as found:
        yield found


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a run on digits, measured; it is looked at from the disk."""
    record = Record.read(recorded_run(tmp_path_factory.mktemp("runs") / "run"))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(page(record, measure(record)), encoding="utf-8")
    return path


def asked_for(browser: Browser) -> list[str]:
    """The addresses that a page asked for, without those that hold their own content."""
    return [address for address in browser.requests if not address.startswith("data:")]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_it_opens_from_the_disk_alone(browser: Browser, report: Path, width: int, dark: bool) -> None:
    browser.open(report, width=width, dark=dark)
    assert browser.problems == []
    assert asked_for(browser) == [report.as_uri()]
    assert browser.run("document.documentElement.scrollWidth") <= width
    background = browser.run("getComputedStyle(document.body).backgroundColor")
    shades = [int(part) for part in re.findall(r"\d+", background)]
    assert (max(shades) < 60) if dark else (min(shades) > 240)


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_all_charts_and_images_are_drawn(browser: Browser, report: Path, width: int) -> None:
    browser.open(report, width=width)
    drawn = browser.run(
        """[...document.querySelectorAll("svg.chart")].filter(
            (chart) => chart.getBoundingClientRect().width > 0
        ).map((chart) => [...chart.querySelectorAll(".data path, .data circle")].filter(
            (part) => part.getTotalLength ? part.getTotalLength() > 0 : true
        ).length)"""
    )
    assert len(drawn) == 4  # data flow, fitness over time, curves, against length; steps are behind a tab
    assert all(parts > 0 for parts in drawn)
    texts = browser.run(
        """[...document.querySelectorAll("svg.chart text")].map((text) => text.getBoundingClientRect())
            .filter((box) => box.width > 0).map((box) => [box.left, box.right, box.height])"""
    )
    assert len(texts) > 25
    assert all(left >= 0 and right <= width and height >= 9 for left, right, height in texts)
    images = browser.run(
        "[...document.images].map((image) => [image.naturalWidth, image.getBoundingClientRect().width])"
    )
    assert len(images) > 60
    assert all(natural == 8 and shown > 30 for natural, shown in images)
    cells = "document.querySelectorAll('.heat tbody td:not(.void)').length"
    assert browser.run(cells) == 3 * 45


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_the_names_in_the_data_flow_fit_into_their_boxes(browser: Browser, report: Path, width: int) -> None:
    browser.open(report, width=width)
    widths = browser.run(
        """[...document.querySelectorAll("svg.flow .data > g")].map((box) =>
            ["text", "rect"].map((part) => box.querySelector(part).getBoundingClientRect().width)
        ).filter(([name, box]) => box > 0)"""
    )
    assert len(widths) > 10
    assert all(name < box for name, box in widths)


def test_everything_has_words(browser: Browser, report: Path) -> None:
    browser.open(report)
    assert browser.run("[...document.images].every((image) => image.alt.length > 3)")
    assert browser.run(
        "[...document.querySelectorAll('svg')].every((s) => s.ariaHidden === 'true' || s.ariaLabel.length)"
    )
    assert browser.run("[...document.querySelectorAll('table.heat')].every((t) => t.caption.innerText)")
    assert browser.run("document.documentElement.lang") == "en"
    assert browser.run("[...document.querySelectorAll('h1')].length") == 1
    assert EVIL in browser.run("document.body.innerText")


def test_tabs(browser: Browser, report: Path) -> None:
    def shown(name: str) -> bool:
        return bool(browser.run(f"document.getElementById('{name}').getBoundingClientRect().height > 0"))

    browser.open(report)
    assert (shown("by-time"), shown("by-steps")) == (True, False)
    browser.click("#tab-steps")
    assert (shown("by-time"), shown("by-steps")) == (False, True)
    browser.press("ArrowLeft")
    assert (shown("by-time"), shown("by-steps")) == (True, False)
    assert browser.run("document.activeElement.id") == "tab-time"
    assert "m.v0_features" in browser.run("document.getElementById('program').innerText")
    browser.click("#tab-as-evolved")
    assert "m.v0_features" not in browser.run("document.getElementById('program').innerText")
    assert browser.problems == []


def test_a_dot_leads_to_its_difference(browser: Browser, report: Path) -> None:
    browser.open(report)
    assert not browser.run("document.getElementById('improvement-2').open")
    browser.click("#by-time .wide a[href='#improvement-2'] circle")
    browser.wait("document.getElementById('improvement-2').open")
    assert "m.s3 = m.s2 * m.s3" in browser.run("document.getElementById('improvement-2').innerText")
    browser.wait(
        """(() => {
            const box = document.getElementById("improvement-2").getBoundingClientRect();
            return box.top >= 0 && box.bottom <= innerHeight;
        })()"""
    )
    browser.open(report.as_uri() + "#improvement-3")
    assert browser.run("document.getElementById('improvement-3').open")


def test_opening_all_and_the_bar(browser: Browser, report: Path) -> None:
    browser.open(report)
    opened = "[...document.querySelectorAll('#lineage details')].map((part) => part.open)"
    browser.click("[data-toggle=lineage]")
    assert set(browser.run(opened)) == {True}
    browser.click("[data-toggle=lineage]")
    assert set(browser.run(opened)) == {False}
    browser.click("nav a[href='#images']")
    browser.wait("document.querySelector('nav a.here').hash === '#images'")
    assert 0 <= browser.run("document.getElementById('images').getBoundingClientRect().top") < 200


def test_words_for_what_is_pointed_at(browser: Browser, report: Path) -> None:
    browser.open(report)
    browser.click(".heat td.marked")
    tip = browser.run("document.getElementById('tip').hidden ? '' : document.getElementById('tip').innerText")
    assert re.fullmatch(r"\d or \d: \d+", tip)
    browser.run("document.querySelector('#by-time .wide a').focus()")
    assert "improvement 1: 61.0" in browser.run("document.getElementById('tip').innerText")


def test_copying(browser: Browser, report: Path) -> None:
    browser.open(report)
    browser.run(
        "navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }; 0"
    )
    browser.click("#reproduce .copy")
    browser.wait("document.querySelector('#reproduce .copy').innerText === 'Copied'")
    assert browser.run("window.copied").startswith("synth run --preset quick")


def test_printing(browser: Browser, report: Path) -> None:
    browser.open(report)
    assert browser.pdf().startswith(b"%PDF")
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.run("getComputedStyle(document.querySelector('nav')).display") == "none"
    for panel in ("by-time", "by-steps"):
        assert browser.run(f"document.getElementById('{panel}').getBoundingClientRect().height > 0")


def test_a_live_page_follows_and_keeps_what_is_open(browser: Browser, tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as folder, serving(LivePage(folder.path)) as address:
        browser.open(address)
        assert "being prepared" in browser.run("document.body.innerText")
        everything = iter(events())
        for _ in range(4):
            folder.record(next(everything))
        browser.wait("document.getElementById('improvement-1') !== null")  # it loaded itself again
        browser.click("#improvement-1 summary")
        browser.click("#tab-steps")
        browser.run("window.same = true; 0")
        for event in everything:
            folder.record(event)
        browser.wait("document.getElementById('improvement-3') !== null")
        browser.wait("document.getElementById('pulse').innerText === 'The run has ended.'")
        assert browser.run("window.same")
        assert browser.run("document.getElementById('improvement-1').open")
        assert browser.run("document.getElementById('tab-steps').ariaSelected") == "true"
        assert browser.run("document.getElementById('by-time').hidden")
        assert "95.0" in browser.run("document.getElementById('summary').innerText")
        assert browser.problems == []
        assert all(asked.startswith(address) for asked in asked_for(browser))
    browser.wait("document.getElementById('pulse').innerText.includes('does not answer')")
