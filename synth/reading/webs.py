"""One address for each meaning: memory that a program uses for several values is split."""

from synth.language.candidate import Candidate
from synth.language.flow import GIVEN, SQUASHED, Definition, Definitions, Flow, statements
from synth.language.memory import ADDRESSES
from synth.language.ops import FEATURES, LABEL, PREDICTION, Variable
from synth.reading.edits import edited

_Node = tuple[Variable, Definition]


def split_addresses(candidate: Candidate) -> Candidate:
    """Return the same program in which no address serves two purposes, numbered as addresses appear.

    Definitions of a variable that reach a common use form a web, which gets an address of its own. A program
    that would need more addresses than there are is returned as it is.
    """
    flow = Flow(candidate)
    webs: dict[_Node, set[_Node]] = {}

    def web_of(variable: Variable, definition: Definition) -> set[_Node]:
        return webs.get((variable, definition), {(variable, definition)})

    def join(variable: Variable, definitions: Definitions) -> None:
        web = set().union(*(web_of(variable, definition) for definition in definitions))
        webs.update(dict.fromkeys(web, web))

    for definition, sources in flow.reaching.items():
        statement = candidate.statement(*definition)
        for variable, reaching in zip(statement.operands, sources, strict=True):
            join(variable, reaching)
        if definition in flow.kept:
            join(statement.target, flow.kept[definition] | {definition})
    join(PREDICTION, flow.prediction | {SQUASHED})

    engine = ((PREDICTION, SQUASHED), (LABEL, GIVEN), (FEATURES, GIVEN))
    addresses = {min(web_of(*node)): node[0] for node in engine}
    free = {"s": 2, "v": 1, "m": 0}

    def address(variable: Variable, definition: Definition) -> Variable:
        web, kind = min(web_of(variable, definition)), variable[0]
        if web not in addresses:
            addresses[web] = kind, free[kind]
            free[kind] += 1
        return addresses[web]

    renamed = {}
    for at, statement in statements(candidate):
        reads = zip(statement.operands, flow.reaching[at], strict=True)
        read = [address(variable, min(reaching)) for variable, reaching in reads]
        renamed[at] = statement.with_variables(read, address(statement.target, at))
    return candidate if max(free.values()) > ADDRESSES else edited(candidate, renamed)
