"""Edits of programs, statements replaced or removed, and what can be reached in a graph."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

from synth.language.candidate import Candidate
from synth.language.flow import Definition
from synth.language.instruction import Instruction

Node = TypeVar("Node")

Edits = Mapping[Definition, Instruction | None]
"""Statements that replace others; None removes one."""


def edited(candidate: Candidate, edits: Edits) -> Candidate:
    """Return the candidate with some of its statements replaced or removed."""
    bodies = []
    for function, body in enumerate(candidate.bodies):
        lines = (edits.get(Definition(function, line), statement) for line, statement in enumerate(body))
        bodies.append(tuple(line for line in lines if line is not None))
    return Candidate(*bodies)


def reachable(starts: Iterable[Node], successors: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """Return the nodes of a graph that can be reached, the starts included."""
    found = set(starts)
    left = list(found)
    while left:
        new = set(successors(left.pop())) - found
        found |= new
        left.extend(new)
    return found
