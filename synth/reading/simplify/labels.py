"""Labels of statements that depend on what they do among the others, and not on numbers or on order.

They are found by colour refinement: a statement's label is a hash of its op and constants and of the labels
around it, taken again and again, so that after n rounds it stands for everything within n steps. Addresses
must have one meaning each (`webs.split_addresses`).
"""

from collections import Counter, defaultdict
from hashlib import blake2b

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, Definition, statements
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, Variable

Labels = dict[Definition, bytes]


class Neighbourhood:
    """The labels of a candidate's statements, and of the places that they read and write."""

    def __init__(self, candidate: Candidate, *, constants: bool = True) -> None:
        self._statements = dict(statements(candidate))
        self._readers: dict[Variable, list[tuple[Definition, int]]] = defaultdict(list)
        self._writers: dict[Variable, list[Definition]] = defaultdict(list)
        self._versions: dict[tuple[Definition, Variable], int] = {}
        """How many statements of the same function have written a place before a statement touches it."""
        written: Counter[tuple[int, Variable]] = Counter()
        draws: Counter[int] = Counter()
        self.labels: Labels = {}
        for at, statement in self._statements.items():
            read, out, function = statement.operands, statement.target, at.function
            for slot, place in enumerate(read):
                self._readers[place].append((at, -1 if statement.op.id in COMMUTATIVE else slot))
            self._writers[out].append(at)
            for place in (*read, out):
                self._versions[at, place] = written[function, place]
            written[function, out] += 1
            ordinal = draws[function] if statement.op.draws else -1
            draws[function] += statement.op.draws
            own = statement.constants if constants else ()
            self.labels[at] = _hash(function, statement.op.id, ordinal, *own)
        self.places = self._label_places()

    def refine(self) -> None:
        """Let each label stand for what is one step further away, too."""
        self.labels = {at: self._refined(at, statement) for at, statement in self._statements.items()}
        self.places = self._label_places()

    def settle(self) -> None:
        """Refine until no more statements can be told apart."""
        distinct = 0
        while distinct < len(set(self.labels.values())):
            distinct = len(set(self.labels.values()))
            self.refine()

    def _refined(self, at: Definition, statement: Instruction) -> bytes:
        read = [self._seen(at, place) for place in statement.operands]
        if statement.op.id in COMMUTATIVE:
            read.sort()
        return _hash(self.labels[at], *read, self._seen(at, statement.target))

    def _seen(self, at: Definition, place: Variable) -> bytes:
        return _hash(self.places[place], self._versions[at, place])

    def _label_places(self) -> dict[Variable, bytes]:
        """Return the label of each place, which stands for who writes it and who reads it."""
        return {place: self._label_place(place) for place in {*self._readers, *self._writers}}

    def _label_place(self, place: Variable) -> bytes:
        labels, versions = self.labels, self._versions
        readers = [_hash(labels[at], versions[at, place], slot) for at, slot in self._readers[place]]
        writers = [_hash(labels[at], versions[at, place]) for at in self._writers[place]]
        own = place[1] if place in ENGINES else -1
        return _hash(place[0], own, *sorted(readers), b"|", *sorted(writers))


def _hash(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=8).digest()
