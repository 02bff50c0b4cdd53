"""Workers follow the processors that this process may use: its affinity, and quotas of control groups."""

import os
from pathlib import Path

import pytest
from systems import wants_linux

from synth.search.executors.processors import usable_processors


@pytest.fixture(autouse=True)
def sixteen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine of sixteen processors, all of which this process may run on."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(16)), raising=False)


def written(folder: Path, membership: str, **quotas: str) -> tuple[Path, Path]:
    """The file of memberships and the folder of control groups, with these files; `__` stands for a slash."""
    groups = folder / "groups"
    for name, text in quotas.items():
        path = groups / name.replace("__", "/").replace("_max", ".max").replace("cfs", "cpu.cfs")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (folder / "membership").write_text(membership)
    return folder / "membership", groups


@pytest.mark.parametrize(
    ("quota", "count"),
    [("max 100000", 16), ("400000 100000", 4), ("250000 100000", 3), ("5000 100000", 1), ("rubbish", 16)],
)
def test_the_quota_of_a_control_group(tmp_path: Path, quota: str, count: int) -> None:
    assert usable_processors(*written(tmp_path, "0::/job\n", job__cpu_max=quota)) == count


def test_the_smallest_quota_of_all_groups_above_counts(tmp_path: Path) -> None:
    quotas = {"a__b__cpu_max": "800000 100000", "a__cpu_max": "300000 100000", "cpu_max": "max 100000"}
    assert usable_processors(*written(tmp_path, "0::/a/b\n", **quotas)) == 3


def test_a_container_sees_its_own_group_as_the_root(tmp_path: Path) -> None:
    assert usable_processors(*written(tmp_path, "0::/../elsewhere\n", cpu_max="200000 100000\n")) == 2


@pytest.mark.parametrize("mounted", ["cpu,cpuacct", "cpu"])
def test_groups_of_the_first_version(tmp_path: Path, mounted: str) -> None:
    lines = "3:memory:/x\n2:cpu,cpuacct:/job\n1:name=systemd:/\n"
    place = f"{mounted}__job__cfs"
    quotas = {f"{place}_quota_us": "600000\n", f"{place}_period_us": "200000\n"}
    assert usable_processors(*written(tmp_path, lines, **quotas)) == 3
    (tmp_path / "groups" / mounted / "job" / "cpu.cfs_quota_us").write_text("-1\n")
    assert usable_processors(tmp_path / "membership", tmp_path / "groups") == 16


def test_without_control_groups_the_affinity_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = tmp_path / "none", tmp_path / "none"
    assert usable_processors(*nowhere) == 16
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5})
    assert usable_processors(*nowhere) == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_processors(*nowhere) == 1


@wants_linux("it sets an affinity")
def test_this_process_may_use_some() -> None:
    assert 1 <= usable_processors() <= 16
