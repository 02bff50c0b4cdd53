"""Small searches, and the parts of a search by themselves."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
from native_programs import program

from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Candidate
from synth.runs.events import Event, FigureBegun, Improved, RoundFinished, RunFinished
from synth.runs.folder import RunFolder
from synth.search.arrays import Arrays
from synth.search.coordinator import search
from synth.search.evolution.island import play
from synth.search.evolution.round import Outcome, Round, Rules
from synth.search.evolution.rules import rules_for
from synth.search.evolution.state import Individual, IslandState
from synth.search.scoring.scorer import Analyst
from synth.settings.resolve import read, resolve
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

SMALL = {
    "data.name": "digits",
    "data.features": 8,
    "data.tasks": 3,
    "data.train": 60,
    "data.valid": 30,
    "data.select_tasks": 2,
    "data.report_tasks": 2,
    "data.test_tasks": 1,
    "search.islands": 2,
    "search.population": 10,
    "search.tournament": 3,
    "search.round_candidates": 100,
    "search.start": "linear",
    "search.fec": True,
    "fitness.tuning_trials": 6,
    "limits.candidates": 500,
    "run.workers": 1,
}
"""Settings of a search that takes well under a second."""


def small(preset: str = "baseline", /, **settings: object) -> Config:
    """The settings of a small search; `search__islands=3` changes `search.islands`."""
    changed = SMALL | {name.replace("__", "."): value for name, value in settings.items()}
    return resolve(preset, sets=[f"{key}={_text(value)}" for key, value in changed.items()], environment={})


def _text(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def run(config: Config, path: Path) -> list[Event]:
    """All events of a search in a new folder."""
    with RunFolder.create(config, path) as folder:
        return list(search(config, folder))


def go_on(path: Path, **changes: object) -> list[Event]:
    """Resume the run of a folder; `limits.x` may change."""
    config = read(path / "config.toml")
    if changes:
        config = replace(config, limits=replace(config.limits, **changes))  # type: ignore[arg-type]
    with RunFolder(path) as folder:
        return list(search(config, folder, resume=True))


@contextmanager
def copied_at_each_event(config: Config, path: Path, copies: Path) -> Iterator[list[Path]]:
    """Run a search, and copy its folder as a kill at each of its events would leave it."""
    found: list[Path] = []
    with RunFolder.create(config, path) as folder:
        for number, event in enumerate(search(config, folder)):
            if isinstance(event, FigureBegun):  # nothing is written before it
                continue
            copy = copies / str(number)
            shutil.copytree(path, copy)
            found.append(copy)
    yield found


def interrupted(config: Config, path: Path, events: int = 4) -> None:
    """A run that was left after some events."""
    with RunFolder.create(config, path) as folder:
        told = search(config, folder)
        for _ in range(events):
            next(told)
        told.close()


def finished(events: Sequence[Event]) -> RunFinished:
    assert isinstance(events[-1], RunFinished)
    return events[-1]


def rounds(events: Sequence[Event]) -> list[RoundFinished]:
    return [event for event in events if isinstance(event, RoundFinished)]


def improvements(events: Sequence[Event]) -> list[Improved]:
    return [event for event in events if isinstance(event, Improved)]


def learner(rate: float) -> Candidate:
    """A program that can learn, another one for each rate."""
    return program(
        predict="m.s1 = np.dot(m.v0, m.v1)",
        learn="m.v2 = m.s2 * m.v0; m.v1 = m.s0 * m.v2",
        setup=f"m.s2 = {rate}",
    )


def individual(candidate: Candidate, fitness: float, learns: bool = True) -> Individual:
    return Individual(candidate, fitness, canonical_key(effective(candidate)), learns)


def state_of(*members: Individual, oldest: int = 0) -> Arrays:
    """The state of an island with this population."""
    return IslandState(list(members), oldest).to_arrays()


class ToyScorer(Analyst):
    """Scores by a function, and remembers which programs it was asked about."""

    def __init__(
        self,
        fitness: Callable[[Candidate], float] = lambda candidate: 0.5,
        fingerprint: Callable[[Candidate], int] = canonical_key,
    ) -> None:
        self.train_steps = 0
        self.scored: list[Candidate] = []
        self._fitness, self._fingerprint = fitness, fingerprint

    def fingerprint(self, candidate: Candidate) -> int:
        return self._fingerprint(candidate)

    def first_stage(self, candidate: Candidate) -> float:
        self.train_steps += 1
        return round(self._fitness(candidate), 1)

    def fitness(self, candidate: Candidate) -> float:
        self.scored.append(candidate)
        self.train_steps += 1
        return self._fitness(candidate)


def by_key(candidate: Candidate) -> float:
    """A fitness that is as good as random, and the same wherever it is asked for."""
    return canonical_key(effective(candidate)) % 9973 / 9973


def one_round(
    config: Config, state: Arrays, scorer: ToyScorer | None = None, island: int = 0, number: int = 0
) -> Outcome:
    """Play one round with a toy scorer."""
    return play(toy_rules(config), scorer or ToyScorer(), Round("toy", island, number, state))


def toy_rules(config: Config) -> Rules:
    return rules_for(config)


class ToyExecutor:
    """Plays rounds in this process, when they are asked for, in an order that is given by a key."""

    layers: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    workers = ahead = 1

    def __init__(
        self,
        config: Config,
        scorer: ToyScorer | None = None,
        order: Callable[[Round], Any] = lambda task: (task.number, task.island),
    ) -> None:
        self.rules = rules_for(config)
        self.scorer = scorer or ToyScorer(by_key)
        self.order = order
        self.tasks: dict[str, TaskSet] = {}
        self.waiting: list[Round] = []
        self.submitted: list[Round] = []
        self.dropped: list[str] = []

    def add_tasks(self, name: str, mix: int, tasks: TaskSet) -> None:
        self.tasks[name] = tasks

    def drop_tasks(self, name: str) -> None:
        self.dropped.append(name)

    def submit(self, task: Round) -> None:
        self.submitted.append(task)
        self.waiting.append(task)

    def news(self, last: bool = False) -> None:
        return None

    def next(self, timeout: float | None) -> tuple[Round, Outcome]:
        if timeout == 0:
            raise TimeoutError
        self.waiting.sort(key=self.order)
        task = self.waiting.pop(0)
        return task, play(self.rules, self.scorer, task)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass


def with_toys(
    monkeypatch: pytest.MonkeyPatch, config: Config, executor: ToyExecutor | None = None
) -> ToyExecutor:
    """Let searches run in this process, with a toy fitness.

    That it is not the real one is not noticed.
    """
    monkeypatch.setattr("synth.search.coordinator.FRAGILE", 2.0)
    toys = executor or ToyExecutor(config)
    monkeypatch.setattr("synth.search.coordinator._executor", lambda *arguments: toys)
    return toys


def in_background(work: Callable[[], Any]) -> Any:
    """The future result of something that blocks."""
    pool = ThreadPoolExecutor(1)
    future = pool.submit(work)
    pool.shutdown(wait=False)
    return future
