"""This process's part in a Ray cluster: Ray is imported, and a cluster joined or started, and left again."""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from synth.errors import UsageError
from synth.search.executors.processors import usable_processors
from synth.settings.schema import Config

CONNECTING = 10.0
"""Seconds that an address may take to answer."""


@contextmanager
def connected(config: Config) -> Iterator[Any]:
    """Give Ray, joined to the cluster of the settings, or to one that is started here and ends afterwards.

    A cluster that can grow is asked for processors. Raises UsageError without Ray or a cluster.
    """
    ray = load_ray(config.run.cluster)
    joins = not ray.is_initialized()
    if joins:
        _join(ray, config)
    grows = config.run.cluster != "local" and bool(config.run.workers)
    try:
        if grows:
            _request(config.run.workers or 0)
        yield ray
    finally:
        if grows:
            _request(0)
        if joins:
            ray.shutdown()


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
        more = {"num_cpus": config.run.workers or usable_processors(), "include_dashboard": False}
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
