"""The seam between the coordinator and the processes that do the work."""

from collections.abc import Callable
from typing import Protocol, Self

from synth.runs.cluster import Cluster
from synth.search.evolution.round import Outcome, Round
from synth.tasks.task import TaskSet

Report = Callable[[str], None]
"""Called with a sentence for what went wrong and was mended."""


class Executor(Protocol):
    """Plays rounds in any order; a context manager."""

    layers: tuple[str, ...]
    """What confines the workers, in words."""
    notices: tuple[str, ...]
    """What a user is to know of that."""
    ahead: int = 1
    """Rounds that an island may be ahead of the one that is looked at."""
    workers: int
    """How many rounds can be played at once when the search begins."""

    def add_tasks(self, name: str, mix: int, tasks: TaskSet) -> None:
        """Make search tasks of a mix known under a name."""

    def drop_tasks(self, name: str) -> None:
        """Forget tasks that no further round is played on."""

    def submit(self, round_: Round) -> None:
        """Hand in a round."""

    def next(self, timeout: float | None) -> tuple[Round, Outcome]:
        """Return the next round that is done. Raises TimeoutError after so many seconds."""

    def news(self, last: bool = False) -> Cluster | None:
        """Return how a cluster is, if it is time to tell or this is the last time; else None."""
        return None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        """End the workers."""
