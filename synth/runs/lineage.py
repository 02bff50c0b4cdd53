"""Where programs come from: chains of ancestors, of which only those stay that were improvements."""

from collections.abc import Iterator
from dataclasses import dataclass

from synth.language.candidate import Candidate


@dataclass(frozen=True, eq=False, slots=True)
class Ancestor:
    """A program in a line of descent, as evolved."""

    parent: "Ancestor | None"
    origin: str
    """The mutation that made it, or how the line began: start, random, or `immigrant NAME`."""
    edits: int
    """Mutations since `parent`, this one included; those in between gained nothing."""
    fitness: float
    """On the search tasks of its island when it arose."""
    island: int
    round: int
    candidate: Candidate

    def chain(self) -> "tuple[Ancestor, ...]":
        """The line from its beginning to this program."""
        return tuple(reversed(list(self._upwards())))

    def _upwards(self) -> "Iterator[Ancestor]":
        found: Ancestor | None = self
        while found is not None:
            yield found
            found = found.parent
