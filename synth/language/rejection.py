"""Static rejection: whether a program can learn at all, and whether its error feeds back, before it is run.

A program runs setup once, then (predict, learn) for each training example. What may depend on what is
followed through the statements. Sets of variables are integers, a bit for each (`instruction.variable_bit`).
"""

from itertools import starmap

from synth.language.candidate import Body, Candidate
from synth.language.instruction import variable_bit
from synth.language.ops import FEATURES, LABEL, PREDICTION

_LABEL, _PREDICTION, _FEATURES = starmap(variable_bit, (LABEL, PREDICTION, FEATURES))
_RESET = ~(_LABEL | _FEATURES)


def _spread(body: Body, tainted: int) -> int:
    """What may depend on the tainted addresses after the body has run."""
    for statement in body:
        if statement.reads & tainted:
            tainted |= statement.writes
        else:
            tainted &= ~statement.kills
    return tainted


def _reaches_prediction(candidate: Candidate, known: int, label: int) -> bool:
    """Whether what is tainted before a predict, or the label in learn, may reach a prediction.

    A predict may follow a learn (in training) or a predict (in validation).
    """
    while True:
        after = _spread(candidate.predict, known)
        if after & _PREDICTION:
            return True
        grown = known | ((after | _spread(candidate.learn, after | label)) & _RESET)
        if grown == known:
            return False
        known = grown


def can_learn(candidate: Candidate) -> bool:
    """Whether a prediction may depend on that example's features, and on a label that learn read before.

    A program for which this is False makes the same predictions whatever the features, or whatever the
    labels, are; it need not be evaluated.
    """
    if not _spread(candidate.predict, _FEATURES) & _PREDICTION:
        return False
    return _reaches_prediction(candidate, 0, _LABEL)


def feeds_back(candidate: Candidate) -> bool:
    """Whether the error feeds back: a product of what depends on label and prediction with what depends on
    the features, all within one step, may reach a later prediction.

    A gradient rule does so, unless its error is that of a second prediction which learn makes itself; a rule
    that adds up examples by their labels does not. This is prior knowledge about learning, so it is never
    asked of a program unless a setting says so.
    """
    seen = _spread(candidate.predict, _FEATURES) | _FEATURES
    said, label, product = _PREDICTION, _LABEL, 0
    for statement in candidate.learn:
        reads = statement.reads
        hit_said, hit_label, hit_seen = reads & said, reads & label, reads & seen
        multiplied = False
        if statement.op.family == "product" and (said & label & reads) and hit_seen:
            first, second = starmap(variable_bit, statement.operands)
            both = said & label
            multiplied = bool((first & both and second & seen) or (second & both and first & seen))
        kept = ~statement.kills
        said = said | statement.writes if hit_said else said & kept
        label = label | statement.writes if hit_label else label & kept
        seen = seen | statement.writes if hit_seen else seen & kept
        product = product | statement.writes if multiplied or reads & product else product & kept
    return _reaches_prediction(candidate, product & _RESET, 0)
