"""What is the same in every step is computed once, in setup; draws that nothing reads become cheap ones."""

from synth.language.analysis import effective
from synth.language.candidate import Body, Candidate
from synth.language.flow import ENGINES, LEARN, PREDICT, Definition, Flow, operands, statements, target
from synth.language.instruction import instruction
from synth.language.ops import OPS, PREDICTION, Place

_CHEAPEST_DRAW = min((op for op in OPS if op.draws and op.bounded), key=lambda op: op.cost)


def hoist(candidate: Candidate) -> Candidate:
    """The candidate with statements of predict and learn whose operands never change moved into setup.

    A statement moves only when nothing else writes its target and nothing reads the target before it.
    """
    while (moved := _movable(candidate)) is not None:
        bodies = [list(body) for body in candidate.bodies]
        bodies[0].append(bodies[moved.function].pop(moved.line))
        candidate = Candidate(*map(tuple, bodies))
    return candidate


def _movable(candidate: Candidate) -> Definition | None:
    writers: dict[Place, list[Definition]] = {}
    for definition, statement in statements(candidate):
        writers.setdefault(target(statement), []).append(definition)
    steady = ENGINES.isdisjoint
    flow = Flow(candidate)
    for definition, statement in statements(candidate):
        if definition.function not in (PREDICT, LEARN) or statement.op.draws or statement.op.partial:
            continue
        out, read = target(statement), operands(statement)
        if (
            steady((out, *read))
            and len(writers[out]) == 1
            and all(writer.function == 0 for place in read for writer in writers.get(place, ()))
            and _defines_all_reads(flow, out, definition)
        ):
            return definition
    return None


def _defines_all_reads(flow: Flow, place: Place, definition: Definition) -> bool:
    """Whether every read of a place sees what this definition stored, and never memory before it."""
    return all(
        reaching == {definition}
        for reader, sources in flow.reaching.items()
        for read, reaching in zip(operands(flow.statement(reader)), sources, strict=True)
        if read == place
    )


def quieten(candidate: Candidate) -> Candidate:
    """The candidate whose dead draws, which keep the numbers of later ones, are the cheapest there are.

    They draw a scalar into an address that nothing reads; expects a candidate without other dead statements.
    """
    live = _live_draws(candidate)
    used = {place for _, statement in statements(candidate) for place in operands(statement)}
    used |= {target(statement) for definition, statement in statements(candidate) if definition in live}
    free = next((n for n in range(PREDICTION[1] + 1, 100) if ("s", n) not in used), None)
    if free is None:
        return candidate
    quiet = instruction(_CHEAPEST_DRAW, 0, 0, free, (0.0, 0.0))

    def body(function: int, old: Body) -> Body:
        return tuple(
            quiet if statement.op.draws and Definition(function, line) not in live else statement
            for line, statement in enumerate(old)
        )

    return Candidate(*(body(function, old) for function, old in enumerate(candidate.bodies)))


def without_dead_draws(candidate: Candidate) -> Candidate:
    """The candidate without draws that nothing reads; later draws of the function get other numbers."""
    while True:
        live = _live_draws(candidate)
        found = effective(
            Candidate(
                *(
                    tuple(
                        statement
                        for line, statement in enumerate(body)
                        if not statement.op.draws or Definition(function, line) in live
                    )
                    for function, body in enumerate(candidate.bodies)
                )
            )
        )
        if found == candidate:
            return candidate
        candidate = found


def _live_draws(candidate: Candidate) -> set[Definition]:
    """The draws that some statement, or the prediction, may read; expects no other dead statements."""
    flow = Flow(candidate)
    read = flow.prediction.union(*map(flow.sources, flow.reaching))
    return {definition for definition, statement in statements(candidate) if definition in read}
