"""Modules that look for the labels they are scored on, where nothing can be learned: they score like chance.

Each cheat is also shown to work: with what it looks for put in its way, it finds it.
"""

from collections.abc import Iterator

import numpy as np
import pytest
from running import HERE, Outcome, run
from systems import wants_linux
from world import World

from synth.tasks.sets import task_set

pytestmark = [
    pytest.mark.abuse,
    wants_linux("the whole sandbox is Linux"),
]

HUNTING = (HERE / "hunting.py").read_text()
CHEATS = {path.stem: HUNTING + path.read_text() for path in sorted((HERE / "cheats").glob("*.py"))}
CHANCE = 0.62
"""Five deviations above a half, for the 3 tasks together (120 rows each)."""

TASKS = ("--data", "useless.npz", "--tasks", "3")

ORACLE = """
def setup(m):
    pass


def predict(m):
    try:
        label = labels[caller("task")][caller("position")]
    except LookupError:  # still in training
        label = 0.0
    m.s1 = 123.0 if label > 0.5 else -123.0
"""
"""Knows the labels by heart."""


@pytest.fixture
def world() -> Iterator[World]:
    with World() as world:
        random = np.random.default_rng(0)
        labels = random.permutation(np.arange(900) % 3)
        np.savez(world.modules / "useless.npz", X=random.normal(size=(900, 6)), y=labels)
        yield world


def true_labels(world: World, count: int) -> list[np.ndarray]:
    """The validation labels of the tasks, which only this process and the command know."""
    tasks = task_set(str(world.modules / "useless.npz"), "select", count=count).tasks
    return [task.valid_labels for task in tasks]


def fitness(outcome: Outcome) -> list[float]:
    assert [result["status"] for result in outcome.results] == ["ok"] * len(outcome.results), outcome.results
    assert not outcome.changes
    return [result["fitness"] for result in outcome.results]


def test_cheats_score_like_chance(world: World) -> None:
    found = fitness(run(world, list(CHEATS.items()), task=TASKS))
    assert all(1 - CHANCE < score < CHANCE for score in found), dict(zip(CHEATS, found, strict=True))


def test_they_do_so_on_digits_too(world: World) -> None:
    tried = {name: CHEATS[name] for name in ("files", "seeds")}
    found = fitness(run(world, list(tried.items()), task=("--data", "digits", "--tasks", "2")))
    assert all(score < CHANCE for score in found), dict(zip(tried, found, strict=True))


@pytest.mark.parametrize("name", ["frames", "objects", "memory"])
def test_labels_that_lay_in_the_way_would_be_found(world: World, name: str) -> None:
    [labels] = true_labels(world, 1)
    text = f"lying_about = np.array({labels.tolist()})\n{CHEATS[name]}"
    assert fitness(run(world, [(name, text)], task=("--data", "useless.npz", "--tasks", "1"))) == [1.0]


def test_other_tasks_that_lay_in_the_way_would_be_of_use(world: World) -> None:
    tasks = task_set(str(world.modules / "useless.npz"), "select", count=3).tasks
    lying_about = [part.tolist() for task in tasks[1:] for part in (task.train_features, task.train_labels)]
    text = f"lying_about = [np.array(part) for part in {lying_about}]\n{CHEATS['other_tasks']}"
    [found] = fitness(run(world, [("other", text)], task=("--data", "useless.npz", "--tasks", "1")))
    assert found > CHANCE


def test_a_module_does_not_find_what_the_one_before_it_predicted(world: World) -> None:
    everything = [labels.tolist() for labels in true_labels(world, 3)]
    oracle = f"{HUNTING}\nlabels = {everything}\n{ORACLE}"
    tried = [("oracle", oracle), ("next", CHEATS["predecessor"])]
    best, found = fitness(run(world, tried, task=TASKS, apart=False))
    assert best == 1.0 and found < CHANCE


def test_but_would_find_it_in_its_own_memory(world: World) -> None:
    [labels] = true_labels(world, 1)
    text = f"lying_about = np.array({np.where(labels > 0, 123.0, -123.0).tolist()})\n{CHEATS['predecessor']}"
    assert fitness(run(world, [("next", text)], task=("--data", "useless.npz", "--tasks", "1"))) == [1.0]
