"""The nodes of a Ray cluster and the workers on them, as they come, prove to compute the same, and go.

A worker is an actor with one processor of a node, which owns a confined child process. It is used when its
self-test comes to the same bits as that of this machine; a node where it does not is refused.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from synth.errors import SynthError
from synth.runs.cluster import Node, NodeState
from synth.runs.files import writing
from synth.sandbox.process import WorkerFailed
from synth.search.executors.protocol import Report
from synth.search.executors.ray.connection import RayConnection
from synth.search.executors.ray.worker import RayWorker, Ready, local_executor, self_test
from synth.search.executors.self_test import package_digest
from synth.settings.mixes import tasks_name
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


@dataclass
class Machine:
    """A node as it is known here."""

    name: str
    key: str
    """Ray's own name of it."""
    address: str
    processors: int
    state: NodeState = "starting"
    reason: str = ""
    workers: int = 0
    """Those that start, too."""
    failures: int = 0
    """Workers lost in a row."""
    rounds: int = 0
    candidates: int = 0
    since: float = 0.0
    logs: list[str] = field(default_factory=list)


@dataclass(eq=False)
class Worker:
    """An actor on a node."""

    handle: Any
    machine: Machine
    ready: bool = False
    log: Path | None = None


class RayNodes:
    """Keeps workers on the nodes that can be used; those that are there are its `workers`."""

    def __init__(
        self,
        connection: RayConnection,
        config: Config,
        folder: Path,
        report: Report,
        ready: Callable[[Worker], None],
        lost: Callable[[Worker], None],
    ) -> None:
        """`ready` is called with a worker that can play, `lost` with one that is gone, whatever it does.

        Workers' logs go to `folder`/workers.
        """
        self._connection, self._ray = connection, connection.ray
        self._config, self._folder, self._report = config, folder, report
        self._ready, self._lost = ready, lost
        self.logs = folder / "workers"
        self.workers: dict[Worker, None] = {}
        self.looked = 0.0
        """When it was looked which nodes there are."""
        self._wanted = min(config.run.workers or config.search.islands, config.search.islands)
        self._machines: dict[str, Machine] = {}
        self._bells: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._told = 0.0
        self._changed = True
        self._first: Ready | None = None

    # The beginning and the end

    def begin(self, task_sets: Sequence[TaskSet], select: TaskSet) -> Ready:
        """Start workers and wait until those of all nodes are ready, or long enough for one; what it says.

        Raises SynthError when no node can take part.
        """
        self._expected = self._own_bits(task_sets, select)
        self._start = self._ray.put((tuple(task_sets), select)), secrets.token_hex(8)
        began = time.monotonic()
        deadline = began + STARTING
        if self._config.run.workers:
            self._connection.request(self._config.run.workers)
        self.look()
        while any(not worker.ready for worker in self.workers) or self._first is None:
            if self._first is not None and time.monotonic() - began > TOGETHER:
                break
            if time.monotonic() > deadline or not (self.workers or self._hopeful()):
                reasons = [f"node {one.name} ({one.address}): {one.reason}" for one in self._refused()]
                why = "; ".join(reasons) or "it has no free processor"
                raise SynthError(f"no node of the Ray cluster can play a round: {why}")
            self.hear(LOOK)
            self.look()
        return self._first

    def _own_bits(self, task_sets: Sequence[TaskSet], select: TaskSet) -> tuple[str, ...]:
        """What the self-test of a node must come to: that of this machine."""
        place = self._folder / "tasks"
        with local_executor(self._config, task_sets, select, place, []) as executor:
            for mix, tasks in enumerate(task_sets):
                executor.add_tasks(tasks_name(mix, 0), mix, tasks)
            return self_test(executor, task_sets)

    def _hopeful(self) -> bool:
        """Whether a node may still come up; a cluster without processors may be growing."""
        return len(self._refused()) < len(self._machines) or not self._machines

    def _refused(self) -> list[Machine]:
        return [machine for machine in self._machines.values() if machine.state == "refused"]

    def close(self) -> None:
        """End the workers, and their processes with them."""
        with suppress(Exception):
            closing = [worker.handle.close.remote() for worker in self.workers]
            self._ray.wait(closing, num_returns=len(closing), timeout=5.0)
            for worker in self.workers:
                self._ray.kill(worker.handle)

    # Answers

    def ask(self, worker: Worker, answer: Any, take: Callable[[Any], None]) -> None:
        """Have an answer, Ray's reference to it, taken when it is there, by the thread that hears.

        Nothing comes of a worker that is lost by then.
        """
        future: Future[Any] = answer.future()
        future.add_done_callback(lambda done: self._bells.put(lambda: self._take(worker, done, take)))

    def hear(self, seconds: float) -> None:
        """Take the answers that are there, or the first that comes within this time.

        Raises WorkerFailed for an error in a worker.
        """
        with suppress(Empty):
            self._bells.get(timeout=max(0.0, seconds))()
            while True:
                self._bells.get_nowait()()

    def _take(self, worker: Worker, future: Future[Any], take: Callable[[Any], None]) -> None:
        from ray.exceptions import RayError, RayTaskError

        if worker not in self.workers:
            return
        try:
            answer = future.result()
        except RayTaskError as error:
            raise WorkerFailed(f"a Ray worker failed: {error.cause}", str(error)) from None
        except RayError as error:
            lines = str(error).strip().splitlines()
            if "creation task" in lines[0]:
                self._refuse(worker.machine, lines[-1].strip())
            else:
                self._lose(worker, lines[0].strip())
        else:
            take(answer)

    # Nodes and workers that come

    def look(self) -> None:
        """See which nodes are there, and start workers where some are missing."""
        self.looked = time.monotonic()
        there = {node["NodeID"]: node for node in self._ray.nodes() if node["Alive"]}
        for key, node in there.items():
            processors = int(node["Resources"].get("CPU", 0))
            if key not in self._machines and processors:
                address = f"{node['NodeManagerHostname']} {node['NodeManagerAddress']}"
                name = str(len(self._machines) + 1)
                machine = self._machines[key] = Machine(name, key, address, processors)
                if self._told:
                    self._say(machine, f"joined with {processors} processor{'s' if processors != 1 else ''}")
        for key, machine in self._machines.items():
            if key not in there and machine.state not in ("lost", "refused"):
                self._lose_machine(machine)
        while len(self.workers) < self._wanted:
            room = self._room(there)
            if room is None:
                return
            self._launch(room)

    def _room(self, there: dict[str, Any]) -> Machine | None:
        """The node with the largest share of its processors free; None when all are taken."""
        best, most = None, 0.0
        for key, machine in self._machines.items():
            if key in there and machine.state in ("starting", "in use"):
                free = (machine.processors - machine.workers) / machine.processors
                if free > most:
                    best, most = machine, free
        return best

    def _launch(self, machine: Machine) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        there = NodeAffinitySchedulingStrategy(machine.key, soft=False)
        options = {"num_cpus": 1, "max_restarts": 0, "max_task_retries": 0, "scheduling_strategy": there}
        options["max_concurrency"] = 2  # one plays, while the other may end it
        remote = self._ray.remote(RayWorker).options(**options)
        tasks, run = self._start
        worker = Worker(remote.remote(self._config, tasks, run), machine)
        self.workers[worker] = None
        machine.workers += 1
        self.ask(worker, worker.handle.start.remote(), lambda ready: self._started(worker, ready))

    def _started(self, worker: Worker, ready: Ready | str) -> None:
        machine = worker.machine
        if isinstance(ready, Ready):
            if ready.package != package_digest():
                ready = "it has another synth installed than the machine of this command; install the same"
            elif ready.bits != self._expected:
                ready = "its self-test computes other bits than the machine of this command"
        if not isinstance(ready, Ready):
            self._refuse(machine, ready)
            return
        worker.ready, worker.log = True, self.logs / f"node{machine.name}-{ready.pid}.log"
        machine.logs += [str(worker.log.relative_to(self._folder)), *filter(None, [ready.log])]
        if machine.state == "starting":
            machine.state, machine.since = "in use", time.monotonic()
        self._first, self._changed = self._first or ready, True
        self._write_log(worker, [f"process {ready.pid} on {machine.address}; Ray's log: {ready.log}"])
        self._ready(worker)

    # Nodes and workers that go

    def _refuse(self, machine: Machine, reason: str) -> None:
        """Use a node no more."""
        machine.state, machine.reason = "refused", reason
        self._say(machine, f"is refused: {reason}")
        self._end_all(machine)

    def _lose_machine(self, machine: Machine) -> None:
        machine.state, machine.reason = "lost", "it left the cluster"
        self._say(machine, "is lost")
        self._end_all(machine)

    def _lose(self, worker: Worker, reason: str) -> None:
        """Note that a worker is gone; the node gets another unless too many went."""
        machine = worker.machine
        machine.failures += 1
        self._say(machine, f"lost a worker ({reason})")
        self._end(worker)
        self.look()
        if machine.failures >= LOSSES and machine.state != "lost":
            self._refuse(machine, f"it lost {LOSSES} workers in a row; the last: {reason}")

    def _end_all(self, machine: Machine) -> None:
        for worker in [one for one in self.workers if one.machine is machine]:
            self._end(worker)

    def _end(self, worker: Worker) -> None:
        """Remove a worker."""
        del self.workers[worker]
        worker.machine.workers -= 1
        with suppress(Exception):
            self._ray.kill(worker.handle)
        self._lost(worker)

    # What is told

    def played(self, worker: Worker, lines: Sequence[str]) -> None:
        """Note that a worker played a round, of which it says these lines: what went wrong, and the round."""
        worker.machine.failures = 0
        self._write_log(worker, lines)
        for sentence in lines[:-1]:
            self._say(worker.machine, sentence)

    def news(self, islands: Mapping[str, int], last: bool) -> tuple[Node, ...] | None:
        """How the nodes are: the last time and at once when one comes or goes, else every few seconds.

        `islands` has the number of those of a node under its key.
        """
        if not (last or self._changed) and time.monotonic() - self._told < LOOK:
            return None
        self._changed, self._told = False, time.monotonic()
        return tuple(self._node(machine, islands.get(key, 0)) for key, machine in self._machines.items())

    def _node(self, machine: Machine, islands: int) -> Node:
        seconds = time.monotonic() - machine.since if machine.since else 0.0
        return Node(
            machine.name,
            machine.address,
            machine.state,
            machine.reason,
            machine.processors,
            sum(worker.ready for worker in self.workers if worker.machine is machine),
            islands,
            machine.rounds,
            machine.candidates,
            machine.candidates / seconds if seconds else 0.0,
            tuple(machine.logs),
        )

    def _say(self, machine: Machine, what: str) -> None:
        self._changed = True
        self._report(f"node {machine.name} ({machine.address}) {what}")

    def _write_log(self, worker: Worker, lines: Sequence[str]) -> None:
        assert worker.log is not None
        with writing(worker.log):
            worker.log.parent.mkdir(exist_ok=True)
            with worker.log.open("a", encoding="utf-8") as file:
                file.writelines(f"{time.strftime('%H:%M:%S')} {line}\n" for line in lines)
