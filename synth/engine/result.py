"""What an evaluation says of a module."""

from dataclasses import dataclass
from typing import Literal

Status = Literal["ok", "rejected", "failed", "timeout", "crashed"]

Form = Literal["machine", "program"]
"""What the native engine ran: its machine, statement by statement, or the program compiled on its own."""


@dataclass(frozen=True)
class Result:
    """Fitness over all tasks and on each, or why there is none; figures are None unless the status is ok.

    A program whose training diverges is ok with fitness 0.0.
    """

    status: Status
    fitness: float | None
    per_task: tuple[float, ...] | None
    error: str | None
    code: Form | None = None
    """How the native engine ran it (the bits are the same); None for the python engine."""
