"""Names for memory after the role that it plays, and what the blocks of a program compute."""

from typing import Literal

from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP, Definition, statements
from synth.language.ops import FEATURES, LABEL, PREDICTION, Variable
from synth.reading.degrees import degree_of_prediction
from synth.reading.learner import Learner, State
from synth.reading.techniques import find_techniques

Role = Literal[
    "label",
    "prediction",
    "features",
    "zero",
    "weights",
    "bias",
    "velocity",
    "average",
    "state",
    "count",
    "rate",
    "learning_rate",
    "error",
    "gradient",
    "step",
    "score",
    "hidden",
    "transformed",
    "activation",
    "gate",
    "probability",
    "noise",
    "noisy",
    "norm",
    "random",
    "constant",
]
"""What memory is for; its name in a module, and the key of its letter and of its words in equations."""

_SCALING = frozenset({"product", "quotient", "reciprocal"})
"""Families of the ops by which a learning rate acts."""


class RoleFinder:
    """The roles of a candidate's memory: `named` after its own variables, `roles` after the learner's.

    Expects no dead statements.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.learner = Learner(candidate)
        self.predicting = self.learner.behind(*self.learner.flow.prediction, within_step=True)
        self.techniques = find_techniques(self.learner)
        self.roles: dict[Variable, Role] = {LABEL: "label", PREDICTION: "prediction", FEATURES: "features"}
        # A variable keeps the first role that it is given, so the order matters.
        self._zeros_and_states()
        self._techniques()
        self._rates()
        self._computed()
        given = self.learner.given
        self.named = {given[variable]: role for variable, role in self.roles.items() if variable in given}

    def _call_target(self, at: Definition, role: Role) -> None:
        self.roles.setdefault(self.learner.live[at].target, role)

    def _zeros_and_states(self) -> None:
        for variable in self.learner.readers:
            if self.learner.is_zero(variable):
                self.roles.setdefault(variable, "zero")
        for state in self.learner.states:
            self._call_target(state.update, self._state_role(state))
        for at in self.learner.errors:
            self._call_target(at, "error")

    def _state_role(self, state: State) -> Role:
        learner = self.learner
        if learner.is_schedule(state):
            counts = any(not term.factors for term in state.old)
            return "count" if counts and state.new else "rate"
        if learner.moved_by(state) is not None:
            return "velocity"
        if learner.average_of(state) is not None:
            return "average"
        if state.trained or learner.velocity_of(state) is not None:
            scalar = learner.live[state.update].op.output == "s"
            layer = scalar or degree_of_prediction(learner) is None
            if layer and self._only_added(state):
                return "bias"
            return "state" if scalar else "weights"
        return "state"

    def _only_added(self, state: State) -> bool:
        """Return whether predictions read a state in sums alone."""
        families = {
            self.learner.live[at].op.family
            for variable in self.learner.targets_of(state.group)
            for at in self.learner.readers.get(variable, ())
            if at in self.predicting and at not in state.group
        }
        return families == {"sum"}

    def _techniques(self) -> None:
        live = self.learner.live
        for technique in self.techniques:
            first, *others = technique.statements
            last = live[technique.statements[-1]].target
            if technique.name == "sigmoid":
                self.roles.setdefault(last, "probability")
            elif technique.name == "noise":
                self._call_target(first, "noise")
                for at in others:
                    self._call_target(at, "noisy")
            elif technique.name == "ReLU":
                for at in technique.statements:
                    self._call_target(at, "gate" if live[at].op.family == "heaviside" else "activation")
            elif technique.name == "learning-rate decay" and self.roles.get(last) != "count":
                self.roles[last] = "learning_rate"
        for at, statement in live.items():
            if statement.op.family == "norm":
                self._call_target(at, "norm")

    def _rates(self) -> None:
        """Name scalars of setup that scale, or are divided, on the way from an error to what it moves.

        One that predictions read, or what they are compared with, is no step size alone.
        """
        learner = self.learner
        comparing = self.predicting | learner.behind(*learner.errors, within_step=True)
        for state in learner.states:
            for at in sorted(learner.all_behind(state.gradient)):
                statement = learner.live[at]
                for variable in statement.operands if statement.op.family in _SCALING else ():
                    scales = variable[0] == "s" and learner.is_constant(variable)
                    if scales and comparing.isdisjoint(learner.readers.get(variable, ())):
                        self.roles.setdefault(variable, "learning_rate")

    def _computed(self) -> None:
        """Name what is made of an error, of the features, of trained state, and at last what setup sets."""
        learner, errors = self.learner, set(self.learner.errors)
        for at, statement in learner.live.items():
            if at.function == LEARN and not errors.isdisjoint(learner.behind(at)):
                self._call_target(at, "step" if statement.op.output == "s" else "gradient")
        array: Role = "hidden" if degree_of_prediction(learner) is None else "transformed"
        for at, statement in learner.live.items():
            seen = learner.inputs(learner.behind(at, within_step=True))
            if at.function == PREDICT and FEATURES in seen:
                self._call_target(at, "score" if statement.op.output == "s" else array)
        for at in learner.live:
            if at.function == LEARN and not learner.group_of(at) and self._derived(at):
                self._call_target(at, "weights")
        for at, statement in learner.live.items():
            if at.function == SETUP and learner.is_constant(statement.target):
                self._call_target(at, "random" if statement.op.draws else "constant")

    def _derived(self, at: Definition) -> bool:
        """Return whether a statement of learn adds to trained state for predictions to read."""
        states = [self.learner.state_at(term.variable) for term in self.learner.terms(at)]
        readers = self.learner.readers.get(self.learner.live[at].target, ())
        return any(state and state.trained for state in states) and not self.predicting.isdisjoint(readers)


def describe_blocks(finder: RoleFinder) -> dict[Definition, str]:
    """Return what the statements compute, in words: a title for each statement that begins a block."""
    blocks: list[tuple[str, list[Definition]]] = []
    for at, statement in statements(finder.learner.candidate):
        title = "This has no effect."
        if statement.op.draws:
            title = "Draw and discard, so that later draws stay the same."
        if at in finder.learner.live:
            title = (_of_setup, _of_predict, _of_learn)[at.function](finder, at)
        if blocks and blocks[-1][0] == title and blocks[-1][1][0].function == at.function:
            blocks[-1][1].append(at)
        else:
            blocks.append((title, [at]))
    return {block[0]: _of_preparation(finder, block) or title for title, block in blocks}


def _of_preparation(finder: RoleFinder, block: list[Definition]) -> str:
    """Return the title of a block for a state that a later one updates; an empty text for another block."""
    learner = finder.learner
    state = next(filter(None, (_served(finder, at) for at in block if at in learner.live)), None)
    if not state or learner.live[state.update].target in learner.targets_of(block):
        return ""
    return f"Prepare the update of {learner.name(state)}."


_LATER = "Save for a later step."


def _of_setup(finder: RoleFinder, at: Definition) -> str:
    statement = finder.learner.live[at]
    if len(finder.learner.writers[statement.target]) > 1:
        return "Set initial values."
    return "Draw random constants." if statement.op.draws else "Set constants."


def _of_predict(finder: RoleFinder, at: Definition) -> str:
    if at not in finder.predicting:
        return _LATER
    variable = finder.learner.live[at].target
    hidden = variable[0] != "s" and finder.roles.get(variable) in ("hidden", "activation")
    return "Compute the hidden layer." if hidden else "Compute the prediction."


def _of_learn(finder: RoleFinder, at: Definition) -> str:
    learner = finder.learner
    if at in learner.behind(*learner.errors, within_step=True):
        return "Compare the prediction with the label."
    if state := _served(finder, at):
        return _title(finder, state)
    variable = learner.live[at].target
    return f"Set the weights {learner.text(variable)}." if finder.roles.get(variable) == "weights" else _LATER


def _served(finder: RoleFinder, at: Definition) -> State | None:
    """Return the first state, behind no error, for whose update of this step a statement of learn is.

    A counter stands for the first of those that use it.
    """
    learner = finder.learner
    if at.function != LEARN or at in learner.behind(*learner.errors, within_step=True):
        return None
    states = sorted(learner.states, key=lambda state: state.update)
    served = (
        state
        for state in states
        if state.update >= at and at in learner.behind(*state.group, within_step=True)
    )
    state = next(served, None)
    if state and finder.roles[learner.live[state.update].target] == "count":
        using = (
            other
            for other in states
            if other.update > state.update
            and state.group in learner.touched(learner.behind(*other.group, within_step=True))
        )
        return next(using, state)
    return state


def _title(finder: RoleFinder, state: State) -> str:
    """Return what the statements of a state are for."""
    learner = finder.learner
    role, name = finder.roles[learner.live[state.update].target], learner.name(state)
    average = learner.average_of(state)
    if average is not None:
        other = average[0]
        of = finder.roles[learner.live[other.update].target].replace("_", " ")
        return f"Update {name}, the {state.average_or_sum} of the {of} {learner.name(other)}."
    if role in ("weights", "bias"):
        moved = learner.velocity_of(state) is not None
        by = "by its velocity" if moved else "along the gradient" if state.gradient else "by the labels"
        return f"Move the {role} {name} {by}."
    titles = {
        "count": "Count the examples.",
        "velocity": f"Add the gradient to the velocity {name}.",
        "learning_rate": f"Update the learning rate {name}.",
    }
    return titles.get(role, f"Update {name}, which is carried from step to step.")
