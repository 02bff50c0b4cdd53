"""Islands meet at borders only, and what they exchange depends on the seed alone."""

from collections import Counter
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from native_programs import program
from recorded import left_behind
from search_helpers import (
    ToyExecutor,
    ToyScorer,
    by_key,
    individual,
    learner,
    one_round,
    rounds,
    run,
    small,
    state_of,
    with_toys,
)

from synth.language.analysis import canonical_key, effective
from synth.runs.lineage import Ancestor
from synth.search.arrays import Arrays
from synth.search.evolution.migration import admit, exchange, scored_anew
from synth.search.evolution.round import Round
from synth.search.evolution.state import Individual, IslandState

ISLANDS = [
    [individual(learner(10 * island + place + 1), island + place / 10) for place in range(8)]
    for island in range(3)
]
STATES = [state_of(*members, oldest=3) for members in ISLANDS]


def decoded(states: list[Arrays]) -> list[IslandState]:
    return [IslandState.from_arrays(state) for state in states]


def test_a_share_of_each_population_makes_room_for_programs_of_all_islands() -> None:
    after = decoded(exchange(STATES, ["a"] * 3, 0.5, 0, 4))
    origins: Counter[int] = Counter()
    for state, members in zip(after, ISLANDS, strict=True):
        assert state.population == members
        assert state.oldest == 3
        places = [place for place, _ in state.immigrants]
        assert len(places) == len(set(places)) == 4
        arrived = [one.key for _, one in state.immigrants]
        assert len(set(arrived)) == 4
        origins.update(
            number
            for key in arrived
            for number, others in enumerate(ISLANDS)
            if key in {one.key for one in others}
        )
    assert sum(origins.values()) == 12
    assert len(origins) == 3


def test_what_is_handed_in_are_the_places_that_are_filled() -> None:
    """An island hands in the programs whose places it offers, so the hub holds each of them once."""
    after = decoded(exchange(STATES, ["a"] * 3, 0.5, 0, 4))
    offered = {
        members[place].key
        for state, members in zip(after, ISLANDS, strict=True)
        for place, _ in state.immigrants
    }
    assert {one.key for state in after for _, one in state.immigrants} <= offered
    assert len(offered) == 12


def test_an_exchange_depends_on_seed_and_round_alone() -> None:
    def arrived(seed: int, number: int) -> list[list[int]]:
        after = decoded(exchange(STATES, ["a"] * 3, 0.5, seed, number))
        return [[one.key for _, one in state.immigrants] for state in after]

    assert arrived(0, 4) == arrived(0, 4)
    assert arrived(0, 4) != arrived(1, 4)
    assert arrived(0, 4) != arrived(0, 8)


def test_programs_keep_their_fitness_among_islands_with_the_same_tasks() -> None:
    after = decoded(exchange(STATES, ["a", "a", "b"], 1.0, 0, 4))
    known = {one.key: one.fitness for members in ISLANDS for one in members}
    from_b = {one.key for one in ISLANDS[2]}
    for number, state in enumerate(after):
        for _, one in state.immigrants:
            if (one.key in from_b) == (number == 2):
                assert one.fitness == known[one.key]
            else:
                assert isnan(one.fitness)


def test_immigrants_take_their_places_and_unscored_ones_are_scored() -> None:
    scorer = ToyScorer(lambda candidate: 0.625)
    known, unknown = individual(learner(7.0), 0.5), individual(learner(8.0), float("nan"))
    state = IslandState([*ISLANDS[0]], 0, immigrants=[(2, known), (5, unknown)]).to_arrays()
    config = small(search__population=8, search__round_candidates=1, mutation__probability=0)
    outcome = one_round(config, state, scorer)
    after = IslandState.from_arrays(outcome.state)
    assert [effective(one) for one in scorer.scored] == [learner(8.0)]
    assert (after.population[2].candidate, after.population[2].fitness) == (learner(7.0), 0.5)
    assert (after.population[5].candidate, after.population[5].fitness) == (learner(8.0), 0.625)
    assert after.immigrants == []
    assert {canonical_key(learner(7.0)), canonical_key(learner(8.0))} <= set(after.seen)
    assert outcome.counts.candidates == 1  # one that comes with its fitness is not considered again


def test_an_immigrant_that_an_island_rejects_has_fitness_0() -> None:
    stranger = individual(
        program(predict="m.s1 = np.dot(m.v0, m.v1)", learn="m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2"), 0.9
    )
    state = IslandState([*ISLANDS[0]], 0, immigrants=[(2, stranger)]).to_arrays()
    config = small(
        search__population=8,
        search__round_candidates=1,
        search__islands=2,
        search__feedback_islands=1,
        mutation__probability=0,
    )
    welcome = one_round(config, state, island=0).state["fitness"]
    rejected = one_round(config, state, island=1).state["fitness"]
    assert (welcome[2], rejected[2]) == (0.9, 0.0)


def test_newcomers_take_the_places_of_the_oldest() -> None:
    newcomers = [individual(learner(50.0 + number), float("nan")) for number in range(2)]
    for state in decoded(admit(STATES, newcomers)):
        assert [(place, one.key) for place, one in state.immigrants] == [
            (3, newcomers[0].key),
            (4, newcomers[1].key),
        ]


