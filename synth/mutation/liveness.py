"""What a candidate's statements and variables are good for, as mutations on the data flow ask it.

A *parameter* is a variable that a step reads before it writes it, so that it lives on; a statement is *live*
if it may reach a prediction.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from synth.language.analysis import live_lines, needed_after
from synth.language.candidate import Body, Candidate, body_from_code
from synth.language.flow import ENGINES, LEARN, PREDICT, SETUP, Definition
from synth.language.instruction import variable_bit, variable_bits, variables
from synth.language.ops import LABEL, MEMORY_TYPES, MemoryType, Variable

Values = Mapping[MemoryType, Sequence[int]]
"""Addresses of variables that hold a value, by type, in ascending order."""

_ENGINES = variable_bits(ENGINES)


class Operand(NamedTuple):
    """An operand of a statement: 0 for a, 1 for b, and the variable that it reads."""

    at: Definition
    slot: int
    variable: Variable


class Liveness:
    """Facts of one candidate; those that not every mutation needs are worked out when they are asked for.

    `used` is the set of variables that the program or the engine mentions (see `variable_bit`).
    """

    def __init__(self, candidate: Candidate) -> None:
        self.bodies: tuple[Body, Body, Body] = candidate.bodies
        setup, predict, learn = map(_mentioned, candidate.code)
        self.used = _ENGINES | setup | predict | learn
        self._needed = needed_after(candidate)

    @cached_property
    def statements(self) -> list[list[Definition]]:
        """The live statements of each function, in order."""
        return [
            [Definition(function, line) for line in live_lines(body, needed)]
            for function, (body, needed) in enumerate(zip(self.bodies, self._needed, strict=True))
        ]

    @cached_property
    def operands(self) -> list[Operand]:
        """All operands of live statements of predict and learn."""
        return [
            Operand(at, slot, variable)
            for function in (PREDICT, LEARN)
            for at in self.statements[function]
            for slot, variable in enumerate(self.bodies[function][at.line].operands)
        ]

    @cached_property
    def parameters(self) -> list[Variable]:
        """The parameters, constants of setup among them; not what the engine gives."""
        return sorted(variables(self._needed[SETUP] & ~_ENGINES))

    def values(self, function: int) -> Values:
        """Return what a new statement of a function may read.

        That is what setup writes; in predict all but the label, which is 0 there; in learn everything.
        """
        if function == LEARN:
            return _by_type(self.used)
        if function == PREDICT:
            return _by_type(self.used & ~variable_bit(*LABEL))
        return _by_type(variable_bits(statement.target for statement in self.bodies[SETUP]))


@lru_cache(512)
def liveness_of(candidate: Candidate) -> Liveness:
    """Return the facts of a candidate; the parents of a population are asked for again and again."""
    return Liveness(candidate)


@lru_cache(1 << 10)
def _mentioned(code: bytes) -> int:
    """Return the variables that a function reads or writes; most programs share functions with parents."""
    mentioned = 0
    for statement in body_from_code(code):
        mentioned |= statement.reads | statement.writes
    return mentioned


@lru_cache(1 << 10)
def _by_type(bits: int) -> Values:
    members = variables(bits)
    return {kind: [address for one, address in members if one == kind] for kind in MEMORY_TYPES}
