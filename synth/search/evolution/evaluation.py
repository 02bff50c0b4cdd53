"""How the programs of a round get their fitness: equivalence cache, race, hurdle, then all search tasks."""

import math
from collections.abc import Sequence
from itertools import combinations
from random import Random
from statistics import median
from typing import NamedTuple

from synth.language.analysis import effective
from synth.language.candidate import Candidate
from synth.mutation.constants import with_other_constants
from synth.runs.events import Counts
from synth.search.evolution.hurdle import paired_error
from synth.search.evolution.round import NOISE_ROUND, Barred, CannotBeScored
from synth.search.evolution.state import IslandState
from synth.search.scoring.scorer import Scorer
from synth.settings.schema import Config

RACE_ERRORS = 2.0
"""Paired standard errors that a new structure may be behind the best program's first stage to be raced."""

NOISE_STRUCTURES = 8
"""The best structures of a round, between which the noise of fitness is taken."""

EVALUATED = "evaluated"
"""The outcome of a program that was evaluated on all tasks."""


class Scored(NamedTuple):
    """A program, perhaps with other constants than it came with, its fitness, and what became of it."""

    candidate: Candidate
    key: int
    live: Candidate
    """The program without its dead statements."""
    fitness: float = 0.0
    outcome: str = "barred"
    """evaluated, hurdled, cached or barred."""
    per_task: Sequence[float] = ()
    """The fitness on each task of the first stage or of all, as it was evaluated."""


class Evaluation:
    """Scores the programs of one round; what it learns goes into the island's state and counts."""

    def __init__(
        self, config: Config, scorer: Scorer, state: IslandState, counts: Counts, number: int
    ) -> None:
        self.search, self.scorer, self.state, self.counts = config.search, scorer, state, counts
        self.has_hurdle = _has_hurdle(config)
        self.takes_noise = self.search.parsimony > 0 and number == NOISE_ROUND
        self.raced = False
        """Whether the program scored last was tried with other constants."""
        self.barred: list[Barred] = []
        self._good: dict[int, tuple[float, Sequence[float]]] = {}
        """The best program of each structure: its fitness, over all tasks and on each."""
        self._tried: list[tuple[dict[int, None], int]] = []
        """Keys to keep among the structures and programs seen, once the program is scored."""

    def score(self, candidate: Candidate, key: int, live: Candidate, structure: int) -> Scored:
        """Return a program with its fitness, from the equivalence cache or by evaluation.

        `live` is the program without its dead statements, `structure` its key without constants.
        """
        state, search, program = self.state, self.search, Scored(candidate, key, live)
        self.raced = False
        state.seen[key] = None
        if key in state.barred:
            return program
        steps = self.scorer.train_steps
        try:
            if search.fec:
                fingerprint = self.scorer.fingerprint(live)
                known = state.equivalents.find(fingerprint, search.fec_forget)
                if known is not None:
                    self.counts.cached += 1
                    return program._replace(fitness=known, outcome="cached")
            self._tried.clear()
            scored = self._evaluated(program, structure)
            for keys, one in self._tried:
                keys[one] = None
        except CannotBeScored as error:
            self._bar(candidate, key, error, steps)
            return program
        if search.fec and scored.key == key:
            state.equivalents.add(fingerprint, scored.fitness, search.fec_capacity)
        if self.takes_noise and scored.outcome == EVALUATED:
            known_good = self._good.get(structure)
            if known_good is None or scored.fitness > known_good[0]:
                self._good[structure] = scored.fitness, scored.per_task
        return scored

    def noise(self) -> float:
        """Return the standard error of a difference in fitness: the median over pairs of the best structures.

        It is 0 where there is no such pair.
        """
        best = sorted(self._good.values(), key=lambda good: -good[0])[:NOISE_STRUCTURES]
        errors = [paired_error(one, other) for (_, one), (_, other) in combinations(best, 2)]
        return median([error for error in errors if error > 0.0] or [0.0])

    def _bar(self, candidate: Candidate, key: int, error: CannotBeScored, steps: int) -> None:
        # it leaves no other trace, so that the round is the same when it is known beforehand
        self.scorer.train_steps = steps
        self.state.barred[key] = None
        self.barred.append(Barred(key, str(error), effective(candidate)))

    def _evaluated(self, program: Scored, structure: int) -> Scored:
        """Return a program with its fitness on all tasks, or in the first stage if it fails the hurdle."""
        if not self.has_hurdle:
            return self._on_all_tasks(program)
        search, hurdle, staged = self.search, self.state.hurdle, self._in_first_stage(program)
        if search.race_trials and structure not in self.state.structures:
            self._tried.append((self.state.structures, structure))
            if hurdle.is_near(staged.per_task, RACE_ERRORS):
                staged = self._race(staged)
        passes = hurdle.passes(staged.fitness, search.hurdle_percentile)
        if search.hurdle_errors and not passes:
            passes = hurdle.is_near(staged.per_task, search.hurdle_errors)
        if passes:
            scored = self._on_all_tasks(staged)
            hurdle.learn(scored.fitness, staged.per_task)
        else:
            self.counts.hurdled += 1
            # less 1, it never wins against a program that was evaluated whole
            scored = staged._replace(fitness=staged.fitness - 1.0) if search.hurdle_errors else staged
        hurdle.add(staged.fitness, search.population)
        return scored

    def _in_first_stage(self, program: Scored) -> Scored:
        fitness = self.scorer.first_stage(program.live)
        return program._replace(fitness=fitness, outcome="hurdled", per_task=self.scorer.per_task)

    def _on_all_tasks(self, program: Scored) -> Scored:
        fitness = self.scorer.fitness(program.live)
        self.counts.evaluated += 1
        return program._replace(fitness=fitness, outcome=EVALUATED, per_task=self.scorer.per_task)

    def _race(self, first: Scored) -> Scored:
        """Return the best of a program and of others that differ in all their constants, by first stage."""
        self.raced = True
        random, best = Random(f"synth race {first.key}"), first
        for _ in range(self.search.race_trials):
            trial = with_other_constants(first.candidate, random)
            key = self.scorer.examine(trial, True)
            if key is None or key in self.state.barred or key in self.state.seen:
                continue
            steps = self.scorer.train_steps
            try:
                staged = self._in_first_stage(Scored(trial, key, self.scorer.live()))
            except CannotBeScored as error:
                self._bar(trial, key, error, steps)
                continue
            self._tried.append((self.state.seen, key))
            if staged.fitness > best.fitness:
                best = staged
        return best


def _has_hurdle(config: Config) -> bool:
    """Return whether there is a first stage that is less than the whole evaluation."""
    data, search = config.data, config.search
    fewer_tasks = 0 < search.hurdle_tasks < (data.tasks or math.inf)
    return fewer_tasks or 0 < search.hurdle_train < (data.train or math.inf)
