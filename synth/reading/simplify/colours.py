"""Colours of statements, which depend on what they do among the others, and not on numbers or on order.

They come from colour refinement: a statement's colour is a hash of its op and constants and of the colours
around it, taken again and again, so that after n rounds it stands for everything within n steps. Addresses
must have one meaning each (`webs.split_addresses`).
"""

from collections import Counter, defaultdict
from hashlib import blake2b

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, Definition, statements
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, Variable

Colours = dict[Definition, bytes]


class Neighbourhood:
    """The colours of a candidate's statements, and of the variables that they read and write."""

    def __init__(self, candidate: Candidate, *, constants: bool = True) -> None:
        self._statements = dict(statements(candidate))
        self._readers: dict[Variable, list[tuple[Definition, int]]] = defaultdict(list)
        self._writers: dict[Variable, list[Definition]] = defaultdict(list)
        self._versions: dict[tuple[Definition, Variable], int] = {}
        """How many statements of the same function have written a variable before a statement touches it."""
        written: Counter[tuple[int, Variable]] = Counter()
        draws: Counter[int] = Counter()
        self.colours: Colours = {}
        for at, statement in self._statements.items():
            read, out, function = statement.operands, statement.target, at.function
            for slot, variable in enumerate(read):
                self._readers[variable].append((at, -1 if statement.op.id in COMMUTATIVE else slot))
            self._writers[out].append(at)
            for variable in (*read, out):
                self._versions[at, variable] = written[function, variable]
            written[function, out] += 1
            ordinal = draws[function] if statement.op.draws else -1
            draws[function] += statement.op.draws
            own = statement.constants if constants else ()
            self.colours[at] = _hash(function, statement.op.id, ordinal, *own)
        self.variables = self._colour_variables()

    def refine(self) -> None:
        """Let each colour stand for what is one step further away, too."""
        self.colours = {at: self._refined(at, statement) for at, statement in self._statements.items()}
        self.variables = self._colour_variables()

    def settle(self) -> None:
        """Refine until no more statements can be distinguished."""
        distinct = 0
        while distinct < len(set(self.colours.values())):
            distinct = len(set(self.colours.values()))
            self.refine()

    def _refined(self, at: Definition, statement: Instruction) -> bytes:
        read = [self._seen(at, variable) for variable in statement.operands]
        if statement.op.id in COMMUTATIVE:
            read.sort()
        return _hash(self.colours[at], *read, self._seen(at, statement.target))

    def _seen(self, at: Definition, variable: Variable) -> bytes:
        return _hash(self.variables[variable], self._versions[at, variable])

    def _colour_variables(self) -> dict[Variable, bytes]:
        """Return the colour of each variable, which stands for who writes it and who reads it."""
        return {variable: self._colour_variable(variable) for variable in {*self._readers, *self._writers}}

    def _colour_variable(self, variable: Variable) -> bytes:
        colours, versions = self.colours, self._versions
        readers = [_hash(colours[at], versions[at, variable], slot) for at, slot in self._readers[variable]]
        writers = [_hash(colours[at], versions[at, variable]) for at in self._writers[variable]]
        own = variable[1] if variable in ENGINES else -1
        return _hash(variable[0], own, *sorted(readers), b"|", *sorted(writers))


def _hash(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=8).digest()
