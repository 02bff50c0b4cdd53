"""One round of one island: regularized evolution (or random search) over a fixed number of candidates.

A round is a pure function of the settings, the seed, the island, the round and the island's state, so it can
run in any process, and run again after a crash.
"""

import math
from heapq import heappush, heapreplace
from random import Random
from typing import Any

from synth.language.analysis import cost, effective, feeds_back
from synth.language.candidate import Candidate
from synth.mutation.chance import below
from synth.mutation.kinds import draw_mutation, random_candidate
from synth.runs.lineage import Ancestor
from synth.search.evolution.round import Barred, CannotBeScored, Outcome, Round, Rules, Statistics
from synth.search.evolution.state import Individual, IslandState
from synth.search.scoring.scorer import Scorer
from synth.settings.schema import Config

SEEN_CAPACITY = 200_000
"""Keys of evaluated programs that an island keeps between rounds; the oldest go first."""

LEAST_GAIN = 0.001
"""An ancestor stays in the chain when its search fitness exceeds that of the one before by this much."""

KEPT = 4
"""Programs of a round that are handed on, the best by search fitness."""


def play(rules: Rules, scorer: Scorer[Any], task: Round) -> Outcome:
    """Play a round; equal arguments give equal outcomes."""
    state = IslandState.from_arrays(task.state) if task.state else IslandState()
    state.barred.update(dict.fromkeys(task.barred))
    return _Island(rules, scorer, task.island, task.number, state).play()


