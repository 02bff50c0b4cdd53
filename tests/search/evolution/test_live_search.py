"""The search on live programs: valid starts, a price for statements, races, the mended hurdle, restarts."""

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from native_programs import program
from recorded import left_behind, rows
from search_helpers import (
    ToyScorer,
    by_key,
    go_on,
    individual,
    interrupted,
    learner,
    one_round,
    run,
    small,
    state_of,
    with_toys,
)

from synth.language.analysis import effective
from synth.language.candidate import Candidate
from synth.language.rejection import can_learn, feeds_back
from synth.mutation.constants import with_other_constants, without_constants
from synth.mutation.kinds import DATA_FLOW
from synth.runs.events import RunStarted
from synth.runs.folder import RunFolder
from synth.search.arrays import Arrays
from synth.search.coordinator import search
from synth.search.evolution import restarts
from synth.search.evolution.hurdle import Hurdle, paired_error
from synth.search.evolution.migration import scored_anew
from synth.search.evolution.state import Individual, IslandState
from synth.search.scoring.judge import Judge
from synth.settings.resolve import read
from synth.settings.schema import SearchConfig

FLOW: dict[str, object] = {
    "search__start": "valid",
    "search__genome": "live",
    "search__feedback_islands": 2,
    "search__parsimony": 0.33,
    "search__structure_share": 0.2,
    "search__keep_best": True,
    "mutation__kinds": sorted(DATA_FLOW),
    "program__scalars": 20,
    "program__vectors": 20,
    "program__matrices": 4,
}


def decoded(state: Arrays) -> IslandState:
    return IslandState.from_arrays(state)


class PerTask(ToyScorer):
    """A toy with three tasks, whose first stage is like the whole."""

    def __init__(self, tasks: Callable[[Candidate], Sequence[float]]) -> None:
        super().__init__(lambda candidate: sum(tasks(candidate)) / 3)
        self._tasks = tasks

    def first_stage(self, candidate: Candidate) -> float:
        self.train_steps += 1
        self.per_task = self._tasks(candidate)
        return self._fitness(candidate)

    def fitness(self, candidate: Candidate) -> float:
        self.per_task = self._tasks(candidate)
        return super().fitness(candidate)


def noisy(candidate: Candidate) -> list[float]:
    """Three fitnesses that differ by program and task."""
    fitness = by_key(candidate)
    return [fitness, fitness * 0.9, fitness**2]


def test_a_valid_start_fills_the_population_with_different_programs_that_learn() -> None:
    state = decoded(one_round(small(**FLOW, search__round_candidates=1), {}).state)
    found = [member.candidate for member in state.population]
    assert len(set(found)) == len(found)
    assert all(can_learn(candidate) and feeds_back(candidate) for candidate in found)


def test_a_live_genome_holds_no_dead_statement() -> None:
    outcome = one_round(small(**FLOW, search__round_candidates=600), {}, ToyScorer(by_key))
    members = decoded(outcome.state).population
    assert all(effective(member.candidate) == member.candidate for member in members)
    assert all(member.length == len(member.candidate) for member in members)
    dead = program(predict="m.s1 = np.dot(m.v0, m.v1)", learn="m.s4 = m.s0 - m.s1; m.v1 = m.s0 * m.v0")
    config = small(search__genome="live", search__round_candidates=1000)
    state = decoded(one_round(config, state_of(*[individual(dead, 0.9)] * 10), ToyScorer(by_key)).state)
    children = [one.candidate for one in state.population if one.candidate != dead]
    assert children
    assert all(effective(child) == child for child in children)


def test_the_price_is_that_of_the_noise_between_structures_and_stays() -> None:
    config = small(**FLOW, search__round_candidates=300)
    first = one_round(config, {}, PerTask(noisy))
    noise = decoded(first.state).noise
    assert noise > 0
    second = one_round(config, first.state, PerTask(noisy), number=1)
    assert decoded(second.state).noise == noise
    free = one_round(
        small(**{**FLOW, "search__parsimony": 0.0}, search__round_candidates=300), {}, PerTask(noisy)
    )
    assert decoded(free.state).noise == 0


