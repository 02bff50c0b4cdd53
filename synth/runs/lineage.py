"""Where programs come from: chains of ancestors, of which only those stay that were improvements."""

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
        """Return the line from its beginning to this program."""
        line = [self]
        while line[-1].parent is not None:
            line.append(line[-1].parent)
        return tuple(reversed(line))
