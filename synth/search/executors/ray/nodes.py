"""The nodes of a Ray cluster and the workers on them, as they come, prove to compute the same, and go.

A worker is an actor with one processor of a node, which owns a confined child process. It is used when its
self-test comes to the same bits as that of this machine; a node where it does not is refused.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from synth.errors import SynthError, UsageError
from synth.runs.cluster import Node, NodeState
from synth.sandbox.process import WorkerFailed
from synth.search.executors.protocol import Report
from synth.search.executors.ray.actor import RayWorker, Ready, tested_executor
from synth.search.executors.self_test import package_digest
from synth.settings.resolve import digests
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

LOOK = 2.0
"""Seconds between two looks at which nodes there are."""

STARTING = 120.0
"""Seconds that a cluster may take to have the first worker ready."""

TOGETHER = 20.0
"""Seconds after which a search begins with the workers that are ready."""

LOSSES = 5
"""Workers that a round, or a node in a row, may lose before nothing more is tried."""


@dataclass(eq=False)
class RayNode:
    """A node of the cluster."""

    key: str
    """Ray's own name of it."""
    facts: Node
    """What is reported of it; `workers`, `islands` and the speed are filled in then."""
    actors: int = 0
    """Workers there, with those that start."""
    failures: int = 0
    """Workers lost in a row."""
    since: float = 0.0
    """When its first worker was ready."""


@dataclass(eq=False)
class RemoteWorker:
    """An actor on a node."""

    handle: Any
    node: RayNode
    ready: bool = False