def test_of_equal_fitness_the_shorter_program_wins_where_statements_have_a_price() -> None:
    short = learner(0.5)
    long = program(
        predict="m.s1 = np.dot(m.v0, m.v1)",
        learn="m.v2 = m.s2 * m.v0; m.v3 = m.v2 + m.v2; m.v4 = m.v3 + m.v0; m.v1 = m.s0 * m.v4",
        setup="m.s2 = 0.5",
    )
    members = [replace(individual(one, 0.5), length=len(one)) for one in (long, long, short, long)]
    state = IslandState(members, noise=0.01)
    for parsimony, parents in ((0.33, {short}), (0.0, {short, long})):
        config = small(
            search__parsimony=parsimony,
            search__tournament=50,
            search__population=4,
            search__round_candidates=40,
            mutation__probability=0.0,
        )
        after = decoded(one_round(config, state.to_arrays()).state)
        kept = {member.candidate for member in after.population}
        assert kept == parents if parsimony else kept <= parents


def test_programs_of_one_structure_take_no_more_than_their_share() -> None:
    config = small(
        **{**FLOW, "mutation__kinds": "change_constant"}, search__round_candidates=400, search__population=20
    )
    state = decoded(one_round(config, {}, ToyScorer(by_key)).state)
    most = Counter(member.structure for member in state.population).most_common(1)[0][1]
    assert most <= 0.2 * 20
    whole = small(
        **{**FLOW, "mutation__kinds": "change_constant", "search__structure_share": 1.0},
        search__round_candidates=4000,
        search__population=20,
        search__race_trials=1,  # so that structures are known
        search__hurdle_train=10,
    )
    state = decoded(one_round(whole, {}, PerTask(noisy)).state)
    assert Counter(member.structure for member in state.population).most_common(1)[0][1] > 0.2 * 20


def test_the_only_copy_of_the_best_does_not_die_of_age() -> None:
    for keeps in (True, False):
        members = [individual(learner(rate), 0.9 if rate == 1 else 0.1) for rate in range(1, 11)]
        config = small(search__keep_best=keeps, search__tournament=1, search__round_candidates=200)
        scorer = ToyScorer(lambda candidate: 0.2)
        after = decoded(one_round(config, state_of(*members), scorer).state)
        assert (max(member.fitness for member in after.population) == 0.9) == keeps


def test_a_program_near_the_best_passes_the_hurdle_and_others_rank_below_all_that_passed() -> None:
    hurdle = Hurdle()
    assert hurdle.is_near([0.1, 0.2], 1.0)
    hurdle.learn(0.8, [0.7, 0.8, 0.9])
    hurdle.learn(0.7, [0.1, 0.1, 0.1])
    assert hurdle.best == [0.7, 0.8, 0.9]
    behind = [0.7, 0.75, 0.9]
    error = paired_error(behind, hurdle.best)
    assert math.isclose(error, 0.05 / 3)
    assert hurdle.is_near(behind, 1.01)
    assert not hurdle.is_near(behind, 0.99)
    assert Hurdle.from_arrays(hurdle.to_arrays()) == hurdle
    config = small(**FLOW, search__hurdle_train=10, search__hurdle_errors=0.5, search__round_candidates=500)
    outcome = one_round(config, {}, PerTask(noisy))
    assert outcome.counts.hurdled > 0
    members = decoded(outcome.state).population
    assert all(
        (member.fitness < 0) == (member.fitness != sum(noisy(member.candidate)) / 3) for member in members
    )
    assert all(tip.fitness > 0 for tip in outcome.best)


def test_a_race_finds_constants_that_make_a_new_structure_pay() -> None:
    def tasks(candidate: Candidate) -> list[float]:
        """Better the nearer the product of the constants' sizes is to 1/1000."""
        sizes = [abs(constant) for one in candidate for constant in one.constants if constant]
        return [1 / (1 + abs(math.log(math.prod(sizes) * 1000)))] * 3 if sizes else [0.1] * 3

    best = []
    for trials in (0, 5):
        config = small(
            **{**FLOW, "mutation__kinds": "add_parameter,insert_chain", "search__parsimony": 0.0},
            search__hurdle_train=10,
            search__race_trials=trials,
            search__round_candidates=300,
        )
        outcome = one_round(config, {}, PerTask(tasks))
        best.append(max(member.fitness for member in decoded(outcome.state).population))
        assert (
            one_round(config, {}, PerTask(tasks)).state["fitness"].tolist()
            == outcome.state["fitness"].tolist()
        )
    assert best[1] > best[0]


