"""The rules of one round: who is replaced, who is a parent, what is evaluated."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from native_programs import program
from search_helpers import (
    ToyScorer,
    by_key,
    individual,
    learner,
    one_round,
    small,
    state_of,
    toy_rules,
)

from synth.language.analysis import canonical_key, cost, effective
from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP
from synth.language.rejection import can_learn
from synth.mutation.edit import Edit, Splice
from synth.search.arrays import Arrays, pack_lines
from synth.search.evolution.equivalents import Equivalents
from synth.search.evolution.island import play
from synth.search.evolution.round import Outcome, Round
from synth.search.evolution.rules import template
from synth.search.evolution.state import Individual, IslandState
from synth.search.scoring.scorer import NativeScorer
from synth.settings.schema import Config

SCORED = [
    individual(learner(rate), fitness) for rate, fitness in ((0.1, 0.2), (0.2, 0.8), (0.3, 0.8), (0.4, 0.1))
]


def drawn(number: int) -> list[int]:
    """The places in SCORED that the tournament of a round draws, one after the other."""
    random = Random(f"synth round 0 0 {number}").random
    return [int(4 * random()) for _ in range(3)]


def parent_of(number: int) -> int:
    """The first of the fittest among them."""
    places = drawn(number)
    best = max(SCORED[place].fitness for place in places)
    return next(place for place in places if SCORED[place].fitness == best)


def after_a_step(number: int, oldest: int = 0) -> Arrays:
    """The state after one step in this round, in which a child is a copy."""
    config = small(search__population=4, search__round_candidates=1, mutation__probability=0)
    return one_round(config, state_of(*SCORED, oldest=oldest), number=number).state


def script(monkeypatch: pytest.MonkeyPatch, edits: Iterable[Edit]) -> None:
    """Let mutations be these edits, one after the other."""
    left = iter(edits)
    monkeypatch.setattr(
        "synth.search.evolution.island.draw_mutation",
        lambda space, random: ("scripted", lambda candidate, space, random: next(left)),
    )


def same(one: Arrays, other: Arrays) -> bool:
    return one.keys() == other.keys() and all(np.array_equal(one[name], other[name]) for name in one)


def test_the_oldest_gives_way_and_the_next_one_is_oldest_then() -> None:
    for oldest in range(4):
        after = after_a_step(0, oldest)
        expected = [*SCORED]
        expected[oldest] = SCORED[parent_of(0)]
        assert IslandState.from_arrays(after).population == expected
        assert after["oldest"].tolist() == [(oldest + 1) % 4]


def test_the_fittest_of_the_tournament_is_the_parent_and_the_first_drawn_wins_ties() -> None:
    """The parent may be the one that is about to die."""
    for number in range(60):
        population = IslandState.from_arrays(after_a_step(number)).population
        assert population == [SCORED[parent_of(number)], *SCORED[1:]]
    assert {parent_of(number) for number in range(60)} >= {0, 1, 2}
    ties = {tuple(place for place in dict.fromkeys(drawn(number)) if place in (1, 2)) for number in range(60)}
    assert ties >= {(1, 2), (2, 1)}


def test_tournaments_draw_with_replacement() -> None:
    """With P = 4, T = 3 the best one is drawn with 1 - (3/4)^3 = 37/64; without replacement it were 3/4."""
    population = [
        individual(learner(rate), fitness) for rate, fitness in ((1, 0.1), (2, 0.2), (3, 0.3), (4, 0.9))
    ]
    config = small(search__population=4, search__round_candidates=1, mutation__probability=0)
    rules, scorer, state = toy_rules(config), ToyScorer(), state_of(*population)
    winners = Counter(
        play(rules, scorer, Round("toy", 0, number, state)).state["fitness"][0] for number in range(4000)
    )
    expected = {0.1: 1 / 64, 0.2: 7 / 64, 0.3: 19 / 64, 0.9: 37 / 64}
    deviations = sum((winners[fitness] - 4000 * p) ** 2 / (4000 * p) for fitness, p in expected.items())
    assert deviations < 16.27  # chi-squared, 3 degrees of freedom, 0.001


def test_a_child_is_a_copy_unless_it_is_mutated(monkeypatch: pytest.MonkeyPatch) -> None:
    script(monkeypatch, itertools.repeat(Edit((Splice(SETUP, 0, 1, learner(5).setup),))))
    config = small(search__population=4, search__round_candidates=1, mutation__probability=0.9)
    rules, mutated = toy_rules(config), 0
    for number in range(2000):
        scorer = ToyScorer()
        play(rules, scorer, Round("toy", 0, number, state_of(*SCORED)))
        mutated += bool(scorer.scored)
    assert abs(mutated / 2000 - 0.9) < 4 * (0.9 * 0.1 / 2000) ** 0.5


@pytest.mark.parametrize("settings", [{}, {"search__method": "random"}, {"search__fec": False}])
def test_a_round_is_a_pure_function(settings: dict[str, object]) -> None:
    config = small(search__start="empty", search__round_candidates=400, **settings)
    first = one_round(config, {}, ToyScorer(by_key))
    kept = {name: array.copy() for name, array in first.state.items()}
    one, other = (one_round(config, first.state, ToyScorer(by_key), number=1) for _ in range(2))
    assert same(one.state, other.state)
    assert one.counts == other.counts
    assert same(pack_lines(one.best), pack_lines(other.best))
    assert same(first.state, kept)
    assert not same(one.state, one_round(config, first.state, ToyScorer(by_key), number=2).state)
    assert not same(one.state, one_round(config, first.state, ToyScorer(by_key), 1, 1).state)
    assert not same(
        one.state, one_round(replace(config, seed=1), first.state, ToyScorer(by_key), number=1).state
    )


def test_states_keep_everything_on_the_wire() -> None:
    state = IslandState(SCORED, 2, {5: None, 3: None})
    for fingerprint in (7, 2**64 - 1, 9):
        state.equivalents.add(fingerprint, fingerprint % 10 / 10, 10)
    state.equivalents.find(7, 0)
    again = IslandState.from_arrays(state.to_arrays())
    assert again == state
    assert list(again.seen) == [5, 3]
    assert list(again.equivalents.fitness) == [2**64 - 1, 9, 7]


def test_programs_that_cannot_learn_are_not_evaluated() -> None:
    config = small(search__start="empty", search__round_candidates=3000)
    scorer = ToyScorer()
    outcome = one_round(config, {}, scorer)
    assert outcome.counts.rejected > 1000
    assert scorer.scored and all(map(can_learn, scorer.scored))


def test_static_rejection_can_be_switched_off() -> None:
    config = small(search__start="empty", search__round_candidates=100, search__static_rejection=False)
    scorer = ToyScorer()
    outcome = one_round(config, {}, scorer)
    assert outcome.counts.rejected == 0
    assert not any(map(can_learn, scorer.scored[:5]))


def test_only_new_programs_are_evaluated() -> None:
    config = small(search__round_candidates=1500, search__fec=False)
    first = ToyScorer(by_key)
    outcome = one_round(config, {}, first)
    second = ToyScorer(by_key)
    one_round(config, outcome.state, second, number=1)
    keys = [canonical_key(candidate) for candidate in (*first.scored, *second.scored)]
    assert len(keys) > 500
    assert len(set(keys)) == len(keys)
    assert outcome.counts.repeated > 0


@pytest.mark.parametrize("setting", ["search__new_programs_only", "search__symbolic_hash"])
def test_old_programs_too_if_the_setting_says_so(setting: str) -> None:
    config = small(search__round_candidates=1500, search__fec=False, **{setting: False})
    scorer = ToyScorer(by_key)
    one_round(config, {}, scorer)
    keys = [canonical_key(candidate) for candidate in scorer.scored]
    assert len(set(keys)) < len(keys)


def with_edits(
    edits: list[Edit], monkeypatch: pytest.MonkeyPatch, parent: Individual, **settings: object
) -> tuple[Individual, Outcome]:
    """The child of a parent, when mutations are these, one after the other."""
    script(monkeypatch, edits)
    config = small(
        search__population=1,
        search__round_candidates=1,
        search__retries=len(edits),
        mutation__probability=1,
        **settings,
    )
    outcome = one_round(config, state_of(parent), ToyScorer(lambda candidate: 0.75))
    return IslandState.from_arrays(outcome.state).population[0], outcome


DEAD = program(setup="m.s4 = 0.5").setup
ALIVE = program(setup="m.s2 = 0.125").setup
NEUTRAL = Edit((Splice(SETUP, 0, 0, DEAD),))
EFFECTIVE = Edit((Splice(SETUP, 1, 2, ALIVE),))


def test_neutral_edits_are_kept_while_retrying(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = individual(learner(0.1), 0.5)
    child, outcome = with_edits([NEUTRAL, EFFECTIVE], monkeypatch, parent)
    assert child.candidate.setup == (*DEAD, *ALIVE)
    assert (child.fitness, outcome.counts.candidates, outcome.counts.repeated) == (0.75, 2, 1)


def test_neutral_edits_are_forgotten_if_the_setting_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = individual(learner(0.1), 0.5)
    effective_alone = Edit((Splice(SETUP, 0, 1, ALIVE),))
    child, _ = with_edits([NEUTRAL, effective_alone], monkeypatch, parent, search__keep_neutral_edits=False)
    assert child.candidate.setup == ALIVE


def test_a_child_without_effect_is_its_parent_with_neutral_edits(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = individual(learner(0.1), 0.5)
    child, outcome = with_edits([NEUTRAL, Edit(), NEUTRAL], monkeypatch, parent)
    assert child.candidate.setup == (*DEAD, *DEAD, *learner(0.1).setup)
    assert (child.fitness, child.key) == (parent.fitness, parent.key)
    assert outcome.best == []


def test_a_harmful_edit_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    no_learner = Edit((Splice(PREDICT, 0, 1),))
    child, outcome = with_edits([no_learner, NEUTRAL], monkeypatch, individual(learner(0.1), 0.5))
    assert child.candidate.predict == learner(0.1).predict
    assert outcome.counts.rejected == 1


def test_programs_that_cannot_learn_drift(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the parent cannot learn, edits that leave it so are kept."""
    parent = individual(Candidate(), 0.0, learns=False)
    child, _ = with_edits([NEUTRAL, NEUTRAL], monkeypatch, parent)
    assert child.candidate.setup == (*DEAD, *DEAD)


