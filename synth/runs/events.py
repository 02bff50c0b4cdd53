"""The events of a search, in the order in which they happen, and who listens to them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from synth.language.candidate import Candidate
from synth.runs.cluster import Cluster
from synth.runs.lineage import Ancestor
from synth.settings.schema import Config


@dataclass
class Counts:
    """What a round did, or all rounds of a run on all islands."""

    rounds: int = 0
    candidates: int = 0
    """Considered: every child, rejected and cached ones included."""
    evaluated: int = 0
    rejected: int = 0
    """Cannot learn (static rejection) or over the train budget."""
    cached: int = 0
    """Fitness taken from the functional equivalence cache."""
    repeated: int = 0
    """Children equal to a program seen before, mutated again."""
    hurdled: int = 0
    """Stopped at the hurdle, after the first stage of their evaluation."""
    train_steps: int = 0
    """Of live tasks; rejected and cached programs do none beyond the equivalence check."""
    experiments: int = 0
    """Islands that began anew; counted for a run alone."""

    def add(self, other: "Counts") -> None:
        """Count what another did as well."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


@dataclass(frozen=True)
class Program:
    """A program that became the best of the run."""

    number: int
    """1 for the first improvement of the run."""
    candidate: Candidate
    """Simplified, memory and order as in the one before as far as their statements match."""
    text: str
    """The module of `candidate` for people, without a standing part."""
    length: int
    """Statements that were paid for when it was judged, before it was simplified."""
    raw: Candidate
    """As evolved."""
    search: float
    """Mean fitness on the search tasks, float64."""
    select: float
    """Mean fitness on the selection tasks, float64."""
    select_per_task: tuple[float, ...]
    island: int
    round: int
    experiment: int
    lineage: tuple[Ancestor, ...] = ()
    """From the start of its line to the program itself, as evolved; steps without gain left out."""


@dataclass(frozen=True)
class RunStarted:
    """Tasks are ready and workers are up."""

    data: str
    features: int
    metric: str
    search_tasks: int
    select_tasks: int
    workers: int
    notices: tuple[str, ...]
    sandbox: tuple[str, ...]
    """Layers in force in the workers."""
    digests: dict[str, str] = field(default_factory=dict)
    """sha256 of the arrays of each split's tasks."""
    conditions: dict[str, str] = field(default_factory=dict)
    """What figures on the first search and the selection tasks depend on, as modules state it."""
    combine: str = "mean"
    """How the fitness of all tasks becomes one figure."""
    scale: float | None = None
    """What a label of 1 is in the data's units, where those of a regression were standardised."""
    regression: bool = False
    """Whether labels are numbers to come near, and not classes."""


@dataclass(frozen=True)
class Resumed:
    """A search goes on from a checkpoint (comes after `RunStarted`)."""

    best: Program | None
    totals: Counts
    seconds: float
    """Of searching before."""


@dataclass(frozen=True)
class Notice:
    """Something that a person should know: a worker that died, a module that joined."""

    text: str


@dataclass(frozen=True)
class RoundFinished:
    """One island's round; `totals` is a snapshot."""

    island: int
    round: int
    experiment: int
    best_search: float
    """Best search fitness in the island now."""
    totals: Counts
    seconds: float
    """Since the search began."""


@dataclass(frozen=True)
class Improved:
    """A new best program by selection fitness; `previous` is the one before."""

    program: Program
    previous: Program | None
    seconds: float


@dataclass(frozen=True)
class ClusterChanged:
    """How the nodes of a cluster are; comes every few seconds."""

    cluster: Cluster


@dataclass(frozen=True)
class SearchEnded:
    """No more programs are looked for; final figures follow, which takes seconds or, for large F, minutes."""

    stopped_by: str
    seconds: float
    """Since the search began."""


@dataclass(frozen=True)
class FigureBegun:
    """A final figure is being taken: the `number`th (from 1) of `total`, `what` in words."""

    number: int
    total: int
    what: str


@dataclass(frozen=True)
class RunFinished:
    """The end: `summary` is the run's JSON document (interface, `run`), without the folder."""

    best: Program | None
    stopped_by: str
    summary: dict[str, Any]


Event = (
    RunStarted
    | Resumed
    | Notice
    | RoundFinished
    | Improved
    | ClusterChanged
    | SearchEnded
    | FigureBegun
    | RunFinished
)


class Listener:
    """Listens to a run while it goes on; a display overrides the methods for what it shows."""

    def __init__(self, callback: Callable[[Event], object] | None = None) -> None:
        """`callback` is called with each event."""
        self._callback = callback

    def opened(self, folder: Path, config: Config) -> None:
        """The run's folder is there; `config` are the settings as resolved."""

    def downloaded(self, done: int, total: int | None) -> None:
        """So many bytes of a data set are there, of so many, if that is known."""

    def heard(self, event: Event) -> None:
        """Something happened; the next event waits until this returns."""
        if self._callback is not None:
            self._callback(event)
