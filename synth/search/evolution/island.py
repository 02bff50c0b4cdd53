"""One round of one island: regularized evolution (or random search) over a fixed number of candidates.

A round is a pure function of the settings, the seed, the island, the round and the island's state, so it can
run in any process, and run again after a crash. A candidate is drawn (`_child`, `_first_population`), mutated
until it is new and can learn (`_new_child`), scored (`evaluation.py`) in `_born`, and enters the population
(`_enter`).
"""

import math
from collections import Counter, defaultdict
from dataclasses import replace
from heapq import heappop, heappush
from operator import attrgetter
from random import Random

from synth.language.analysis import cost, live_only
from synth.language.candidate import Candidate
from synth.mutation.chance import below
from synth.mutation.constants import without_constants
from synth.mutation.kinds import draw_mutation, random_candidate
from synth.mutation.valid import valid_candidate
from synth.runs.events import Counts
from synth.runs.lineage import Ancestor
from synth.search.evolution.evaluation import EVALUATED, Evaluation
from synth.search.evolution.hurdle import Hurdle
from synth.search.evolution.restarts import begins_anew, family_use, remember
from synth.search.evolution.round import Outcome, Round, Rules, changes_tasks
from synth.search.evolution.state import Individual, IslandState
from synth.search.scoring.scorer import Scorer
from synth.settings.checks import DRAWN_STARTS

SEEN_CAPACITY = 200_000
"""Keys of evaluated programs that an island keeps between rounds; the oldest go first."""

LEAST_GAIN = 0.001
"""An ancestor stays in the chain when its search fitness exceeds that of the one before by this much."""

AFFORDABLE = 20
"""Valid programs that are drawn until one does not exceed the train budget."""

KEPT = 4
"""Programs of a round that are handed on, the best by search fitness."""

MOVES = ("migration", "new tasks")
"""Origins of programs whose fitness before was on other tasks."""

_VALUE = attrgetter("value")


def play(rules: Rules, scorer: Scorer, round_: Round) -> Outcome:
    """Play a round; equal arguments give equal outcomes."""
    return _Island(rules, scorer, round_).play()


