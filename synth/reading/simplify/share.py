"""What follows from knowing values: nothing is computed that memory holds already or that is constant."""

from collections import Counter

from synth.language.analysis import effective
from synth.language.candidate import Body, Candidate
from synth.language.flow import ENGINES, PREDICT, SETUP, Definition, statements
from synth.language.instruction import Instruction, instruction
from synth.language.ops import SCALAR_CONST_SET, Variable
from synth.reading.edits import edited
from synth.reading.simplify.numbering import ValueNumbering


def share(candidate: Candidate, *, algebra: bool = False, rounding: bool = False) -> Candidate:
    """Remove statements that compute what memory holds already, and those that only copy.

    Equal values are all read from one variable, constant scalars are set instead of computed, zero is read
    from memory that nothing writes. The outcome is the same bit for bit unless `algebra` or `rounding` is
    allowed.
    """
    for _ in range(2 * len(candidate) + 1):
        numbering = ValueNumbering(candidate, algebra, rounding)
        smaller = effective(_rewritten(numbering))
        if smaller == candidate:
            smaller = _without_a_copy(numbering)
        if smaller == candidate:
            break
        candidate = smaller
    return candidate


def _rewritten(numbering: ValueNumbering) -> Candidate:
    """Rewrite operands, constants and statements as the values allow."""
    writers = Counter(statement.target for statement in numbering.candidate)
    since: dict[Variable, int] = {}
    bodies = []
    for function, body in enumerate(numbering.candidate.bodies):
        if function in (SETUP, PREDICT):
            since = dict.fromkeys(numbering.variables, 0)
        bodies.append(_body(numbering, function, body, writers, since))
    return Candidate(*bodies)


def _body(
    numbering: ValueNumbering,
    function: int,
    body: Body,
    writers: Counter[Variable],
    since: dict[Variable, int],
) -> Body:
    """Return a function's new statements; `since`, which is updated, says when a variable got its content."""
    values, memory = numbering.values, dict(numbering.memories[function][0])

    def holder(variable: Variable) -> Variable:
        """Return the best variable to read a value from: what held it first, then what is written least."""
        if values.is_plus_zero(memory[variable]) and variable[0] in numbering.zeros:
            return numbering.zeros[variable[0]]
        same = (other for other in memory if other[0] == variable[0] and memory[other] == memory[variable])
        return min(same, key=lambda other: (since[other], writers[other], other))

    new: list[Instruction] = []
    ordinal, draws = 0, sum(statement.op.draws for statement in body)
    for statement in body:
        out, value = statement.target, numbering.value(statement, memory, function, ordinal)
        ordinal += statement.op.draws
        counts = statement.op.draws and ordinal < draws  # the numbers of later draws depend on it
        if value == memory[out] and not counts:
            continue
        constant = values.holdable(value) if out[0] == "s" and not counts else None
        if constant is not None:
            new.append(instruction(SCALAR_CONST_SET, 0, 0, out[1], (constant,)))
            value = values.constant("s", constant)
        else:
            new.append(statement.with_variables(map(holder, statement.operands), out))
        memory[out] = value
        since[out] = max(since.values()) + 1
    return tuple(new)


def _without_a_copy(numbering: ValueNumbering) -> Candidate:
    """Remove one of the statements that only copy: the value is stored there at once."""
    for at, statement in statements(numbering.candidate):
        for copied in statement.operands:
            maker = _maker(numbering, at, statement, copied)
            if maker is not None:
                return _stored_at_once(numbering.candidate, maker, at, copied, statement.target)
    return numbering.candidate


def _maker(
    numbering: ValueNumbering, at: Definition, statement: Instruction, copied: Variable
) -> Definition | None:
    """Return the only statement that writes what is copied, if it can as well write where the copy goes."""
    candidate, out, memories = numbering.candidate, statement.target, numbering.memories[at.function]
    copies = memories[at.line + 1][out] == memories[at.line][copied] and not statement.op.partial
    if out[0] != copied[0] or out == copied or copied in ENGINES or not copies:
        return None
    writers = [writer for writer, other in statements(candidate) if other.target == copied]
    if len(writers) != 1 or writers[0].function != at.function or writers[0].line >= at.line:
        return None
    maker = writers[0]
    body = candidate.bodies[at.function]
    between = body[maker.line + 1 : at.line]
    if body[maker.line].op.partial or any(out in other.variables for other in between):
        return None
    for reader, other in statements(candidate):
        inside = reader.function == at.function and maker.line < reader.line <= at.line
        memory = numbering.memories[reader.function][reader.line]
        if copied in other.operands and not inside and memory[out] != memory[copied]:
            return None
    return maker


def _stored_at_once(
    candidate: Candidate, maker: Definition, copy: Definition, copied: Variable, out: Variable
) -> Candidate:
    """Let a statement store where another copies to, and remove the copy."""
    changes = {at: statement.reading(out, copied) for at, statement in statements(candidate)}
    changes[maker] = changes[maker].with_target(out)
    return edited(candidate, {**changes, copy: None})
