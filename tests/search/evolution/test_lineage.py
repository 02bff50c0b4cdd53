"""Lineage: the line of descent that a program comes with."""

import itertools
from pathlib import Path

import pytest
from recorded import rows
from search_helpers import (
    ToyScorer,
    finished,
    improvements,
    individual,
    learner,
    one_round,
    run,
    small,
    state_of,
)

from synth.language.candidate import Candidate
from synth.search.evolution.island import LEAST_GAIN
from synth.search.evolution.state import IslandState


def test_a_line_of_descent_leads_from_the_start_to_the_best(tmp_path: Path) -> None:
    config = small(search__start="empty", search__round_candidates=2000, limits__candidates=40_000)
    events = run(config, tmp_path / "run")
    best = finished(events).best
    assert best is not None
    chain = best.lineage
    assert len(chain) >= 3
    assert (chain[0].origin, chain[0].candidate, chain[0].edits) == ("start", Candidate(), 0)
    assert chain[-1].candidate == best.raw
    assert (chain[-1].island, chain[-1].round) == (best.island, best.round)
    assert {step.origin for step in chain[1:]} <= set(config.mutation.kinds)
    assert all(step.edits >= 1 for step in chain[1:])
    gains = [after.fitness - before.fitness for before, after in itertools.pairwise(chain[:-1])]
    assert all(gain >= LEAST_GAIN - 1e-9 for gain in gains)
    stored = rows(
        tmp_path / "run",
        "SELECT step, origin, edits, search, raw FROM ancestor "
        f"WHERE improvement = {best.number} ORDER BY step",
    )
    assert stored == [
        (number, step.origin, step.edits, step.fitness, step.candidate.text())
        for number, step in enumerate(chain)
    ]


def test_each_improvement_has_its_line(tmp_path: Path) -> None:
    events = run(small(limits__candidates=2000, search__islands=3), tmp_path / "run")
    numbers = {event.program.number for event in improvements(events)}
    assert {
        number for (number,) in rows(tmp_path / "run", "SELECT DISTINCT improvement FROM ancestor")
    } == numbers


def test_edits_without_gain_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(
        search__population=1, search__round_candidates=400, mutation__probability=1, search__fec=False
    )
    scorer = ToyScorer(lambda candidate: 0.5)
    outcome = one_round(config, state_of(individual(learner(0.1), 0.2)), scorer)
    (member,) = IslandState.from_arrays(outcome.state).population
    assert member.line is not None
    assert (member.line.fitness, member.line.parent) == (0.5, None)
    assert member.edits >= len(scorer.scored) - 1 > 10
