"""How a program gets its fitness on an island's search tasks, with either engine."""

from collections.abc import Sequence
from dataclasses import fields, replace
from hashlib import blake2b
from typing import Protocol

import numpy as np

from synth.engine.native.batch import Batch, aligned
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.examiner import Examiner
from synth.engine.score import combine
from synth.language.analysis import can_learn, canonical_key, effective, feeds_back, live_only
from synth.language.candidate import Candidate
from synth.settings.schema import Config


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
        """The canonical key of a program without its dead statements.

        None for one that cannot learn, with `feedback` also for one in which no error feeds back, unless it
        is to be looked at anyway.
        """

    def live(self) -> Candidate:
        """The program examined last without its dead statements, if it has a key."""

    def fingerprint(self, live: Candidate) -> int:
        """A 64-bit hash of the program's first errors, for the functional equivalence check."""

    def first_stage(self, live: Candidate) -> float:
        """The fitness on fewer tasks, or after fewer examples, that decides at a hurdle."""

    def fitness(self, live: Candidate) -> float:
        """The fitness over all tasks."""


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
    """The fingerprint of a program's recorded errors."""
    return int.from_bytes(blake2b(errors, digest_size=8).digest(), "little")


class NativeScorer:
    """Scores with the lockstep machine, in the process that calls."""

    def __init__(self, config: Config, machine: Machine, batch: Batch) -> None:
        program, search = config.program, config.search
        sizes = Sizes(program.scalars, program.vectors, program.matrices)
        self.train_steps = 0
        self.per_task: Sequence[float] = ()
        self._combine = config.fitness.combine
        self._whole = Evaluator(machine, batch, sizes, seed=config.seed, compact=True)
        self._probe = Evaluator(
            machine,
            batch,
            sizes,
            seed=config.seed,
            train=search.fec_train,
            valid=search.fec_valid,
            errors=True,
            epochs=1,
            compact=True,
        )
        if search.hurdle_train or search.hurdle_tasks:
            first = _first_tasks(batch, search.hurdle_tasks or batch.count)
            train = search.hurdle_train or None
            self._stage = Evaluator(
                machine, first, sizes, seed=config.seed, train=train, epochs=1, compact=True
            )
        self._examiner = Examiner(machine)
        self.examine, self.live = self._examiner, self._examiner.live

    @property
    def learns(self) -> bool:
        """See `Scorer`."""
        return self._examiner.learns

    @property
    def dead(self) -> int:
        """See `Scorer`."""
        return self._examiner.dead

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
        self.per_task = evaluator.task_fitness().tolist()
        return float(combine(self.per_task, self._combine))


def _first_tasks(batch: Batch, count: int) -> Batch:
    """The first tasks of a batch, which share its arrays."""
    lanes = batch.live.shape[1]
    groups = -(-min(count, batch.count) // lanes)
    live = aligned((groups, lanes), np.int32)
    live[...] = batch.live[:groups]
    live.ravel()[count:] = 0
    kept = {
        field.name: getattr(batch, field.name)[:groups]
        for field in fields(batch)
        if field.name not in ("live", "regression")
    }
    return replace(batch, **kept, live=live)
