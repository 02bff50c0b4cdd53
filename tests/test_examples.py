"""The examples work as their README says, with data and modules of their own."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import ROOT, environment
from without_synth import run_without

from synth.language.parser import parse_file
from synth.study import export

WINE = ROOT / "examples" / "wine"
NOTEBOOK = ROOT / "examples" / "first_steps.ipynb"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project, somewhere else."""
    return Path(shutil.copytree(WINE, tmp_path / "wine", ignore=shutil.ignore_patterns("generated")))


def run(project: Path, *arguments: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=project,
        env=environment(**env),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def accuracies(text: str) -> list[float]:
    return [float(found) for found in re.findall(r"accuracy (\d\.\d+)", text)]


def test_the_exported_model_needs_numpy_alone(project: Path) -> None:
    found = accuracies(run_without((project / "classify.py").read_text(), project, allowed=("numpy",)))
    assert len(found) == 3
    assert np.mean(found) > 0.85


def test_the_estimator_stands_beside_logistic_regression(project: Path) -> None:
    evolved, logistic = accuracies(run(project, "compare.py"))
    assert logistic > 0.95
    assert evolved > 0.9


def test_evolving_writes_the_model_anew(project: Path) -> None:
    before = (project / "model.py").read_text()
    settings = {"SYNTH_SEARCH__START": "linear", "SYNTH_SEARCH__ROUND_CANDIDATES": "500"}
    settings |= {"SYNTH_DATA__TASKS": "4", "SYNTH_DATA__SELECT_TASKS": "3"}
    settings |= {"SYNTH_DATA__REPORT_TASKS": "3", "SYNTH_DATA__TEST_TASKS": "2"}
    said = run(project, "evolve.py", "2000", **settings)
    assert "model.py is the best of them" in said
    assert accuracies(said) == sorted(accuracies(said))
    assert (project / "model.py").read_text() != before
    (folder,) = (project / "generated").iterdir()
    assert parse_file(project / "model.py").candidate == parse_file(folder / "best.py").candidate
    run(project, "classify.py")


def test_the_model_is_as_export_writes_it_now() -> None:
    assert (WINE / "model.py").read_text() == export.export(WINE / "model.py")


def test_the_readme_names_every_file() -> None:
    named = set(re.findall(r"^\| `([\w.]+)`", (WINE / "README.md").read_text(), re.MULTILINE))
    assert named == {path.name for path in WINE.glob("*.py")}


@pytest.mark.docs
def test_the_notebook_prints_what_is_stored_in_it(tmp_path: Path) -> None:
    copy = Path(shutil.copy(NOTEBOOK, tmp_path))
    run(tmp_path, str(ROOT / "tests" / "helpers" / "notebooks.py"), copy.name)
    assert copy.read_text(encoding="utf-8") == NOTEBOOK.read_text(encoding="utf-8")
