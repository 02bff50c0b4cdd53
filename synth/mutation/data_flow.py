"""Mutations on the data flow: whatever one adds is read by something that may reach a prediction.

A step that pays often needs several statements at once, such as a parameter with all that reads and updates
it; these mutations draw it whole. What is drawn is uniform over the op lists; the forms that are drawn, such
as an update `A = op(A, .)` or the range of a scale, are prior knowledge.
"""

import math

from synth.language.bypass import bypassed
from synth.language.constants import rounded
from synth.language.flow import LEARN, PREDICT, SETUP, Definition, operands, target
from synth.language.instruction import Instruction, instruction
from synth.language.ops import Constant, Place
from synth.mutation.anatomy import Line, Operand
from synth.mutation.chance import below, normal
from synth.mutation.draft import NO_OP, NOTHING, Draft, Refused, on_data_flow
from synth.mutation.fresh import fresh_constant

WIDTHS = (0.1, 0.3, 1.0)
"""Standard deviations of a constant's steps on the logarithmic scale."""


@on_data_flow
def change_constant(draft: Draft) -> None:
    """A constant takes a step of exp(N(0, w)), w one of .1, .3 and 1; one value in ten changes its sign.

    Between 1/2 and 1, where decays and momenta lie, half of the steps are those of its distance to 1.
    """
    line = draft.pick([line for line in draft.lines() if draft.statement(line).constants])
    old = draft.statement(line)
    place = below(draft.random, len(old.constants))
    constants = list(old.constants)
    constants[place] = _stepped(draft, constants[place], old.op.constants[place])
    if old.op.bounded:
        constants.sort()
    draft.replace(line, instruction(old.op, out=old.out, constants=constants))


def _stepped(draft: Draft, value: float, constant: Constant) -> float:
    if constant.kind == "index" or value == 0.0:
        return fresh_constant(constant, draft.random)
    if constant.kind == "value" and draft.chance(0.1):
        return -value
    step = math.exp(draft.pick(WIDTHS) * normal(draft.random))
    if constant.kind == "value" and 0.5 < value < 1.0 and draft.chance(0.5):
        return rounded(1.0 - (1.0 - value) * step, constant)
    return rounded(value * step, constant)


@on_data_flow
def rewire(draft: Draft) -> None:
    """One operand reads another value of its type that exists."""
    operand = draft.pick(draft.operands())
    kind, address = draft.anatomy.reads(operand)
    others = [other for other in draft.values(operand.line.function)[kind] if other != address]
    draft.reroute(operand, (kind, draft.pick(others)))


@on_data_flow
def replace_op(draft: Draft) -> None:
    """A statement gets another op with the same output type; operands stay where types fit, with .8 each."""
    line = draft.pick(draft.lines())
    old = draft.statement(line)
    ops = [op for op in draft.space.vocabulary[line.function].that(old.op.output, None) if op != old.op]
    op = draft.pick_op(ops)
    left, kept = operands(old), list[Place]()
    for kind in op.inputs:
        fitting = [place for place in left if place[0] == kind]
        if fitting and draft.chance(0.8):
            kept.append(fitting[0])
            left.remove(fitting[0])
    draft.replace(line, draft.drawn([op], target(old), draft.values(line.function), kept))


@on_data_flow
def insert_chain(draft: Draft) -> None:
    """One to three new statements, the last of which takes the place of an operand of a live statement.

    Half of the time the first reads the old operand.
    """
    operand = draft.pick(draft.operands())
    function, old = operand.line.function, draft.anatomy.reads(operand)
    chain = draft.chain(function, old[0], old if draft.chance(0.5) else None, draft.values(function), 0.35)
    draft.insert(operand.line, chain)
    draft.reroute(operand, target(chain[-1]))


@on_data_flow
def add_parameter(draft: Draft) -> None:
    """New memory A of a random type: predict reads it by a chain, learn updates it by A = op(A, chain).

    With .3 setup gives it a value.
    """
    kind = draft.pick(draft.space.parameter_types, NO_OP)
    parameter = draft.fresh(kind)
    if draft.chance(0.3):
        draft.initialise(parameter)
    chain = draft.chain(PREDICT, None, parameter, draft.values(PREDICT), 0.3)
    draft.join(chain)
    values = {one: list(addresses) for one, addresses in draft.values(LEARN).items()}
    for one, address in (parameter, *map(target, chain)):
        if address not in values[one]:
            values[one].append(address)
    change = draft.chain(LEARN, kind, None, values, 0.3)
    updates = [op for op in draft.space.vocabulary[LEARN].that(kind, parameter) if op.inputs == (kind, kind)]
    update = draft.drawn(updates, parameter, values, [target(change[-1]), parameter])
    end = draft.end(LEARN)
    place = end if draft.chance(0.5) else Line(LEARN, below(draft.random, end.number + 1))
    draft.insert(place, [*change, update])


@on_data_flow
def scale(draft: Draft) -> None:
    """An operand is multiplied by a new constant that setup sets."""
    draft.multiply(draft.pick(draft.operands()), draft.factor())


@on_data_flow
def split(draft: Draft) -> None:
    """A scalar with several readers gets a copy for one of them, times a new constant.

    The copy of a constant of setup is another constant; so one rate becomes two.
    """
    readers: dict[Place, list[Operand]] = {}
    for operand in draft.operands():
        readers.setdefault(draft.anatomy.reads(operand), []).append(operand)
    several = [place for place, found in readers.items() if place[0] == "s" and len(found) > 1]
    place = draft.pick(several)
    operand, factor = draft.pick(readers[place]), draft.factor()
    setup, *others = (
        [statement for statement in body if target(statement) == place] for body in draft.anatomy.bodies
    )
    writers = setup if not any(others) else []
    if len(writers) == 1 and writers[0].op == draft.space.constant_op:
        draft.reroute(operand, draft.constant(writers[0].constants[0] * factor))
    else:
        draft.multiply(operand, factor)


