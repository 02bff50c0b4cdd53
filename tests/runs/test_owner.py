"""One process has a run's folder, and writes no more once the folder was taken away."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from synth.errors import OutputFailed, UsageError
from synth.runs.owner import LOCK, Owner


def test_a_second_owner_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    first = Owner(tmp_path)
    with pytest.raises(UsageError, match=f"{tmp_path} is in use by another process"):
        Owner(tmp_path)
    first.check()
    first.release()
    assert os.listdir(tmp_path) == [LOCK]
    Owner(tmp_path).release()


def test_an_owner_that_was_killed_is_succeeded(tmp_path: Path) -> None:
    code = "import os, sys, pathlib; from synth.runs.owner import Owner; "
    code += "owner = Owner(pathlib.Path(sys.argv[1])); os.kill(os.getpid(), 9)"
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    assert done.returncode == -9
    Owner(tmp_path).release()


def test_a_folder_that_was_taken_away_does_not_come_back(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    first = Owner(folder)
    (folder / LOCK).unlink()
    folder.rmdir()
    with pytest.raises(OutputFailed, match="the folder is gone"):
        first.check()
    first.release()
    assert not folder.exists()


def test_another_folder_of_the_same_name_is_not_ours(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    first = Owner(folder)
    folder.rename(tmp_path / "elsewhere")
    folder.mkdir()
    second = Owner(folder)
    second.check()
    with pytest.raises(OutputFailed, match="the folder is gone"):
        first.check()
