"""One round of one island: regularized evolution (or random search) over a fixed number of candidates.

A round is a pure function of the settings, the seed, the island, the round and the island's state, so it can
run in any process, and run again after a crash.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from heapq import heappush, heapreplace
from itertools import combinations
from operator import attrgetter
from random import Random
from statistics import median
from typing import NamedTuple

from synth.language.analysis import cost, effective, live_only
from synth.language.candidate import Candidate
from synth.mutation.chance import below
from synth.mutation.constants import with_other_constants, without_constants
from synth.mutation.kinds import draw_mutation, random_candidate
from synth.mutation.valid import valid_candidate
from synth.runs.events import Counts
from synth.runs.lineage import Ancestor
from synth.search.evolution.hurdle import Hurdle, paired_error
from synth.search.evolution.restarts import begins_anew, family_use, remembered
from synth.search.evolution.round import (
    NOISE_ROUND,
    Barred,
    CannotBeScored,
    Outcome,
    Round,
    Rules,
    changes_tasks,
)
from synth.search.evolution.state import Individual, IslandState
from synth.search.scoring.scorer import Scorer
from synth.settings.checks import DRAWN_STARTS
from synth.settings.schema import Config

SEEN_CAPACITY = 200_000
"""Keys of evaluated programs that an island keeps between rounds; the oldest go first."""

LEAST_GAIN = 0.001
"""An ancestor stays in the chain when its search fitness exceeds that of the one before by this much."""

AFFORDABLE = 20
"""Valid programs that are drawn until one does not exceed the train budget."""

RACE_ERRORS = 2.0
"""Paired standard errors that a new structure may be behind the best program's first stage to be raced."""

NOISE_STRUCTURES = 8
"""The best structures of a round, between which the noise of fitness is taken."""

EVALUATED = "evaluated"
"""What became of a program that was evaluated on all tasks."""

KEPT = 4
"""Programs of a round that are handed on, the best by search fitness."""


MOVES = ("migration", "new tasks")
"""Origins of programs whose fitness before was on other tasks."""

_VALUE = attrgetter("value")


def play(rules: Rules, scorer: Scorer, task: Round) -> Outcome:
    """Play a round; equal arguments give equal outcomes."""
    state = IslandState.from_arrays(task.state) if task.state else IslandState()
    state.barred.update(dict.fromkeys(task.barred))
    return _Island(rules, scorer, task.island, task.number, state).play()


class Scored(NamedTuple):
    """A program, perhaps with other constants than it came with, its fitness, and what became of it."""

    candidate: Candidate
    key: int
    fitness: float
    outcome: str
    """evaluated, hurdled, cached or barred."""
    per_task: Sequence[float] = ()
    """The fitness on each task, if it was evaluated."""


class Entry(NamedTuple):
    """A program after its first stage."""

    candidate: Candidate
    key: int
    live: Candidate
    stage: float
    per_task: Sequence[float]


