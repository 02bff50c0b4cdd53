"""What an expert calls the parts of a program, where that is certain."""

from collections.abc import Sequence

from synth.language.flow import PREDICT, Definition
from synth.language.ops import LABEL, PREDICTION
from synth.reading.degrees import degree_of_prediction
from synth.reading.equations.derivation import Derived
from synth.reading.equations.expressions import Apply, Expression, Symbol
from synth.reading.roles import Role, RoleFinder

_OF_ROLES: dict[Role, str] = {
    "weights": "weights",
    "bias": "bias",
    "learning_rate": "step size",
    "error": "error",
    "velocity": "momentum",
    "count": "count of steps",
    "noise": "noise",
    "probability": "sigmoid",
}
_OF_TECHNIQUES = {"normalised gradient": "normalised step", "weight decay": "decay"}
_OF_DEGREES = {1: "linear form", 2: "quadratic form"}


class Words:
    """The words for the equations of a program."""

    def __init__(self, finder: RoleFinder) -> None:
        self._finder = finder
        self._named_at = {
            at: name
            for technique in finder.techniques
            if (name := _OF_TECHNIQUES.get(technique.name))
            for at in self._naming(technique.statements, name)
        }

    def of(self, derived: Derived) -> tuple[str, ...]:
        """Return the words for an equation."""
        words = [self._of_role(self._finder.roles.get(derived.symbol.variable), derived)]
        if derived.symbol.variable == PREDICTION and derived.at.function == PREDICT:
            words.append(_OF_DEGREES.get(degree_of_prediction(self._finder.learner) or 0, ""))
        words += [self._named_at.get(at, "") for at in derived.statements]
        return tuple(dict.fromkeys(filter(None, words)))

    def _naming(self, statements: Sequence[Definition], name: str) -> list[Definition]:
        """Return the statements of a technique at which it is named: its divisions, or the update itself."""
        live = self._finder.learner.live
        if name == "decay":
            return [statements[-1]]
        return [at for at in statements if live[at].op.family in {"quotient", "reciprocal"}]

    def _of_role(self, role: Role | None, derived: Derived) -> str:
        state = self._finder.learner.state_at(derived.symbol.variable)
        if role == "average" and state is not None:
            return f"running {state.average_or_sum}"
        if role == "error" and not _compares(derived.expression):
            return ""
        if role == "activation" and derived.symbol.kind == "v":
            return "hidden layer"
        return _OF_ROLES.get(role, "") if role else ""


def _compares(expression: Expression) -> bool:
    """Return whether an expression is the plain difference of the label and something else."""
    is_difference = isinstance(expression, Apply) and expression.op.family == "difference"
    return is_difference and isinstance(expression, Apply) and Symbol(LABEL) in expression.operands