def test_scoring_anew_forgets_what_was_known() -> None:
    state = IslandState([*ISLANDS[0]], 3, {5: None}, immigrants=[(1, individual(learner(9.0), 0.5))])
    state.equivalents.add(7, 0.5, 10)
    again = IslandState.from_arrays(scored_anew(state.to_arrays()))
    assert len(again.population) == 8
    assert all(isnan(one.fitness) for one in again.population)
    assert again.population[1].candidate == learner(9.0)
    assert not again.immigrants
    for state in decoded(exchange([again.to_arrays()] * 2, ["same", "same"], 0.5, 7, 2)):
        assert all(isnan(one.fitness) for one in (*state.population, *dict(state.immigrants).values()))
    assert not again.seen and not again.equivalents.fitness
    assert scored_anew({}) == {}


def migrating(**settings: object) -> dict[str, object]:
    return {"search__islands": 3, "search__migration_rounds": 2, "limits__candidates": 2400, **settings}


def test_nobody_plays_beyond_a_border_before_all_have_come_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(**migrating())
    ended: list[tuple[int, int]] = []
    begun: list[tuple[int, int, int]] = []

    class Watched(ToyExecutor):
        def submit(self, task: Round) -> None:
            begun.append((task.number, task.island, sum(number == task.number - 1 for number, _ in ended)))
            super().submit(task)

        def next(self, timeout: float | None):  # type: ignore[no-untyped-def]
            task, outcome = super().next(timeout)
            ended.append((task.number, task.island))
            return task, outcome

    with_toys(monkeypatch, config, Watched(config, order=lambda task: (-task.island, task.number)))
    run(config, tmp_path / "run")
    borders = [before for number, _, before in begun if number > 0 and number % 2 == 0]
    assert borders and set(borders) == {3}
    inside = [before for number, _, before in begun if number % 2 == 1]
    assert min(inside) < 3  # within a stretch islands go ahead


def test_migration_is_the_same_whatever_the_order_of_workers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    for name, order in {
        "forwards": lambda task: (task.number, task.island),
        "backwards": lambda task: (-task.island, -task.number),
    }.items():
        config = small(**migrating())
        with_toys(monkeypatch, config, ToyExecutor(config, order=order))
        run(config, tmp_path / name)
        left.append(left_behind(tmp_path / name))
    assert left[0] == left[1]
    config = small(**migrating(search__migration_rounds=0))
    with_toys(monkeypatch, config)
    run(config, tmp_path / "without")
    assert left_behind(tmp_path / "without") != left[0]


def test_two_workers_migrate_as_one(tmp_path: Path) -> None:
    for workers in (1, 2):
        run(small(**migrating(run__workers=workers)), tmp_path / str(workers))
    assert left_behind(tmp_path / "1") == left_behind(tmp_path / "2")


def test_programs_arrive_on_other_islands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(**migrating(search__start="random", program__setup_start=1, program__predict_start=2))
    executor = with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    arriving = [task for task in executor.submitted if len(task.state.get("immigrant_places", ()))]
    assert {task.number % 2 for task in arriving} == {0}
    of_others = 0
    for task in arriving:
        for _, one in IslandState.from_arrays(task.state).immigrants:
            of_others += one.line is not None and one.line.chain()[0].island != task.island
    assert of_others > 5


def test_a_restart_is_no_border(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(**migrating(search__experiment_rounds=4))
    executor = with_toys(monkeypatch, config)
    events = run(config, tmp_path / "run")
    assert max(event.round for event in rounds(events)) >= 4
    by_number = {task.number: task for task in executor.submitted}
    assert by_number[4].state == {}
    assert len(by_number[2].state["immigrant_places"])


def test_lines_of_descent_survive_the_wire_and_share_their_ancestors() -> None:
    root = Ancestor(None, "start", 0, 0.0, 0, 0, learner(1.0))
    twin = Ancestor(None, "start", 0, 0.0, 0, 0, learner(1.0))
    ones = [
        Ancestor(parent, "insert", 3, 0.5 + number / 100, 1, 7, learner(2.0 + number))
        for number, parent in enumerate((root, root, twin))
    ]
    members = [Individual(one.candidate, one.fitness, 5, True, one, 4) for one in ones]
    arrays = state_of(*members, Individual(learner(9.0), 0.1, 6, True))
    assert len(arrays["line_parents"]) == 4  # the twins are one
    again = IslandState.from_arrays(arrays).population
    assert again[3].line is None
    for one, member in zip(ones, again[:3], strict=True):
        assert member.edits == 4
        assert member.line is not None
        told = [
            (step.origin, step.edits, step.fitness, step.island, step.round, step.candidate)
            for step in member.line.chain()
        ]
        assert told == [
            (step.origin, step.edits, step.fitness, step.island, step.round, step.candidate)
            for step in one.chain()
        ]
    assert again[0].line is not None and again[1].line is not None and again[2].line is not None
    assert again[0].line.parent is again[1].line.parent is again[2].line.parent


def test_equal_populations_have_equal_arrays() -> None:
    outcome = one_round(small(search__round_candidates=300), {}, ToyScorer(by_key))
    again = IslandState.from_arrays(outcome.state).to_arrays()
    assert again.keys() == outcome.state.keys()
    assert all(np.array_equal(again[name], outcome.state[name]) for name in again)
