"""Letters for a program's variables, after their roles: capitals for matrices, Greek for step sizes."""

from collections import Counter
from collections.abc import Iterable, Mapping

from synth.language.ops import FEATURES, LABEL, PREDICTION, Variable
from synth.reading.equations.expressions import GIVEN_PREDICTION, Symbol
from synth.reading.roles import Role

FIXED: dict[Variable, str] = {FEATURES: "x", LABEL: "y", PREDICTION: "prediction", GIVEN_PREDICTION: "p"}
"""What stands for the engine's variables."""

_OF_ROLES: dict[Role, str] = {
    "learning_rate": "η",
    "rate": "ρ",
    "step": "δ",
    "error": "e",
    "count": "t",
    "score": "z",
    "probability": "q",
    "norm": "ν",
    "noise": "ε",
    "noisy": "n",
    "constant": "c",
    "random": "r",
    "state": "s",
    "velocity": "v",
    "average": "a",
    "weights": "w",
    "bias": "b",
    "hidden": "h",
    "transformed": "h",
    "activation": "h",
    "gate": "γ",
    "gradient": "g",
}
_OF_KINDS = {"s": "s", "v": "u", "m": "K"}
_OF_MATRICES: dict[Role, str] = {"weights": "M", "noise": "E", "norm": "K", "step": "K", "gate": "K"}
"""Those that are not the capital of the role's letter."""


def letters(roles: Mapping[Variable, Role], shown: Iterable[Symbol]) -> dict[Variable, str]:
    """Return the letters of all variables that are shown, with numbers, in order, where they share one."""
    variables = dict.fromkeys(one.variable for one in shown)
    plain = {one: _letter(one, roles.get(one)) for one in variables if one not in FIXED}
    shared = Counter(plain.values())
    seen: Counter[str] = Counter()
    found = dict(FIXED)
    for variable, letter in plain.items():
        seen[letter] += 1
        found[variable] = f"{letter}{seen[letter]}" if shared[letter] > 1 else letter
    return found


def _letter(variable: Variable, role: Role | None) -> str:
    kind, _ = variable
    if role is None or role not in _OF_ROLES:
        return _OF_KINDS[kind]
    letter = _OF_ROLES[role]
    return _OF_MATRICES.get(role, letter.upper()) if kind == "m" else letter
