"""The run to which nothing happens, and disks of a given size."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from faulty import left_behind, start


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the run leaves when nothing happens."""
    path = tmp_path_factory.mktemp("undisturbed") / "run"
    process = start(path)
    _, said = process.communicate()
    assert process.returncode == 0, said
    return left_behind(path)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 4 MB, for tests that want mounts."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "synth-test", str(place)]
    subprocess.run(mount, check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
