"""What a person sees while a run goes on."""

import io
import re
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from run_events import BETTER, finished, improved, program, round_finished, started, whole_run

from synth.errors import UsageError
from synth.report.terminal.live import live_display
from synth.report.terminal.progress import RunProgress, heartbeat_line, improvement_line
from synth.report.terminal.run_display import RunDisplay
from synth.report.text import clock, number
from synth.runs.events import Event, FigureBegun, Improved, RunStarted, SearchEnded
from synth.settings.schema import Config, LimitsConfig


def plain_console() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, highlight=False, width=60), stream


def terminal(width: int = 120, **options: object) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, force_terminal=True, width=width, height=50, **options), stream  # type: ignore[arg-type]


def watch(
    events: Iterable[Event],
    console: Console,
    preset: str = "quick",
    limit: float | None = None,
    folder: Path = Path("run"),
    **options: Any,
) -> None:
    """Show a run of these events."""
    with RunDisplay(console, **options) as display:
        display.opened(folder, Config(preset, limits=LimitsConfig(seconds=limit)))
        for event in events:
            display.heard(event)


def drawn(progress: RunProgress, width: int = 120) -> str:
    console = Console(file=io.StringIO(), width=width, record=True)
    console.print(live_display(progress, width))
    return console.export_text()


def test_plain_lines_say_start_improvements_and_end() -> None:
    console, stream = plain_console()
    watch(whole_run(), console, "quick")
    assert stream.getvalue().splitlines() == [
        "run folder: run",
        "notice: CIFAR-10 is [not] at hand",
        "quick: digits, F = 16, 10 search and 3 selection tasks, 2 workers; sandbox: landlock, seccomp",
        "[0:01] improvement 1: selection 0.7500, search 0.7000 (island 1, round 1)",
        "[0:02] improvement 2: selection 0.8000 (+0.0500), search 0.7000 (island 1, round 2)",
        "[1:01] ended: time is up; taking final figures",
    ]


def test_a_regression_is_told_in_the_data_s_units() -> None:
    first, *rest = whole_run()
    assert isinstance(first, RunStarted)
    told = RunProgress("quick")
    for event in (replace(first, metric="rms", scale=54.3), *rest):
        told.add(event)
        if isinstance(event, Improved):
            line = improvement_line(told, event)
    assert "selection 0.8000 (+0.0500), rmse 17.64, search 0.7000" in line
    assert told.best_text == "0.8000 (rmse 17.64)"
    assert "best 0.8000 (rmse 17.64)" in heartbeat_line(replace(told, ended=None))
    assert "0.8000 (rmse 17.64)" in drawn(told)


def test_quiet_tells_notices_alone() -> None:
    for console, stream in (plain_console(), terminal()):
        watch(whole_run(), console, quiet=True)
        lines = stream.getvalue().splitlines()
        assert len(lines) == 1
        assert "notice: CIFAR-10 is [not] at hand" in lines[0]


def test_a_heartbeat_comes_without_events() -> None:
    console, stream = plain_console()
    waiting = threading.Event()

    def events() -> Iterator[Event]:
        yield started()
        yield round_finished(0, 1, 2.0, candidates=2000, rejected=1000, cached=500, train_steps=4_000_000)
        for _ in range(200):
            if "candidates" in stream.getvalue():
                break
            waiting.wait(0.05)
        yield finished(None)

    watch(events(), console, heartbeat=0.1)
    beats = [line for line in stream.getvalue().splitlines() if "candidates" in line]
    assert (
        "no learner yet; 2.0 k candidates (1.0 k/s), 4.0 M train steps (2.0 M/s), 25 % cached, 50 % rejected"
        in beats[0]
    )


def test_the_clock_goes_on_while_final_figures_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    progress = RunProgress("quick", limit=60)
    for event in (started(), SearchEnded("seconds", 61.0)):
        progress.add(event)
    now[0] += 4
    assert heartbeat_line(progress) == "[1:05] taking final figures"
    progress.add(FigureBegun(7, 16, "neural_net on test tasks"))
    now[0] += 5
    assert heartbeat_line(progress) == "[1:10] taking final figure 7 of 16: neural_net on test tasks"
    assert "1:10, taking final figure 7 of 16: neural_net on test tasks" in drawn(progress)
    progress.add(finished(None))
    now[0] += 6
    assert progress.seconds == 70.0


def test_who_interrupts_final_figures_is_told_how_far_they_are(tmp_path: Path) -> None:
    def events() -> Iterator[Event]:
        yield from (started(), SearchEnded("seconds", 61.0), FigureBegun(7, 16, "neural_net on test tasks"))
        raise KeyboardInterrupt

    console, stream = plain_console()
    with pytest.raises(KeyboardInterrupt):
        watch(events(), console, folder=tmp_path)
    assert (
        "interrupted while taking final figure 7 of 16: neural_net on test tasks; no learner yet"
        in stream.getvalue().splitlines()
    )