def test_other_constants_and_none_leave_the_structure() -> None:
    from random import Random

    candidate = program(
        predict="m.s1 = np.dot(m.v0, m.v1)",
        learn="m.v1 = m.s0 * m.v0",
        setup="m.s2 = 0.5; m.v1[int(0.25 * m.F)] = -2.0",
    )
    other = with_other_constants(candidate, Random(1))
    assert other != candidate
    assert [one.op for one in other] == [one.op for one in candidate]
    assert other.setup[1].constants[0] == 0.25  # an index stays
    assert other.setup[1].constants[1] < 0
    assert without_constants(other) == without_constants(candidate)
    assert all(not any(one.constants) for one in without_constants(candidate))


def test_restarts_are_those_of_lubys_sequence() -> None:
    search = SearchConfig(start="valid", restart_rounds=2)
    begun = {
        island: [number for number in range(16) if restarts.begins_anew(search, island, number)]
        for island in range(3)
    }
    assert begun == {0: [0, 2, 4, 6], 1: [0, 4], 2: [0]}
    assert [number for number in range(40) if restarts.begins_pool(search, number)] == [8, 24]
    assert [restarts.in_restarts(search, number) for number in (0, 7, 8, 15, 16)] == [
        True,
        True,
        False,
        False,
        True,
    ]
    # by turns: in the next cycle another island has the long restart
    assert [island for island in range(3) if not restarts.begins_anew(search, island, 16 + 4)] == [1]
    assert not any(restarts.begins_anew(SearchConfig(), 0, number) for number in range(5))


def member(rate: float, fitness: float, length: int) -> Individual:
    return replace(individual(learner(rate), fitness), length=length)


def test_the_pool_is_the_front_of_all_restarts() -> None:
    one = [member(1, 0.7, 5), member(2, 0.8, 8), member(3, 0.75, 9), member(4, 0.3, 4)]
    other = [member(5, 0.72, 5), member(6, 0.9, 12), member(7, 0.2, 3)]
    earlier = [(1, member(8, 0.85, 10)), (1, member(9, 0.1, 2))]
    states = [IslandState(one, 2).to_arrays(), IslandState(other, 1, elites=earlier).to_arrays()]
    after = [decoded(state) for state in restarts.pooled(states, 4)]
    front = [(2, 0.1), (3, 0.2), (4, 0.3), (5, 0.72), (8, 0.8), (10, 0.85), (12, 0.9)]
    for island, state in enumerate(after):
        assert {(one.length, one.fitness) for one in state.population} <= set(front)
        assert len(state.population) == (4, 3)[island]
        assert state.hurdle == Hurdle()
    assert {(one.length, one.fitness) for state in after for one in state.population} >= set(front[:4])
    assert [number for number, _ in after[1].elites] == [1, 1, 4, 4, 4]


def test_families_are_counted_in_the_best_of_each_restart() -> None:
    best = program(
        predict="m.s1 = np.dot(m.v0, m.v1)",
        learn="m.s4 = m.s0 - m.s1; m.v3 = m.s4 * m.v0; m.v1 = m.v1 + m.v3",
        setup="m.s5 = 0.1",
    )
    sine = program(predict="m.s1 = np.dot(m.v0, m.v1)", learn="m.s7 = np.sin(m.s0)").learn
    dead = Candidate(best.setup, best.predict, (*best.learn, *sine))
    worse = individual(learner(1), 0.5)
    elites = [(4, worse), (4, individual(dead, 0.6)), (8, individual(best, 0.7))]
    assert restarts.family_use(elites) == {"product": 4, "difference": 2, "sum": 2}
    assert not restarts.family_use([])


def test_a_restart_forgets_all_but_its_best() -> None:
    config = small(**FLOW, search__restart_rounds=1, search__round_candidates=100)
    first = one_round(config, {}, ToyScorer(by_key), number=0)
    second = one_round(config, first.state, ToyScorer(by_key), number=1)
    before, after = decoded(first.state), decoded(second.state)
    assert after.elites
    assert {number for number, _ in after.elites} == {1}
    best = max(member.fitness for member in before.population)
    assert max(elite.fitness for _, elite in after.elites) == best
    assert set(before.seen).isdisjoint(set(after.seen)) or len(set(before.seen) & set(after.seen)) < 10
    going_on = one_round(config, first.state, ToyScorer(by_key), island=1, number=1)
    assert not decoded(going_on.state).elites


