"""`synth simplify`: a module's text with the simpler program in it, and what the proof says."""

import ast
from typing import Any

from synth.language.candidate import Candidate
from synth.reading.names import named_text
from synth.runs.stated import DIGITS_OF_DIGEST, Stated, statements_of
from synth.search.simplification import Simplified
from synth.standalone.parts import parts_of, with_sklearn
from synth.study.tasks import StudyTasks


def rewritten(text: str, candidate: Candidate, *, names: bool = False) -> str:
    """Return a module's text with another program in it: docstring and parts stay, these as of today.

    With `names`, memory is named after its roles and blocks have comments.
    """
    parts = parts_of(text)
    model = "model" in parts
    new = named_text(candidate, model=model) if names else candidate.text(model=model)
    tree = ast.parse(text)
    if ast.get_docstring(tree) is not None:
        docstring = ast.get_source_segment(text, tree.body[0]) or ""
        new = docstring + new[new.index("\n") :]
    return with_sklearn(new) if "sklearn" in parts else new


def still_true(text: str, path: str, simplified: Simplified, chosen: StudyTasks, exact: bool) -> list[Stated]:
    """Return what a module states of its figures that holds for the simpler program too.

    `exact` says that only steps were taken that keep the fitness on each of the chosen tasks.
    """
    proven = {(tasks.digest[:DIGITS_OF_DIGEST], chosen.seed, chosen.epochs) for tasks in chosen.sets}
    same = simplified.before == simplified.after
    return [
        one
        for one in statements_of(text, path)
        if same or (exact and (one.conditions.digest, one.conditions.seed, one.conditions.epochs) in proven)
    ]


def simplify_document(module: str, simplified: Simplified, text: str, chosen: StudyTasks) -> dict[str, Any]:
    """Return the JSON document of `synth simplify`."""
    return {
        "schema": 1,
        "module": module,
        "tasks": {"count": len(chosen.tasks), "what": chosen.words},
        "metric": chosen.metric,
        "fitness": {"before": simplified.fitness_before, "after": simplified.fitness},
        "confirmed_by_python": simplified.confirmed,
        "statements": {"before": len(simplified.before), "after": len(simplified.after)},
        "steps": [vars(step) for step in simplified.steps],
        "text": text,
    }
