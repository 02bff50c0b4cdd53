"""The handlers of a search's workers, except that a certain statement ends the process that evaluates it."""

import os
from typing import Any

from synth.language.candidate import Candidate, Code
from synth.language.instruction import Instruction
from synth.search import jobs, scoring
from synth.search.jobs import handle

__all__ = ["handle", "initialise"]


def is_deadly(statement: Instruction) -> bool:
    return statement.op.id == 16  # np.heaviside of a vector


def initialise(header: Any, arrays: Any) -> Any:
    fitness = scoring.NativeScorer.fitness

    def deadly(self: scoring.NativeScorer, live: Code) -> float:
        if any(map(is_deadly, Candidate(code=live))):
            os._exit(1)
        return fitness(self, live)

    scoring.NativeScorer.fitness = deadly  # type: ignore[method-assign]
    return jobs.initialise(header, arrays)
