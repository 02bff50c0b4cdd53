"""Static analysis of programs: which statements matter, and a canonical form.

A program runs setup once, then (predict, learn) for each training example and predict for each validation
example. The engine sets v0 before each function, s0 to 0 before predict and to the label before learn, and
replaces s1 by its sigmoid after a training predict. Sets of variables are integers, a bit for each (see
`instruction.variable_bit`).
"""

from collections import defaultdict
from functools import lru_cache
from itertools import count, starmap
from struct import Struct

from synth.language.candidate import Body, Candidate
from synth.language.instruction import FIRST_CONSTANT, PACKED, Instruction, variable_bit, variable_number
from synth.language.ops import COMMUTATIVE, FEATURES, LABEL, OPS, PREDICTION

LABEL_BIT, PREDICTION_BIT, FEATURES_BIT = starmap(variable_bit, (LABEL, PREDICTION, FEATURES))
NOT_RESET = ~(LABEL_BIT | FEATURES_BIT)
"""The variables that keep their content between the functions of a step."""

_ABSENT = -1
"""The number of an operand that an op does not have."""

OWN_NAMES = {
    _ABSENT: 0,
    variable_number(*LABEL): 1,
    variable_number(*PREDICTION): 2,
    variable_number(*FEATURES): 3,
}
"""Variables that keep their meaning when memory is renumbered, with their names in the canonical form."""

FIRST_NAME = len(OWN_NAMES)
"""The name of the first other variable that a program mentions."""

END = 1 << 63
"""Ends a function in the canonical form; no statement gives this word."""

WORD_SHIFT = 10
"""A statement's word in the canonical form: op and the names of a, b and out, so many bits apart."""

KEY_START, KEY_FACTOR, KEY_SHIFT = 0x53594E5448, 0x2545F4914F6CDD1D, 32
"""The key is stirred with each word: an exclusive or, a product, and the upper bits into the lower."""

_WORD = (1 << 64) - 1

_CONSTANT_WORDS = Struct(f"<{8 * FIRST_CONSTANT}x3Q")


def _needed(body: Body, needed: int) -> int:
    """Return what must be right before the body so that the needed addresses are right after it."""
    for statement in reversed(body):
        if statement.writes & needed:
            needed = (needed & ~statement.kills) | statement.reads
    return needed


def live_lines(body: Body, needed: int, *, draws: bool = False) -> list[int]:
    """Return the lines of the statements that matter for what is needed after the body, in order.

    With `draws` also those of dead draws before a live one, which keep its random numbers.
    """
    lines = []
    draws_follow = False
    for line in reversed(range(len(body))):
        statement = body[line]
        if statement.writes & needed:
            needed = (needed & ~statement.kills) | statement.reads
            draws_follow = draws_follow or (draws and statement.op.draws)
            lines.append(line)
        elif draws_follow and statement.op.draws:
            lines.append(line)
    return lines[::-1]


def needed_after(candidate: Candidate) -> tuple[int, int, int]:
    """Return what may still be read after setup, after predict and after learn, as sets of variables."""
    predict, learn = candidate.predict, candidate.learn
    before_predict = 0
    while True:
        before_learn = _needed(learn, before_predict)
        after_predict = PREDICTION_BIT | before_learn | before_predict
        grown = before_predict | (_needed(predict, after_predict) & NOT_RESET)
        if grown == before_predict:
            break
        before_predict = grown
    after_setup = (
        _needed(predict, PREDICTION_BIT | before_learn) & NOT_RESET
    )  # learn follows the first predict
    return after_setup, after_predict, before_predict


def effective(candidate: Candidate, *, draws: bool = True) -> Candidate:
    """Return the candidate without its dead statements; every prediction keeps its bits.

    Without `draws` it loses dead draws too, so that live draws may change.
    """
    return Candidate(
        *(
            tuple([body[line] for line in live_lines(body, needed, draws=draws)])
            for body, needed in zip(candidate.bodies, needed_after(candidate), strict=True)
        )
    )


def live_only(candidate: Candidate) -> Candidate:
    """Return the candidate without its dead statements, dead draws included."""
    return effective(candidate, draws=False)


def _variables(statement: Instruction) -> tuple[int, int, int]:
    """Return the numbers of a, b and out."""
    a, b = (*starmap(variable_number, statement.operands), _ABSENT, _ABSENT)[:2]
    return a, b, variable_number(*statement.target)


def _exchanged(candidate: Candidate, first: int, second: int) -> bool:
    """Return whether the second of two variables, operands that commute where both occur first, comes first.

    It is where it occurs first once their occurrences differ; if they never do, both names are as good.
    """
    for statement in candidate:
        a, b, out = _variables(statement)
        as_good = statement.op.id in COMMUTATIVE and {a, b} == {first, second}
        for variable in (out,) if as_good else (a, b, out):
            if variable in (first, second):
                return variable == second
    return False


def canonical_key(candidate: Candidate) -> int:
    """Return a 64-bit hash that is equal for programs which differ only in numbering and operand order.

    Expects a candidate without dead statements, save for the draws that `effective` keeps, which fix the
    ordinals of live draws.
    """
    names = defaultdict(count(FIRST_NAME).__next__, OWN_NAMES)  # names what it has not seen yet
    key = KEY_START
    for body in candidate.bodies:
        for statement in body:
            first, second, out = _variables(statement)
            known = len(names)
            a, b = names[first], names[second]
            if statement.op.id in COMMUTATIVE:
                if a > b:
                    a, b = b, a
                elif known <= a < b and _exchanged(candidate, first, second):
                    names[first], names[second] = b, a
            word = ((statement.op.id << WORD_SHIFT | a) << WORD_SHIFT | b) << WORD_SHIFT | names[out]
            key = _stirred(key, word)
            if statement.constants:
                for constant in _CONSTANT_WORDS.unpack(statement.packed):
                    key = _stirred(key, constant)
        key = _stirred(key, END)
    return key


def _stirred(key: int, word: int) -> int:
    """Return the key after one more word; the machine computes the same (`engine/native/examination.py`)."""
    key = (key ^ word) * KEY_FACTOR & _WORD
    return key ^ key >> KEY_SHIFT


def uses_matrices(candidate: Candidate) -> bool:
    """Return whether a statement reads or writes a matrix."""
    return any("m" in (*statement.op.inputs, statement.op.output) for statement in candidate)


def cost(candidate: Candidate, examples: int) -> int:
    """Return the cost of a training run in the reference's units (section 6)."""
    setup, predict, learn = map(_cost, candidate.code)
    return setup + examples * (predict + learn)


@lru_cache(1 << 12)
def _cost(code: bytes) -> int:
    """Return the cost of running a function once; most programs share functions with their parents."""
    return sum(OPS[op].cost for op, *_ in PACKED.iter_unpack(code))
