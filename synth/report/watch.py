"""Watching a run: a live display on a terminal, plain lines elsewhere, nothing but notices when quiet."""

import threading
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing, contextmanager

from rich.console import Console
from rich.live import Live
from rich.text import Text

from synth.report.live import LiveDisplay
from synth.report.progress import Progress, end_line, heartbeat_line, improvement_line, start_line
from synth.search.events import Event, Improved, Notice, RunStarted, SearchEnded

HEARTBEAT = 10.0
"""Seconds between the plain lines that say that a run goes on."""


def watch(
    events: Iterable[Event],
    console: Console,
    title: str = "synth",
    limit: float | None = None,
    quiet: bool = False,
    heartbeat: float = HEARTBEAT,
) -> Progress:
    """Show a run on `console` until its events end, and return what is known then.

    `events` is closed, when it is a generator, even if the display or the person stops it.
    """
    progress = Progress(title, limit)
    with _closed(events), _display(progress, console, quiet, heartbeat):
        for event in events:
            progress.add(event)
            _tell(event, progress, console, quiet)
    return progress


@contextmanager
def _closed(events: Iterable[Event]) -> Iterator[None]:
    if isinstance(events, Generator):
        with closing(events):
            yield
    else:
        yield


@contextmanager
def _display(progress: Progress, console: Console, quiet: bool, heartbeat: float) -> Iterator[None]:
    """Keep the display going beside the loop over events, which may say nothing for a while."""
    if quiet:
        yield
    elif console.is_terminal:
        display = LiveDisplay(progress)
        with Live(display, console=console, refresh_per_second=4, transient=True, vertical_overflow="crop"):
            yield
    else:
        stop = threading.Event()

        def beat() -> None:
            while not stop.wait(heartbeat):
                if progress.started is not None:
                    _line(console, heartbeat_line(progress))

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def _tell(event: Event, progress: Progress, console: Console, quiet: bool) -> None:
    """Print the lines that stay."""
    if isinstance(event, RunStarted):
        for notice in event.notices:
            _line(console, f"notice: {notice}", "bold yellow")
        if not quiet:
            _line(console, start_line(progress))
    elif isinstance(event, Notice):
        _line(console, f"notice: {event.text}", "bold yellow")
    elif isinstance(event, Improved) and not quiet:
        _line(console, improvement_line(progress))
    elif isinstance(event, SearchEnded) and not quiet:
        _line(console, end_line(progress))


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style), soft_wrap=True)
