"""How many processors this process may use, which may be fewer than the machine has."""

import math
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath

MEMBERSHIP = Path("/proc/self/cgroup")
"""Where Linux says to which control groups this process belongs."""

GROUPS = Path("/sys/fs/cgroup")
"""Where their settings are."""


def usable_processors(membership: Path = MEMBERSHIP, groups: Path = GROUPS) -> int:
    """Return how many processors this process may use: one at least.

    These are those it may run on (its affinity, as `taskset` or a batch system sets it), and no more than the
    time that its control groups, a container's or a service's, allow. A part of a processor counts as one.
    """
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min([allowed, *map(math.ceil, _quotas(membership, groups))]))


def _quotas(membership: Path, groups: Path) -> Iterator[float]:
    """Yield the processors whose time this process's control groups, and those above, may use."""
    with suppress(OSError):
        for line in membership.read_text(encoding="utf-8", errors="replace").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers:
                yield from _read(groups, path, ("cpu.max",))
            elif "cpu" in controllers.split(","):
                files = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                for mounted in {groups / controllers, groups / "cpu"}:
                    yield from _read(mounted, path, files)


def _read(mounted: Path, path: str, files: tuple[str, ...]) -> Iterator[float]:
    """Yield the quota of a group and of all above it; a container may see its own as the root alone."""
    group = PurePosixPath(path.lstrip("/"))
    for place in (group, *group.parents):
        with suppress(OSError, ValueError):  # a group without a quota has "max" or -1, some have no files
            words = " ".join((mounted / place / file).read_text() for file in files).split()
            quota, period = map(int, words)
            if quota > 0 and period > 0:
                yield quota / period
