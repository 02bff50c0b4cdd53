"""The same search on a Ray cluster: byte for byte that of one machine, whatever becomes of the nodes."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import complaint, environment, run_command, synth
from faulty import wait_for
from ray_clusters import Nodes, nodes, processes
from recorded import left_behind, rounds, rows
from systems import wants_linux

pytestmark = [
    pytest.mark.ray,
    wants_linux("it looks into /proc"),
]

SETTINGS = {
    "data.name": "digits",
    "data.features": 8,
    "data.tasks": 3,
    "data.train": 60,
    "data.valid": 30,
    "data.select_tasks": 2,
    "data.report_tasks": 2,
    "data.test_tasks": 1,
    "search.islands": 4,
    "search.population": 20,
    "search.round_candidates": 400,
    "search.hurdle_train": 20,
    "fitness.tuning_trials": 5,
    "limits.candidates": 16_000,
    "limits.seconds": "none",  # a busy machine would end the runs in different rounds
    "run.checkpoint_seconds": 0.05,
}
"""A search of ten rounds on each of four islands, with restarts, a pool and races, some seconds."""

Found = dict[str, Any]


def start(path: Path, *more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        run_command(path, SETTINGS, *more, preset="quick"),
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def ended(process: subprocess.Popen[bytes]) -> str:
    """Return what a command says that succeeds."""
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said.decode()
    return said.decode()


def cluster_of(path: Path) -> Found:
    """What a run recorded of the cluster."""
    [[text]] = rows(path, "SELECT value FROM run WHERE key = 'cluster'")
    return dict(json.loads(text))


def wait_until_at_work(process: subprocess.Popen[bytes], path: Path, worker: int) -> None:
    """Wait until a worker that has played, and whose child is halted, begins a round, which cannot end."""

    def at_work() -> bool:
        logs = [log for node in cluster_of(path)["nodes"] for log in node["logs"]]
        (log,) = [log for log in logs if f"-{worker}.out" in log]
        lines = [line for line in Path(log).read_text().splitlines() if line.startswith("round ")]
        return len(lines) > 1 and lines[-1].endswith(" begins")

    wait_until(process, at_work)


def wait_until(process: subprocess.Popen[bytes], happened: Callable[[], bool]) -> None:
    while not happened():
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)


@contextlib.contextmanager
def stopped(*pids: int) -> Iterator[None]:
    """Halt processes for a while."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def living(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}/exe").exists()]


def workers_of(path: Path) -> list[int]:
    """The Ray workers of a run, as the names of their logs say."""
    logs = [log for node in cluster_of(path)["nodes"] for log in node["logs"]]
    return [int(Path(log).stem.rpartition("-")[2]) for log in logs]