def test_dead_statements_are_not_evaluated_but_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    scorer = ToyScorer()
    config = small(search__population=1, search__round_candidates=1, mutation__probability=1)
    script(monkeypatch, [Edit((Splice(SETUP, 0, 1, (*DEAD, *ALIVE)),))])
    outcome = one_round(config, state_of(individual(learner(0.1), 0.5)), scorer)
    assert [candidate.setup for candidate in scorer.scored] == [ALIVE]
    assert outcome.best[0].candidate.setup == (*DEAD, *ALIVE)


def test_equal_first_errors_share_a_fitness() -> None:
    scorer = ToyScorer(by_key, fingerprint=len)
    outcome = one_round(small(search__round_candidates=1000, search__fec_forget=0), {}, scorer)
    sizes = [len(candidate) for candidate in scorer.scored]
    assert len(set(sizes)) == len(sizes) == outcome.counts.evaluated
    assert outcome.counts.cached > 50


def test_the_equivalence_check_can_be_switched_off() -> None:
    scorer = ToyScorer(by_key, fingerprint=lambda candidate: 0)
    outcome = one_round(small(search__round_candidates=1000, search__fec=False), {}, scorer)
    assert outcome.counts.cached == 0
    assert len(scorer.scored) > 100


def test_an_entry_is_dropped_by_the_use_that_makes_forget() -> None:
    """The reference: one use on insertion, and the hit that makes it 100 still returns the fitness."""
    cache = Equivalents()
    cache.add(1, 0.5, 10)
    assert [cache.find(1, 4) for _ in range(4)] == [0.5, 0.5, 0.5, None]
    cache.add(1, 0.25, 10)
    assert [cache.find(1, 0) for _ in range(500)] == [0.25] * 500
    forgetting = one_round(
        small(search__round_candidates=1000, search__fec_forget=3), {}, ToyScorer(by_key, lambda candidate: 0)
    )
    counts = forgetting.counts
    assert counts.cached == pytest.approx(2 * counts.evaluated, abs=2)


