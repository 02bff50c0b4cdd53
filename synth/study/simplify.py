"""`synth simplify`: a module's text with the simpler program in it, and what the proof says."""

from collections.abc import Sequence
from typing import Any

from synth.language.candidate import Candidate, quoted
from synth.language.parser import candidate_of
from synth.reading.names import named_text
from synth.reading.rewriting import rewritten
from synth.runs.stated import DIGITS_OF_DIGEST, StatedFigure, with_figures, without_claims
from synth.search.simplification import Simplified
from synth.standalone.module_text import docstring_source, with_docstring
from synth.standalone.parts import own_text, with_own_text
from synth.study.tasks import StudyTasks


def simplified_text(
    text: str,
    candidate: Candidate,
    figures: Sequence[StatedFigure] = (),
    *,
    names: bool = False,
    exact: bool = True,
) -> str:
    """Return a module's text with a simpler program in it, which states these figures alone.

    Docstring and standing parts stay; unless only exact steps were taken, what synth says of the module's
    fitness goes. Names, comments and order stay, too, in a module that has names or comments; one of bare
    statements gets reading order. With `names`, memory is named after its roles and blocks have comments.
    """
    own = own_text(text)
    own = with_figures(own, []) if exact else without_claims(own)
    docstring = docstring_source(own) or quoted("")
    bare = own == with_docstring(candidate_of(own).text(), docstring)
    if names or bare:
        new = with_docstring(named_text(candidate) if names else candidate.text(), docstring)
    else:
        new = rewritten(own, candidate)
    return with_own_text(text, with_figures(new, figures))


def still_true(
    figures: Sequence[StatedFigure], simplified: Simplified, chosen: StudyTasks, exact: bool
) -> list[StatedFigure]:
    """Return those of a module's figures that hold for the simpler program too.

    `exact` says that only steps were taken that keep the fitness on each of the chosen tasks.
    """
    proven = {(tasks.digest[:DIGITS_OF_DIGEST], chosen.seed, chosen.epochs) for tasks in chosen.sets}
    same = simplified.before == simplified.after
    return [
        one
        for one in figures
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
