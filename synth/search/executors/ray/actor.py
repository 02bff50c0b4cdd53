"""What runs in an actor of a Ray cluster: rounds, in confined child processes, by the local executors.

Neither this process nor Ray ever runs a candidate. Task sets go through Ray's object store, once for each
node; the answer of a child goes to the coordinator as it is, a frame of the wire format (`sandbox/wire.py`).
"""

import atexit
import os
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.errors import SynthError
from synth.plugins import check_digests
from synth.sandbox.wire import encode
from synth.search.evolution.round import CannotBeScored, Round
from synth.search.executors.local import LocalExecutor, local_executor
from synth.search.executors.processors import usable_processors
from synth.search.executors.protocol import Report
from synth.search.executors.self_test import package_digest
from synth.settings.mixes import mix_of, tasks_name
from synth.settings.schema import Config
from synth.tasks.task import TaskSet


@dataclass(frozen=True)
class Ready:
    """What a worker says of itself when it has started."""

    layers: tuple[str, ...]
    notices: tuple[str, ...]
    log: str
    """Where Ray keeps what this process prints; empty where that is unknown."""
    processors: int
    """Those of the node that this process may use, which Ray may not know of."""


def tested_executor(
    config: Config, task_sets: Sequence[TaskSet], select: TaskSet, folder: Path, report: Report
) -> tuple[LocalExecutor, tuple[str, ...]]:
    """Start a local executor with one worker, and test it on the first tasks of each mix."""
    executor = local_executor(config, task_sets, select, folder, 1, report)
    names = [tasks_name(mix, 0) for mix in range(len(task_sets))]
    for mix, name in enumerate(names):
        executor.add_tasks(name, mix, task_sets[mix])
    return executor, tuple(executor.bits(name, mix) for mix, name in enumerate(names))


class RayWorker:
    """An actor: one worker of the local executor on a node of the cluster."""

    def __init__(self, config: Config, task_sets: tuple[Sequence[TaskSet], TaskSet]) -> None:
        """`task_sets` are the first search tasks of each mix, and the selection tasks."""
        self._config, self._task_sets = config, task_sets
        self._executor: LocalExecutor | None = None
        self._reports: list[str] = []
        self._known = {tasks_name(mix, 0) for mix in range(len(task_sets[0]))}
        self._folder = Path(tempfile.mkdtemp(prefix="synth-"))
        atexit.register(self.close)

    def start(self, package: str, plugins: Mapping[str, str], expected: tuple[str, ...]) -> Ready | str:
        """Start the confined process and test it; return a sentence where it cannot take part.

        `package` is the `package_digest` of the command's machine, `plugins` the digests of functions of
        one's own, and `expected` the result of the self-test there.
        """
        try:
            if package != package_digest():
                raise SynthError("it has another synth than the machine of this command; install the same")
            check_digests(plugins, self._config.run.plugins)
            self._executor, bits = tested_executor(
                self._config, *self._task_sets, self._folder, self._reports.append
            )
            if bits != expected:
                raise SynthError("its self-test computes other bits than the machine of this command")
        except (SynthError, CannotBeScored, OSError) as error:
            self.close()
            return str(error)
        log = os.path.realpath("/proc/self/fd/1")
        log = log if os.path.isfile(log) else ""
        return Ready(self._executor.layers, self._executor.notices, log, usable_processors())

    def play(self, round_: Round, tasks: Sequence[Any]) -> tuple[bytes, list[str]]:
        """Play a round, and return its outcome's frame and what went wrong meanwhile, in sentences.

        `tasks` holds a reference to its tasks, which are fetched if they are new here.
        """
        import ray

        executor, began = self._executor, time.monotonic()
        assert executor is not None, "a worker is started before it plays"
        print(f"{round_} begins", flush=True)
        if round_.tasks not in self._known:
            self._known.add(round_.tasks)
            executor.add_tasks(round_.tasks, mix_of(self._config, round_.island), ray.get(tasks[0]))
        executor.submit(round_)
        _, (header, arrays) = executor.next_frame(None)
        seconds = time.monotonic() - began
        print(f"{round_}: {header['counts']['candidates']} candidates in {seconds:.2f} s", flush=True)
        reports, self._reports[:] = [*self._reports], []
        return encode(header, arrays), reports

    def drop_tasks(self, name: str) -> None:
        """Forget tasks that no further round is played on."""
        if name in self._known and self._executor is not None:
            self._known.remove(name)
            self._executor.drop_tasks(name)

    def close(self) -> None:
        """End the confined process and take the folder away: the run has ended."""
        if self._executor is not None:
            self._executor.__exit__()
        shutil.rmtree(self._folder, ignore_errors=True)
