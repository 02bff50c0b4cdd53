"""Finding the program that ends workers: a round is played here, and each program is scored by itself."""

from time import monotonic
from typing import Any

from synth.language.candidate import Candidate
from synth.sandbox.pool import Pool
from synth.search.evolution.island import play
from synth.search.evolution.round import CannotBeScored, Outcome, Round, Rules
from synth.search.executors.wire import question_frame
from synth.search.scoring.scorer import Analyst


def play_carefully(rules: Rules, task: Round, pool: Pool, tries: int, timeout: float | None) -> Outcome:
    """Play a round whose programs are scored by the one worker of a pool; bits as in any other worker.

    A program that ends the worker `tries` times is barred. Raises TimeoutError after `timeout` seconds.
    """
    deadline = None if timeout is None else monotonic() + timeout
    return play(rules, _RemoteScorer(pool, task, tries, deadline), task)


class _RemoteScorer(Analyst):
    """A `scoring.Scorer` that asks a worker."""

    def __init__(self, pool: Pool, task: Round, tries: int, deadline: float | None) -> None:
        self.train_steps = 0
        self._pool, self._task, self._tries, self._deadline = pool, task, tries, deadline

    def fingerprint(self, candidate: Candidate) -> int:
        """See `Scorer`."""
        return int(self._ask("fingerprint", candidate))

    def first_stage(self, candidate: Candidate) -> float:
        """See `Scorer`."""
        return float(self._ask("first_stage", candidate))

    def fitness(self, candidate: Candidate) -> float:
        """See `Scorer`."""
        return float(self._ask("fitness", candidate))

    def _ask(self, what: str, candidate: Candidate) -> Any:
        reason = ""
        for _ in range(self._tries):
            self._pool.submit(*question_frame(self._task, what, candidate))
            left = None if self._deadline is None else max(0.0, self._deadline - monotonic())
            answer = self._pool.wait(left)
            if not answer.died:
                self.train_steps += answer.header["train_steps"]
                self.per_task = answer.header["per_task"]
                return answer.header["value"]
            reason = answer.died
        raise CannotBeScored(f"it ended {self._tries} workers; the last {reason}")
