"""Labels of statements that depend on what they do among the others, and not on numbers or on order.

They are found by refinement: a statement's label is a hash of its op and constants and of the labels around
it, taken again and again, so that after n rounds it stands for everything within n steps. Addresses must have
one meaning each (`webs.split_addresses`).
"""

from collections import defaultdict
from hashlib import blake2b

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, Definition, operands, statements, target
from synth.language.instruction import Instruction
from synth.language.ops import COMMUTATIVE, Place

Labels = dict[Definition, bytes]


class Neighbourhood:
    """The labels of a candidate's statements, refined round by round."""

    def __init__(self, candidate: Candidate, *, constants: bool = True) -> None:
        self._statements = dict(statements(candidate))
        self._versions = self._count_versions()
        self._readers: dict[Place, list[tuple[Definition, int]]] = defaultdict(list)
        self._writers: dict[Place, list[Definition]] = defaultdict(list)
        draws: dict[int, int] = defaultdict(int)
        self.labels: Labels = {}
        for definition, statement in self._statements.items():
            for slot, place in enumerate(operands(statement)):
                self._readers[place].append((definition, slot))
            self._writers[target(statement)].append(definition)
            ordinal = draws[definition.function]
            draws[definition.function] += statement.op.draws
            own = (definition.function, statement.op.id, ordinal if statement.op.draws else -1)
            self.labels[definition] = _hash(*own, *(statement.constants if constants else ()))
        self.places = self._label_places()

    def _count_versions(self) -> dict[tuple[Definition, Place], int]:
        """How many statements of the same function have written a place before a statement touches it."""
        found: dict[tuple[Definition, Place], int] = {}
        written: dict[tuple[int, Place], int] = defaultdict(int)
        for definition, statement in self._statements.items():
            for place in (*operands(statement), target(statement)):
                found[definition, place] = written[definition.function, place]
            written[definition.function, target(statement)] += 1
        return found

    def refine(self, rounds: int | None = None) -> None:
        """Refine a number of times, or until no statements can be told apart any more."""
        left = len(self._statements) if rounds is None else rounds
        kinds = len(set(self.labels.values()))
        for _ in range(left):
            self.labels = {
                definition: self._refined(definition, statement)
                for definition, statement in self._statements.items()
            }
            self.places = self._label_places()
            before, kinds = kinds, len(set(self.labels.values()))
            if rounds is None and kinds == before:
                break

    def _refined(self, definition: Definition, statement: Instruction) -> bytes:
        read = [self._seen(definition, place) for place in operands(statement)]
        if statement.op.id in COMMUTATIVE:
            read.sort()
        return _hash(self.labels[definition], *read, self._seen(definition, target(statement)))

    def _seen(self, definition: Definition, place: Place) -> bytes:
        return _hash(self.places[place], self._versions[definition, place])

    def _label_places(self) -> dict[Place, bytes]:
        """The label of a place: who writes it and who reads it."""
        found: dict[Place, bytes] = {}
        for place in {*self._readers, *self._writers}:
            readers = (
                _hash(
                    self.labels[reader],
                    self._versions[reader, place],
                    -1 if self._statements[reader].op.id in COMMUTATIVE else slot,
                )
                for reader, slot in self._readers[place]
            )
            writers = (
                _hash(self.labels[writer], self._versions[writer, place]) for writer in self._writers[place]
            )
            own = place[1] if place in ENGINES else -1
            found[place] = _hash(place[0], own, *sorted(readers), b"|", *sorted(writers))
        return found


def _hash(*parts: object) -> bytes:
    return blake2b(repr(parts).encode(), digest_size=8).digest()
