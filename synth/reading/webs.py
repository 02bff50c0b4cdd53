"""One address for each meaning: memory that a program uses for several values is split."""

from synth.language.candidate import Body, Candidate
from synth.language.flow import GIVEN, SQUASHED, Definition, Definitions, Flow, operands, target
from synth.language.instruction import instruction
from synth.language.memory import ADDRESSES
from synth.language.ops import FEATURES, LABEL, PREDICTION, Place

_Node = tuple[Place, Definition]


class _Webs:
    """Definitions of a place that reach a common use belong together (union-find)."""

    def __init__(self) -> None:
        self._parents: dict[_Node, _Node] = {}

    def find(self, node: _Node) -> _Node:
        while (parent := self._parents.get(node, node)) != node:
            node = parent
        return node

    def join(self, place: Place, definitions: Definitions) -> None:
        first, *rest = (self.find((place, definition)) for definition in sorted(definitions))
        for other in rest:
            self._parents[self.find(other)] = self.find(first)


def split_addresses(candidate: Candidate) -> Candidate:
    """The same program, in which no address serves two purposes; numbers count up as addresses appear.

    The program is returned as it is when that takes more addresses than there are.
    """
    flow, webs = Flow(candidate), _Webs()
    for definition, sources in flow.reaching.items():
        statement = flow.statement(definition)
        for place, reaching in zip(operands(statement), sources, strict=True):
            webs.join(place, reaching)
        if definition in flow.kept:
            webs.join(target(statement), flow.kept[definition] | {definition})
    webs.join(PREDICTION, flow.prediction | {SQUASHED})
    numbers = {
        webs.find((PREDICTION, SQUASHED)): PREDICTION[1],
        webs.find((LABEL, GIVEN)): LABEL[1],
        webs.find((FEATURES, GIVEN)): FEATURES[1],
    }
    free = {"s": 2, "v": 1, "m": 0}

    def number(place: Place, definition: Definition) -> int:
        web, kind = webs.find((place, definition)), place[0]
        if web not in numbers:
            numbers[web] = free[kind]
            free[kind] += 1
        return numbers[web]

    bodies: list[Body] = []
    for function, body in enumerate(candidate.bodies):
        renamed = []
        for index, statement in enumerate(body):
            here = Definition(function, index)
            read = zip(operands(statement), flow.reaching[here], strict=True)
            a, b = (*(number(place, min(found)) for place, found in read), 0, 0)[:2]
            renamed.append((statement, a, b, number(target(statement), here)))
        if max(free.values()) > ADDRESSES:
            return candidate
        bodies.append(tuple(instruction(old.op, a, b, out, old.constants) for old, a, b, out in renamed))
    return Candidate(*bodies)
