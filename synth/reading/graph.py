"""What can be reached in a graph."""

from collections.abc import Callable, Iterable
from typing import TypeVar

Node = TypeVar("Node")


def reachable(starts: Iterable[Node], successors: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """Return the nodes of a graph that can be reached, the starts included."""
    reached = set(starts)
    left = list(reached)
    while left:
        new = set(successors(left.pop())) - reached
        reached |= new
        left.extend(new)
    return reached
