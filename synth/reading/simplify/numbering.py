"""What is known of the values of a program over its whole life: which are constant, which are always equal.

Memory is looked at as value numbers. Which variables hold equal values before every predict is the largest
partition of its kind: all that are equal after setup are taken for equal, and parted where predict or learn
distinguishes them, until nothing changes.
"""

from collections.abc import Hashable

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, LEARN, PREDICT, SETUP, statements
from synth.language.instruction import Instruction
from synth.language.memory import ADDRESSES
from synth.language.ops import FEATURES, LABEL, MEMORY_TYPES, PREDICTION, MemoryType, Variable
from synth.reading.simplify.values import FINITE, Value, Values

Contents = dict[Variable, Value]


class ValueNumbering:
    """The values in a candidate's memory.

    `memories[f]` holds what a function finds before each of its lines, and at last what it leaves: from a
    start with nothing for setup, from any step's start for predict, and from there on for learn. `zeros` are
    variables, one of each type, that nothing writes.
    """

    def __init__(self, candidate: Candidate, algebra: bool, rounding: bool) -> None:
        self.candidate = candidate
        self._rules = algebra, rounding
        written = {statement.target for _, statement in statements(candidate)}
        read = {variable for _, statement in statements(candidate) for variable in statement.operands}
        self.zeros = _unwritten(read, written)
        self.variables = sorted(read | written | ENGINES | set(self.zeros.values()))
        self._solve()

    def _solve(self) -> None:
        """Find what memory holds before every predict, and the values of one step from there."""
        groups: dict[Variable, Hashable] = dict.fromkeys(self.variables)
        facts: dict[Variable, int] = {}
        changing: set[Variable] = set()
        while True:
            self.values = values = Values(*self._rules)
            setup = self._run(
                SETUP, {variable: values.constant(variable[0], 0.0) for variable in self.variables}
            )
            facts = facts or {variable: values.facts[setup[-1][variable]] for variable in self.variables}
            before: Contents = {}
            leaders: dict[Hashable, Variable] = {}
            for variable, value in sorted(setup[-1].items()):
                if values.constants[value] is not None and variable not in changing:
                    before[variable] = value
                    continue
                leader = leaders.setdefault((groups[variable], value, variable[0], facts[variable]), variable)
                before[variable] = values.number(("before predict", leader), facts[variable])
            predict = self._run(PREDICT, before | self._given(PREDICT))
            learn = self._run(LEARN, predict[-1] | self._given(LEARN))
            self.memories = (setup, predict, learn)
            ends = {variable: (predict[-1][variable], learn[-1][variable]) for variable in self.variables}
            kept = {
                variable: facts[variable] & values.facts[one] & values.facts[other]
                for variable, (one, other) in ends.items()
            }
            groups = {variable: (before[variable], *ends[variable]) for variable in self.variables}
            changed = {
                variable
                for variable, value in before.items()
                if values.constants[value] is not None and {value} != set(ends[variable])
            }
            if len(set(groups.values())) == len(set(before.values())) and not changed and kept == facts:
                return
            facts = kept
            changing |= changed

    def _given(self, function: int) -> Contents:
        """Return what the engine writes before a function."""
        values = self.values
        features = {FEATURES: values.number(("features",), FINITE)}
        if function == PREDICT:
            return features | {LABEL: values.constant("s", 0.0)}
        label, squashed = values.number(("label",), FINITE), values.number(("squashed",))
        return features | {LABEL: label, PREDICTION: squashed}

    def _run(self, function: int, memory: Contents) -> list[Contents]:
        """Return memory before each line of a function, and after the last."""
        memories, ordinal = [memory], 0
        for statement in self.candidate.bodies[function]:
            value = self.value(statement, memories[-1], function, ordinal)
            memories.append(memories[-1] | {statement.target: value})
            ordinal += statement.op.draws
        return memories

    def value(self, statement: Instruction, memory: Contents, function: int, ordinal: int) -> Value:
        """Return the value that a statement stores; `ordinal` counts the draws of its function before it."""
        if statement.op.draws:
            return self.values.drawn(statement, function, ordinal)
        read = [memory[variable] for variable in statement.operands]
        return self.values.result(statement, read, memory[statement.target])


def _unwritten(read: set[Variable], written: set[Variable]) -> dict[MemoryType, Variable]:
    """Return a variable of each type that nothing writes, one that is read already if there is one."""
    unwritten: dict[MemoryType, Variable] = {}
    for kind in MEMORY_TYPES:
        free: list[Variable] = [
            (kind, address) for address in range(ADDRESSES) if (kind, address) not in written | ENGINES
        ]
        if free:
            unwritten[kind] = min(free, key=lambda variable: (variable not in read, variable))
    return unwritten
