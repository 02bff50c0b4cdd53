"""Names for memory after the role that it plays, and what the blocks of a program compute."""

from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP, Definition, operands, target
from synth.language.ops import FEATURES, LABEL, PREDICTION, Place
from synth.reading.findings import Findings, State
from synth.reading.structure import Structure
from synth.reading.techniques import find_techniques

Roles = dict[Place, str]

_SCALING = frozenset({"product", "quotient", "reciprocal"})
"""Families of the ops by which a learning rate acts."""


class RoleFinder:
    """The roles of a candidate's memory, `named`, after its own places. Expects no dead statements."""

    def __init__(self, candidate: Candidate) -> None:
        self.structure = Structure(candidate)
        self.findings = Findings(self.structure)
        self.predicting = self.structure.behind(*self.structure.flow.prediction, within_step=True)
        self.techniques = find_techniques(candidate)
        self.roles: Roles = {}
        self.named = {self.structure.given[place]: role for place, role in self._find().items()}

    def _find(self) -> Roles:
        """The roles of the structure's places."""
        for name_places in (
            self._engine,
            self._states,
            self._errors,
            self._techniques,
            self._rates,
            self._gradients,
            self._hidden,
            self._derived,
            self._rest,
        ):
            name_places()
        return {place: role for place, role in self.roles.items() if place in self.structure.given}

    def _call(self, place: Place, role: str) -> None:
        self.roles.setdefault(place, role)

    def _engine(self) -> None:
        for place, role in ((LABEL, "label"), (PREDICTION, "prediction"), (FEATURES, "features")):
            self._call(place, role)
        for place in self.structure.readers:
            if self.structure.is_zero(place):
                self._call(place, "zero")

    def _states(self) -> None:
        for state in self.findings.states:
            self._call(target(self.structure.live[state.update]), self._state_role(state))

    def _state_role(self, state: State) -> str:
        findings = self.findings
        if findings.is_schedule(state):
            counts = any(not term.factors for term in state.old)
            return "count" if counts and state.new else "rate"
        if findings.moved_by(state) is not None:
            return "velocity"
        if findings.average_of(state) is not None:
            return "average"
        if state.trained or findings.velocity_of(state) is not None:
            return "bias" if self._only_added(state) else "weights"
        return "state"

    def _only_added(self, state: State) -> bool:
        """Whether predictions read a state in sums alone."""
        places = self.structure.places_of(state.group)
        families = {
            self.structure.live[at].op.family
            for place in places
            for at in self.structure.readers.get(place, ())
            if at in self.predicting and at not in state.group
        }
        return families == {"sum"}

    def _errors(self) -> None:
        for at in self.findings.errors:
            self._call(target(self.structure.live[at]), "error")

    def _techniques(self) -> None:
        for technique in self.techniques:
            last = target(self.structure.live[technique.statements[-1]])
            if technique.name == "sigmoid":
                self._call(last, "probability")
            elif technique.name == "noise":
                first, *sums = technique.statements
                self._call(target(self.structure.live[first]), "noise")
                for at in sums:
                    self._call(target(self.structure.live[at]), "noisy")
            elif technique.name == "ReLU":
                for at in technique.statements:
                    gate = self.structure.live[at].op.family == "heaviside"
                    self._call(target(self.structure.live[at]), "gate" if gate else "activation")
            elif technique.name == "learning-rate decay":
                self.roles[last] = "count" if self.roles.get(last) == "count" else "learning_rate"
        for statement in self.structure.live.values():
            if statement.op.family == "norm":
                self._call(target(statement), "norm")

    def _rates(self) -> None:
        """Scalars of setup that scale, or are divided, on the way from an error to what it moves."""
        for state in self.findings.states:
            for at in sorted(self.findings.all_behind(state.gradient)):
                statement = self.structure.live[at]
                for place in operands(statement) if statement.op.family in _SCALING else ():
                    if place[0] == "s" and self.structure.is_constant(place):
                        self._call(place, "learning_rate")

    def _gradients(self) -> None:
        """What is made of an error on the way to a state."""
        errors = set(self.findings.errors)
        for at, statement in self.structure.live.items():
            if at.function == LEARN and not errors.isdisjoint(self.structure.behind(at)):
                place = target(statement)
                self._call(place, "step" if place[0] == "s" else "gradient")

    def _hidden(self) -> None:
        for at, statement in self.structure.live.items():
            place = target(statement)
            if at.function == PREDICT and self._depends_on_features(at):
                self._call(place, "score" if place[0] == "s" else "hidden")

    def _depends_on_features(self, at: Definition) -> bool:
        return FEATURES in self.structure.inputs(self.structure.behind(at, within_step=True))

    def _derived(self) -> None:
        """What learn makes of trained state for predictions to read."""
        for at, statement in self.structure.live.items():
            if at.function != LEARN or self.structure.state_of(at):
                continue
            states = [self.findings.state_at(term.place) for term in self.structure.terms(at)]
            if any(state is not None and state.trained for state in states):
                readers = self.structure.readers.get(target(statement), ())
                if not self.predicting.isdisjoint(readers):
                    self._call(target(statement), "weights")

    def _rest(self) -> None:
        for at, statement in self.structure.live.items():
            place = target(statement)
            if at.function == SETUP and self.structure.is_constant(place):
                self._call(place, "random" if statement.op.draws else "constant")


