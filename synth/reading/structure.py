"""What a program is made of: what matters, what it remembers from step to step, and how that is updated.

A step is one predict and the learn after it. What a value depends on is followed through memory that merely
delays, up to the program's state: groups of statements that add to their own results of earlier steps.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from synth.language.candidate import Candidate
from synth.language.flow import (
    GIVEN,
    LEARN,
    PREDICT,
    SETUP,
    SQUASHED,
    ZERO,
    Definition,
    Flow,
    operands,
    statements,
    target,
)
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES, LABEL, PREDICTION, Op, Place
from synth.reading.webs import split_addresses

ADDITIVE = frozenset({"sum", "difference"})
"""Families of the ops whose results are made of two terms."""
FADING = frozenset({"sin", "arctan"})
"""Families by which a scalar that its own replaces goes to zero, as one over the root of the steps."""
PASSING = ADDITIVE | FADING | {"minimum", "maximum"}


@dataclass(frozen=True)
class Term:
    """One of the summands of a statement's result: `sign` times `factors` times the content of a place."""

    place: Place
    reader: Definition
    """The statement that reads the place."""
    sign: int
    factors: tuple[tuple[Definition, Place], ...]
    """Statements that scale, each with the place of its factor."""
    path: tuple[Definition, ...]
    """The statements through which it goes, `reader` last."""