class _Island:
    """A round while it is played."""

    def __init__(self, rules: Rules, scorer: Scorer, round_: Round) -> None:
        self.rules, self.scorer, self.search, self.space = rules, scorer, rules.config.search, rules.space
        self.island, self.number = round_.island, round_.number
        self.state = state = IslandState.from_arrays(round_.state) if round_.state else IslandState()
        state.barred.update(dict.fromkeys(round_.barred))
        self.counts = Counts(rounds=1)
        self.evaluation = Evaluation(rules.config, scorer, state, self.counts, round_.number)
        self.random = Random(f"synth round {rules.config.seed} {round_.island} {round_.number}")
        search = self.search
        self.demands_feedback = round_.island >= search.islands - search.feedback_islands
        self.price = search.parsimony * state.noise
        self.wants_structure = (
            search.structure_share < 1 or search.race_trials > 0 or self.evaluation.takes_noise
        )
        self._outcomes = defaultdict[str, Counter[str]](Counter)
        self._highest = -math.inf
        self._best: list[tuple[float, int, Ancestor]] = []
        """A heap of the programs to hand on: value, minus the candidates before it, and the program."""

    def play(self) -> Outcome:
        """Consider the round's candidates."""
        state, steps_before = self.state, self.scorer.train_steps
        self._welcome()
        if begins_anew(self.search, self.island, self.number) and state.population:
            remember(state, self.number)
            state.population, state.oldest, state.immigrants = [], 0, []
            state.seen, state.structures, state.hurdle = {}, {}, Hurdle()
        if self.space.families:
            self.space = self.space.favouring(family_use(state.elites))
        if not state.population:
            state.population = self._first_population()
        for member in state.population:
            member.value = member.fitness - self.price * member.length
        self._values = [member.value for member in state.population]
        self._structures = [member.structure for member in state.population]
        self._highest = max(self._values)
        step = self._random_step if self.search.method == "random" else self._step
        while self.counts.candidates < self.search.round_candidates:
            step()
        for seen in (state.seen, state.structures):
            for key in list(seen)[: max(0, len(seen) - SEEN_CAPACITY)]:
                del seen[key]
        if self.evaluation.takes_noise:
            state.noise = self.evaluation.noise()
        self.counts.train_steps = self.scorer.train_steps - steps_before
        mutations = {
            name: dict(sorted(outcomes.items())) for name, outcomes in sorted(self._outcomes.items())
        }
        tips = [tip for _, _, tip in sorted(self._best, reverse=True)]
        return Outcome(state.to_arrays(), self.counts, mutations, tips, self.evaluation.barred)

    def _examine(self, candidate: Candidate) -> int | None:
        """Return a program's canonical key, or None for one to reject."""
        return self.scorer.examine(candidate, not self.search.static_rejection, self.demands_feedback)

    # Where programs come from

    def _first_population(self) -> list[Individual]:
        size = self.search.population
        if self.search.start in DRAWN_STARTS:
            return [self._considered(self._drawn(), self.search.start) for _ in range(size)]
        return [self._considered(self.rules.start, "start")] * size

    def _drawn(self) -> Candidate:
        """Draw a program to begin with."""
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
        state, has_hurdle = self.state, self.evaluation.has_hurdle
        # A hurdle that knows no program yet would be made by those that come first.
        self.evaluation.has_hurdle = has_hurdle and len(state.hurdle.recent) > 0
        for position, immigrant in state.immigrants:
            state.population[position] = self._welcomed(immigrant)
        state.immigrants = []
        state.population = [self._scored_here(member) for member in state.population]
        state.elites = [(number, self._scored_here(elite)) for number, elite in state.elites]
        self.evaluation.has_hurdle = has_hurdle

    def _scored_here(self, program: Individual) -> Individual:
        """Return a program, scored on the tasks of this round if it comes from others."""
        if not math.isnan(program.fitness):
            return program
        origin = "new tasks" if changes_tasks(self.rules.config.data, self.number) else "migration"
        return self._considered(program.candidate, origin, program.line, program.edits)

    def _welcomed(self, immigrant: Individual) -> Individual:
        """Return an immigrant as a member of this island."""
        if math.isnan(immigrant.fitness):
            return self._scored_here(immigrant)
        self._examine(immigrant.candidate)
        learns = self.scorer.learns
        fitness = immigrant.fitness if learns or not self.search.static_rejection else 0.0
        self.state.seen[immigrant.key] = None
        return replace(immigrant, fitness=fitness, learns=learns)

    def _step(self) -> None:
        """Replace the oldest program by a child of the tournament's winner."""
        population, random = self.state.population, self.random.random
        size = len(population)
        drawn = [population[int(random() * size)] for _ in range(self.search.tournament)]
        self._enter(self._child(max(drawn, key=_VALUE)))

    def _enter(self, child: Individual) -> None:
        """Replace the oldest program by a child, or the worst of its structure if those are many."""
        search, values, structures = self.search, self._values, self._structures
        size = len(values)
        most = max(1, int(search.structure_share * size))
        if search.structure_share < 1 and child.structure and structures.count(child.structure) >= most:
            alike = [position for position, one in enumerate(structures) if one == child.structure]
            worst = min(alike, key=values.__getitem__)
            if child.value > values[worst]:
                self._replace(worst, child)
            return
        position = self.state.oldest
        if search.keep_best and size > 1:
            best = max(values)
            if values[position] == best and values.count(best) == 1:
                position = (position + 1) % size
        self._replace(position, child)
        self.state.oldest = (position + 1) % size

    def _replace(self, position: int, child: Individual) -> None:
        self.state.population[position] = child
        self._values[position], self._structures[position] = child.value, child.structure

    def _child(self, parent: Individual) -> Individual:
        if self.random.random() >= self.rules.config.mutation.probability:
            self.counts.candidates += 1
            self.counts.repeated += 1
            return parent
        if not self.search.new_programs_only:
            name, mutation = draw_mutation(self.space, self.random)
            edit = mutation(parent.candidate, self.space, self.random)
            return self._considered(edit.apply(parent.candidate), name, parent.line, parent.edits + 1)
        return self._new_child(parent)

    def _new_child(self, parent: Individual) -> Individual:
        """Mutate again until the program is new and can learn.

        Meanwhile edits without effect are kept, if the setting says so: those that leave the canonical form
        as it is, and, as long as the parent cannot learn, those that leave it so. When the retries are used
        up, the child is the parent with these edits.
        """
        search, counts, base, edits = self.search, self.counts, parent.candidate, parent.edits
        keeps_neutral = search.keep_neutral_edits and search.genome == "whole"
        for _ in range(search.retries):
            name, mutation = draw_mutation(self.space, self.random)
            edit = mutation(base, self.space, self.random)
            candidate = edit.apply(base)
            counts.candidates += 1
            if candidate is base:
                counts.repeated += 1
                self._outcomes[name][edit.refused or "no change"] += 1
                continue
            key = self._examine(candidate)
            if key is None:
                outcome, is_neutral = "rejected", not parent.learns
            elif self._too_costly(candidate):
                outcome, is_neutral = "too costly", False
            elif key == parent.key or (search.symbolic_hash and key in self.state.seen):
                outcome, is_neutral = "seen", key == parent.key
            else:
                return self._born(candidate, key, name, parent.line, edits + 1)
            self._outcomes[name][outcome] += 1
            if outcome == "seen":
                counts.repeated += 1
            else:
                counts.rejected += 1
            if is_neutral and keeps_neutral:
                base, edits = candidate, edits + 1
        return parent if base is parent.candidate else replace(parent, candidate=base, edits=edits)

    def _random_step(self) -> None:
        """Draw a program without regard to others; the population keeps the newest."""
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
        self, candidate: Candidate, origin: str, line: Ancestor | None = None, edits: int = 0
    ) -> Individual:
        """Return a program with its fitness, which is 0 where it is rejected."""
        self.counts.candidates += 1
        key = self._examine(candidate)
        if key is not None and not self._too_costly(candidate):
            return self._born(candidate, key, origin, line, edits)
        self.counts.rejected += 1
        if line is None:
            line, edits = Ancestor(None, origin, 0, 0.0, self.island, self.number, candidate), 0
        return Individual(candidate, 0.0, key or 0, self.scorer.learns, line, edits)

    def _too_costly(self, candidate: Candidate) -> bool:
        limit = self.rules.cost_limit
        return limit > 0 and cost(candidate, self.rules.examples) > limit

    def _born(
        self, candidate: Candidate, key: int, origin: str, line: Ancestor | None, edits: int
    ) -> Individual:
        """Score the program examined last, and return it in its line of descent."""
        scorer, learns = self.scorer, self.scorer.learns
        if self.search.genome == "live" and scorer.dead:
            candidate = live_only(candidate)
            key = scorer.examine(candidate, True) or key
        live, length, structure = scorer.live(), len(candidate) - scorer.dead, 0
        if self.wants_structure:
            structure = scorer.examine(without_constants(candidate), True) or 0
        scored = self.evaluation.score(candidate, key, live, structure)
        candidate, key, fitness = scored.candidate, scored.key, scored.fitness
        value = fitness - self.price * length
        outcomes = self._outcomes[origin]
        outcomes[scored.outcome] += 1
        if self.evaluation.raced:
            outcomes["raced"] += 1
        if value > self._highest:
            outcomes["improved"] += 1
            self._highest = value
        gains = line is None or origin in MOVES or fitness >= line.fitness + LEAST_GAIN
        stands_out = scored.outcome == EVALUATED and (len(self._best) < KEPT or value > self._best[0][0])
        if gains or stands_out:
            tip = Ancestor(line, origin, edits, fitness, self.island, self.number, candidate)
            if stands_out:
                heappush(self._best, (value, -self.counts.candidates, tip))
                if len(self._best) > KEPT:
                    heappop(self._best)
            if gains:
                line, edits = tip, 0
        return Individual(candidate, fitness, key, learns, line, edits, length, structure, value)
