"""What goes into a round of an island, and what comes out of it."""

from dataclasses import dataclass, field

from synth.language.candidate import Candidate
from synth.mutation.space import Space
from synth.runs.events import Counts
from synth.runs.lineage import Ancestor
from synth.search.arrays import Arrays
from synth.settings.schema import Config, DataConfig, SearchConfig

NOISE_ROUND = 0
"""The round at the end of which islands take the noise of fitness, which `noise_settled` makes one."""


@dataclass(frozen=True)
class Rules:
    """What every round on one mix of tasks shares."""

    config: Config
    space: Space
    start: Candidate
    """The start program; ignored when programs start random."""
    cost_limit: int
    """Most cost of a training run, in the reference's units; 0 for no limit."""
    examples: int
    """Training examples of a task times epochs, for the cost."""


@dataclass(frozen=True)
class Round:
    """A round to play: on which tasks, which island's, its number, and the state that the island is in."""

    tasks: str
    island: int
    number: int
    state: Arrays
    """Empty for an island that begins anew."""
    barred: tuple[int, ...] = ()
    """Keys of programs that were barred when this round was played before a crash."""

    def __str__(self) -> str:
        return f"round {self.number} of island {self.island}"


def changes_tasks(data: DataConfig, number: int) -> bool:
    """Return whether all islands go on to new search tasks with a round."""
    return data.fresh_rounds > 0 and number > 0 and number % data.fresh_rounds == 0


def comes_to_migration(search: SearchConfig, number: int) -> bool:
    """Return whether islands may exchange programs, and immigrants join, before a round."""
    return search.migration_rounds > 0 and number % search.migration_rounds == 0


def settles_noise(search: SearchConfig, number: int) -> bool:
    """Return whether islands agree on the noise of fitness before a round."""
    return search.parsimony > 0 and number == NOISE_ROUND + 1


@dataclass(frozen=True)
class Barred:
    """A program that has fitness 0 without being run, as it ended workers or its time was up."""

    key: int
    reason: str
    candidate: Candidate


@dataclass(frozen=True)
class Outcome:
    """What a round leads to: the state after it, what was counted, and its best programs, best first."""

    state: Arrays
    counts: Counts
    mutations: dict[str, dict[str, int]]
    """What became of the children of each kind of mutation: how many were refused and why, rejected, seen and
    so on; `raced` counts those among them that were tried with other constants, `improved` those that were
    better than all of the island before."""
    best: list[Ancestor]
    """The best of those that were evaluated in full in the round, as tips of their lines."""
    barred: list[Barred] = field(default_factory=list)
    selects: list[float] = field(default_factory=list)
    """Fitness of the best programs on selection tasks, where the worker judged them."""


class CannotBeScored(Exception):
    """Raised by a scorer for a program that is to be barred; the message says why."""
