"""What mutations on the data flow ask of a program: its live statements, and the values that it holds.

A *value* is what a statement computes or the engine gives, named by its place; a *parameter* is memory that a
step reads before it writes it, so that it lives on; a statement is *live* if it may reach a prediction.
"""

from functools import cached_property, lru_cache
from typing import NamedTuple

from synth.language.analysis import needed_after
from synth.language.candidate import Body, Candidate
from synth.language.flow import SETUP, operands, target
from synth.language.instruction import Instruction, address_bit
from synth.language.ops import FEATURES, LABEL, MEMORY_TYPES, PREDICTION, MemoryType, Place

Values = dict[MemoryType, list[int]]
"""Addresses that hold values, by type, in ascending order."""

ENGINES = (LABEL, PREDICTION, FEATURES)
"""Places that hold values in any program, as the engine writes them."""


class Line(NamedTuple):
    """A statement by its function (see `flow.SETUP` and so on) and its place there, from 0."""

    function: int
    number: int


class Operand(NamedTuple):
    """An operand of a statement: 0 for a, 1 for b."""

    line: Line
    slot: int


class Anatomy:
    """Facts of one candidate; those that not every mutation needs are worked out when they are asked for."""

    def __init__(self, candidate: Candidate) -> None:
        self.bodies: tuple[Body, Body, Body] = candidate.bodies
        used = set(ENGINES)
        for body in self.bodies:
            for statement in body:
                used.update(operands(statement))
                used.add(target(statement))
        self.used = used
        self._needed = needed_after(candidate)

    def statement(self, line: Line) -> Instruction:
        """The statement at a line."""
        return self.bodies[line.function][line.number]

    @cached_property
    def live(self) -> tuple[Line, ...]:
        """The lines of all live statements, in order."""
        return tuple(
            Line(function, index)
            for function, body in enumerate(self.bodies)
            for index in _live(body, self._needed[function])
        )

    @cached_property
    def values(self) -> tuple[Values, Values, Values]:
        """What a new statement of each function may read.

        That is what setup writes; in predict all but the label, which is 0 there; in learn everything.
        """
        in_setup = {target(statement) for statement in self.bodies[SETUP]}
        return _by_type(in_setup), _by_type(self.used - {LABEL}), _by_type(self.used)

    @cached_property
    def operands(self) -> tuple[Operand, ...]:
        """All operands of live statements of predict and learn."""
        return tuple(
            Operand(line, slot)
            for line in self.live
            if line.function != SETUP
            for slot in range(len(self.statement(line).op.inputs))
        )

    @cached_property
    def parameters(self) -> tuple[Place, ...]:
        """The parameters, constants of setup among them; not what the engine gives."""
        return tuple(
            place for place in sorted(self.used - set(ENGINES)) if address_bit(*place) & self._needed[SETUP]
        )

    def reads(self, operand: Operand) -> Place:
        """The place that an operand reads."""
        return operands(self.statement(operand.line))[operand.slot]


@lru_cache(512)
def anatomy_of(candidate: Candidate) -> Anatomy:
    """The anatomy of a candidate; the parents of a population are asked for again and again."""
    return Anatomy(candidate)


def _live(body: Body, needed: int) -> list[int]:
    """The places of the statements that matter for what is needed after the body."""
    found = []
    for index in range(len(body) - 1, -1, -1):
        statement = body[index]
        if statement.writes & needed:
            needed = (needed & ~statement.kills) | statement.reads
            found.append(index)
    return found[::-1]


def _by_type(places: set[Place]) -> Values:
    return {kind: sorted(address for one, address in places if one == kind) for kind in MEMORY_TYPES}