def parent_of(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def children_of(pid: int) -> list[int]:
    return [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """What the run leaves on this machine alone."""
    path = tmp_path_factory.mktemp("alone") / "run"
    ended(start(path))
    return left_behind(path)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Nodes]:
    with nodes() as found:
        yield found


def test_a_node_has_no_more_workers_than_it_may_use_processors(tmp_path: Path, expected: Found) -> None:
    """Ray is told of three processors, and its processes may run on one."""
    allowed = os.sched_getaffinity(0)
    path = tmp_path / "run"
    with nodes() as found:
        os.sched_setaffinity(0, {min(allowed)})
        try:
            found.add(num_cpus=3)
        finally:
            os.sched_setaffinity(0, allowed)
        said = ended(start(path, "--cluster", found.address))
    _, node = cluster_of(path)["nodes"]
    assert "has 3 processors, of which it may use 1" in said
    assert (node["processors"], node["workers"]) == (1, 1)
    assert left_behind(path) == expected


def test_a_node_is_killed_in_the_middle(tmp_path: Path, expected: Found, cluster: Nodes) -> None:
    node = cluster.add()
    path = tmp_path / "run"
    process = start(path, "--cluster", cluster.address)
    wait_for(process, lambda: rounds(path) >= 9)
    worker, doomed = sorted(workers_of(path), key=lambda pid: parent_of(pid) == cluster.raylet_of(node))
    # Both are at work, so that neither takes over the other's round, as an idle worker does with a late one.
    with stopped(*children_of(doomed), *children_of(worker)):
        wait_until_at_work(process, path, doomed)
        wait_until_at_work(process, path, worker)
        cluster.kill(node)
        wait_until(process, lambda: living(workers_of(path)) == [worker])
        wait_until(process, lambda: " is lost" in (path / "log.jsonl").read_text())
    said = ended(process)
    assert left_behind(path) == expected
    found = cluster_of(path)
    assert sorted(one["state"] for one in found["nodes"]) == ["in use", "lost"]
    assert all(one["rounds"] for one in found["nodes"])
    assert found["lost"] >= found["repeated"] >= 1
    assert "is repeated on another worker" in said


def test_a_node_that_joins_is_used_and_does_the_work_of_a_slow_one(
    tmp_path: Path, expected: Found, cluster: Nodes
) -> None:
    path = tmp_path / "run"
    process = start(path, "--cluster", cluster.address)
    wait_for(process, lambda: rounds(path) >= 2)
    (worker,) = workers_of(path)
    with stopped(*children_of(worker)):
        node = cluster.add()
        said = ended(process)
    cluster.kill(node)
    assert left_behind(path) == expected
    found = cluster_of(path)
    first, second = found["nodes"]
    assert first["rounds"] and second["rounds"]
    assert found["doubled"] >= 1
    assert "joined with 1 processor" in said


def test_workers_and_their_children_are_killed(tmp_path: Path, expected: Found, cluster: Nodes) -> None:
    path = tmp_path / "run"
    process = start(path, "--cluster", cluster.address)
    wait_for(process, lambda: rounds(path) >= 2)
    (worker,) = workers_of(path)
    (child,) = children_of(worker)
    os.kill(child, signal.SIGKILL)
    wait_for(process, lambda: rounds(path) >= 6)
    with stopped(*children_of(worker)):
        wait_until_at_work(process, path, worker)
        os.kill(worker, signal.SIGKILL)
    said = ended(process)
    assert left_behind(path) == expected
    assert "was ended by signal 9" in said
    assert "lost a worker" in said
    assert cluster_of(path)["repeated"] >= 1


def test_the_head_is_killed_and_the_run_resumed(tmp_path: Path, expected: Found, cluster: Nodes) -> None:
    """It is resumed on another cluster."""
    path = tmp_path / "run"
    with nodes() as first:
        process = start(path, "--cluster", first.address)
        wait_for(process, lambda: rounds(path) >= 9)
        process.kill()
        first.kill_all()
        process.communicate()
    again = synth("resume", path, "--cluster", cluster.address, folder=tmp_path)
    assert again.returncode == 0, again.stderr
    assert left_behind(path) == expected


def test_a_cluster_of_its_own_leaves_no_process(tmp_path: Path, expected: Found) -> None:
    path = tmp_path / "run"
    ended(start(path, "--cluster", "local", "--workers", "2"))
    assert left_behind(path) == expected
    (found,) = cluster_of(path)["nodes"]
    assert "127.0.0.1" in found["address"]
    assert found["rounds"] >= len(expected["round"]), "what it recorded last is not how it ended"
    sessions = {Path(log).parents[1] for log in found["logs"] if log.startswith("/")}
    assert [pid for session in sessions for pid in processes(session)] == []
    for session in sessions:
        shutil.rmtree(session)


def test_two_commands_on_one_folder_are_refused(tmp_path: Path, cluster: Nodes) -> None:
    path = tmp_path / "run"
    process = start(path, "--cluster", cluster.address)
    wait_for(process, lambda: rounds(path) >= 1)
    said = complaint(synth("resume", path, "--cluster", cluster.address, folder=tmp_path), 2)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert "is in use by another process" in said


def test_a_node_that_computes_other_bits_is_refused(tmp_path: Path, cluster: Nodes) -> None:
    """Numpy's kernels for an older processor add up in another order, which the python engine shows."""
    node = cluster.add(env_vars={"OPENBLAS_CORETYPE": "Prescott"})
    path = tmp_path / "run"
    sizes = ["--set", "data.train=5", "--set", "data.valid=5", "--set", "search.round_candidates=20"]
    more = ["--engine", "python", "--features", "64", "--max-candidates", "100", *sizes]
    said = ended(start(path, "--cluster", cluster.address, *more))
    cluster.kill(node)
    states = {one["state"]: one["reason"] for one in cluster_of(path)["nodes"]}
    assert "other bits" in states["refused"]
    assert "in use" in states
    assert "is refused" in said
