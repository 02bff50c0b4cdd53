"""Ray clusters of several nodes on this machine: on loopback alone, small, and gone when a test ends."""

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Ray looks at it when it is imported: every address is 127.0.0.1 then.
os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
# Workers are no nicer than other processes: by Ray's default of 15 they would get nothing of a busy machine.
os.environ |= {"RAY_worker_niceness": "0"}
# A node that is killed is missed soon.
os.environ |= {"RAY_health_check_period_ms": "500", "RAY_health_check_failure_threshold": "2"}

NODE = {"num_cpus": 1, "object_store_memory": 80_000_000, "include_log_monitor": False}


class Nodes:
    """A head and nodes that come and go; each has one processor."""

    def __init__(self, folder: Path) -> None:
        from ray.cluster_utils import Cluster

        self.folder = folder
        # Ray notes the latest cluster there, and expects the folder.
        Path(os.environ.get("RAY_TMPDIR", "/tmp"), "ray").mkdir(exist_ok=True)
        self._cluster = Cluster()
        self.head = self._cluster.add_node(
            **NODE, include_dashboard=False, no_monitor=True, temp_dir=str(folder)
        )
        self.address: str = self._cluster.address

    def add(self, **more: Any) -> Any:
        return self._cluster.add_node(**{**NODE, **more})

    def raylet_of(self, node: Any) -> int:
        """The process of a node that starts its workers."""
        (raylet,) = node.all_processes["raylet"]
        return int(raylet.process.pid)

    def kill(self, node: Any) -> None:
        """End a node as a power cut would: its raylet, and with it all that runs there."""
        self._cluster.remove_node(node, allow_graceful=False)

    def kill_all(self) -> None:
        """End every process of the cluster at once, with SIGKILL."""
        for pid in processes(self.folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        self._cluster.shutdown()


@contextlib.contextmanager
def nodes() -> Iterator[Nodes]:
    """A cluster that leaves no process."""
    folder = Path(tempfile.mkdtemp(prefix="ray"))  # short: sockets lie there
    try:
        cluster = Nodes(folder)
        try:
            yield cluster
        finally:
            cluster.close()
            deadline = time.monotonic() + 20.0
            while (left := processes(folder)) and time.monotonic() < deadline:
                time.sleep(0.1)
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            assert not left, "processes of the cluster were left"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def processes(folder: Path) -> list[int]:
    """The living processes of the cluster in a folder."""
    found = []
    for entry in os.scandir("/proc"):
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (
                str(folder).encode() in Path(entry.path, "cmdline").read_bytes()
                or f"{folder}/".encode() in Path(entry.path, "environ").read_bytes()
                or str(folder) in os.readlink(f"{entry.path}/fd/1")
            ):
                found.append(int(entry.name))
    return found
