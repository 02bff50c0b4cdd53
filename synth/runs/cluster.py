"""The nodes of a cluster while a search runs there; without Ray, so that a record can be read without it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

NodeState = Literal["starting", "in use", "lost", "refused"]


@dataclass
class Node:
    """A machine of the cluster, as it is now."""

    name: str
    """A number, in the order in which nodes joined."""
    address: str
    """Its host's name and address."""
    state: NodeState = "starting"
    reason: str = ""
    """Why it is not in use."""
    processors: int = 0
    workers: int = 0
    """Actors there that are ready."""
    islands: int = 0
    """Islands whose latest round was handed out there."""
    rounds: int = 0
    """Rounds that it played."""
    candidates: int = 0
    candidates_per_second: float = 0.0
    """Since its first worker was ready."""
    logs: tuple[str, ...] = ()
    """Files on the node in which Ray keeps what its workers print."""


@dataclass(frozen=True)
class Cluster:
    """All nodes that a run has seen, and what became of its rounds."""

    nodes: tuple[Node, ...]
    lost: int = 0
    """Rounds under way on workers that were lost."""
    repeated: int = 0
    """Rounds that were played again on another worker, to their end."""
    doubled: int = 0
    """Rounds that an idle worker began as well, as another was slow with them."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Cluster":
        """Return a cluster from its `asdict` form, in which JSON has turned tuples into lists."""
        nodes = (Node(**{**node, "logs": tuple(node["logs"])}) for node in document["nodes"])
        return cls(**{**document, "nodes": tuple(nodes)})