class Structure:
    """The structure of a candidate; statements are named by their places in it.

    `candidate` is the one given, with one address for each meaning, and `given` leads from its places to
    those of the given one. `live` are the statements that may
    change a prediction.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = split_addresses(candidate)
        self.flow = Flow(self.candidate)
        everything = dict(statements(self.candidate))
        self.given: dict[Place, Place] = {}
        for (_, old), new in zip(statements(candidate), everything.values(), strict=True):
            places = zip((*operands(new), target(new)), (*operands(old), target(old)), strict=True)
            self.given.update(places)
        self.live: dict[Definition, Instruction] = {
            definition: everything[definition]
            for definition in sorted(_reachable(self.flow.prediction, self.flow.sources, everything))
        }
        self.writers: dict[Place, list[Definition]] = {}
        self.readers: dict[Place, list[Definition]] = {}
        for definition, statement in self.live.items():
            self.writers.setdefault(target(statement), []).append(definition)
            for place in operands(statement):
                self.readers.setdefault(place, []).append(definition)

    @cached_property
    def states(self) -> tuple[frozenset[Definition], ...]:
        """Groups of live statements that add to their own earlier results, scale or fade them, in order."""
        found: list[frozenset[Definition]] = []
        for definition in self.live:
            if any(definition in group for group in found):
                continue
            reached = _reachable(self._summed(definition), self._summed, self.live)
            if definition in reached:
                mutual = (
                    other
                    for other in reached
                    if definition in _reachable(self._summed(other), self._summed, self.live)
                )
                found.append(frozenset(mutual))
        return tuple(found)

    def state_of(self, definition: Definition) -> frozenset[Definition]:
        """The group of statements that a statement belongs to; empty for one that keeps nothing."""
        return next((group for group in self.states if definition in group), frozenset())

    def state_at(self, place: Place) -> frozenset[Definition]:
        """The group of statements that writes a place; empty for a place that keeps nothing."""
        groups = (self.state_of(writer) for writer in self.writers.get(place, ()))
        return next((group for group in groups if group), frozenset())

    def places_of(self, group: Iterable[Definition]) -> set[Place]:
        """Where the statements store."""
        return {target(self.live[definition]) for definition in group}

    def _summed(self, definition: Definition) -> Iterator[Definition]:
        """The statements whose results a sum, a difference, a scaling or a choice passes on."""
        op = self.live[definition].op
        for place, sources in self.reads(definition):
            squashed = place == PREDICTION and SQUASHED in sources
            if (op.family in PASSING or (_scales(op) and place[0] == op.output)) and not squashed:
                yield from sources & self.live.keys()

    def reads(self, definition: Definition) -> list[tuple[Place, frozenset[Definition]]]:
        """What a statement reads, with the definitions that may reach it."""
        return list(zip(operands(self.live[definition]), self.flow.reaching[definition], strict=True))

    def carried(self, reader: Definition, sources: Iterable[Definition]) -> bool:
        """Whether what is read may come from an earlier step (or from setup)."""
        return any(
            source == ZERO
            or source.function == SETUP != reader.function
            or (source.function == LEARN and reader.function == PREDICT)
            or (source.function == reader.function and source.line >= reader.line)
            for source in sources
        )

    def behind(self, *starts: Definition, within_step: bool = False) -> frozenset[Definition]:
        """Statements and those that their results are made of, up to the program's state.

        Reading a state of which the reader is not part ends there; its own group is followed within the step
        alone, as is everything when only the step counts.
        """
        found = {start for start in starts if start in self.live}
        left = list(found)
        while left:
            reader = left.pop()
            own = self.state_of(reader)
            for _, sources in self.reads(reader):
                for source in (sources & self.live.keys()) - found:
                    group = self.state_of(source)
                    late = self.carried(reader, (source,))
                    if (late and (group or within_step)) or (group and group != own):
                        continue
                    found.add(source)
                    left.append(source)
        return frozenset(found)

    def inputs(self, definitions: Iterable[Definition]) -> set[Place]:
        """Which of label, prediction and features (as given by the engine) these statements read."""
        found = set()
        for definition in definitions:
            for place, sources in self.reads(definition):
                if (place in (LABEL, FEATURES) and GIVEN in sources) or (
                    place == PREDICTION and SQUASHED in sources
                ):
                    found.add(place)
        return found

    def touched(self, definitions: Iterable[Definition]) -> list[frozenset[Definition]]:
        """The groups of state that these statements read, in order."""
        found = {
            source
            for definition in definitions
            for _, sources in self.reads(definition)
            for source in sources
        }
        return [group for group in self.states if not group.isdisjoint(found)]

    def is_zero(self, place: Place) -> bool:
        """Whether a place that is read is never written, by a program or by the engine."""
        return place not in self.writers and place not in (LABEL, PREDICTION, FEATURES)

    def is_constant(self, place: Place) -> bool:
        """Whether only setup writes a place."""
        writers = self.writers.get(place, [])
        return bool(writers) and all(writer.function == SETUP for writer in writers)

    def terms(self, definition: Definition) -> list[Term]:
        """The result of a statement as a sum of terms, as far as sums and scalings go back in the step."""
        own = self.state_of(definition)

        def expand(
            at: Definition,
            sign: int,
            factors: tuple[tuple[Definition, Place], ...],
            path: tuple[Definition, ...],
        ) -> Iterator[Term]:
            statement, path = self.live[at], (*path, at)
            family, read = statement.op.family, self.reads(at)
            parts: list[tuple[int, int, tuple[tuple[Definition, Place], ...]]]
            if family in ADDITIVE:
                parts = [(0, sign, factors), (1, sign if family == "sum" else -sign, factors)]
            elif (side := self._scaled_side(at, own)) is not None:
                parts = [(side, sign, (*factors, (at, read[1 - side][0])))]
            elif family in FADING and at in own:
                parts = [(0, sign, factors)]
            else:
                parts = []
            for slot, new_sign, new_factors in parts:
                place, sources = read[slot]
                inner = [source for source in sources if source in self.live]
                if len(sources) == len(inner) == 1 and self._inside(at, inner[0], own):
                    yield from expand(inner[0], new_sign, new_factors, path)
                else:
                    yield Term(place, at, new_sign, new_factors, path)

        return list(expand(definition, 1, (), ()))

    def _inside(self, reader: Definition, source: Definition, own: frozenset[Definition]) -> bool:
        """Whether an expansion goes on: to a statement of the same step that can be taken apart."""
        group = self.state_of(source)
        if self.carried(reader, (source,)) or (group and group != own):
            return False
        family = self.live[source].op.family
        if family in ADDITIVE or self._scaled_side(source, own) is not None:
            return True
        return family in FADING and source in own

    def _scaled_side(self, definition: Definition, own: frozenset[Definition]) -> int | None:
        """Which operand is scaled by the other, a scalar: of two scalars the one that carries the state."""
        op = self.live[definition].op
        if not _scales(op):
            return None
        sides = [
            slot
            for slot, (place, sources) in enumerate(self.reads(definition))
            if place[0] == op.output and (place[0] != "s" or not own.isdisjoint(sources))
        ]
        return sides[0] if len(sides) == 1 else None


def _scales(op: Op) -> bool:
    """Whether an op multiplies by a scalar."""
    return op.family == "product" and "s" in op.inputs


def _reachable(
    starts: Iterable[Definition],
    sources: Callable[[Definition], Iterable[Definition]],
    among: Iterable[Definition],
) -> set[Definition]:
    """Everything among some that can be reached, the starts included."""
    allowed = set(among)
    found = {start for start in starts if start in allowed}
    left = list(found)
    while left:
        new = {source for source in sources(left.pop()) if source in allowed} - found
        found |= new
        left.extend(new)
    return found
