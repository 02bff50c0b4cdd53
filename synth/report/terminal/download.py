"""Progress of a download."""

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn

from synth.tasks.sources import download


class DownloadProgress:
    """A bar on a terminal, elsewhere a plain line for every tenth; a context manager that yields `update`."""

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._console, self._lines, self._tenths = console, not quiet and not console.is_terminal, 0
        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        self._bar = Progress(
            *columns, console=console, transient=True, disable=quiet or not console.is_terminal
        )
        self._task = self._bar.add_task("download", total=None)

    def __enter__(self) -> download.Progress:
        return self.update

    def __exit__(self, *error: object) -> None:
        self._bar.stop()

    def update(self, done: int, total: int | None) -> None:
        """Show so many bytes, of so many, if that is known."""
        self._bar.start()  # with the first bytes, as there may be none to fetch
        self._bar.update(self._task, completed=done, total=total)
        tenths = 10 * done // total if total else 0
        if self._lines and total and tenths > self._tenths:
            self._tenths = tenths
            self._console.print(f"downloaded {done / 1e6:.0f} of {total / 1e6:.0f} MB", soft_wrap=True)
