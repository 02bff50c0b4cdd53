"""The handlers of a search's workers, except that a certain statement ends the process that evaluates it."""

import os
from typing import Any

from synth.language.candidate import Candidate
from synth.language.instruction import Instruction
from synth.search.executors import handlers
from synth.search.executors.handlers import handle
from synth.search.scoring import scorer

__all__ = ["handle", "initialise"]


def is_deadly(statement: Instruction) -> bool:
    return statement.op.id == 16  # np.heaviside of a vector


def initialise(header: Any, arrays: Any) -> None:
    fitness = scorer.NativeScorer.fitness

    def deadly(self: scorer.NativeScorer, live: Candidate) -> float:
        if any(map(is_deadly, live)):
            os._exit(1)
        return fitness(self, live)

    scorer.NativeScorer.fitness = deadly  # type: ignore[method-assign]
    handlers.initialise(header, arrays)