class _Island:
    """A round while it is played."""

    def __init__(
        self, rules: Rules, scorer: Scorer[Any], island: int, number: int, state: IslandState
    ) -> None:
        self.rules, self.scorer, self.state = rules, scorer, state
        self.island, self.number = island, number
        self.random = Random(f"synth round {rules.config.seed} {island} {number}")
        self.search, self.space = rules.config.search, rules.space
        self.demands_feedback = island >= self.search.islands - self.search.feedback_islands
        self.has_hurdle = _has_hurdle(rules.config)
        self.counts = Statistics()
        self._best: list[tuple[float, int, Ancestor]] = []
        self._barred: list[Barred] = []

    def play(self) -> Outcome:
        """Consider the round's candidates."""
        state, steps_before = self.state, self.scorer.train_steps
        if not state.population:
            state.population = self._first_population()
        for place, immigrant in state.immigrants:
            state.population[place] = self._welcomed(immigrant)
        state.immigrants = []
        step = self._random_step if self.search.method == "random" else self._step
        while self.counts.candidates < self.search.round_candidates:
            step()
        for key in list(state.seen)[: max(0, len(state.seen) - SEEN_CAPACITY)]:
            del state.seen[key]
        self.counts.train_steps = self.scorer.train_steps - steps_before
        ranked = sorted(self._best, key=lambda entry: (-entry[0], -entry[1]))
        return Outcome(state.to_arrays(), self.counts, [tip for _, _, tip in ranked], self._barred)

    def _examine(self, candidate: Candidate) -> tuple[int | None, bool]:
        """A program's canonical key, or None for one to reject, and whether it can learn as asked for."""
        key = self.scorer.examine(candidate, not self.search.static_rejection)
        if key is None:
            return None, False
        learns = self.scorer.learns
        if self.demands_feedback and learns and not feeds_back(candidate):
            return (None if self.search.static_rejection else key), False
        return key, learns

    # Where programs come from

    def _first_population(self) -> list[Individual]:
        size = self.search.population
        if self.search.start != "random":
            return [self._considered(self.rules.start, "start")] * size
        sizes = self._start_sizes()
        return [
            self._considered(random_candidate(self.space, sizes, self.random), "random") for _ in range(size)
        ]

    def _start_sizes(self) -> tuple[int, int, int]:
        program = self.rules.config.program
        return program.setup_start, program.predict_start, program.learn_start

    def _welcomed(self, immigrant: Individual) -> Individual:
        """An immigrant as a member of this island, scored on its tasks if it comes from others."""
        if math.isnan(immigrant.fitness):
            return self._considered(immigrant.candidate, "migration", immigrant, immigrant.edits)
        _, learns = self._examine(immigrant.candidate)
        fitness = immigrant.fitness if learns or not self.search.static_rejection else 0.0
        self.state.seen[immigrant.key] = None
        return Individual(
            immigrant.candidate, fitness, immigrant.key, learns, immigrant.line, immigrant.edits
        )

    def _step(self) -> None:
        """The oldest program gives way to a child of the tournament's winner."""
        population, random = self.state.population, self.random.random
        size = len(population)
        parent = population[int(random() * size)]
        for _ in range(self.search.tournament - 1):
            other = population[int(random() * size)]
            if other.fitness > parent.fitness:
                parent = other
        population[self.state.oldest] = self._child(parent)
        self.state.oldest = (self.state.oldest + 1) % size

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
        for _ in range(search.retries):
            name, mutation = draw_mutation(self.space, self.random)
            candidate = mutation(base, self.space, self.random).apply(base)
            counts.candidates += 1
            if candidate is base:
                counts.repeated += 1
                continue
            key, learns = self._examine(candidate)
            if key is None:
                counts.rejected += 1
                if search.keep_neutral_edits and not parent.learns:
                    base, edits = candidate, edits + 1
                continue
            if self._too_costly(candidate):
                counts.rejected += 1
                continue
            if key == parent.key or (search.symbolic_hash and key in self.state.seen):
                counts.repeated += 1
                if key == parent.key and search.keep_neutral_edits:
                    base, edits = candidate, edits + 1
                continue
            return self._born(candidate, key, learns, name, parent, edits + 1)
        return Individual(base, parent.fitness, parent.key, parent.learns, parent.line, edits)

    def _random_step(self) -> None:
        """A program drawn without regard to others; the population keeps the newest."""
        sizes = self._start_sizes()
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
        key, learns = self._examine(candidate)
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
        fitness, evaluated = self._fitness(candidate, key)
        line = parent.line if parent else None
        gains = line is None or origin == "migration" or fitness >= line.fitness + LEAST_GAIN
        stands_out = evaluated and (len(self._best) < KEPT or fitness > self._best[0][0])
        if gains or stands_out:
            tip = Ancestor(line, origin, edits, fitness, self.island, self.number, candidate)
            if stands_out:
                self._keep(tip)
            if gains:
                line, edits = tip, 0
        return Individual(candidate, fitness, key, learns, line, edits)

    def _fitness(self, candidate: Candidate, key: int) -> tuple[float, bool]:
        """From the equivalence cache, or by evaluation; and whether it was evaluated in full."""
        state, search = self.state, self.search
        state.seen[key] = None
        if key in state.barred:
            return 0.0, False
        steps = self.scorer.train_steps
        try:
            live = self.scorer.live()
            if search.fec:
                fingerprint = self.scorer.fingerprint(live)
                found = state.equivalents.find(fingerprint, search.fec_forget)
                if found is not None:
                    self.counts.cached += 1
                    return found, False
            fitness, whole = self._evaluated(live)
        except CannotBeScored as error:
            # it leaves no other trace, so that the round is the same when it is known beforehand
            self.scorer.train_steps = steps
            state.barred[key] = None
            self._barred.append(Barred(key, str(error), effective(candidate)))
            return 0.0, False
        if search.fec:
            state.equivalents.add(fingerprint, fitness, search.fec_capacity)
        return fitness, whole

    def _evaluated(self, live: Any) -> tuple[float, bool]:
        """The fitness on all tasks, or that of the first stage if it does not pass the hurdle."""
        search, hurdle = self.search, self.state.hurdle
        if not self.has_hurdle:
            fitness, passes = self.scorer.fitness(live), True
        else:
            stage = self.scorer.first_stage(live)
            passes = hurdle.passes(stage, search.hurdle_percentile)
            fitness = self.scorer.fitness(live) if passes else stage
            hurdle.add(stage, search.population)
        self.counts.evaluated += passes
        self.counts.hurdled += not passes
        return fitness, passes

    def _keep(self, tip: Ancestor) -> None:
        """Hand the program on in place of the least of those that were to be."""
        entry = (tip.fitness, -self.counts.candidates, tip)
        if len(self._best) < KEPT:
            heappush(self._best, entry)
        else:
            heapreplace(self._best, entry)


def _has_hurdle(config: Config) -> bool:
    """Whether there is a first stage that is less than the whole evaluation."""
    data, search = config.data, config.search
    fewer_tasks = 0 < search.hurdle_tasks < (data.tasks or math.inf)
    return fewer_tasks or 0 < search.hurdle_train < (data.train or math.inf)
