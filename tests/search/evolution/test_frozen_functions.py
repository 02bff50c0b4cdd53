"""Frozen functions: a search that leaves some of the start program as it is."""

from pathlib import Path

import pytest
from native_programs import program
from search_helpers import ToyScorer, by_key, one_round, run, small

from synth.errors import UsageError
from synth.search.evolution.state import IslandState


def test_frozen_functions_stay_and_may_hold_anything(tmp_path: Path) -> None:
    start = program(
        predict="m.s7 = np.sin(m.s4); m.s1 = np.dot(m.v0, m.v1)",
        learn="m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2",
    )
    (tmp_path / "mine.py").write_text(start.text())
    settings = {"search__start": tmp_path / "mine.py", "program__scalars": 8}
    with pytest.raises(UsageError, match=r"program\.predict_ops"):
        run(small(**settings), tmp_path / "refused")
    config = small(search__freeze="predict", search__round_candidates=500, **settings)
    scorer = ToyScorer(by_key)
    outcome = one_round(config, {}, scorer)
    population = IslandState.from_arrays(outcome.state).population
    assert {one.candidate.predict for one in population} == {start.predict}
    assert len({one.candidate.learn for one in population}) > 1
    assert len({one.candidate.setup for one in population}) > 1


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"search__freeze": "predicts"}, "did you mean predict"),
        ({"search__freeze": "setup,predict,learn"}, "left to change"),
        ({"search__freeze": "learn", "search__start": "empty"}, "only a start program"),
        ({"search__freeze": "learn", "search__method": "random"}, "random search"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        small(**settings)
