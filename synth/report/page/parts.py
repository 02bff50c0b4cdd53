"""What each part of the best program is worth: techniques, statements and constants."""

from typing import Any

from synth.report.page.words import FitnessScale
from synth.study.explain import Loss
from synth.study.measure import Measured

WIDTH = 140
"""Of a bar that stands for the largest loss, in pixels."""


def ablation(measured: Measured, scale: FitnessScale) -> dict[str, Any]:
    """Return the techniques, statements and constants of a program with the fitness lost without them."""
    explanation = measured.explanation
    most = max([abs(one.loss.mean) for one in explanation.statements] + [1e-9])
    functions: dict[str, list[dict[str, Any]]] = {}
    for one in explanation.statements:
        functions.setdefault(one.statement.function, []).append(
            {
                "text": one.statement.text,
                "loss": _written(one.loss, scale) if one.live else "no effect",
                "bar": WIDTH * max(0.01, min(1.0, abs(one.loss.mean) / most)) if one.live else 0.0,
                "harm": one.loss.mean < 0,
            }
        )
    return {
        "width": WIDTH,
        "fitness": scale.write(explanation.fitness.mean),
        "unit": scale.unit,
        "techniques": [
            {
                "name": one.name.replace("_", " "),
                "what": one.what,
                "loss": _written(one.loss, scale) if one.loss else "",
                "statements": [line.text for line in one.statements],
            }
            for one in explanation.techniques
        ],
        "functions": functions,
        "constants": [
            {
                "text": one.statement.text,
                "value": f"{one.value:g}",
                "halved": _written(one.halved, scale),
                "doubled": _written(one.doubled, scale),
            }
            for one in explanation.constants
        ],
        "evaluation": explanation.evaluation.text,
    }


def _written(loss: Loss, scale: FitnessScale) -> str:
    """Return a loss as the change that it makes, with its standard error."""
    error = scale.change(loss.error).removeprefix("+")
    return f"{scale.change(-loss.mean)} ± {error}"
