"""A draft: what a mutation on the data flow adds, replaces and removes, on the way to an edit.

Whatever is drawn comes uniformly from what there is. A step that cannot be done raises `Refused`, with the
reason in one or two words.
"""

import math
from bisect import bisect
from collections.abc import Callable, Sequence
from functools import wraps
from itertools import accumulate
from random import Random
from typing import TypeVar

from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.constants import rounded
from synth.language.flow import PREDICT, SETUP, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import PREDICTION, VALUE, MemoryType, Op, Place
from synth.mutation.anatomy import Line, Operand, Values, anatomy_of
from synth.mutation.chance import below
from synth.mutation.edit import Edit, Splice
from synth.mutation.fresh import fresh_constant
from synth.mutation.space import Space

LONGEST_CHAIN = 3
"""Statements of the longest chain."""

Item = TypeVar("Item")


class Refused(Exception):
    """A mutation cannot be done; the message is the reason, as it is counted."""


NO_OP, NO_ADDRESS, NO_ROOM, NOTHING = "no op", "no address", "no room", "nothing to change"
"""No op of the list fits, all addresses are taken, a function is full, there is nothing of the kind."""


def on_data_flow(change: Callable[["Draft"], None]) -> Callable[[Candidate, Space, Random], Edit]:
    """Turn a function that changes a draft into a mutation."""

    @wraps(change)
    def mutation(candidate: Candidate, space: Space, random: Random) -> Edit:
        draft = Draft(candidate, space, random)
        try:
            change(draft)
            return draft.edit()
        except Refused as refused:
            return Edit(refused=str(refused))

    return mutation


