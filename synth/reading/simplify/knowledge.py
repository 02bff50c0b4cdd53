"""What is known of the values of a program over its whole life: which are constant, which are always equal.

Memory is looked at as symbols. The places that hold equal symbols before every predict are found as the
largest such partition: all that are equal after setup are taken for equal, and parted where predict or learn
tells them apart, until nothing changes.
"""

from collections.abc import Hashable

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, LEARN, PREDICT, SETUP, operands, statements, target
from synth.language.instruction import Instruction
from synth.language.memory import ADDRESSES
from synth.language.ops import FEATURES, LABEL, MEMORY_TYPES, PREDICTION, MemoryType, Place
from synth.reading.simplify.symbols import FINITE, Rules, Symbol, Symbols

Memory = dict[Place, Symbol]


class Knowledge:
    """The symbols of a candidate's memory.

    `memories[f]` holds what a function finds before each of its lines, and at last what it leaves: from a
    start with nothing for setup, from any step's start for predict, and from there on for learn. `zeros` are
    places, one of each type, that nothing writes.
    """

    def __init__(self, candidate: Candidate, rules: Rules) -> None:
        self.candidate, self._rules = candidate, rules
        written = {target(statement) for _, statement in statements(candidate)}
        read = {place for _, statement in statements(candidate) for place in operands(statement)}
        self.zeros = _unwritten(read, written)
        self.places = sorted(read | written | ENGINES | set(self.zeros.values()))
        self._solve()

    def _solve(self) -> None:
        """Find what memory holds before every predict, and the symbols of one step from there."""
        groups: dict[Place, Hashable] = dict.fromkeys(self.places)
        facts: dict[Place, int] | None = None
        variable: set[Place] = set()
        while True:
            self.symbols = symbols = Symbols(self._rules)
            start = {place: symbols.constant(place[0], 0.0) for place in self.places}
            setup = self._run(SETUP, start)
            known = facts or {place: symbols.facts[setup[-1][place]] for place in self.places}
            memory: Memory = {}
            leaders: dict[Hashable, Place] = {}
            for place in self.places:
                symbol = setup[-1][place]
                if symbols.constants[symbol] is not None and place not in variable:
                    memory[place] = symbol
                    continue
                leader = leaders.setdefault((groups[place], symbol, place[0], known[place]), place)
                memory[place] = symbols.named("before predict", leader, facts=known[place])
            predict = self._run(PREDICT, self._given(PREDICT, memory))
            learn = self._run(LEARN, self._given(LEARN, predict[-1]))
            self.memories = (setup, predict, learn)
            ends = {place: (predict[-1][place], learn[-1][place]) for place in self.places}
            found = {
                place: known[place] & symbols.facts[one] & symbols.facts[other]
                for place, (one, other) in ends.items()
            }
            parted = {place: (memory[place], *ends[place]) for place in self.places}
            changed = {
                place
                for place in self.places
                if symbols.constants[memory[place]] is not None and {memory[place]} != set(ends[place])
            }
            stable = len(set(parted.values())) == len(set(memory.values()))
            if stable and not changed and found == known:
                return
            groups, facts = dict(parted), found
            variable |= changed

    def _given(self, function: int, memory: Memory) -> Memory:
        """What a function finds: the engine's writes on top of what was there."""
        symbols = self.symbols
        given = {FEATURES: symbols.named("features", facts=FINITE)}
        if function == LEARN:
            given[LABEL] = symbols.named("label", facts=FINITE)
            given[PREDICTION] = symbols.named("squashed")
        else:
            given[LABEL] = symbols.constant("s", 0.0)
        return memory | given

    def _run(self, function: int, memory: Memory) -> list[Memory]:
        """Memory before each line of a function, and after the last."""
        memories, ordinal = [dict(memory)], 0
        for statement in self.candidate.bodies[function]:
            symbol = self.symbol(statement, memories[-1], function, ordinal)
            memories.append(memories[-1] | {target(statement): symbol})
            ordinal += statement.op.draws
        return memories

    def symbol(self, statement: Instruction, memory: Memory, function: int, ordinal: int) -> Symbol:
        """The symbol of what a statement stores; `ordinal` counts the draws of its function before it."""
        if statement.op.draws:
            return self.symbols.drawn(statement, function, ordinal)
        read = [memory[place] for place in operands(statement)]
        return self.symbols.result(statement, read, memory[target(statement)])


def _unwritten(read: set[Place], written: set[Place]) -> dict[MemoryType, Place]:
    """A place of each type that nothing writes, one that is read already if there is one."""
    found: dict[MemoryType, Place] = {}
    for kind in MEMORY_TYPES:
        places: list[Place] = [(kind, address) for address in range(ADDRESSES)]
        free = [place for place in places if place not in written | ENGINES]
        if free:
            found[kind] = min(free, key=lambda place: (place not in read, place))
    return found
