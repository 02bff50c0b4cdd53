"""Mutations on the data flow: whatever one adds is read by something that may reach a prediction.

A step that pays often needs several statements at once, such as a parameter with all that reads and updates
it; these mutations draw it whole. What is drawn is uniform over the op lists; the forms that are drawn, such
as an update `A = op(A, .)` or the range of a scale, are prior knowledge.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from random import Random

from synth.language.bypass import bypassed
from synth.language.candidate import Body
from synth.language.constants import rounded
from synth.language.flow import LEARN, PREDICT, SETUP, Definition
from synth.language.instruction import Instruction, instruction
from synth.language.ops import Constant, MemoryType, Variable
from synth.mutation.chance import below, normal
from synth.mutation.constants import FLIP, fresh_constant, one_changed
from synth.mutation.draft import NO_OP, NOTHING, Draft, Refused, on_data_flow
from synth.mutation.liveness import Operand, Values

WIDTHS = (0.1, 0.3, 1.0)
"""Standard deviations of a constant's steps on the logarithmic scale."""


@on_data_flow
def change_constant(draft: Draft) -> None:
    """Let a constant take a step of exp(N(0, w)), w one of .1, .3 and 1; or, for one in ten, change its sign.

    Between 1/2 and 1, where decays and momenta lie, half of the steps are those of its distance to 1.
    """
    at = draft.pick([at for at in draft.live(SETUP, PREDICT, LEARN) if draft.statement(at).constants])
    draft.replace(at, one_changed(draft.statement(at), draft.random, _stepped))


def _stepped(value: float, constant: Constant, random: Random) -> float:
    if value == 0.0:
        return fresh_constant(constant, random)
    if constant.kind == "value" and random.random() < FLIP:
        return -value
    width = WIDTHS[below(random, len(WIDTHS))]
    step = math.exp(width * normal(random))
    if constant.kind == "value" and 0.5 < value < 1.0 and random.random() < 0.5:
        return rounded(1.0 - (1.0 - value) * step, constant)
    return rounded(value * step, constant)


@on_data_flow
def rewire(draft: Draft) -> None:
    """Let one operand read another value of its type that exists."""
    operand = draft.pick(draft.operands())
    kind, address = operand.variable
    others = [other for other in draft.liveness.values(operand.at.function)[kind] if other != address]
    draft.reroute(operand, (kind, draft.pick(others)))


@on_data_flow
def replace_op(draft: Draft) -> None:
    """Give a statement another op with the same output type; operands stay where types fit, with .8 each."""
    at = draft.pick(draft.live(SETUP, PREDICT, LEARN))
    old = draft.statement(at)
    op = draft.pick_op(
        [op for op in draft.space.functions[at.function].ops.select(old.op.output) if op != old.op]
    )
    left, kept = list(old.operands), list[Variable]()
    for kind in op.inputs:
        fitting = _of_type(left, kind)
        if fitting and draft.chance(0.8):
            kept.append(fitting[0])
            left.remove(fitting[0])
    draft.replace(at, draft.drawn([op], old.target, draft.liveness.values(at.function), kept))


@on_data_flow
def insert_chain(draft: Draft) -> None:
    """Insert one to three statements, the last of which replaces an operand of a live statement.

    Half of the time the first reads the old operand.
    """
    operand = draft.pick(draft.operands())
    function, old = operand.at.function, operand.variable
    chain = draft.chain(
        function, old[0], old if draft.chance(0.5) else None, draft.liveness.values(function), 0.35
    )
    draft.insert(operand.at, chain)
    draft.reroute(operand, chain[-1].target)


@on_data_flow
def add_parameter(draft: Draft) -> None:
    """Add memory A of a random type: predict reads it by a chain, learn updates it by A = op(A, chain).

    With .3 setup gives it a value.
    """
    kind = draft.pick(draft.space.parameter_types, NO_OP)
    parameter = draft.fresh(kind)
    if draft.chance(0.3):
        draft.initialise(parameter)
    chain = draft.chain(PREDICT, None, parameter, draft.liveness.values(PREDICT), 0.3)
    draft.join(chain)
    values = {one: list(addresses) for one, addresses in draft.liveness.values(LEARN).items()}
    for one, address in (parameter, *(statement.target for statement in chain)):
        if address not in values[one]:
            values[one].append(address)
    _update(draft, parameter, draft.chain(LEARN, kind, None, values, 0.3), values)


