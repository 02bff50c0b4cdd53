"""Fresh random instructions and addresses, with everything but the draws worked out once."""

from collections.abc import Mapping
from random import Random

from synth.errors import UsageError
from synth.language.instruction import Instruction, instruction
from synth.language.ops import READ_ONLY, MemoryType, Op
from synth.mutation.constants import fresh_constant

ADDRESS_SETTINGS: dict[MemoryType, str] = {"s": "scalars", "v": "vectors", "m": "matrices"}
"""The setting in `program` that says how many addresses of each type there are."""


class Addresses:
    """How many addresses of each type there are, all of which are read, and the first that is written."""

    def __init__(self, counts: Mapping[MemoryType, int]) -> None:
        self.counts = dict(counts)
        self.first = {kind: sum((kind, 0) == reserved for reserved in READ_ONLY) for kind in counts}


class _Form:
    """An op with all its instructions by their operands, made when they are first drawn.

    Those of an op with constants are made anew each time. Raises UsageError where the addresses leave nothing
    to read or to write.
    """

    def __init__(self, op: Op, addresses: Addresses) -> None:
        if op.output is None:
            raise UsageError(
                f"op {op.id} ({op.name}) is not an instruction; take it from the list of allowed ops"
            )
        counts, self.first = addresses.counts, addresses.first[op.output]
        for kind, least in [(kind, 1) for kind in op.inputs] + [(op.output, self.first + 1)]:
            if counts[kind] < least:
                raise UsageError(
                    f"op {op.id} ({op.name}) needs program.{ADDRESS_SETTINGS[kind]} to be at least {least}"
                )
        self.op, self.constants = op, op.constants
        a, self.inputs = ([counts[kind] for kind in op.inputs] + [1, 1])[:2]
        self.outputs = counts[op.output] - self.first
        self.combinations = a * self.inputs * self.outputs
        self.made: list[Instruction | None] = [None] * (0 if op.constants else self.combinations)

    def make(self, combination: int, values: list[float]) -> Instruction:
        """Return the instruction with the operands that a number of 0 to `combinations` - 1 stands for."""
        rest, out = divmod(combination, self.outputs)
        a, b = divmod(rest, self.inputs)
        made = instruction(self.op, a, b, self.first + out, values)
        if not values:
            self.made[combination] = made
        return made


class Fresh:
    """Draws instructions of one function: the op uniformly from its list, then each operand and constant.

    An op listed twice counts twice. False where the list is empty.
    """

    def __init__(self, ops: tuple[Op, ...], addresses: Addresses) -> None:
        self._forms = tuple(_Form(op, addresses) for op in ops)

    def __len__(self) -> int:
        return len(self._forms)

    def draw(self, random: Random, count: int = 1) -> tuple[Instruction, ...]:
        """Return so many fresh instructions."""
        forms, uniform, drawn = self._forms, random.random, []
        for _ in range(count):
            form = forms[int(uniform() * len(forms))]
            combination = int(uniform() * form.combinations)  # one draw for all addresses
            if form.constants:
                values = [fresh_constant(constant, random) for constant in form.constants]
                drawn.append(form.make(combination, values))
            else:
                drawn.append(form.made[combination] or form.make(combination, []))
        return tuple(drawn)
