"""This process's part in a Ray cluster: Ray is imported, and a cluster joined or started, and left again."""

import os
import socket
from contextlib import suppress
from typing import Any

from synth.errors import UsageError
from synth.settings.schema import Config

CONNECTING = 10.0
"""Seconds that an address may take to answer."""


class RayConnection:
    """A cluster that this process is part of until it leaves; one that it started ends then."""

    def __init__(self, config: Config) -> None:
        """Join the cluster of the settings, or start one, and ask one that can grow for processors.

        Raises UsageError without Ray or a cluster.
        """
        self.ray = load_ray(config.run.cluster)
        self._joined = not self.ray.is_initialized()
        if self._joined:
            _join(self.ray, config)
        self._processors = (config.run.workers or 0) if config.run.cluster != "local" else 0
        if self._processors:
            _request(self._processors)

    def leave(self) -> None:
        """Leave the cluster where this joined it, which ends one that was started here."""
        if self._processors:
            _request(0)
        if self._joined:
            self.ray.shutdown()


def _request(processors: int) -> None:
    from ray.autoscaler.sdk import request_resources

    with suppress(Exception):
        request_resources(num_cpus=processors)


def load_ray(address: str | None) -> Any:
    """Import Ray. Raises UsageError, which says how to install it, where there is none."""
    if address == "local":
        # Ray looks at it when it is imported: it listens on loopback alone then, on every system
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
        # its workers are no nicer than those of a run without Ray
        os.environ.setdefault("RAY_worker_niceness", "0")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
    except ImportError:
        raise UsageError(
            "--cluster needs Ray, which is not installed; `pip install 'synth-evolve[ray]'` installs it"
        ) from None
    return ray


def _join(ray: Any, config: Config) -> None:
    """Start or join the cluster. Raises UsageError where there is none."""
    address = config.run.cluster
    more: dict[str, Any] = {}
    if address == "local":
        more = {"num_cpus": config.run.workers or os.cpu_count(), "include_dashboard": False}
    try:
        _check_reachable(address)
        ray.init(address=address, log_to_driver=False, logging_level="ERROR", **more)
    except (RuntimeError, ValueError, OSError) as error:
        what = "no running Ray cluster was found" if address == "auto" else f"Ray cannot join {address}"
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise UsageError(
            f"{what} ({reason}); `ray start --head` starts one, --cluster local one on this machine"
        ) from None


def _check_reachable(address: str | None) -> None:
    """Raise OSError at once where nobody listens; Ray would try for minutes."""
    if address in (None, "auto", "local"):
        return
    host, _, port = str(address).removeprefix("ray://").rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), CONNECTING):
        pass