@on_data_flow
def duplicate(draft: Draft) -> None:
    """A parameter, what reads it and what updates it are doubled for a new parameter of a random type.

    Ops give way to others of the same family that fit, so that a vector of weights can become a matrix.
    """
    anatomy = draft.anatomy
    updates = [line for line in draft.lines(LEARN) if target(draft.statement(line)) in anatomy.parameters]
    read = {anatomy.reads(operand) for operand in draft.operands() if operand.line.function == PREDICT}
    update_line = draft.pick([line for line in updates if target(draft.statement(line)) in read])
    update = draft.statement(update_line)
    old = target(update)
    new = draft.fresh(draft.pick(draft.space.parameter_types, NO_OP))
    _initialise_alike(draft, old, new)

    readers = [
        operand.line
        for operand in draft.operands()
        if operand.line.function == PREDICT and anatomy.reads(operand) == old
    ]
    draft.join([_alike(draft, PREDICT, draft.statement(draft.pick(readers)), None, [new])])

    changes = [place for place in operands(update) if place != old] or [old]
    made = _maker(anatomy.bodies[LEARN], update_line.number, changes[0])
    if made is None:
        change = draft.chain(LEARN, new[0], changes[0], draft.values(LEARN), 0.0)[-1]
    else:
        change = _alike(draft, LEARN, made, new[0], [])
    again = _alike(draft, LEARN, update, new, [new, target(change)])
    draft.insert(Line(LEARN, update_line.number + 1), [change, again])


def _alike(
    draft: Draft, function: int, model: Instruction, out: Place | str | None, must: list[Place]
) -> Instruction:
    """A statement of the same family that reads `must`, and besides what the model reads or writes."""
    kind = out[0] if out else None
    wanted = [one for one, _ in must]
    ops = [
        op
        for op in draft.space.vocabulary[function].that(kind, None)  # type: ignore[arg-type]
        if op.family == model.op.family and all(op.inputs.count(one) >= wanted.count(one) for one in wanted)
    ]
    op = draft.pick_op(ops)
    rest = list(op.inputs)
    for one in wanted:
        rest.remove(one)
    at_hand = [place for place in (*operands(model), target(model)) if place not in must]
    chosen = list(must)
    for one in rest:
        fitting = [place for place in at_hand if place[0] == one]
        if fitting:
            chosen.append(draft.pick(fitting))
    return draft.drawn([op], out if isinstance(out, tuple) else None, draft.values(function), chosen)


def _maker(body: tuple[Instruction, ...], end: int, place: Place) -> Instruction | None:
    """The last statement before a line that writes a place."""
    return next((one for one in reversed(body[:end]) if target(one) == place), None)


@on_data_flow
def bypass(draft: Draft) -> None:
    """A statement goes; what read it reads its operand of the same type."""
    lines = [line for line in draft.lines(PREDICT, LEARN) if _passes_on(draft.statement(line))]
    line = draft.pick(lines)
    gone = draft.statement(line)
    out = target(gone)
    source = draft.pick([place for place in operands(gone) if place[0] == out[0]])
    changes = bypassed(draft.anatomy.bodies, Definition(*line), source)
    if not changes or any(place.function not in draft.space.changeable for place in changes):
        raise Refused(NOTHING)
    for place, statement in changes.items():
        draft.replace(Line(*place), statement)


def _passes_on(statement: Instruction) -> bool:
    """Whether it reads an operand of its output's type."""
    return statement.op.output in statement.op.inputs


@on_data_flow
def initialise(draft: Draft) -> None:
    """A parameter gets, changes or (with .4, where it has one) loses the value that setup gives it."""
    if SETUP not in draft.space.changeable:
        raise Refused(NO_OP)
    parameter = draft.pick(draft.anatomy.parameters)
    writers = [
        Line(SETUP, index)
        for index, statement in enumerate(draft.anatomy.bodies[SETUP])
        if target(statement) == parameter
    ]
    loses = bool(writers) and draft.chance(0.4)
    if not loses and not draft.beginnings(parameter):
        raise Refused(NO_OP)
    for line in writers:
        draft.replace(line, None)
    if not loses:
        draft.initialise(parameter)


def _initialise_alike(draft: Draft, old: Place, new: Place) -> None:
    """Let setup give a parameter a value as it gives one to another, if there is an op of the family."""
    model = _maker(draft.anatomy.bodies[SETUP], len(draft.anatomy.bodies[SETUP]), old)
    if model is None or model.op.inputs:
        return
    ops = [
        op
        for op in draft.beginnings(new)
        if op.family == model.op.family and op.constants == model.op.constants
    ]
    if ops:
        draft.insert(draft.end(SETUP), [instruction(draft.pick(ops), out=new[1], constants=model.constants)])


@on_data_flow
def swap(draft: Draft) -> None:
    """Two neighbours change places, of which one reads or writes what the other writes."""
    pairs = [line for line in draft.lines(PREDICT, LEARN) if line.number and _touches(draft, line)]
    second = draft.pick(pairs)
    first = Line(second.function, second.number - 1)
    draft.replace(first, draft.statement(second))
    draft.replace(second, draft.statement(first))


def _touches(draft: Draft, line: Line) -> bool:
    """Whether it matters in which order a statement and the one before it are done."""
    first, second = draft.statement(Line(line.function, line.number - 1)), draft.statement(line)
    touches = first.writes & (second.reads | second.writes) or second.writes & first.reads
    return bool(touches) and first != second
