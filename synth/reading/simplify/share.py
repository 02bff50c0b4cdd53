"""What follows from knowing values: nothing is computed that memory holds already or that is constant."""

from collections import Counter
from collections.abc import Iterator

from synth.language.analysis import effective
from synth.language.candidate import Body, Candidate
from synth.language.flow import ENGINES, PREDICT, SETUP, Definition, operands, statements, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import SCALAR_CONST_SET, Place
from synth.reading.simplify.knowledge import Knowledge
from synth.reading.simplify.symbols import EXACT, Rules


def share(candidate: Candidate, rules: Rules = EXACT) -> Candidate:
    """The candidate without statements that compute what memory holds already, and without mere copies.

    Equal values are all read from one place, constant scalars are set instead of computed, zero is read from
    memory that nothing writes. The outcome is the same bit for bit under exact rules.
    """
    for _ in range(2 * len(candidate) + 1):
        found = effective(_rewritten(Knowledge(candidate, rules)))
        if found == candidate:
            found = _without_a_copy(Knowledge(candidate, rules))
        if found == candidate:
            break
        candidate = found
    return candidate


def _rewritten(knowledge: Knowledge) -> Candidate:
    """The candidate with operands, constants and statements as the symbols allow."""
    writers = Counter(target(statement) for statement in knowledge.candidate)
    since: dict[Place, int] = {}
    bodies = []
    for function, body in enumerate(knowledge.candidate.bodies):
        if function in (SETUP, PREDICT):
            since = dict.fromkeys(knowledge.places, 0)
        bodies.append(_body(knowledge, function, body, writers, since))
    return Candidate(*bodies)


def _body(
    knowledge: Knowledge, function: int, body: Body, writers: Counter[Place], since: dict[Place, int]
) -> Body:
    """A function's new statements; `since` says when in the step a place got its content, and is kept so."""
    symbols, memory = knowledge.symbols, dict(knowledge.memories[function][0])

    def holder(place: Place) -> Place:
        """The best place to read a value from: what held it first, then what is written least."""
        if symbols.is_plus_zero(memory[place]) and place[0] in knowledge.zeros:
            return knowledge.zeros[place[0]]
        same = (other for other in memory if other[0] == place[0] and memory[other] == memory[place])
        return min(same, key=lambda other: (since[other], writers[other], other))

    found: list[Instruction] = []
    ordinal, draws_left = 0, sum(statement.op.draws for statement in body)
    for statement in body:
        out, symbol = target(statement), knowledge.symbol(statement, memory, function, ordinal)
        ordinal, draws_left = ordinal + statement.op.draws, draws_left - statement.op.draws
        counts = statement.op.draws and draws_left > 0  # the numbers of later draws depend on it
        if symbol == memory[out] and not counts:
            continue
        held = symbols.holdable(symbol) if out[0] == "s" and not counts else None
        if held is not None:
            found.append(instruction(SCALAR_CONST_SET, 0, 0, out[1], (held,)))
            symbol = symbols.constant("s", held)
        else:
            read = [holder(place)[1] for place in operands(statement)]
            a, b = (*read, 0, 0)[:2]
            found.append(instruction(statement.op, a, b, statement.out, statement.constants))
        memory[out] = symbol
        since[out] = max(since.values()) + 1
    return tuple(found)


def _without_a_copy(knowledge: Knowledge) -> Candidate:
    """The candidate without one of the statements that only copy: the value is stored there at once."""
    for at, statement in statements(knowledge.candidate):
        for copied in operands(statement):
            made = _maker(knowledge, at, statement, copied)
            if made is not None:
                return _stored_at_once(knowledge.candidate, made, at, copied, target(statement))
    return knowledge.candidate


def _maker(knowledge: Knowledge, at: Definition, statement: Instruction, copied: Place) -> Definition | None:
    """The only statement that writes what is copied, if it can as well write where the copy goes."""
    out, memories = target(statement), knowledge.memories[at.function]
    if out[0] != copied[0] or out == copied or copied in ENGINES or statement.op.partial:
        return None
    if memories[at.line + 1][out] != memories[at.line][copied]:
        return None
    writers = [d for d, other in statements(knowledge.candidate) if target(other) == copied]
    if len(writers) != 1 or writers[0].function != at.function or writers[0].line >= at.line:
        return None
    made = writers[0]
    body = knowledge.candidate.bodies[at.function]
    between = body[made.line + 1 : at.line]
    if body[made.line].op.partial or any(out in (target(one), *operands(one)) for one in between):
        return None
    for reader in _readers(knowledge.candidate, copied):
        inside = reader.function == at.function and made.line < reader.line <= at.line
        found = knowledge.memories[reader.function][reader.line]
        if not inside and found[out] != found[copied]:
            return None
    return made


def _readers(candidate: Candidate, place: Place) -> Iterator[Definition]:
    return (at for at, statement in statements(candidate) if place in operands(statement))


def _stored_at_once(
    candidate: Candidate, made: Definition, copy: Definition, copied: Place, out: Place
) -> Candidate:
    """The candidate in which one statement stores where another copies to."""
    bodies: list[list[Instruction]] = [[], [], []]
    for at, statement in statements(candidate):
        if at == copy:
            continue
        read = [out[1] if place == copied else place[1] for place in operands(statement)]
        a, b = (*read, 0, 0)[:2]
        stored = out[1] if at == made else statement.out
        bodies[at.function].append(instruction(statement.op, a, b, stored, statement.constants))
    return Candidate(*map(tuple, bodies))
