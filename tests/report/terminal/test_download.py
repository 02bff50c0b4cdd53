"""A download shows how far it is: a bar on a terminal, a line for each tenth elsewhere."""

import io

from rich.console import Console

from synth.report.terminal.download import DownloadProgress


def shown(terminal: bool = False, quiet: bool = False, total: int | None = 1_000_000_000) -> str:
    stream = io.StringIO()
    console = Console(file=stream, force_terminal=terminal, width=80, highlight=False)
    with DownloadProgress(console, quiet) as update:
        for done in range(0, 1_000_000_001, 25_000_000):
            update(done, total)
    return stream.getvalue()


def test_lines() -> None:
    lines = shown().splitlines()
    assert len(lines) == 10
    assert lines[0] == "downloaded 100 of 1000 MB"
    assert lines[-1] == "downloaded 1000 of 1000 MB"


def test_an_unknown_size_and_quiet_are_silent() -> None:
    assert shown(total=None) == ""
    assert shown(quiet=True) == ""
    assert shown(terminal=True, quiet=True) == ""


def test_a_bar() -> None:
    assert "GB" in shown(terminal=True)