def test_a_terminal_shows_the_program_and_clears_up() -> None:
    console, stream = terminal()
    watch(whole_run(), console, "quick", limit=120)
    shown = stream.getvalue()
    assert "\x1b[" in shown
    assert "improvement 2: selection 0.8000" in shown
    assert shown.rstrip().endswith("\x1b[?25h") or "\x1b[?25h" in shown, "the cursor is shown again"


def test_no_color_leaves_the_colors_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    console, stream = terminal()
    watch(whole_run(), console, "quick")
    assert "\x1b[3" not in stream.getvalue().replace("\x1b[3m", "").replace("\x1b[2m", "")


@pytest.mark.parametrize("width", [60, 120])
def test_the_display_has_figures_program_and_change(width: int) -> None:
    progress = RunProgress("quick", limit=120)
    assert "preparing" in drawn(progress)
    one, two = program(1, 0.75), program(2, 0.8, BETTER)
    progress.add(started())
    assert "no learner yet" in drawn(progress, width)
    progress.add(improved(one))
    progress.add(round_finished(0, 1, 1.0, candidates=1000, rejected=500, cached=100, train_steps=50_000))
    progress.add(improved(two, one, 2.5))
    text = drawn(progress, width)
    for part in (
        "0.8000",
        "1.0 k (1.0 k/s)",
        "50.0 k (50.0 k/s)",
        "10 %, 50 %",
        "0:02 of 2:00",
        "improvement 2",
    ):
        assert part in text, part
    assert "    m.s2 = 0.5" in text
    assert "-    m.s2 = 0.01" in text
    assert "+    m.s2 = 0.5" in text


def test_who_interrupts_is_told_how_to_go_on(tmp_path: Path) -> None:
    def events() -> Iterator[Event]:
        yield started()
        raise KeyboardInterrupt

    folder = tmp_path / "my run"
    for best, what in ((False, "no learner yet"), (True, f"the best program so far is {folder}/best.py")):
        folder.mkdir(exist_ok=True)
        if best:
            (folder / "best.py").touch()
        console, stream = plain_console()
        with pytest.raises(KeyboardInterrupt):
            watch(events(), console, folder=folder)
        assert stream.getvalue().splitlines()[-2:] == [
            f"interrupted; {what}",
            f"`synth resume '{folder}'` goes on",
        ]


@pytest.mark.parametrize("folder", [None, "gone"])
def test_who_interrupts_before_the_search_is_told_of_no_folder(tmp_path: Path, folder: str | None) -> None:
    console, stream = plain_console()
    with pytest.raises(KeyboardInterrupt), RunDisplay(console) as display:
        if folder:
            display.opened(tmp_path / folder, Config())
        raise KeyboardInterrupt
    assert stream.getvalue() == "interrupted before the search began\n"


def test_a_start_that_fails_names_no_folder(tmp_path: Path) -> None:
    console, stream = plain_console()
    with pytest.raises(UsageError), RunDisplay(console) as display:
        display.opened(tmp_path / "gone", Config())
        raise UsageError("the data are not there")
    assert stream.getvalue() == ""


@pytest.mark.parametrize("width", [60, 120])
def test_a_terminal_has_room_for_what_it_echoes(width: int) -> None:
    console, stream = terminal(width, no_color=True)
    watch(whole_run()[:-1], console)
    lines = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", stream.getvalue()).replace("\r", "\n").splitlines()
    assert max(len(line) for line in lines if line.startswith("╰")) == width - 4


def test_a_download_is_shown_before_the_search() -> None:
    progress = RunProgress("quick")
    progress.downloaded = 34_000_000, 170_000_000
    assert "downloading 34 of 170 MB" in drawn(progress)
    progress.downloaded = 170_000_000, 170_000_000
    assert "preparing" in drawn(progress)
    console, stream = plain_console()
    with RunDisplay(console) as display:
        display.downloaded(34_000_000, 170_000_000)
    assert stream.getvalue() == "downloaded 34 of 170 MB\n"


def test_speed_is_that_of_the_last_seconds() -> None:
    progress = RunProgress()
    progress.add(started())
    for second in range(1, 21):
        done = 100 * second if second <= 10 else 1000 + 500 * (second - 10)
        progress.add(round_finished(0, second, float(second), candidates=done))
    assert progress.speed("candidates") == 500


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (999.7, "1.0 k"),
        (12345, "12.3 k"),
        (123456, "123 k"),
        (4.56e6, "4.6 M"),
        (7e12, "7,000 G"),
    ],
)
def test_number(value: float, text: str) -> None:
    assert number(value) == text


def test_clock() -> None:
    assert [clock(seconds) for seconds in (7.9, 754, 3723)] == ["0:07", "12:34", "1:02:03"]


def test_an_improvement_that_is_shorter_rather_than_fitter_is_told_as_such() -> None:
    long, short = program(1, 0.8, BETTER), program(2, 0.79999)
    console, stream = plain_console()
    watch([started(), improved(long), improved(short, long)], console)
    assert "improvement 2: selection 0.8000 (+0.0000, 1 statement shorter)," in stream.getvalue()
    console, stream = plain_console()
    watch([started(), improved(short), improved(long, short)], console)
    assert "shorter" not in stream.getvalue()