class _Island:
    """A round while it is played."""

    def __init__(self, rules: Rules, scorer: Scorer, island: int, number: int, state: IslandState) -> None:
        self.rules, self.scorer, self.state = rules, scorer, state
        self.island, self.number = island, number
        self.random = Random(f"synth round {rules.config.seed} {island} {number}")
        self.search, self.space = rules.config.search, rules.space
        search = self.search
        self.demands_feedback = island >= search.islands - search.feedback_islands
        self._keeps_all = not search.static_rejection
        self.has_hurdle = _has_hurdle(rules.config)
        self.price = search.parsimony * state.noise
        self.takes_noise = search.parsimony > 0 and number == NOISE_ROUND
        self.wants_structure = search.structure_share < 1 or search.race_trials > 0 or self.takes_noise
        self.counts = Counts(rounds=1)
        self._outcomes = defaultdict[str, Counter[str]](Counter)
        self._highest = -math.inf
        self._best: list[tuple[float, int, Ancestor]] = []
        self._good: dict[int, tuple[float, list[float]]] = {}
        self._barred: list[Barred] = []
        self._raced_last = False
        self._tried: list[tuple[dict[int, None], int]] = []
        """Keys to keep among the structures and programs seen, once the program is scored."""

    def play(self) -> Outcome:
        """Consider the round's candidates."""
        state, steps_before = self.state, self.scorer.train_steps
        self._welcome()
        if begins_anew(self.search, self.island, self.number) and state.population:
            remembered(state, self.number)
            state.population, state.oldest, state.immigrants = [], 0, []
            state.seen, state.structures, state.hurdle = {}, {}, Hurdle()
        if self.space.families:
            self.space = self.space.favouring(family_use(state.elites))
        if not state.population:
            state.population = self._first_population()
        for member in state.population:
            member.value = member.fitness - self.price * member.length
        self._highest = max(member.value for member in state.population)
        step = self._random_step if self.search.method == "random" else self._step
        while self.counts.candidates < self.search.round_candidates:
            step()
        for seen in (state.seen, state.structures):
            for key in list(seen)[: max(0, len(seen) - SEEN_CAPACITY)]:
                del seen[key]
        if self.takes_noise:
            state.noise = _noise(list(self._good.values()))
        self.counts.train_steps = self.scorer.train_steps - steps_before
        mutations = {
            name: dict(sorted(outcomes.items())) for name, outcomes in sorted(self._outcomes.items())
        }
        ranked = sorted(self._best, key=lambda entry: (-entry[0], -entry[1]))
        tips = [tip for _, _, tip in ranked]
        return Outcome(state.to_arrays(), self.counts, mutations, tips, self._barred)

    def _examine(self, candidate: Candidate) -> int | None:
        """A program's canonical key, or None for one to reject."""
        return self.scorer.examine(candidate, self._keeps_all, self.demands_feedback)

    # Where programs come from

    def _first_population(self) -> list[Individual]:
        size = self.search.population
        if self.search.start in DRAWN_STARTS:
            return [self._considered(self._drawn(), self.search.start) for _ in range(size)]
        return [self._considered(self.rules.start, "start")] * size

    def _drawn(self) -> Candidate:
        """A random program to begin with."""
        if self.search.start != "valid":
            return random_candidate(self.space, self._start_sizes(), self.random)
        for _ in range(AFFORDABLE):
            candidate = valid_candidate(self.space, self.random, self.demands_feedback)
            if not self._too_costly(candidate):
                break
        return candidate

    def _start_sizes(self) -> tuple[int, int, int]:
        program = self.rules.config.program
        return program.setup_start, program.predict_start, program.learn_start

    def _welcome(self) -> None:
        """Let immigrants in, and score programs, elites among them, that come from other tasks."""
        state, has_hurdle = self.state, self.has_hurdle
        # A hurdle that knows no program yet would be made by those that come first.
        self.has_hurdle = has_hurdle and len(state.hurdle.recent) > 0
        for place, immigrant in state.immigrants:
            state.population[place] = self._welcomed(immigrant)
        state.immigrants = []
        for place, member in enumerate(state.population):
            if math.isnan(member.fitness):
                state.population[place] = self._scored_here(member)
        state.elites = [
            (number, self._scored_here(one) if math.isnan(one.fitness) else one)
            for number, one in state.elites
        ]
        self.has_hurdle = has_hurdle

    def _scored_here(self, program: Individual) -> Individual:
        """A program from other tasks, scored on those of this round."""
        moved = changes_tasks(self.rules.config.data, self.number)
        return self._considered(
            program.candidate, "new tasks" if moved else "migration", program, program.edits
        )

    def _welcomed(self, immigrant: Individual) -> Individual:
        """An immigrant as a member of this island, scored on its tasks if it comes from others."""
        if math.isnan(immigrant.fitness):
            return self._scored_here(immigrant)
        self._examine(immigrant.candidate)
        learns = self.scorer.learns
        fitness = immigrant.fitness if learns or self._keeps_all else 0.0
        self.state.seen[immigrant.key] = None
        return replace(immigrant, fitness=fitness, learns=learns)

    def _step(self) -> None:
        """The oldest program gives way to a child of the tournament's winner."""
        population, random = self.state.population, self.random.random
        size = len(population)
        drawn = [population[int(random() * size)] for _ in range(self.search.tournament)]
        self._enter(self._child(max(drawn, key=_VALUE)))

    def _enter(self, child: Individual) -> None:
        """Let a program take the place of the oldest, or of the worst of its structure if those are many."""
        population, search = self.state.population, self.search
        size = len(population)
        if search.structure_share < 1 and child.structure:
            structures = [one.structure for one in population]
            if structures.count(child.structure) >= max(1, int(search.structure_share * size)):
                alike = [place for place, one in enumerate(structures) if one == child.structure]
                worst = min(alike, key=lambda place: population[place].value)
                if child.value > population[worst].value:
                    population[worst] = child
                return
        place = self.state.oldest
        if search.keep_best and size > 1:
            values = [member.value for member in population]
            best = max(values)
            if values[place] == best and values.count(best) == 1:
                place = (place + 1) % size
        population[place] = child
        self.state.oldest = (place + 1) % size

    def _child(self, parent: Individual) -> Individual:
        if self.random.random() >= self.rules.config.mutation.probability:
            self.counts.candidates += 1
            self.counts.repeated += 1
            return parent
        if not self.search.new_programs_only:
            name, mutation = draw_mutation(self.space, self.random)
            edit = mutation(parent.candidate, self.space, self.random)
            return self._considered(edit.apply(parent.candidate), name, parent, parent.edits + 1)
        return self._new_child(parent)

    def _new_child(self, parent: Individual) -> Individual:
        """Mutate again until the program is new and can learn.

        Meanwhile edits without effect are kept, if the setting says so: those that leave the canonical form
        as it is, and, as long as the parent cannot learn, those that leave it so. When the retries are used
        up, the child is the parent with these edits.
        """
        search, counts, base, edits = self.search, self.counts, parent.candidate, parent.edits
        keeps_neutral = search.keep_neutral_edits and search.genome == "whole"
        outcomes = self._outcomes
        for _ in range(search.retries):
            name, mutation = draw_mutation(self.space, self.random)
            edit = mutation(base, self.space, self.random)
            candidate = edit.apply(base)
            counts.candidates += 1
            if candidate is base:
                counts.repeated += 1
                outcomes[name][edit.refused or "no change"] += 1
                continue
            key = self._examine(candidate)
            if key is None:
                counts.rejected += 1
                outcomes[name]["rejected"] += 1
                if keeps_neutral and not parent.learns:
                    base, edits = candidate, edits + 1
                continue
            if self._too_costly(candidate):
                counts.rejected += 1
                outcomes[name]["too costly"] += 1
                continue
            if key == parent.key or (search.symbolic_hash and key in self.state.seen):
                counts.repeated += 1
                outcomes[name]["seen"] += 1
                if key == parent.key and keeps_neutral:
                    base, edits = candidate, edits + 1
                continue
            return self._born(candidate, key, self.scorer.learns, name, parent, edits + 1)
        return parent if base is parent.candidate else replace(parent, candidate=base, edits=edits)

    def _random_step(self) -> None:
        """A program drawn without regard to others; the population keeps the newest."""
        sizes = self._start_sizes()
        if self.search.start == "valid":
            candidate = self._drawn()
        else:
            if not any(sizes):
                setup, predict, learn = (
                    below(self.random, max(0, b.largest - b.smallest)) + b.smallest if b.fresh else 0
                    for b in self.space.functions
                )
                sizes = setup, predict, learn
            candidate = random_candidate(self.space, sizes, self.random)
        self.state.population[self.state.oldest] = self._considered(candidate, "random")
        self.state.oldest = (self.state.oldest + 1) % len(self.state.population)

    # What becomes of them

    def _considered(
        self, candidate: Candidate, origin: str, parent: Individual | None = None, edits: int = 0
    ) -> Individual:
        """A program with its fitness, whatever it is."""
        self.counts.candidates += 1
        line = parent.line if parent else None
        key, learns = self._examine(candidate), self.scorer.learns
        if key is not None and not self._too_costly(candidate):
            return self._born(candidate, key, learns, origin, parent, edits)
        self.counts.rejected += 1
        if line is None:
            line, edits = Ancestor(None, origin, 0, 0.0, self.island, self.number, candidate), 0
        return Individual(candidate, 0.0, key or 0, learns, line, edits)

    def _too_costly(self, candidate: Candidate) -> bool:
        limit = self.rules.cost_limit
        return limit > 0 and cost(candidate, self.rules.examples) > limit

    def _born(
        self,
        candidate: Candidate,
        key: int,
        learns: bool,
        origin: str,
        parent: Individual | None,
        edits: int,
    ) -> Individual:
        """The program examined last, scored, in its line of descent."""
        if self.search.genome == "live":
            candidate, key = self._bare(candidate, key)
        live = self.scorer.live()
        length = len(candidate) - self.scorer.dead
        structure = self._structure(candidate) if self.wants_structure else 0
        scored = self._scored(candidate, key, live, structure)
        candidate, key, fitness = scored.candidate, scored.key, scored.fitness
        value = fitness - self.price * length
        improves = value > self._highest
        self._highest = max(value, self._highest)
        self._outcomes[origin][scored.outcome] += 1
        if self._raced_last:
            self._outcomes[origin]["raced"] += 1
        if improves:
            self._outcomes[origin]["improved"] += 1
        line = parent.line if parent else None
        gains = line is None or origin in MOVES or fitness >= line.fitness + LEAST_GAIN
        stands_out = scored.outcome == EVALUATED and (len(self._best) < KEPT or value > self._best[0][0])
        if gains or stands_out:
            tip = Ancestor(line, origin, edits, fitness, self.island, self.number, candidate)
            if stands_out:
                self._keep(tip, value)
            if gains:
                line, edits = tip, 0
        return Individual(candidate, fitness, key, learns, line, edits, length, structure, value)

    def _bare(self, candidate: Candidate, key: int) -> tuple[Candidate, int]:
        """The program examined last without its dead statements, dead draws included, and its key."""
        if self.scorer.dead:
            candidate = live_only(candidate)
            key = self.scorer.examine(candidate, True) or key
        return candidate, key

    def _structure(self, candidate: Candidate) -> int:
        """The key of a program without its constants; it is examined last then."""
        return self.scorer.examine(without_constants(candidate), True) or 0

    def _scored(self, candidate: Candidate, key: int, live: Candidate, structure: int) -> Scored:
        """Fitness from the equivalence cache, or by evaluation, and which of them."""
        state, search = self.state, self.search
        self._raced_last = False
        state.seen[key] = None
        if key in state.barred:
            return Scored(candidate, key, 0.0, "barred")
        steps = self.scorer.train_steps
        try:
            if search.fec:
                fingerprint = self.scorer.fingerprint(live)
                found = state.equivalents.find(fingerprint, search.fec_forget)
                if found is not None:
                    self.counts.cached += 1
                    return Scored(candidate, key, found, "cached")
            self._tried.clear()
            scored = self._evaluated(candidate, key, live, structure)
            for keys, one in self._tried:
                keys[one] = None
        except CannotBeScored as error:
            self._bar(candidate, key, error, steps)
            return Scored(candidate, key, 0.0, "barred")
        if search.fec and scored.key == key:
            state.equivalents.add(fingerprint, scored.fitness, search.fec_capacity)
        if self.takes_noise and scored.outcome == EVALUATED:
            known = self._good.get(structure)
            if known is None or scored.fitness > known[0]:
                self._good[structure] = scored.fitness, list(scored.per_task)
        return scored

    def _bar(self, candidate: Candidate, key: int, error: CannotBeScored, steps: int) -> None:
        # it leaves no other trace, so that the round is the same when it is known beforehand
        self.scorer.train_steps = steps
        self.state.barred[key] = None
        self._barred.append(Barred(key, str(error), effective(candidate)))

    def _evaluated(self, candidate: Candidate, key: int, live: Candidate, structure: int) -> Scored:
        """The fitness on all tasks, or that of the first stage if it does not pass the hurdle."""
        search, hurdle, scorer = self.search, self.state.hurdle, self.scorer
        if not self.has_hurdle:
            fitness = scorer.fitness(live)
            self.counts.evaluated += 1
            return Scored(candidate, key, fitness, EVALUATED, scorer.per_task)
        entry = Entry(candidate, key, live, scorer.first_stage(live), scorer.per_task)
        if search.race_trials and structure not in self.state.structures:
            self._tried.append((self.state.structures, structure))
            if hurdle.is_near(entry.per_task, RACE_ERRORS):
                entry = self._raced(entry)
        passes = hurdle.passes(entry.stage, search.hurdle_percentile)
        if search.hurdle_errors and not passes:
            passes = hurdle.is_near(entry.per_task, search.hurdle_errors)
        if not passes:
            hurdle.add(entry.stage, search.population)
            self.counts.hurdled += 1
            # less 1, it never wins against a program that was evaluated whole
            below_all = entry.stage - 1.0 if search.hurdle_errors else entry.stage
            return Scored(entry.candidate, entry.key, below_all, "hurdled")
        fitness = scorer.fitness(entry.live)
        hurdle.add(entry.stage, search.population)
        self.counts.evaluated += 1
        hurdle.learn(fitness, entry.per_task)
        return Scored(entry.candidate, entry.key, fitness, EVALUATED, scorer.per_task)

    def _raced(self, entry: Entry) -> Entry:
        """The best of a program and of others that differ in all their constants, by the first stage."""
        self._raced_last = True
        random = Random(f"synth race {entry.key}")
        first = entry.candidate
        for _ in range(self.search.race_trials):
            trial = with_other_constants(first, random)
            key = self.scorer.examine(trial, True)
            if key is None or key in self.state.barred or key in self.state.seen:
                continue
            live, steps = self.scorer.live(), self.scorer.train_steps
            try:
                stage = self.scorer.first_stage(live)
            except CannotBeScored as error:
                self._bar(trial, key, error, steps)
                continue
            self._tried.append((self.state.seen, key))
            if stage > entry.stage:
                entry = Entry(trial, key, live, stage, self.scorer.per_task)
        return entry

    def _keep(self, tip: Ancestor, value: float) -> None:
        """Hand the program on in place of the least of those that were to be."""
        entry = (value, -self.counts.candidates, tip)
        if len(self._best) < KEPT:
            heappush(self._best, entry)
        else:
            heapreplace(self._best, entry)


def _has_hurdle(config: Config) -> bool:
    """Whether there is a first stage that is less than the whole evaluation."""
    data, search = config.data, config.search
    fewer_tasks = 0 < search.hurdle_tasks < (data.tasks or math.inf)
    return fewer_tasks or 0 < search.hurdle_train < (data.train or math.inf)


def _noise(good: Sequence[tuple[float, Sequence[float]]]) -> float:
    """The standard error of a difference in fitness: the median over pairs of the best structures, or 0."""
    best = sorted(good, key=lambda entry: -entry[0])[:NOISE_STRUCTURES]
    errors = [paired_error(one, other) for (_, one), (_, other) in combinations(best, 2)]
    errors = [error for error in errors if error > 0.0]
    return median(errors) if errors else 0.0
