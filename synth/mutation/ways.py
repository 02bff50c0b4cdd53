"""Ways between types: which values a function can make of which, and in how many statements."""

import math
from functools import cache, lru_cache
from itertools import product
from typing import NamedTuple

from synth.language.flow import LEARN
from synth.language.ops import MEMORY_TYPES, MemoryType, Op
from synth.mutation.space import Space


class Join(NamedTuple):
    """An op that joins two values once they are of these types, and how many statements that takes."""

    op: Op
    first: MemoryType
    second: MemoryType
    steps: int

    @property
    def gives(self) -> MemoryType:
        """The type of the result."""
        return _output(self.op)


class Ways:
    """Which types of values can be had from which, by the ops of a function and types that are at hand."""

    def __init__(self, space: Space) -> None:
        self._vocabulary = space.vocabulary
        self.joins, self.onwards = cache(self._joins), cache(self._onwards)
        self._distances = cache(self._all_distances)

    def distance(self, function: int, start: str, goal: str, at_hand: frozenset[MemoryType]) -> float:
        """The fewest statements from a value of one type to one of another; infinite without a way."""
        return self._distances(function, at_hand)[start, goal]

    def _all_distances(self, function: int, at_hand: frozenset[MemoryType]) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = {
            pair: 0.0 if pair[0] == pair[1] else math.inf for pair in product(MEMORY_TYPES, MEMORY_TYPES)
        }
        for start in MEMORY_TYPES:
            for op in self._vocabulary[function].that(None, (start, 0)):
                if _output(op) != start and other_types(op, start) <= at_hand | {start}:
                    found[start, _output(op)] = 1.0
        for middle, one, other in product(MEMORY_TYPES, repeat=3):  # all shortest ways, by Floyd and Warshall
            found[one, other] = min(found[one, other], found[one, middle] + found[middle, other])
        return found

    def _joins(
        self,
        function: int,
        first: str,
        second: str,
        goal: str | None,
        at_hand: frozenset[MemoryType],
        products: bool = False,
    ) -> list[Join]:
        """The ops that join two values, with a way from what they give to the goal, if there is one."""
        found = []
        for op in self._vocabulary[function].that(None, None):
            if len(op.inputs) != 2 or (products and op.family != "product"):
                continue
            after = 0.0 if goal is None else self.distance(function, _output(op), goal, at_hand)
            for one, other in dict.fromkeys((op.inputs, op.inputs[::-1])):
                steps = after + self.distance(function, first, one, at_hand)
                steps += self.distance(function, second, other, at_hand)
                if steps < math.inf:
                    found.append(Join(op, one, other, int(steps)))
        return found

    def _onwards(
        self, function: int, start: MemoryType, goal: str, at_hand: frozenset[MemoryType], anywhere: bool
    ) -> list[Op]:
        """The ops that go on from a value towards one of the goal's type: nearer to it, or only not lost."""
        left = self.distance(function, start, goal, at_hand)
        return [
            op
            for op in self._vocabulary[function].that(None, (start, 0))
            if other_types(op, start) <= at_hand
            and self.distance(function, _output(op), goal, at_hand) < (math.inf if anywhere else left)
        ]

    def updates(self, kind: MemoryType) -> list[Op]:
        """The ops of learn that update a parameter by itself and another value, of its own type if any do."""
        ops = [op for op in self._vocabulary[LEARN].that(kind, (kind, 0)) if len(op.inputs) == 2]
        return [op for op in ops if op.inputs == (kind, kind)] or ops

    def changes(self, kind: MemoryType, feedback: bool) -> bool:
        """Whether learn has a way from the label, with feedback through the error, to an update."""
        at_hand = frozenset[MemoryType](("s", "v", kind))
        goals = [goal for op in self.updates(kind) for goal in other_types(op, kind)]
        if not feedback:
            return any(self.distance(LEARN, "s", goal, at_hand) < math.inf for goal in goals)
        errors = self.joins(LEARN, "s", "s", None, at_hand)
        return any(self.joins(LEARN, one.gives, "v", goal, at_hand, True) for one in errors for goal in goals)


def other_types(op: Op, kind: MemoryType) -> frozenset[MemoryType]:
    """The types of the operands beside one of a type."""
    rest = list(op.inputs)
    rest.remove(kind)
    return frozenset(rest)


def _output(op: Op) -> MemoryType:
    assert op.output is not None, "no list holds NO_OP"
    return op.output


@lru_cache(8)
def ways_of(space: Space) -> Ways:
    """The ways of a space's op lists."""
    return Ways(space)
