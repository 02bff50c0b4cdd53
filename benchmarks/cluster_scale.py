"""Clusters on paper: a discrete-event simulation of 2 to 10,000 islands, with stragglers and failures.

    pip install simpy matplotlib
    python benchmarks/cluster_scale.py    # prints the table of docs/scale.md, draws docs/images/scale.svg

What a coordinator spends on rounds, checkpoints and migrations, and how large messages are, comes from
`cluster_cost.json`, which `cluster_cost.py` measures. The rest is assumed, in `Assumptions`.
"""

import argparse
import json
import math
import random
from collections.abc import Generator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import simpy

HERE = Path(__file__).parent
PICTURE = HERE.parent / "docs" / "images" / "scale.svg"
LARGE = 500
"""Islands beyond which half as many rounds are simulated."""

ISLANDS = (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


Happening = Generator[simpy.Event, Any, None]
"""What a part of the simulation waits for, one thing after the other."""


@dataclass(frozen=True)
class Assumptions:
    """What nobody measured here."""

    islands_per_worker: int = 2
    spread: float = 0.3
    """Sigma of the logarithm of a round's time."""
    slow_workers: float = 0.02
    slowness: float = 4.0
    """How many times as long they take."""
    late: float = 2.0
    """An idle worker begins a round as well that takes so many times as long as usual."""
    lifetime: float = 24 * 3600.0
    """Mean seconds until a worker fails."""
    recovery: float = 20.0
    """Seconds until that is noticed and another worker is there."""
    network: float = 1.25e9
    """Bytes a second of the coordinator's network, 10 Gbit/s."""
    rounds: int = 16
    """Of each island that are simulated."""
    migration_rounds: int = 4
    checkpoint_seconds: float = 5.0
    checkpoint_share: float = 20.0


@dataclass(frozen=True)
class Design:
    """How the coordinator works."""

    name: str
    round_seconds: float
    hub_seconds: float
    """The coordinator's processor time for a round."""
    message_bytes: float
    checkpoint_seconds: float
    """For each island."""
    migration_seconds: float
    """For each island."""
    hubs: int = 1
    top_every: int = 5
    """Migrations within a hub's islands for each one among hubs."""


@dataclass
class Told:
    """What came of a simulation."""

    efficiency: float
    hub_load: float
    rounds_per_second: float
    lost: int


@dataclass
class Hub:
    """A coordinator of some islands while time goes by."""

    islands: int
    ready: simpy.Store
    processor: simpy.PriorityResource
    busy: float = 0.0
    arrived: list[int] = field(default_factory=list)
    rounds: dict[int, int] = field(default_factory=dict)
    finished: int = 0


class World:
    """One search."""

    def __init__(self, islands: int, design: Design, given: Assumptions, seed: int) -> None:
        self.env, self.design, self.given = simpy.Environment(), design, given
        self.random = random.Random(f"{seed} {islands} {design.name}")
        self.useful, self.lost = 0.0, 0
        self.workers = max(1, islands // given.islands_per_worker)
        hubs = min(design.hubs, max(1, islands // 100))
        self.hubs = [self._hub(islands // hubs + (number < islands % hubs)) for number in range(hubs)]
        self.ended = self.env.event()
        for number in range(self.workers):
            self.env.process(self._worker(self.hubs[number % hubs]))
        for hub in self.hubs:
            self.env.process(self._checkpoints(hub))

    def _hub(self, islands: int) -> Hub:
        hub = Hub(islands, simpy.Store(self.env), simpy.PriorityResource(self.env))
        for island in range(islands):
            hub.rounds[island] = 0
            hub.ready.put(island)
        return hub

    def run(self) -> Told:
        self.env.run(self.ended)
        seconds = self.env.now
        done = sum(sum(hub.rounds.values()) for hub in self.hubs)
        load = max(hub.busy for hub in self.hubs) / seconds
        return Told(self.useful / (self.workers * seconds), load, done / seconds, self.lost)

    def _occupied(self, hub: Hub, seconds: float, priority: int = 1) -> Happening:
        with hub.processor.request(priority) as turn:
            yield turn
            yield self.env.timeout(seconds)
            hub.busy += seconds

    def _worker(self, hub: Hub) -> Happening:
        given, design = self.given, self.design
        slow = self.random.random() < given.slow_workers
        dies = self.env.now + self.random.expovariate(1 / given.lifetime)
        transfer = design.message_bytes / given.network
        while True:
            island = yield hub.ready.get()
            nominal = design.round_seconds * math.exp(self.random.gauss(-(given.spread**2) / 2, given.spread))
            # another worker takes over what is late
            takes = nominal * (min(given.slowness, given.late + 1) if slow else 1.0)
            if self.env.now + takes > dies:
                self.lost += 1
                yield self.env.timeout(max(0.0, dies - self.env.now) + given.recovery)
                dies = self.env.now + self.random.expovariate(1 / given.lifetime)
                hub.ready.put(island)
                continue
            yield self.env.timeout(takes)
            self.useful += nominal
            self.env.process(self._taken(hub, island, design.hub_seconds + 2 * transfer))

    def _taken(self, hub: Hub, island: int, seconds: float) -> Happening:
        """The coordinator takes a round, and the island goes on or waits at a border."""
        yield from self._occupied(hub, seconds)
        hub.rounds[island] += 1
        number = hub.rounds[island]
        if number == self.given.rounds:
            hub.finished += 1
            if all(one.finished == one.islands for one in self.hubs) and not self.ended.triggered:
                self.ended.succeed()
        elif number % self.given.migration_rounds:
            hub.ready.put(island)
        else:
            hub.arrived.append(island)
            if len(hub.arrived) == hub.islands:
                waiting, hub.arrived = hub.arrived, []
                yield from self._occupied(hub, self.design.migration_seconds * hub.islands, 0)
                for one in waiting:
                    hub.ready.put(one)

    def _checkpoints(self, hub: Hub) -> Happening:
        takes = self.design.checkpoint_seconds * hub.islands
        while True:
            pause = max(self.given.checkpoint_seconds, self.given.checkpoint_share * takes)
            yield self.env.timeout(pause)
            yield from self._occupied(hub, takes, 0)


def designs(cost: dict[str, Any]) -> list[Design]:
    """What was, what is, what a setting does, and what could be built."""
    largest = cost["coordinator"][-1]
    judging = 4e-3 * (cost["judging_ms"]["linear"] + cost["judging_ms"]["neural_net"]) / 2
    now = Design(
        "workers judge",
        cost["round_seconds"],
        1e-3 * largest["round_ms"],
        largest["message_bytes"],
        1e-3 * largest["checkpoint_ms"] / largest["islands"],
        1e-3 * largest["migration_ms"] / largest["islands"],
    )
    longer = replace(now, name="and ten times longer rounds", round_seconds=10 * now.round_seconds)
    return [
        replace(now, name="coordinator judges", hub_seconds=now.hub_seconds + judging),
        now,
        longer,
        replace(longer, name="and ten hubs (on paper)", hubs=10),
        replace(longer, name="full caches: messages of 4 MB", message_bytes=4e6),
    ]


def draw(found: dict[str, dict[int, Told]], cost: dict[str, Any], plans: list[Design]) -> None:
    """Write the picture."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    pyplot.rcParams |= {"svg.hashsalt": "synth", "svg.fonttype": "path", "font.size": 9}
    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7), layout="constrained")
    for name, by_size in found.items():
        sizes = list(by_size)
        axes[0][0].plot(sizes, [100 * told.efficiency for told in by_size.values()], "o-", ms=3, label=name)
        axes[0][1].plot(sizes, [100 * told.hub_load for told in by_size.values()], "o-", ms=3, label=name)
    axes[0][0].set(title="Efficiency", ylabel="% of workers' time in rounds", ylim=(0, 105))
    axes[0][1].set(title="Load of the busiest hub", ylabel="% of its time", ylim=(0, 105))
    axes[0][0].legend(loc="lower left", fontsize=8)
    measured = cost["coordinator"]
    sizes = [one["islands"] for one in measured]
    axes[1][0].plot(sizes, [one["round_ms"] for one in measured], "o-", label="a round")
    axes[1][0].plot(sizes, [one["checkpoint_ms"] for one in measured], "s-", label="a checkpoint")
    axes[1][0].plot(sizes, [one["migration_ms"] for one in measured], "^-", label="a migration")
    axes[1][0].set(title="Coordinator, measured", ylabel="processor ms", yscale="log")
    axes[1][0].legend(fontsize=8)
    young = measured[-1]["checkpoint_bytes"] / measured[-1]["islands"]
    for label, size in (("after five short rounds", young), ("caches full", 4e6)):
        axes[1][1].plot(ISLANDS, [size * islands / 1e9 for islands in ISLANDS], label=label)
    axes[1][1].set(title="Size of a checkpoint", ylabel="GB", yscale="log")
    axes[1][1].legend(fontsize=8)
    for axis in axes.flat:
        axis.set(xscale="log", xlabel="islands")
        axis.grid(alpha=0.3)
    figure.savefig(PICTURE, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--largest", type=int, default=ISLANDS[-1], help="islands of the largest search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--no-picture", action="store_true")
    options = parser.parse_args()
    cost = json.loads((HERE / "cluster_cost.json").read_text())
    plans, given = designs(cost), Assumptions()
    sizes = [islands for islands in ISLANDS if islands <= options.largest]
    found: dict[str, dict[int, Told]] = {}
    for design in plans:
        found[design.name] = {}
        for islands in sizes:
            shorter = replace(given, rounds=given.rounds // 2 if islands > LARGE else given.rounds)
            found[design.name][islands] = World(islands, design, shorter, options.seed).run()
    print("| islands | " + " | ".join(found) + " |")
    print("|--" * (len(found) + 1) + "|")
    for islands in sizes:
        cells = [found[name][islands] for name in found]
        texts = [f"{100 * told.efficiency:.0f} %, hub {100 * told.hub_load:.0f} %" for told in cells]
        print(f"| {islands:,} | " + " | ".join(texts) + " |")
    if not options.no_picture:
        draw(found, cost, plans)


if __name__ == "__main__":
    main()
