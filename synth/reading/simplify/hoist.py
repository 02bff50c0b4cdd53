"""What is the same in every step is computed once, in setup; draws that nothing reads become cheap ones."""

from collections import Counter
from itertools import count

from synth.language.candidate import Candidate
from synth.language.flow import ENGINES, SETUP, Definition, Flow, statements
from synth.language.instruction import instruction
from synth.language.memory import ADDRESSES
from synth.language.ops import OPS, PREDICTION, Variable
from synth.reading.edits import edited

_CHEAPEST_DRAW = min((op for op in OPS if op.draws and op.bounded), key=lambda op: op.cost)


def hoist(candidate: Candidate) -> Candidate:
    """Move statements of predict and learn whose operands never change into setup.

    A statement moves only when nothing else writes its target and nothing reads the target before it.
    """
    while (moved := _movable(candidate)) is not None:
        setup, predict, learn = edited(candidate, {moved: None}).bodies
        candidate = Candidate((*setup, candidate.statement(*moved)), predict, learn)
    return candidate


def _movable(candidate: Candidate) -> Definition | None:
    writes = Counter(statement.target for statement in candidate)
    changing = {statement.target for statement in (*candidate.predict, *candidate.learn)}
    flow = Flow(candidate)
    for definition, statement in statements(candidate):
        if (
            definition.function != SETUP
            and not (statement.op.draws or statement.op.partial)
            and ENGINES.isdisjoint(statement.variables)
            and writes[statement.target] == 1
            and changing.isdisjoint(statement.operands)
            and _defines_all_reads(flow, statement.target, definition)
        ):
            return definition
    return None


def _defines_all_reads(flow: Flow, variable: Variable, definition: Definition) -> bool:
    """Return whether every read of a variable sees what this definition stored, never memory before it."""
    return all(
        reaching == {definition}
        for reader, sources in flow.reaching.items()
        for read, reaching in zip(flow.candidate.statement(*reader).operands, sources, strict=True)
        if read == variable
    )


def quieten(candidate: Candidate) -> Candidate:
    """Replace dead draws, which keep the numbers of later ones, by the cheapest there are.

    They draw a scalar into an address that nothing reads; expects a candidate without other dead statements.
    """
    flow = Flow(candidate)
    read = flow.prediction.union(*map(flow.sources, flow.reaching))
    dead = {at for at, statement in statements(candidate) if statement.op.draws and at not in read}
    used = {variable for _, statement in statements(candidate) for variable in statement.operands}
    used |= {statement.target for at, statement in statements(candidate) if at not in dead}
    free = next(address for address in count(PREDICTION[1] + 1) if ("s", address) not in used)
    quiet = instruction(_CHEAPEST_DRAW, 0, 0, free, (0.0, 0.0))
    return candidate if free >= ADDRESSES else edited(candidate, dict.fromkeys(dead, quiet))
