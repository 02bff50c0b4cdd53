"""What each part of the best program is worth: techniques, statements and constants."""

from typing import Any

from markupsafe import Markup

from synth.report.page.markup import tag
from synth.report.page.words import Scale
from synth.study.explain import Explanation, Loss

WIDTH = 140
"""Of a bar that stands for the largest loss, in pixels."""


def ablation(found: Explanation, scale: Scale) -> dict[str, Any]:
    """Return the techniques, statements and constants of a program with the fitness lost without them."""
    most = max([abs(one.loss.mean) for one in found.statements] + [1e-9])
    functions: dict[str, list[dict[str, Any]]] = {}
    for one in found.statements:
        functions.setdefault(one.statement.function, []).append(
            {
                "text": one.statement.text,
                "loss": _written(one.loss, scale) if one.live else "no effect",
                "bar": _bar(one.loss, most) if one.live else "",
            }
        )
    return {
        "fitness": scale.write(found.fitness.mean),
        "unit": scale.unit,
        "techniques": [
            {
                "name": one.name.replace("_", " "),
                "what": one.what,
                "loss": _written(one.loss, scale) if one.loss else "",
                "statements": [line.text for line in one.statements],
            }
            for one in found.techniques
        ],
        "functions": functions,
        "constants": [
            {
                "text": one.statement.text,
                "value": f"{one.value:g}",
                "halved": _written(one.halved, scale),
                "doubled": _written(one.doubled, scale),
            }
            for one in found.constants
        ],
        "evaluation": found.evaluation.text,
    }


def _written(loss: Loss, scale: Scale) -> str:
    """Return a loss as the change that it makes, with its standard error."""
    error = scale.change(loss.error).removeprefix("+")
    return f"{scale.change(-loss.mean)} ± {error}"


def _bar(loss: Loss, most: float) -> Markup:
    """Return a bar as long as the loss, in another colour where the part does harm."""
    kind = "gain" if loss.mean < 0 else "loss"
    length = max(1.0, WIDTH * min(1.0, abs(loss.mean) / most))
    bar = tag("rect", x=0, y=3, width=length, height=10, rx=2, class_=kind)
    return tag("svg", bar, width=WIDTH, height=16, class_="bar", aria_hidden="true")
