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

from synth.language.candidate import Candidate
from synth.language.constants import rounded
from synth.language.flow import PREDICT, SETUP, Definition
from synth.language.instruction import Instruction, instruction, variable_bit
from synth.language.ops import PREDICTION, VALUE, MemoryType, Op, Variable
from synth.mutation.chance import below
from synth.mutation.constants import fresh_constant
from synth.mutation.edit import Edit, Splice
from synth.mutation.liveness import Operand, Values, liveness_of
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

    New statements write variables that nothing else uses, the lowest that are free, so that they disturb
    nothing; only functions that the space lets change are changed.
    """

    def __init__(self, candidate: Candidate, space: Space, random: Random) -> None:
        self.space, self.random = space, random
        self.liveness = liveness_of(candidate)
        self.bodies = candidate.bodies
        self._by_family = bool(space.family_use) and self.chance(space.families)
        self._used = self.liveness.used
        self._before: dict[Definition, list[Instruction]] = {}
        self._instead: dict[Definition, tuple[Instruction, ...]] = {}

    # What there is

    def pick(self, items: Sequence[Item], reason: str = NOTHING) -> Item:
        """Draw one of the items; refused for the reason where there are none."""
        if not items:
            raise Refused(reason)
        return items[below(self.random, len(items))]

    def chance(self, probability: float) -> bool:
        """Return True with a probability."""
        return self.random.random() < probability

    def statement(self, at: Definition) -> Instruction:
        """Return a statement as the candidate has it."""
        return self.bodies[at.function][at.line]

    def live(self, *functions: int) -> list[Definition]:
        """Return the live statements of these functions, where they may change."""
        return [
            at
            for function in functions
            if function in self.space.changeable
            for at in self.liveness.statements[function]
        ]

    def operands(self) -> list[Operand]:
        """Return the operands of live statements of predict and learn, where they may change."""
        changeable = self.space.changeable
        return [operand for operand in self.liveness.operands if operand.at.function in changeable]

    def end(self, function: int) -> Definition:
        """Return the line after the last statement of a function."""
        return Definition(function, len(self.bodies[function]))

    # What is drawn

    def fresh(self, kind: MemoryType) -> Variable:
        """Take a variable that nothing uses."""
        for address in range(self.space.addresses.counts[kind]):
            bit = variable_bit(kind, address)
            if not bit & self._used:
                self._used |= bit
                return kind, address
        raise Refused(NO_ADDRESS)

    def pick_op(self, ops: Sequence[Op]) -> Op:
        """Draw one of the ops, uniformly, or, in some mutations, by a family that good programs use."""
        if self._by_family:
            use = self.space.family_use
            families = [*dict.fromkeys(op.family for op in ops if op.family in use)]
            if families:
                sums = [*accumulate(use[family] for family in families)]
                family = families[bisect(sums, self.random.random() * sums[-1])]
                ops = [op for op in ops if op.family == family]
        return self.pick(ops, NO_OP)

    def drawn(
        self, ops: Sequence[Op], target: Variable | None, values: Values, reads: Sequence[Variable] = ()
    ) -> Instruction:
        """Draw a statement by one of the ops, which writes the target, or a fresh variable.

        It reads the variables of `reads`, each in an operand of its type, and otherwise some of the values.
        """
        op = self.pick_op(ops)
        free = list(range(len(op.inputs)))
        addresses = [0, 0]
        for kind, address in reads:
            slot = self.pick([one for one in free if op.inputs[one] == kind], NO_OP)
            free.remove(slot)
            addresses[slot] = address
        for slot in free:
            addresses[slot] = self.pick(values[op.inputs[slot]], NO_OP)
        constants = [fresh_constant(constant, self.random) for constant in op.constants]
        assert op.output is not None
        _, out = target or self.fresh(op.output)
        a, b = addresses
        return instruction(op, a, b, out, sorted(constants) if op.bounded else constants)

    def chain(
        self,
        function: int,
        goal: MemoryType | None,
        first: Variable | None,
        values: Values,
        more: float,
    ) -> list[Instruction]:
        """Draw one to three statements, each of which reads the one before; going on has probability `more`.

        The last gives a value of the goal's type, if there is one; the first reads `first`, if that is given.
        """
        ops = self.space.functions[function].ops
        length = 1
        while length < LONGEST_CHAIN and self.chance(more):
            length += 1
        chain: list[Instruction] = []
        reads = [first] if first else []
        for step in range(length):
            gives = goal if step == length - 1 else None
            chain.append(self.drawn(ops.select(gives, reads[0][0] if reads else None), None, values, reads))
            reads = [chain[-1].target]
        return chain

    def factor(self) -> float:
        """Draw a scale: log-uniform from .003 to 2, one in five negative; or, with .3, just below 1.

        Then its distance to 1 is log-uniform from 1e-5 to .5.
        """
        if self.chance(0.3):
            return 1.0 - self.log_uniform(1e-5, 0.5)
        size = self.log_uniform(0.003, 2.0)
        return -size if self.chance(0.2) else size

    def log_uniform(self, low: float, high: float) -> float:
        """Draw a number whose logarithm is uniform between those of two others."""
        return math.exp(math.log(low) + (math.log(high) - math.log(low)) * self.random.random())

    # What changes

    def insert(self, at: Definition, statements: Sequence[Instruction]) -> None:
        """Put new statements before a line, after those that were put there before."""
        self._before.setdefault(at, []).extend(statements)

    def replace(self, at: Definition, *statements: Instruction) -> None:
        """Replace a statement by others, or by none."""
        self._instead[at] = statements

    def reroute(self, operand: Operand, variable: Variable) -> None:
        """Let an operand read another variable of its type."""
        (old,) = self._instead.get(operand.at) or (self.statement(operand.at),)
        operands = [*old.operands]
        operands[operand.slot] = variable
        self.replace(operand.at, old.with_operands(*operands))

    def constant(self, value: float) -> Variable:
        """Let setup set a new scalar to a constant, and return it."""
        if SETUP not in self.space.changeable or self.space.constant_op is None:
            raise Refused(NO_OP)
        variable = self.fresh("s")
        constants = [rounded(value, VALUE)]
        self.insert(
            self.end(SETUP), [instruction(self.space.constant_op, out=variable[1], constants=constants)]
        )
        return variable

    def initialise(self, parameter: Variable) -> None:
        """Let setup give a parameter a value by a fresh statement that reads nothing, if there is an op."""
        ops = self.initialisers(parameter)
        if ops:
            self.insert(self.end(SETUP), [self.drawn(ops, parameter, {})])

    def initialisers(self, parameter: Variable) -> list[Op]:
        """Return the ops by which setup can give a parameter a value without reading any."""
        return [op for op in self.space.functions[SETUP].ops.select(parameter[0]) if not op.inputs]

    def product(self, function: int, variable: Variable, value: float) -> Instruction:
        """A new statement of a function: a variable times a new constant of setup."""
        kind = variable[0]
        products = [
            op
            for op in self.space.functions[function].ops.select(kind, "s")
            if op.family == "product" and sorted(op.inputs) == sorted(("s", kind))
        ]
        return self.drawn(products, None, self.liveness.values(function), [self.constant(value), variable])

    def multiply(self, operand: Operand, value: float) -> None:
        """Let an operand read what it reads now times a new constant of setup."""
        made = self.product(operand.at.function, operand.variable, value)
        self.insert(operand.at, [made])
        self.reroute(operand, made.target)

    def join(self, chain: list[Instruction]) -> None:
        """Put a chain into predict, so that something reads its last value.

        That is an operand of its type: with .6 it reads the value combined with what it read before, by an op
        drawn from all that fit, else the value alone. A scalar may also join s1 at the end.
        """
        value = chain[-1].target
        kind = value[0]
        ops = self.space.functions[PREDICT].ops.select(kind, kind)
        combining = [op for op in ops if op.inputs.count(kind) == 2]
        consumers: list[Operand | None] = [
            operand
            for operand in self.operands()
            if operand.at.function == PREDICT and operand.variable[0] == kind
        ]
        if kind == "s":
            consumers.append(None)
        consumer = self.pick(consumers)
        if consumer is None:
            joined = self.drawn(combining, PREDICTION, self.liveness.values(PREDICT), [value, PREDICTION])
            self.insert(self.end(PREDICT), [*chain, joined])
            return
        if self.chance(0.6):
            chain.append(
                self.drawn(combining, None, self.liveness.values(PREDICT), [value, consumer.variable])
            )
        self.insert(consumer.at, chain)
        self.reroute(consumer, chain[-1].target)

    def edit(self) -> Edit:
        """Return all changes as an edit; refused where a function would outgrow its bounds."""
        sizes = [len(body) for body in self.bodies]
        splices = []
        changed = {*self._before, *self._instead}
        for at in sorted(changed, reverse=True):  # from the end, so that lines before stay as they are
            new = (*self._before.get(at, ()), *self._instead.get(at, ()))
            removed = at in self._instead
            splices.append(Splice(at.function, at.line, at.line + removed, new))
            sizes[at.function] += len(new) - removed
        for bounds, body, size in zip(self.space.functions, self.bodies, sizes, strict=True):
            if size > len(body) and size >= bounds.largest:
                raise Refused(NO_ROOM)
            if size < len(body) and size < bounds.smallest:
                raise Refused(NOTHING)
        return Edit(tuple(splices))
