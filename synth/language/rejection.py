"""Static rejection: whether a program can learn at all, and whether its error feeds back, before it is run.

A program runs setup once, then (predict, learn) for each training example. What may depend on what is
followed through the statements. Sets of variables are integers, a bit for each (`instruction.variable_bit`).
"""

from itertools import starmap

from synth.language.analysis import FEATURES_BIT, LABEL_BIT, NOT_RESET, PREDICTION_BIT
from synth.language.candidate import Body, Candidate
from synth.language.instruction import Instruction, variable_bit


def _after(statement: Instruction, tainted: int) -> int:
    """Return what may depend on the tainted variables after a statement has run."""
    if statement.reads & tainted:
        return tainted | statement.writes
    return tainted & ~statement.kills


def _spread(body: Body, tainted: int) -> int:
    """Return what may depend on the tainted variables after the body has run."""
    for statement in body:
        tainted = _after(statement, tainted)
    return tainted


def _reaches_prediction(candidate: Candidate, known: int, label: int) -> bool:
    """Return whether what is tainted before a predict, or the label in learn, may reach a prediction.

    A predict may follow a learn (in training) or a predict (in validation).
    """
    while True:
        after = _spread(candidate.predict, known)
        if after & PREDICTION_BIT:
            return True
        grown = known | ((after | _spread(candidate.learn, after | label)) & NOT_RESET)
        if grown == known:
            return False
        known = grown


def can_learn(candidate: Candidate) -> bool:
    """Return whether predictions may depend on their example's features, and on labels that learn read.

    A program for which this is False makes the same predictions whatever the features, or whatever the
    labels, are; it need not be evaluated.
    """
    sees_features = _spread(candidate.predict, FEATURES_BIT) & PREDICTION_BIT
    return bool(sees_features) and _reaches_prediction(candidate, 0, LABEL_BIT)


def feeds_back(candidate: Candidate) -> bool:
    """Return whether the error feeds back into later predictions.

    It does where a product of what depends on label and prediction with what depends on the features, all
    within one step, may reach a later prediction.
    A gradient rule does so, unless its error is that of a second prediction which learn makes itself; a rule
    that adds up examples by their labels does not. This is prior knowledge about learning, so it is never
    asked of a program unless a setting says so.
    """
    features = _spread(candidate.predict, FEATURES_BIT) | FEATURES_BIT
    prediction, label, product = PREDICTION_BIT, LABEL_BIT, 0
    for statement in candidate.learn:
        multiplied = 0
        if statement.op.family == "product":
            first, second = starmap(variable_bit, statement.operands)
            both = prediction & label
            multiplied = (first & both and second & features) or (second & both and first & features)
        prediction, label, features = (
            _after(statement, tainted) for tainted in (prediction, label, features)
        )
        product = product | statement.writes if multiplied else _after(statement, product)
    return _reaches_prediction(candidate, product & NOT_RESET, 0)
