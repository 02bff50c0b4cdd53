"""What a coordinator spends on a round: real searches with many islands, counted in processor time.

    python benchmarks/cluster_cost.py    # writes benchmarks/cluster_cost.json, which cluster_scale.py reads

Rounds are tiny and played on a Ray cluster of this machine, so the coordinator is what takes the time. Its
process's processor time is counted, Ray's threads in it included: other work on the machine disturbs little.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from synth.runs.events import RoundFinished, RunStarted, SearchEnded
from synth.runs.folder import RunFolder
from synth.search.checkpoint import save
from synth.search.coordinator import search
from synth.search.evolution.migration import exchange
from synth.search.evolution.round import Round
from synth.search.evolution.rules import template
from synth.search.executors.ray.executor import RayExecutor
from synth.search.scoring.judge import Judge
from synth.settings.resolve import resolve

HERE = Path(__file__).parent
clock = time.process_time

SETTINGS = {
    "data.name": "digits",
    "data.features": 16,
    "data.test_tasks": 1,
    "fitness.tuning_trials": 0,
    "search.round_candidates": 200,
    "search.migration_rounds": 3,
    "run.cluster": "local",
    "run.workers": 2,
}


def timed(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """The same function, with the processor time of each call noted."""

    def wrapper(*arguments: Any, **named: Any) -> Any:
        began = clock()
        try:
            return function(*arguments, **named)
        finally:
            spent.append(clock() - began)

    return wrapper


def measured(islands: int, rounds: int) -> dict[str, float]:
    """One search: seconds of the coordinator for a round, a checkpoint and a migration, and bytes."""
    wanted = SETTINGS | {"search.islands": islands, "limits.candidates": 200 * islands * rounds}
    config = resolve("baseline", sets=[f"{key}={value}" for key, value in wanted.items()], environment={})
    saving: list[float] = []
    exchanging: list[float] = []
    sizes: list[int] = []
    submit = RayExecutor.submit

    def sized(executor: RayExecutor, task: Round) -> None:
        sizes.append(sum(array.nbytes for array in task.state.values()))
        submit(executor, task)

    begin = end = 0.0
    count = 0
    with (
        patch("synth.search.checkpoint.save", timed(save, saving)),
        patch("synth.search.coordinator.exchange", timed(exchange, exchanging)),
        patch.object(RayExecutor, "submit", sized),
        tempfile.TemporaryDirectory() as place,
    ):
        path = Path(place) / "run"
        with RunFolder.create(config, path) as folder:
            for event in search(config, folder):
                if isinstance(event, RunStarted):
                    begin = clock()
                elif isinstance(event, SearchEnded):
                    break
                elif isinstance(event, RoundFinished):
                    end, count = clock(), count + 1
        size = max(file.stat().st_size for file in (path / "checkpoint").iterdir())
    return {
        "islands": islands,
        "rounds": count,
        "round_ms": 1e3 * (end - begin - sum(saving) - sum(exchanging)) / count,
        "checkpoint_ms": 1e3 * max(saving),
        "checkpoint_bytes": size,
        "migration_ms": 1e3 * sum(exchanging) / max(1, len(exchanging)),
        "message_bytes": sum(sizes[islands:]) / max(1, len(sizes) - islands),
    }


def judging_ms() -> dict[str, float]:
    """What it costs to judge a program on the tasks of `--preset baseline`, if that were done here."""
    judge = Judge(resolve("baseline", environment={}))
    found = {}
    for name in ("linear", "neural_net"):
        judge.select.evaluate(template(name))
        began = clock()
        for _ in range(10):
            judge.select.evaluate(template(name))
        found[name] = 1e2 * (clock() - began)
    return found


def round_seconds() -> float:
    """Processor time of a round of `--preset baseline`, from a search of half a minute with one worker."""
    sets = ["limits.seconds=30", "run.workers=1", "fitness.tuning_trials=0", "data.test_tasks=1"]
    config = resolve("baseline", sets=sets, environment={})
    before, count = os.times(), 0
    with tempfile.TemporaryDirectory() as place, RunFolder.create(config, Path(place) / "run") as folder:
        for event in search(config, folder):
            count += isinstance(event, RoundFinished)
    after = os.times()
    return (after.children_user - before.children_user) / count


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--islands", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=HERE / "cluster_cost.json")
    options = parser.parse_args()
    seconds, judging, searches = round_seconds(), judging_ms(), []
    for islands in options.islands:
        searches.append(measured(islands, max(options.rounds, 200 // islands)))
        print(searches[-1], flush=True)
    document = {"round_seconds": seconds, "judging_ms": judging, "coordinator": searches}
    options.out.write_text(json.dumps(document, indent=2) + "\n")


if __name__ == "__main__":
    main()
