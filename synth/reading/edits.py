"""Edits of programs, statements replaced or removed, and what can be reached in a graph."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from synth.language.bypass import Changes
from synth.language.candidate import Candidate
from synth.language.flow import Definition

Node = TypeVar("Node")


def edited(candidate: Candidate, changes: Changes) -> Candidate:
    """Return the candidate with some of its statements replaced or removed."""
    bodies = []
    for function, body in enumerate(candidate.bodies):
        lines = (changes.get(Definition(function, line), statement) for line, statement in enumerate(body))
        bodies.append(tuple(line for line in lines if line is not None))
    return Candidate(*bodies)


def reachable(starts: Iterable[Node], successors: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """Return the nodes of a graph that can be reached, the starts included."""
    reached = set(starts)
    left = list(reached)
    while left:
        new = set(successors(left.pop())) - reached
        reached |= new
        left.extend(new)
    return reached