def describe_blocks(finder: RoleFinder) -> dict[Definition, str]:
    """What the statements compute, in words: a title for each statement that begins a block."""
    titles: dict[Definition, str] = {}
    for function, body in enumerate(finder.structure.candidate.bodies):
        before = ""
        for line in range(len(body)):
            at = Definition(function, line)
            title = _QUIET if body[line].op.draws else "Without effect."
            if at in finder.structure.live:
                title = (_of_setup, _of_predict, _of_learn)[function](finder, at)
            if title != before:
                titles[at] = title
            before = title
    return titles


_QUIET = "Draw what keeps the numbers of the next draws."
_LATER = "Keep for a later step."


def _of_setup(finder: RoleFinder, at: Definition) -> str:
    statement = finder.structure.live[at]
    if len(finder.structure.writers[target(statement)]) > 1:
        return "Begin with these values."
    return "Draw what stays the same." if statement.op.draws else "Set what stays the same."


def _of_predict(finder: RoleFinder, at: Definition) -> str:
    if at not in finder.predicting:
        return _LATER
    place = target(finder.structure.live[at])
    hidden = place[0] != "s" and finder.roles.get(place) in ("hidden", "activation")
    return "Compute the hidden layer." if hidden else "Compute the prediction."


def _of_learn(finder: RoleFinder, at: Definition) -> str:
    structure, findings = finder.structure, finder.findings
    if at in structure.behind(*findings.errors, within_step=True):
        return "Compare the prediction with the label."
    for state in sorted(findings.states, key=lambda state: state.update):
        if state.update >= at and at in structure.behind(*state.group, within_step=True):
            return _title(finder, state)
    place = target(structure.live[at])
    return f"Set the weights {findings.text(place)}." if finder.roles.get(place) == "weights" else _LATER


def _title(finder: RoleFinder, state: State) -> str:
    """What the statements of a state are for."""
    structure, findings = finder.structure, finder.findings
    role, name = finder.roles[target(structure.live[state.update])], findings.name(state)
    if role == "count":
        for other in findings.states:
            read = structure.touched(structure.behind(*other.group, within_step=True))
            if other is not state and other.update > state.update and state.group in read:
                return _title(finder, other)
        return "Count the examples."
    average = findings.average_of(state)
    if average is not None:
        return f"Let the average {name} follow the weights {findings.name(average[0])}."
    if role in ("weights", "bias"):
        moved = findings.velocity_of(state) is not None
        by = "by its velocity" if moved else "along the gradient" if state.gradient else "by the label"
        return f"Move the {role} {name} {by}."
    titles = {
        "velocity": f"Add the gradient to the velocity {name}.",
        "learning_rate": f"Change the learning rate {name}.",
    }
    return titles.get(role, f"Update {name}, which is kept from step to step.")