def test_programs_are_scored_anew_on_new_tasks_without_a_hurdle() -> None:
    config = small(
        **FLOW,
        search__hurdle_train=10,
        search__hurdle_errors=1.0,
        search__restart_rounds=1,
        data__fresh_rounds=2,
        search__round_candidates=60,
    )
    first = one_round(config, {}, PerTask(noisy), number=0)
    second = one_round(config, first.state, PerTask(noisy), number=1)
    before = decoded(second.state)
    state = scored_anew(second.state)
    assert decoded(state).noise == before.noise > 0
    assert before.elites

    def halved(candidate: Candidate) -> list[float]:
        return [fitness / 2 for fitness in noisy(candidate)]

    only_known = replace(config, search=replace(config.search, round_candidates=1))
    third = decoded(one_round(only_known, state, PerTask(halved), island=2, number=2).state)
    assert [member.key for member in third.population] == [member.key for member in before.population]
    assert [number for number, _ in third.elites] == [number for number, _ in before.elites]
    for member in (*third.population, *(elite for _, elite in third.elites)):
        assert member.fitness == sum(halved(member.candidate)) / 3  # by no hurdle's first stage


def test_a_seed_may_have_tasks_of_its_own_and_islands_go_on_to_new_ones() -> None:
    def names(draw: int, **settings: object) -> set[str]:
        tasks = Judge(small(**settings)).search_tasks(0, draw).tasks
        return {task.name for task in tasks}

    assert names(0, seed=5) == names(0)
    assert names(0, data__own_tasks=True) == names(0)
    groups = [names(draw, data__own_tasks=True, seed=seed) for seed in (0, 5, 6) for draw in (0, 1)]
    assert len(set().union(*groups)) == 18  # three tasks each, and no two alike


def test_a_run_with_all_of_it_is_the_same_after_a_break(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(
        **FLOW,
        search__restart_rounds=1,
        search__round_candidates=50,
        search__hurdle_train=10,
        search__hurdle_errors=2.0,
        search__race_trials=2,
        search__migration_rounds=2,
        mutation__families=0.5,
        data__fresh_rounds=3,
        data__own_tasks=True,
        seed=7,
        limits__candidates=1700,
        run__checkpoint_seconds=0,
    )
    run(config, tmp_path / "whole")
    expected = left_behind(tmp_path / "whole")
    assert len(rows(tmp_path / "whole", "SELECT * FROM round")) >= 32  # two cycles of restarts and pool
    for events in (5, 20):
        path = tmp_path / f"left after {events}"
        interrupted(config, path, events)
        go_on(path)
        assert left_behind(path) == expected
    two = replace(config, run=replace(config.run, workers=2))
    run(two, tmp_path / "two workers")
    assert left_behind(tmp_path / "two workers") == expected
    counts = [
        rows(tmp_path / name, "SELECT value FROM run WHERE key = 'mutations'")
        for name in ("whole", "left after 5")
    ]
    assert counts[0] == counts[1]
    assert '"improved"' in counts[0][0][0]


def test_what_became_of_children_is_counted_once_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = one_round(
        small(**FLOW, search__round_candidates=500, mutation__probability=1.0), {}, ToyScorer(by_key)
    )
    counts = outcome.counts
    told = {
        name: sum(found.values()) - found.get("improved", 0) - found.get("raced", 0)
        for name, found in outcome.mutations.items()
    }
    assert sum(told.values()) == counts.candidates
    assert told["valid"] == 10
    assert set(told) <= DATA_FLOW | {"valid"}
    by_outcome = Counter[str]()
    for found in outcome.mutations.values():
        by_outcome.update(found)
    assert by_outcome["rejected"] + by_outcome["too costly"] == counts.rejected
    assert by_outcome["evaluated"] == counts.evaluated
    assert by_outcome["cached"] == counts.cached


def test_ample_search_tasks_are_many_where_they_are_short_and_the_run_says_how_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(data__default_tasks="ample", data__tasks="none", limits__candidates=100)
    with_toys(monkeypatch, config)
    monkeypatch.setattr(Judge, "prepare", lambda self: None)  # nothing is judged
    with RunFolder.create(config, tmp_path / "run") as folder:
        events = search(config, folder)
        started = next(events)
        events.close()
    assert isinstance(started, RunStarted)
    assert started.search_tasks == 128
    assert read(tmp_path / "run" / "config.toml").data.tasks == 128
    assert Judge(small(data__default_tasks="ample")).config.data.tasks == 3  # as the settings say
