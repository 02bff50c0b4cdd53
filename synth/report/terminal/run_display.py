"""Showing a run: a live display on a terminal, plain lines elsewhere, nothing but notices when quiet."""

import shlex
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self

from rich.console import Console
from rich.live import Live
from rich.text import Text

from synth.report.terminal.download import DownloadProgress
from synth.report.terminal.live import live_display
from synth.report.terminal.progress import RunProgress, end_line, heartbeat_line, improvement_line, start_line
from synth.runs.events import Event, Improved, Listener, Notice, RunStarted, SearchEnded
from synth.runs.folder import shown
from synth.settings.schema import Config

HEARTBEAT = 10.0
"""Seconds between the plain lines that say that a run goes on."""

ECHO = len("^C^C")
"""Columns that the live display leaves free: where a terminal wraps what it echoes, the display moves down a
line, and its first line stays behind when it is cleared."""

LINES: dict[type, Callable[[RunProgress, Any], str]] = {
    RunStarted: start_line,
    Improved: improvement_line,
    SearchEnded: end_line,
}
"""The sentence that each of these events adds to what stays on the screen."""


class RunDisplay(Listener):
    """Listens to a run and shows it on a console; a context manager.

    With `web` the run's page is served on loopback meanwhile. If the run is interrupted, the display says
    how to resume it.
    """

    def __init__(
        self, console: Console, quiet: bool = False, web: bool = False, heartbeat: float = HEARTBEAT
    ) -> None:
        self._console, self._quiet, self._web, self._heartbeat = console, quiet, web, heartbeat
        self._progress = RunProgress("synth")
        self._folder: Path | None = None
        self._open = ExitStack()
        self._download = DownloadProgress(console, quiet)

    def __enter__(self) -> Self:
        self._open.enter_context(_display(self._progress, self._console, self._quiet, self._heartbeat))
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._open.close()
        if isinstance(error, KeyboardInterrupt):
            self._say_how_to_go_on()

    def _say_how_to_go_on(self) -> None:
        """Say what an interrupted run leaves behind; one in which no search began leaves no folder."""
        if self._folder is None or not self._folder.exists():
            self._line("interrupted before the search began")
            return
        best = self._folder / "best.py"
        outcome = f"the best program so far is {shown(best)}" if best.exists() else "no learner yet"
        figures = self._progress.figures
        self._line(f"interrupted{f' while {figures}' if figures else ''}; {outcome}")
        self._line(f"`synth resume {shlex.quote(shown(self._folder))}` goes on")

    def opened(self, folder: Path, config: Config) -> None:
        """Keep where the run's folder is, and, if it is served, say where its page is."""
        self._folder = folder
        progress = self._progress
        progress.title, progress.limit, progress.search = config.preset, config.limits.seconds, config.search
        if self._web:
            from synth.report.page.server import LivePage, serving

            address = self._open.enter_context(serving(LivePage(folder)))
            self._line(f"live page: {address}")

    def downloaded(self, done: int, total: int | None) -> None:
        """Show how far a download is."""
        self._progress.downloaded = (done, total)
        if not self._console.is_terminal:
            self._download.update(done, total)

    def heard(self, event: Event) -> None:
        """Record an event, and print the lines that stay on the screen."""
        progress = self._progress
        progress.add(event)
        notices: Iterable[str] = ()
        if isinstance(event, RunStarted):
            notices = event.notices
            if self._folder and not self._quiet:  # only now: a start that fails leaves no folder
                self._line(f"run folder: {shown(self._folder)}")
        elif isinstance(event, Notice):
            notices = [event.text]
        for notice in notices:
            self._line(f"notice: {notice}", "bold yellow")
        if not self._quiet and type(event) in LINES:
            self._line(LINES[type(event)](progress, event))

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style), soft_wrap=True)


@contextmanager
def _display(progress: RunProgress, console: Console, quiet: bool, heartbeat: float) -> Iterator[None]:
    """Keep the display going beside the run, which may say nothing for a while."""
    if quiet:
        yield
    elif console.is_terminal:
        with Live(
            get_renderable=lambda: live_display(progress, console.width - ECHO),
            console=console,
            refresh_per_second=4,
            transient=True,
            vertical_overflow="crop",
        ):
            yield
    else:
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(heartbeat):
                if progress.started is not None:
                    console.print(Text(heartbeat_line(progress)), soft_wrap=True)

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