class Draft:
    """A candidate with changes that are not made yet.

    New statements write addresses that nothing else uses, the lowest that are free, so that they disturb
    nothing; only functions that the space lets change are changed.
    """

    def __init__(self, candidate: Candidate, space: Space, random: Random) -> None:
        self.space, self.random = space, random
        self.anatomy = anatomy_of(candidate)
        self._by_family = bool(space.family_use) and self.chance(space.families)
        self._taken: set[Place] = set()
        self._before: dict[Line, list[Instruction]] = {}
        self._instead: dict[Line, Instruction | None] = {}

    # What there is

    def pick(self, items: Sequence[Item], reason: str = NOTHING) -> Item:
        """One of the items; refused for the reason where there are none."""
        if not items:
            raise Refused(reason)
        return items[below(self.random, len(items))]

    def chance(self, probability: float) -> bool:
        """True with a probability."""
        return self.random.random() < probability

    def statement(self, line: Line) -> Instruction:
        """The statement at a line, as the candidate has it."""
        return self.anatomy.statement(line)

    def lines(self, *functions: int) -> list[Line]:
        """The live statements of the functions that may change; of all three where none is named."""
        chosen = self.space.changeable if not functions else self.space.changeable.intersection(functions)
        return [line for line in self.anatomy.live if line.function in chosen]

    def operands(self) -> list[Operand]:
        """The operands of live statements of predict and learn, where they may change."""
        changeable = self.space.changeable
        return [operand for operand in self.anatomy.operands if operand.line.function in changeable]

    def values(self, function: int) -> Values:
        """What a new statement of a function may read (see `Anatomy.values`)."""
        return self.anatomy.values[function]

    def end(self, function: int) -> Line:
        """The place after the last statement of a function."""
        return Line(function, len(self.anatomy.bodies[function]))

    # What is drawn

    def fresh(self, kind: MemoryType) -> Place:
        """An address that nothing uses, which is taken now."""
        for address in range(self.space.addresses.counts[kind]):
            place = kind, address
            if place not in self.anatomy.used and place not in self._taken:
                self._taken.add(place)
                return place
        raise Refused(NO_ADDRESS)

    def pick_op(self, ops: Sequence[Op]) -> Op:
        """One of the ops, uniformly, or, in some mutations, by a family that good programs use."""
        if self._by_family:
            use = self.space.family_use
            families = [*dict.fromkeys(op.family for op in ops if op.family in use)]
            if families:
                sums = [*accumulate(use[family] for family in families)]
                family = families[bisect(sums, self.random.random() * sums[-1])]
                ops = [op for op in ops if op.family == family]
        return self.pick(ops, NO_OP)

    def drawn(
        self,
        ops: Sequence[Op],
        out: Place | MemoryType | None,
        values: Values,
        must: Sequence[Place] = (),
    ) -> Instruction:
        """A statement by one of the ops, which writes `out`: a place, or a fresh one.

        It reads the places of `must`, each in an operand of its type, and otherwise values at hand.
        """
        op = self.pick_op(ops)
        free = list(range(len(op.inputs)))
        addresses = [0, 0]
        for kind, address in must:
            slot = self.pick([one for one in free if op.inputs[one] == kind], NO_OP)
            free.remove(slot)
            addresses[slot] = address
        for slot in free:
            addresses[slot] = self.pick(values[op.inputs[slot]], NO_OP)
        constants = [fresh_constant(constant, self.random) for constant in op.constants]
        assert op.output is not None
        _, address = out if isinstance(out, tuple) else self.fresh(op.output)
        a, b = addresses
        return instruction(op, a, b, address, sorted(constants) if op.bounded else constants)

    def chain(
        self,
        function: int,
        want: MemoryType | None,
        first: Place | None,
        values: Values,
        more: float,
    ) -> list[Instruction]:
        """One to three new statements, each of which reads the one before; going on has probability `more`.

        The last gives a value of the type `want`, if there is one; the first reads `first`, if that is given.
        """
        ops = self.space.vocabulary[function]
        length = 1
        while length < LONGEST_CHAIN and self.chance(more):
            length += 1
        found: list[Instruction] = []
        for step in range(length):
            output = want if step == length - 1 else None
            found.append(self.drawn(ops.that(output, first), None, values, [first] if first else []))
            first = target(found[-1])
        return found

    def factor(self) -> float:
        """A scale: log-uniform from .003 to 2, one in five negative; or, with .3, just below 1.

        Then its distance to 1 is log-uniform from 1e-5 to .5.
        """
        if self.chance(0.3):
            return 1.0 - self.log_uniform(1e-5, 0.5)
        size = self.log_uniform(0.003, 2.0)
        return -size if self.chance(0.2) else size

    def log_uniform(self, low: float, high: float) -> float:
        """A number whose logarithm is uniform between those of two others."""
        return math.exp(math.log(low) + (math.log(high) - math.log(low)) * self.random.random())

    # What changes

    def insert(self, line: Line, statements: Sequence[Instruction]) -> None:
        """Put new statements before a line, after those that were put there before."""
        self._before.setdefault(line, []).extend(statements)

    def replace(self, line: Line, statement: Instruction | None) -> None:
        """Put another statement in the place of one, or none."""
        self._instead[line] = statement

    def reroute(self, operand: Operand, place: Place) -> None:
        """Let an operand read another place of its type."""
        old = self._instead.get(operand.line) or self.statement(operand.line)
        addresses = [old.a, old.b]
        addresses[operand.slot] = place[1]
        a, b = addresses
        self.replace(operand.line, instruction(old.op, a, b, old.out, old.constants))

    def constant(self, value: float) -> Place:
        """A new scalar that setup sets to a constant."""
        if SETUP not in self.space.changeable or self.space.constant_op is None:
            raise Refused(NO_OP)
        place = self.fresh("s")
        made = instruction(self.space.constant_op, out=place[1], constants=[rounded(value, VALUE)])
        self.insert(self.end(SETUP), [made])
        return place

    def initialise(self, parameter: Place) -> None:
        """Let setup give a parameter a value by a fresh statement that reads nothing, if there is an op."""
        ops = self.beginnings(parameter)
        if ops:
            self.insert(self.end(SETUP), [self.drawn(ops, parameter, {})])

    def beginnings(self, parameter: Place) -> list[Op]:
        """The ops by which setup can give a parameter a value without reading any."""
        return [op for op in self.space.vocabulary[SETUP].that(parameter[0], None) if not op.inputs]

    def multiply(self, operand: Operand, value: float) -> None:
        """Let an operand read what it reads now times a new constant of setup."""
        old = self.anatomy.reads(operand)
        function = operand.line.function
        products = [
            op
            for op in self.space.vocabulary[function].that(old[0], ("s", 0))
            if op.family == "product" and sorted(op.inputs) == sorted(("s", old[0]))
        ]
        made = self.drawn(products, None, self.values(function), [self.constant(value), old])
        self.insert(operand.line, [made])
        self.reroute(operand, target(made))

    def join(self, chain: list[Instruction]) -> None:
        """Put a chain into predict, so that something reads its last value.

        That is an operand of its type: with .6 it reads the value combined with what it read before, by an op
        drawn from all that fit, else the value alone. A scalar may also join s1 at the end.
        """
        value = target(chain[-1])
        ops = self.space.vocabulary[PREDICT]
        consumers: list[Operand | None] = [
            operand
            for operand in self.operands()
            if operand.line.function == PREDICT and self.anatomy.reads(operand)[0] == value[0]
        ]
        if value[0] == "s":
            consumers.append(None)
        consumer = self.pick(consumers)
        if consumer is None:
            fitting = [op for op in ops.that("s", value) if op.inputs.count("s") == 2]
            joined = self.drawn(fitting, PREDICTION, self.values(PREDICT), [value, PREDICTION])
            self.insert(self.end(PREDICT), [*chain, joined])
            return
        old = self.anatomy.reads(consumer)
        if self.chance(0.6):
            fitting = [op for op in ops.that(value[0], value) if op.inputs.count(value[0]) == 2]
            chain.append(self.drawn(fitting, None, self.values(PREDICT), [value, old]))
        self.insert(consumer.line, chain)
        self.reroute(consumer, target(chain[-1]))

    def edit(self) -> Edit:
        """All changes as an edit; refused where a function would outgrow its bounds."""
        splices = []
        for function, bounds in enumerate(self.space.functions):
            lines = {line for line in (*self._before, *self._instead) if line.function == function}
            size = before = len(self.anatomy.bodies[function])
            for line in sorted(lines, reverse=True):  # from the end, so that places before stay as they are
                new = list(self._before.get(line, ()))
                stop = line.number
                if line in self._instead:
                    instead = self._instead[line]
                    new += [instead] if instead else []
                    stop += 1
                size += len(new) - (stop - line.number)
                splices.append(Splice(FUNCTIONS[function], line.number, stop, tuple(new)))
            if size > before and size >= bounds.largest:
                raise Refused(NO_ROOM)
            if size < before and size < bounds.smallest:
                raise Refused(NOTHING)
        return Edit(tuple(splices))