@on_data_flow
def update_constant(draft: Draft) -> None:
    """A constant of setup becomes state: learn updates it by A = op(A, chain), so that a rate can fall.

    Half of the chains go on from A itself, and half end in a product with a new constant.
    """
    written = {statement.target for body in draft.bodies[PREDICT:] for statement in body}
    constant = draft.pick([one for one in draft.liveness.parameters if one not in written])
    values = draft.liveness.values(LEARN)
    chain = draft.chain(LEARN, constant[0], constant if draft.chance(0.5) else None, values, 0.3)
    if draft.chance(0.5):
        chain.append(draft.product(LEARN, chain[-1].target, draft.factor()))
    _update(draft, constant, chain, values)


def _update(draft: Draft, parameter: Variable, chain: list[Instruction], values: Values) -> None:
    """Let learn update a parameter by A = op(A, chain), at the end or anywhere."""
    kind = parameter[0]
    updates = [op for op in draft.space.functions[LEARN].ops.select(kind) if op.inputs == (kind, kind)]
    update = draft.drawn(updates, parameter, values, [chain[-1].target, parameter])
    end = draft.end(LEARN)
    at = end if draft.chance(0.5) else Definition(LEARN, below(draft.random, end.line + 1))
    draft.insert(at, [*chain, update])


@on_data_flow
def scale(draft: Draft) -> None:
    """Multiply an operand by a new constant that setup sets."""
    draft.multiply(draft.pick(draft.operands()), draft.factor())


@on_data_flow
def split(draft: Draft) -> None:
    """Give a scalar with several readers a copy for one of them, times a new constant.

    The copy of a constant of setup is another constant; so one rate becomes two.
    """
    readers: dict[Variable, list[Operand]] = defaultdict(list)
    for operand in draft.operands():
        readers[operand.variable].append(operand)
    several = [variable for variable, operands in readers.items() if len(operands) > 1]
    scalar = draft.pick(_of_type(several, "s"))
    operand, factor = draft.pick(readers[scalar]), draft.factor()
    writers = [statement for body in draft.bodies for statement in body if statement.target == scalar]
    if len(writers) == 1 and writers[0] in draft.bodies[SETUP] and writers[0].op == draft.space.constant_op:
        draft.reroute(operand, draft.constant(writers[0].constants[0] * factor))
    else:
        draft.multiply(operand, factor)


@on_data_flow
def duplicate(draft: Draft) -> None:
    """Double a parameter, what reads it and what updates it for a new parameter of a random type.

    Ops give way to others of the same family that fit, so that a vector of weights can become a matrix.
    """
    in_predict = [operand for operand in draft.operands() if operand.at.function == PREDICT]
    read = {operand.variable for operand in in_predict}.intersection(draft.liveness.parameters)
    update_at = draft.pick([at for at in draft.live(LEARN) if draft.statement(at).target in read])
    update = draft.statement(update_at)
    old, new = update.target, draft.fresh(draft.pick(draft.space.parameter_types, NO_OP))
    _initialise_alike(draft, old, new)

    reader = draft.pick([operand.at for operand in in_predict if operand.variable == old])
    draft.join([_alike(draft, PREDICT, draft.statement(reader), None, [new])])

    changes = [variable for variable in update.operands if variable != old] or [old]
    model = _last_writer(draft.bodies[LEARN][: update_at.line], changes[0])
    if model is None:
        (change,) = draft.chain(LEARN, new[0], changes[0], draft.liveness.values(LEARN), 0.0)
    else:
        change = _alike(draft, LEARN, model, None, [], new[0])
    again = _alike(draft, LEARN, update, new, [new, change.target], new[0])
    draft.insert(Definition(LEARN, update_at.line + 1), [change, again])


