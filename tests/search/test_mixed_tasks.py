"""Mixed tasks: islands that search on different ones."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from recorded import left_behind, rows
from search_helpers import finished, rounds, run, small, with_toys

from synth.errors import UsageError
from synth.settings.mixes import by_mix, mix_of


def test_islands_take_the_mixes_in_turn() -> None:
    config = small(
        search__islands=3, data__mix=["same", "name=linear features=4", "train=20 epochs=2 tasks=1"]
    )
    assert [mix_of(config, island) for island in range(5)] == [0, 1, 2, 0, 1]
    same, other, shorter = (one.data for one in by_mix(config))
    assert same == replace(config.data, mix=())
    assert (other.name, other.features, other.tasks, other.train) == ("linear", 4, None, None)
    assert (shorter.name, shorter.train, shorter.epochs, shorter.tasks, shorter.valid) == (
        "digits",
        20,
        2,
        1,
        30,
    )


@pytest.mark.parametrize("text", ["rows=5", "train=none", "train=0", "train", "name=", "train='5"])
def test_a_mix_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"data\.mix"):
        small(data__mix=[text])


def test_a_mix_of_unknown_data_is_refused() -> None:
    with pytest.raises(UsageError, match=r"data\.mix.*did you mean digits"):
        small(data__mix=["name=digit"])


def test_more_mixes_than_islands_are_refused() -> None:
    with pytest.raises(UsageError, match="as many islands"):
        small(data__mix=["same", "train=20", "train=30"])


def test_different_islands_search_on_different_tasks(tmp_path: Path) -> None:
    """Two data sets, different F, sizes and epochs, and programs that migrate between them."""
    settings = {
        "search__islands": 3,
        "search__migration_rounds": 2,
        "data__mix": [
            "same",
            "name=linear features=4 tasks=2 train=30 valid=10",
            "train=20 epochs=2",
        ],
        "limits__candidates": 2000,
    }
    left = []
    for workers in (1, 2):
        events = run(small(run__workers=workers, **settings), tmp_path / str(workers))
        left.append(left_behind(tmp_path / str(workers)))
    assert left[0] == left[1]
    best = {event.island: event.best_search for event in rounds(events)}
    assert len(best) == 3
    assert finished(events).best is not None
    told = dict(rows(tmp_path / "1", "SELECT key, value FROM run"))
    assert len(set(json.loads(told["digests"]).values())) == 4


def test_each_island_s_search_fitness_is_that_of_its_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(data__mix=["same", "name=linear features=4 tasks=2 train=30 valid=10"])
    executor = with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    names = {task.island: task.tasks for task in executor.submitted}
    assert names == {0: "0-0", 1: "1-0"}
    assert executor.tasks["1-0"].name == "linear"
    assert executor.tasks["1-0"].features == 4
    assert (executor.tasks["0-0"].name, executor.tasks["0-0"].features) == ("digits", 8)
