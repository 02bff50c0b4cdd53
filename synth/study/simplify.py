"""`synth simplify`: a module's text with the simpler program in it, and what the proof says."""

from typing import Any

from synth.language.candidate import Candidate, quoted
from synth.language.parser import candidate_of
from synth.reading.names import named_text
from synth.reading.rewriting import docstring_source, rewritten, with_docstring
from synth.runs.stated import DIGITS_OF_DIGEST, Stated, statements_of, with_statements
from synth.search.simplification import Simplified
from synth.standalone.parts import own_text, with_own_text
from synth.study.tasks import StudyTasks


def simplified_text(text: str, candidate: Candidate, *, names: bool = False) -> str:
    """Return a module's text with a simpler program in it; docstring and standing parts stay.

    Names, comments and order stay, too, in a module that has names or comments; one of bare statements gets
    reading order. With `names`, memory is named after its roles and blocks have comments.
    """
    own = with_statements(own_text(text), [])
    docstring = docstring_source(own) or quoted("")
    bare = own == with_docstring(candidate_of(own).text(), docstring)
    if names or bare:
        new = with_docstring(named_text(candidate) if names else candidate.text(), docstring)
    else:
        new = rewritten(own, candidate)
    return with_own_text(text, new)


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
