"""Edits of programs: statements replaced or removed."""

from synth.language.bypass import Changes
from synth.language.candidate import Candidate
from synth.language.flow import Definition


def edited(candidate: Candidate, changes: Changes) -> Candidate:
    """Return the candidate with some of its statements replaced or removed."""
    bodies = []
    for function, body in enumerate(candidate.bodies):
        lines = (changes.get(Definition(function, line), statement) for line, statement in enumerate(body))
        bodies.append(tuple(line for line in lines if line is not None))
    return Candidate(*bodies)
