"""Where a run tells its figures beside its folder, while it goes on: `--log tensorboard:FOLDER`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from synth.errors import OutputFailed, UsageError
from synth.runs.events import Counts, Event, Improved, Listener, Resumed, RoundFinished, RunFinished
from synth.settings.schema import TENSORBOARD, Config

OUTCOMES = ("evaluated", "hurdled", "cached", "rejected", "repeated")
"""The counts that are told as shares of all candidates."""


class TensorBoard(Listener):
    """Writes what happens for TensorBoard, into the folder of the run's name; steps are candidates.

    A run that goes on takes back what was written after its checkpoint. Raises UsageError where tensorboardX
    is missing, OutputFailed where the folder cannot be written.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        try:
            from tensorboardX import SummaryWriter
        except ImportError:
            raise UsageError(
                "--log tensorboard needs tensorboardX, which `pip install 'synth-evolve[tensorboard]'` "
                "brings; --log '' goes without"
            ) from None
        self._writer_of, self._folder = SummaryWriter, folder
        self._writer: Any = None
        self._totals = Counts()

    def opened(self, folder: Path, config: Config) -> None:
        """Make a folder of the run's name."""
        self._folder /= folder.name
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputFailed(f"cannot write {self._folder}: {error.strerror or error}") from None

    def heard(self, event: Event) -> None:
        """Write the figures of an event."""
        if isinstance(event, Resumed):
            self._totals = event.totals
            self._open(event.totals.candidates + 1)
        elif isinstance(event, RoundFinished):
            self._round(event)
        elif isinstance(event, Improved):
            self._improved(event)
        elif isinstance(event, RunFinished):
            for name, figures in _final(event.summary).items():
                self._scalar(f"final/{name}", figures)

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            self._writer.close()

    def _open(self, taken_back: int | None = None) -> Any:
        """Return the writer; all from the step `taken_back` on was not, if there is one."""
        if self._writer is None:
            suffix = f".{taken_back or 0}"  # a file's name has no more than the second otherwise
            self._writer = self._writer_of(str(self._folder), purge_step=taken_back, filename_suffix=suffix)
        return self._writer

    def _scalar(self, name: str, value: float) -> None:
        self._open().add_scalar(name, value, self._totals.candidates)

    def _round(self, event: RoundFinished) -> None:
        self._totals = totals = event.totals
        self._scalar(f"search/island_{event.island}", event.best_search)
        self._scalar("work/train_steps", totals.train_steps)
        self._scalar("work/seconds", event.seconds)
        for outcome in OUTCOMES:
            self._scalar(f"share/{outcome}", getattr(totals, outcome) / max(1, totals.candidates))

    def _improved(self, event: Improved) -> None:
        program = event.program
        self._scalar("best/selection", program.select)
        self._scalar("best/search", program.search)
        self._scalar("best/statements", len(program.candidate))
        self._open().add_text("best/module", f"```python\n{program.text}```", self._totals.candidates)


def _final(summary: dict[str, Any]) -> dict[str, float]:
    """Return the final figures of a run's document by program and split."""
    programs = {"best": summary.get("best") or {}, **summary.get("baselines", {})}
    return {
        f"{split}/{program}": figures[split]
        for program, figures in programs.items()
        for split in ("search", "select", "report", "test")
        if figures.get(split) is not None
    }


class _Several(Listener):
    """Hands on to several listeners what one hears."""

    def __init__(self, *listeners: Listener) -> None:
        super().__init__()
        self._listeners = listeners

    def opened(self, folder: Path, config: Config) -> None:
        for listener in self._listeners:
            listener.opened(folder, config)

    def downloaded(self, done: int, total: int | None) -> None:
        for listener in self._listeners:
            listener.downloaded(done, total)

    def heard(self, event: Event) -> None:
        for listener in self._listeners:
            listener.heard(event)


@contextmanager
def logged(config: Config, listener: Listener) -> Iterator[Listener]:
    """Give a listener that hands on to another, and to where the settings say that a run is logged."""
    if not config.run.log:
        yield listener
        return
    logger = TensorBoard(Path(config.run.log.removeprefix(TENSORBOARD)))
    try:
        yield _Several(listener, logger)
    finally:
        logger.close()
