"""The handlers of a search's workers, which crash in the middle of a round while there is a file `crash`."""

import ctypes
from pathlib import Path
from typing import Any

from synth.language.candidate import Candidate
from synth.search.executors import handlers
from synth.search.executors.handlers import handle
from synth.search.scoring import scorer

__all__ = ["handle", "initialise"]


def initialise(header: Any, arrays: Any) -> None:
    fitness, folder, scored = scorer.NativeScorer.fitness, Path(header["folder"]), list[Candidate]()

    def crashing(self: scorer.NativeScorer, live: Candidate) -> float:
        scored.append(live)
        if len(scored) == 20 and (folder / "crash").exists():
            ctypes.string_at(0)
        return fitness(self, live)

    scorer.NativeScorer.fitness = crashing  # type: ignore[method-assign]
    handlers.initialise(header, arrays)
