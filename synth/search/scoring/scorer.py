"""How a program gets its fitness on an island's search tasks, with either engine."""

from collections.abc import Sequence
from functools import partial
from hashlib import blake2b
from typing import Protocol

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.examiner import Examiner
from synth.language.analysis import canonical_key, effective, live_only
from synth.language.candidate import Candidate
from synth.language.rejection import can_learn, feeds_back
from synth.settings.schema import Config
from synth.tasks.metrics import combine


class Scorer(Protocol):
    """Examines and evaluates programs; `train_steps` counts what was done.

    Each of `fingerprint`, `first_stage` and `fitness` may raise `round.CannotBeScored`.
    """

    train_steps: int
    per_task: Sequence[float]
    """Fitness on each task, of the latest `first_stage` or `fitness`."""

    @property
    def learns(self) -> bool:
        """Whether the program examined last can learn, as it was asked for."""

    @property
    def dead(self) -> int:
        """How many of its statements do not matter, dead draws among them, if it has a key."""

    def examine(self, candidate: Candidate, anyway: bool = False, feedback: bool = False) -> int | None:
        """Return the canonical key of a program without its dead statements.

        None for one that cannot learn, with `feedback` also for one in which no error feeds back, unless it
        is to be looked at anyway.
        """

    def live(self) -> Candidate:
        """Return the program examined last without its dead statements, if it has a key."""

    def fingerprint(self, live: Candidate) -> int:
        """Return a 64-bit hash of the program's first errors, for the functional equivalence check."""

    def first_stage(self, live: Candidate) -> float:
        """Return the fitness on fewer tasks, or after fewer examples, that decides at a hurdle."""

    def fitness(self, live: Candidate) -> float:
        """Return the fitness over all tasks."""


class Analyst:
    """The part of a scorer that examines, for those to whom a program is a candidate."""

    learns, dead = False, 0
    per_task: Sequence[float] = ()
    _live = Candidate()

    def examine(self, candidate: Candidate, anyway: bool = False, feedback: bool = False) -> int | None:
        """See `Scorer`."""
        self.learns = can_learn(candidate) and not (feedback and not feeds_back(candidate))
        if not (anyway or self.learns):
            return None
        self._live = effective(candidate)
        self.dead = len(candidate) - len(live_only(candidate))
        return canonical_key(self._live)

    def live(self) -> Candidate:
        """See `Scorer`."""
        return self._live


def hash_errors(errors: bytes | memoryview) -> int:
    """Return the fingerprint of a program's recorded errors."""
    return int.from_bytes(blake2b(errors, digest_size=8).digest(), "little")


class NativeScorer(Examiner):
    """Scores with the lockstep machine, in the process that calls."""

    def __init__(self, config: Config, machine: Machine, batch: Batch) -> None:
        super().__init__(machine)
        program, search = config.program, config.search
        sizes = Sizes(program.scalars, program.vectors, program.matrices)
        on_tasks = partial(Evaluator, machine, batch, sizes=sizes, seed=config.seed)
        self.train_steps = 0
        self.per_task: Sequence[float] = ()
        self._combine = config.fitness.combine
        self._whole = on_tasks()
        self._probe = on_tasks(
            train=search.fec_train, valid=search.fec_valid, errors=True, fitness=False, epochs=1
        )
        self._stage = on_tasks(
            tasks=search.hurdle_tasks or None,
            train=search.hurdle_train or None,
            valid=config.hurdle_valid,
            epochs=1,
        )

    def fingerprint(self, live: Candidate) -> int:
        """See `Scorer`."""
        self.train_steps += self._probe.run(live.code)
        return hash_errors(self._probe.errors.data)

    def first_stage(self, live: Candidate) -> float:
        """See `Scorer`."""
        return self._run(self._stage, live)

    def fitness(self, live: Candidate) -> float:
        """See `Scorer`."""
        return self._run(self._whole, live)

    def _run(self, evaluator: Evaluator, live: Candidate) -> float:
        self.train_steps += evaluator.run(live.code)
        self.per_task = evaluator.per_task()
        return float(combine(self.per_task, self._combine))