def test_the_least_recently_used_entry_goes_first() -> None:
    cache = Equivalents()
    for fingerprint in (1, 2, 3):
        cache.add(fingerprint, fingerprint / 10, 3)
    cache.find(1, 0)
    again = Equivalents.from_arrays(cache.to_arrays())
    for kept in (cache, again):
        kept.add(4, 0.4, 3)
        assert list(kept.fitness) == [3, 1, 4]
        assert kept.uses == {1: 2}
    outcome = one_round(small(search__round_candidates=1000, search__fec_capacity=7), {}, ToyScorer(by_key))
    assert len(outcome.state["fingerprints"]) == 7


def test_costs_are_the_reference_s() -> None:
    net = template("neural_net")
    assert cost(net, 0) == 358864510
    assert cost(net, 1) - cost(net, 0) == 26984126 + 54920587


def test_programs_over_the_budget_have_fitness_0(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program may cost as much as the unit times the factor, and no more."""
    parent = individual(template("linear"), 0.5)
    costly = Edit((Splice(LEARN, 0, 0, program(learn="m.s4 = m.s3 - m.s2").learn),))
    rate = Edit((Splice(SETUP, 0, 1, ALIVE),))
    budget = {"search__budget_program": "linear", "search__budget_factor": 1.0}
    child, outcome = with_edits([costly, rate], monkeypatch, parent, **budget)
    assert child.candidate == rate.apply(template("linear"))  # a dead statement costs too
    assert outcome.counts.rejected == 1
    once = {**budget, "search__new_programs_only": False}
    child, outcome = with_edits([costly], monkeypatch, parent, **once)
    assert (child.fitness, outcome.counts.rejected) == (0.0, 1)
    child, outcome = with_edits([rate], monkeypatch, parent, **once)
    assert (child.fitness, outcome.counts.rejected) == (0.75, 0)
    child, outcome = with_edits([costly], monkeypatch, parent, **{**once, "search__budget_factor": 0})
    assert child.fitness == 0.75


def test_the_budget_counts_all_epochs() -> None:
    one, three = (toy_rules(small(data__epochs=epochs)) for epochs in (1, 3))
    net = template("neural_net")
    assert (one.examples, three.examples) == (60, 180)
    assert one.cost_limit == 2 * cost(net, 60)
    assert three.cost_limit == 2 * cost(net, 180)


def seen_by(config: Config, fitness: Callable[[Candidate], float]) -> list[Candidate]:
    scorer = ToyScorer(fitness)
    one_round(config, {}, scorer)
    return scorer.scored


def test_random_search_is_not_led_by_fitness() -> None:
    config = small(search__method="random", search__static_rejection=False, search__fec=False)
    one, other = seen_by(config, by_key), seen_by(config, lambda candidate: 1.0 - by_key(candidate))
    assert len(one) > 50
    assert one == other
    evolution = small(search__static_rejection=False, search__fec=False)
    assert seen_by(evolution, by_key) != seen_by(evolution, lambda candidate: 1.0 - by_key(candidate))


def test_random_search_has_programs_of_all_sizes() -> None:
    config = small(search__method="random", search__static_rejection=False, program__setup_ops=())
    config = replace(config, search=replace(config.search, round_candidates=500, start="empty"))
    outcome = one_round(config, {}, ToyScorer(effective_size))
    sizes = outcome.state["sizes"]
    assert not sizes[:, 0].any()
    assert sizes[:, 2].min() >= 1
    assert sizes[:, 2].max() <= 22


def effective_size(candidate: Candidate) -> float:
    return len(effective(candidate)) / 100


def test_islands_with_feedback_ask_for_it() -> None:
    config = small(search__start="empty", search__round_candidates=3000, search__feedback_islands=1)
    plain, strict = ToyScorer(), ToyScorer()
    one_round(config, {}, plain, island=0)
    one_round(config, {}, strict, island=1)
    from synth.language.rejection import feeds_back

    assert not all(map(feeds_back, plain.scored))
    assert all(map(feeds_back, strict.scored))


def test_native_scores_do_not_depend_on_what_came_before() -> None:
    from synth.engine.native.batch import Batch
    from synth.engine.native.compiler import object_code
    from synth.engine.native.evaluator import Machine
    from synth.engine.native.lanes import shape_for
    from synth.tasks.sets import task_set

    config = small()
    tasks = task_set("digits", "search", count=3, features=8, train=60, valid=30).tasks
    shape = shape_for(8, "float32", 3, 2)
    scorer = NativeScorer(config, Machine(shape, object_code(shape)), Batch.of(tasks, shape))
    linear, net = template("linear"), template("neural_net")
    before = scorer.fitness(linear), scorer.fingerprint(linear)
    assert scorer.train_steps == 3 * 60 + 3 * 10
    scorer.fitness(net)
    assert (scorer.fitness(linear), scorer.fingerprint(linear)) == before
    assert scorer.fingerprint(net) != before[1]