def _alike(
    draft: Draft,
    function: int,
    model: Instruction,
    target: Variable | None,
    reads: list[Variable],
    gives: MemoryType | None = None,
) -> Instruction:
    """Return a statement of the model's family that reads `reads`, and what the model reads or writes.

    It gives a value of the type `gives`, if there is one.
    """
    types = [kind for kind, _ in reads]
    op = draft.pick_op(
        [
            op
            for op in draft.space.functions[function].ops.select(gives)
            if op.family == model.op.family and all(op.inputs.count(one) >= types.count(one) for one in types)
        ]
    )
    rest = list(op.inputs)
    for kind in types:
        rest.remove(kind)
    at_hand = [variable for variable in model.variables if variable not in reads]
    fitting = filter(None, [_of_type(at_hand, kind) for kind in rest])
    reads = [*reads, *map(draft.pick, fitting)]
    return draft.drawn([op], target, draft.liveness.values(function), reads)


def _of_type(variables: Sequence[Variable], kind: MemoryType) -> list[Variable]:
    return [variable for variable in variables if variable[0] == kind]


def _last_writer(body: Body, variable: Variable) -> Instruction | None:
    """Return the last statement that writes a variable."""
    return next((statement for statement in reversed(body) if statement.target == variable), None)


@on_data_flow
def bypass(draft: Draft) -> None:
    """Remove a statement; what read it reads its operand of the same type."""
    passing_on = [
        at
        for at in draft.live(PREDICT, LEARN)
        if draft.statement(at).op.output in draft.statement(at).op.inputs
    ]
    at = draft.pick(passing_on)
    gone = draft.statement(at)
    source = draft.pick(_of_type(gone.operands, gone.target[0]))
    changes = bypassed(draft.bodies, at, source)
    if not changes or any(reader.function not in draft.space.changeable for reader in changes):
        raise Refused(NOTHING)
    for reader, statement in changes.items():
        draft.replace(reader, *filter(None, [statement]))


@on_data_flow
def initialise(draft: Draft) -> None:
    """Give a parameter a value in setup, change it or (with .4, where there is one) take it away."""
    if SETUP not in draft.space.changeable:
        raise Refused(NO_OP)
    parameter = draft.pick(draft.liveness.parameters)
    writers = [line for line, statement in enumerate(draft.bodies[SETUP]) if statement.target == parameter]
    loses = bool(writers) and draft.chance(0.4)
    if not loses and not draft.initialisers(parameter):
        raise Refused(NO_OP)
    for line in writers:
        draft.replace(Definition(SETUP, line))
    if not loses:
        draft.initialise(parameter)


def _initialise_alike(draft: Draft, old: Variable, new: Variable) -> None:
    """Let setup give a parameter a value as it gives one to another, if there is an op of the family."""
    model = _last_writer(draft.bodies[SETUP], old)
    if model is None or model.op.inputs:
        return
    ops = [
        op
        for op in draft.initialisers(new)
        if op.family == model.op.family and op.constants == model.op.constants
    ]
    if ops:
        draft.insert(draft.end(SETUP), [instruction(draft.pick(ops), out=new[1], constants=model.constants)])


@on_data_flow
def swap(draft: Draft) -> None:
    """Exchange two neighbours of which one reads or writes what the other writes."""
    later = [
        at for at in draft.live(PREDICT, LEARN) if at.line and _order_matters(draft.bodies[at.function], at)
    ]
    second = draft.pick(later)
    first = Definition(second.function, second.line - 1)
    draft.replace(first, draft.statement(second))
    draft.replace(second, draft.statement(first))


def _order_matters(body: Body, at: Definition) -> bool:
    """Return whether a statement and the one before it do something else in the other order."""
    first, second = body[at.line - 1], body[at.line]
    touches = first.writes & (second.reads | second.writes) or second.writes & first.reads
    return bool(touches) and first != second