class RayNodes:
    """Keeps workers on the nodes that can be used; those that are there are its `workers`."""

    def __init__(
        self,
        ray: Any,
        config: Config,
        report: Report,
        ready: Callable[[RemoteWorker], None],
        lost: Callable[[RemoteWorker], None],
    ) -> None:
        """`ready` is called with a worker that can play, `lost` with one that is gone, whatever it does."""
        self._ray, self._config = ray, config
        self._report, self._ready, self._lost = report, ready, lost
        self.workers: dict[RemoteWorker, None] = {}
        self.looked = 0.0
        """When it was looked which nodes there are."""
        self._wanted = min(config.run.workers or config.search.islands, config.search.islands)
        self._nodes: dict[str, RayNode] = {}
        self._answers: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._told = 0.0
        self._first: Ready | None = None

    # The beginning and the end

    def begin(self, task_sets: Sequence[TaskSet], select: TaskSet, folder: Path) -> Ready:
        """Start workers, wait for those of all nodes, or long enough for one, and return what it says.

        This machine lays out its own tasks in `folder`. Raises SynthError when no node can take part.
        """
        executor, self._bits = tested_executor(self._config, task_sets, select, folder, self._report)
        executor.__exit__()
        self._task_sets = self._ray.put((tuple(task_sets), select))
        began = time.monotonic()
        self.look()
        while self._first is None or any(not worker.ready for worker in self.workers):
            waited = time.monotonic() - began
            if self._first is not None and waited > TOGETHER:
                break
            refused = [node.facts for node in self._nodes.values() if node.facts.state == "refused"]
            hopeless = not self.workers and 0 < len(self._nodes) == len(refused)
            if hopeless or waited > STARTING:
                reasons = "; ".join(f"node {one.name} ({one.address}): {one.reason}" for one in refused)
                why = reasons or "it has no free processor"
                raise SynthError(f"no node of the Ray cluster can play a round: {why}")
            self.hear(LOOK)
            self.look()
        return self._first

    def close(self) -> None:
        """End the workers, and their processes with them."""
        with suppress(Exception):
            closing = [worker.handle.close.remote() for worker in self.workers]
            self._ray.wait(closing, num_returns=len(closing), timeout=5.0)
            for worker in self.workers:
                self._ray.kill(worker.handle)

    # Answers

    def ask(self, worker: RemoteWorker, answer: Any, take: Callable[[Any], None]) -> None:
        """Call `take` with an answer, Ray's reference to it, when it is there, in the thread that hears.

        Nothing comes of a worker that is lost by then.
        """
        future: Future[Any] = answer.future()
        future.add_done_callback(lambda done: self._answers.put(lambda: self._take(worker, done, take)))

    def hear(self, seconds: float) -> None:
        """Take the answers that are there, or the first that comes within this time.

        Raises WorkerFailed for an error in a worker, and UsageError for one of a mutation of one's own.
        """
        with suppress(Empty):
            self._answers.get(timeout=max(0.0, seconds))()
            while True:
                self._answers.get_nowait()()

    def _take(self, worker: RemoteWorker, future: Future[Any], take: Callable[[Any], None]) -> None:
        from ray.exceptions import RayError, RayTaskError

        if worker not in self.workers:
            return
        try:
            answer = future.result()
        except RayTaskError as error:
            if isinstance(error.cause, UsageError):
                raise error.cause from None
            failure = WorkerFailed(f"a Ray worker failed: {error.cause}")
            failure.add_note(str(error))
            raise failure from None
        except RayError as error:
            lines = str(error).strip().splitlines()
            if "creation task" in lines[0]:
                self._give_up(worker.node, "refused", lines[-1].strip())
            else:
                self._lose(worker, lines[0].strip())
        else:
            take(answer)

    # Nodes and workers that come

    def look(self) -> None:
        """See which nodes are there, and start workers where some are missing."""
        self.looked = time.monotonic()
        alive = {node["NodeID"]: node for node in self._ray.nodes() if node["Alive"]}
        for key, node in alive.items():
            processors = int(node["Resources"].get("CPU", 0))
            if key not in self._nodes and processors:
                address = f"{node['NodeManagerHostname']} {node['NodeManagerAddress']}"
                facts = Node(str(len(self._nodes) + 1), address, processors=processors)
                self._nodes[key] = RayNode(key, facts)
                if self._told:
                    self._say(facts, f"joined with {processors} processor{'s' if processors != 1 else ''}")
        for key, known in self._nodes.items():
            if key not in alive and known.facts.state not in ("lost", "refused"):
                self._give_up(known, "lost", "it left the cluster")
        while len(self.workers) < self._wanted and (free := self._free_node()):
            self._launch(free)

    def _free_node(self) -> RayNode | None:
        """Return the node with the largest share of its processors free; None when all are taken."""
        free = [
            node
            for node in self._nodes.values()
            if node.facts.state in ("starting", "in use") and node.actors < node.facts.processors
        ]
        return min(free, key=lambda node: node.actors / node.facts.processors, default=None)

    def _launch(self, node: RayNode) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        actor = self._ray.remote(RayWorker).options(
            num_cpus=1,
            max_restarts=0,
            max_task_retries=0,
            max_concurrency=2,  # one plays, while the other may end it
            scheduling_strategy=NodeAffinitySchedulingStrategy(node.key, soft=False),
        )
        worker = RemoteWorker(actor.remote(self._config, self._task_sets), node)
        self.workers[worker] = None
        node.actors += 1
        start = worker.handle.start.remote(package_digest(), digests(self._config), self._bits)
        self.ask(worker, start, lambda ready: self._started(worker, ready))

    def _started(self, worker: RemoteWorker, ready: Ready | str) -> None:
        node = worker.node
        if isinstance(ready, str):
            self._give_up(node, "refused", ready)
            return
        if self._is_too_many(node, ready.processors):
            self._end(worker)
            return
        worker.ready = True
        if ready.log:
            node.facts.logs += (ready.log,)
        if node.facts.state == "starting":
            node.facts.state, node.since = "in use", time.monotonic()
        self._first = self._first or ready
        self._ready(worker)

    def _is_too_many(self, node: RayNode, usable: int) -> bool:
        """Return whether a node has more workers than the processors that they may use.

        Ray does not always know of a quota, or on which processors it may run. A number that is asked for
        goes before that.
        """
        if self._config.run.workers or node.actors <= usable:
            return False
        if node.facts.processors > usable:
            self._say(node.facts, f"has {node.facts.processors} processors, of which it may use {usable}")
            node.facts.processors = usable
        return True

    # Nodes and workers that go

    def _give_up(self, node: RayNode, state: NodeState, reason: str) -> None:
        """Stop using a node: it is lost or refused."""
        node.facts.state, node.facts.reason = state, reason
        self._say(node.facts, f"is {state}: {reason}")
        for worker in [worker for worker in self.workers if worker.node is node]:
            self._end(worker)

    def _lose(self, worker: RemoteWorker, reason: str) -> None:
        """Note that a worker is gone; the node gets another unless too many went."""
        node = worker.node
        node.failures += 1
        self._say(node.facts, f"lost a worker ({reason})")
        self._end(worker)
        self.look()
        if node.failures >= LOSSES and node.facts.state != "lost":
            self._give_up(node, "refused", f"it lost {LOSSES} workers in a row; the last: {reason}")

    def _end(self, worker: RemoteWorker) -> None:
        """Remove a worker."""
        del self.workers[worker]
        worker.node.actors -= 1
        with suppress(Exception):
            self._ray.kill(worker.handle)
        self._lost(worker)

    # What is reported

    def played(self, worker: RemoteWorker, reports: Sequence[str]) -> None:
        """Note that a worker played a round, and tell what went wrong meanwhile."""
        worker.node.failures = 0
        for sentence in reports:
            self._say(worker.node.facts, sentence)

    def news(self, islands: Mapping[str, int], last: bool) -> tuple[Node, ...] | None:
        """Return how the nodes are every few seconds, and the last time; else None.

        `islands` has the number of those of a node under its key.
        """
        if not last and time.monotonic() - self._told < LOOK:
            return None
        self._told = time.monotonic()
        return tuple(self._snapshot(node, islands.get(node.key, 0)) for node in self._nodes.values())

    def _snapshot(self, node: RayNode, islands: int) -> Node:
        workers = sum(worker.ready for worker in self.workers if worker.node is node)
        speed = node.facts.candidates / (time.monotonic() - node.since) if node.since else 0.0
        return replace(node.facts, workers=workers, islands=islands, candidates_per_second=speed)

    def _say(self, node: Node, what: str) -> None:
        self._report(f"node {node.name} ({node.address}) {what}")
