"""The ops of a function, by what they read and give, and which types of values they lead to from which."""

import math
from functools import cache
from itertools import product
from typing import NamedTuple

from synth.language.ops import MEMORY_TYPES, MemoryType, Op

Types = frozenset[MemoryType]


class Join(NamedTuple):
    """An op that joins two values once they are of these types, and how many statements that takes."""

    op: Op
    first: MemoryType
    second: MemoryType
    steps: int


class Vocabulary:
    """The ops of one function.

    The types at hand are those of other values that a statement may read besides the one that it goes on
    from.
    """

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self._ops: dict[tuple[MemoryType | None, MemoryType | None], tuple[Op, ...]] = {
            (gives, reads): tuple(
                op for op in ops if gives in (None, op.output) and (reads is None or reads in op.inputs)
            )
            for gives in (None, *MEMORY_TYPES)
            for reads in (None, *MEMORY_TYPES)
        }
        self.joins, self.onwards = cache(self._joins), cache(self._onwards)
        self._distances = cache(self._all_distances)

    def select(self, gives: MemoryType | None, reads: MemoryType | None = None) -> tuple[Op, ...]:
        """Return the ops that give a value of one type and can read one of another; None for any or none."""
        return self._ops[gives, reads]

    def updates(self, kind: MemoryType) -> list[Op]:
        """Return the ops that update a parameter by itself and another value, of its own type if any do."""
        ops = [op for op in self.select(kind, kind) if len(op.inputs) == 2]
        return [op for op in ops if op.inputs == (kind, kind)] or ops

    def distance(self, start: MemoryType, goal: MemoryType, at_hand: Types) -> float:
        """Return the fewest statements from a value of one type to one of another; infinite without a way."""
        return self._distances(at_hand)[start, goal]

    def _all_distances(self, at_hand: Types) -> dict[tuple[MemoryType, MemoryType], float]:
        distances = {(a, b): 0.0 if a == b else math.inf for a, b in product(MEMORY_TYPES, repeat=2)}
        for start in MEMORY_TYPES:
            for op in self.select(None, start):
                if result(op) != start and other_types(op, start) <= at_hand | {start}:
                    distances[start, result(op)] = 1.0
        for by, a, b in product(MEMORY_TYPES, repeat=3):  # the algorithm of Floyd and Warshall
            distances[a, b] = min(distances[a, b], distances[a, by] + distances[by, b])
        return distances

    def _joins(
        self,
        first: MemoryType,
        second: MemoryType,
        goal: MemoryType | None,
        at_hand: Types,
        products: bool = False,
    ) -> list[Join]:
        """Return the ops that join two values and lead to the goal, if there is one."""
        joins = []
        for op in self.select(None):
            if len(op.inputs) != 2 or (products and op.family != "product"):
                continue
            after = 0.0 if goal is None else self.distance(result(op), goal, at_hand)
            for a, b in dict.fromkeys((op.inputs, op.inputs[::-1])):
                steps = self.distance(first, a, at_hand) + self.distance(second, b, at_hand) + after
                if steps < math.inf:
                    joins.append(Join(op, a, b, int(steps)))
        return joins

    def _onwards(self, start: MemoryType, goal: MemoryType, at_hand: Types, anywhere: bool) -> list[Op]:
        """Return the ops that go on from a value towards a goal: nearer to its type, or only not lost."""
        limit = math.inf if anywhere else self.distance(start, goal, at_hand)
        return [
            op
            for op in self.select(None, start)
            if other_types(op, start) <= at_hand and self.distance(result(op), goal, at_hand) < limit
        ]


def result(op: Op) -> MemoryType:
    """Return the type that an op of a vocabulary gives."""
    assert op.output is not None, "no list holds NO_OP"
    return op.output


def other_types(op: Op, kind: MemoryType) -> Types:
    """Return the types of the operands beside one of a type."""
    rest = list(op.inputs)
    rest.remove(kind)
    return frozenset(rest)
