"""Scoring programs one by one, which finds the program that ends workers."""

import math
from time import monotonic
from typing import Any

from synth.language.candidate import Candidate
from synth.sandbox.pool import Pool
from synth.sandbox.process import WorkerFailed
from synth.search.evolution.round import CannotBeScored, Round
from synth.search.executors.messages import question_frame
from synth.search.scoring.scorer import Analyst

HOPELESS = 5
"""So many programs that end workers, before any that does not, end the run."""


class RemoteScorer(Analyst):
    """A `scoring.Scorer` that asks the one worker of a pool.

    A program that ends the worker `tries` times cannot be scored. Where the first programs all do, it is not
    the programs: WorkerFailed is raised. Raises TimeoutError when `seconds` are up.
    """

    def __init__(self, pool: Pool, round_: Round, tries: int, seconds: float | None) -> None:
        self.train_steps = 0
        self._pool, self._round, self._tries = pool, round_, tries
        self._ended = 0
        """Programs that ended the worker, before any that did not."""
        self._deadline = monotonic() + (math.inf if seconds is None else seconds)

    def fingerprint(self, candidate: Candidate) -> int:
        """See `Scorer`."""
        return int(self._ask("fingerprint", candidate))

    def first_stage(self, candidate: Candidate) -> float:
        """See `Scorer`."""
        return float(self._ask("first_stage", candidate))

    def fitness(self, candidate: Candidate) -> float:
        """See `Scorer`."""
        return float(self._ask("fitness", candidate))

    def _ask(self, question: str, candidate: Candidate) -> Any:
        reason = ""
        for _ in range(self._tries):
            self._pool.submit(*question_frame(self._round, question, candidate))
            left = max(0.0, self._deadline - monotonic())
            answer = self._pool.wait(left if math.isfinite(left) else None)
            if not answer.died:
                self.train_steps += answer.header["train_steps"]
                self.per_task = answer.header["per_task"]
                self._ended = -1
                return answer.header["value"]
            reason = answer.died
        if self._ended >= 0:
            self._ended += 1
        if self._ended == HOPELESS:
            raise WorkerFailed(
                f"every program ends the worker that scores it; the last {reason}. Look at memory and, if "
                "data.metric is a function of your own, at that"
            )
        raise CannotBeScored(f"it ended {self._tries} workers; the last {reason}")
