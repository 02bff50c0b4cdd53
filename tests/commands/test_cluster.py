"""`--cluster` without a cluster, and without Ray."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from command_line import FEW_TASKS, called, complaint, environment, synth

WITHOUT_RAY = "import sys; sys.modules['ray'] = None; from synth.cli import main; sys.exit(main())"


@pytest.mark.parametrize("command", [["run", "--out", "run"], ["resume", "run"]])
def test_without_ray_it_is_said_how_to_install_it(command: list[str], tmp_path: Path) -> None:
    small = ["--preset", "linear", "--max-candidates", "2000", "--set", "fitness.tuning_trials=0", *FEW_TASKS]
    if command[0] == "resume":
        assert synth("run", *small, "--out", "run", folder=tmp_path).returncode in (0, 1)
    more = small if command[0] == "run" else ["--max-candidates", "100000"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_RAY, *command, *more, "--cluster", "local"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "pip install 'synth-evolve[ray]'" in complaint(done, 2)
    assert (tmp_path / "run").exists() == (command[0] == "resume")


def test_an_address_that_is_none_is_refused(tmp_path: Path) -> None:
    said = complaint(called("run", "--cluster", "locla", folder=tmp_path), 2)
    assert "run.cluster (from --cluster) is 'locla'" in said
    assert "did you mean local?" in said


@pytest.mark.ray
@pytest.mark.wants(lambda: find_spec("ray") is not None, "Ray is not installed")
def test_an_address_where_nobody_listens_is_refused(tmp_path: Path) -> None:
    said = complaint(synth("run", "--cluster", "127.0.0.1:9", folder=tmp_path), 2)
    assert "Ray cannot join 127.0.0.1:9" in said
