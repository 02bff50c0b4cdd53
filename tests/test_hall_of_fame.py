"""The programs of the hall of fame: readable, as good as they say, equal as evolved and simplified."""

import re
from pathlib import Path

import black
import numpy as np
import pytest
from without_synth import ACCURACY, run_without

from synth import evaluate
from synth.language.parser import parse_file
from synth.settings.resolve import resolve
from synth.settings.schema import Config
from synth.tasks.sets import task_set
from synth.tasks.task import TaskSet

HALL = Path(__file__).parent.parent / "generated" / "hall_of_fame"

FOLDERS = sorted(path.parent for path in HALL.glob("*/config.toml"))


def config_of(folder: Path) -> Config:
    """The settings of the run that found a program."""
    return resolve(config_file=folder / "config.toml", environment={})


def data_of(folder: Path) -> str:
    """What a program was evolved on."""
    return config_of(folder).data.name


def select_tasks(folder: Path) -> TaskSet:
    data = config_of(folder).data
    return task_set(data.name, "select", count=data.select_tasks)


def stated(folder: Path) -> float:
    """The accuracy on selection tasks that the exported module's docstring states."""
    found = re.search(r"Fitness: .* ([\d.]+) on selection tasks", parse_file(folder / "model.py").docstring)
    assert found, folder
    return float(found[1])


def cases() -> list[object]:
    """Each folder; those of CIFAR-10 run where it is."""
    marks = {"cifar10": [pytest.mark.cifar10]}
    return [pytest.param(one, id=one.name, marks=marks.get(data_of(one), [])) for one in FOLDERS]


def test_somebody_is_there() -> None:
    table = (HALL / "README.md").read_text()
    assert {"digits", "cifar10"} <= {data_of(folder) for folder in FOLDERS}
    for folder in FOLDERS:
        assert f"({folder.name}/simplified.py)" in table


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_modules_are_formatted(folder: Path) -> None:
    for name in ("evolved.py", "simplified.py", "model.py"):
        text = (folder / name).read_text()
        assert black.format_str(text, mode=black.Mode(line_length=110)) == text


@pytest.mark.parametrize("folder", cases())
def test_simplified_programs_have_the_same_fitness(folder: Path) -> None:
    tasks, seed = select_tasks(folder), config_of(folder).seed
    evolved, simplified = (
        evaluate(parse_file(folder / f"{name}.py").candidate, tasks, seed=seed)
        for name in ("evolved", "simplified")
    )
    assert evolved.per_task == simplified.per_task
    assert evolved.fitness == pytest.approx(stated(folder), abs=5e-5)


@pytest.mark.parametrize("folder", cases())
def test_numpy_alone_gives_the_accuracy_that_is_stated(folder: Path, tmp_path: Path) -> None:
    tasks = select_tasks(folder).tasks
    arrays = {
        f"{name}{number}": getattr(task, name)
        for number, task in enumerate(tasks)
        for name in ("train_features", "train_labels", "valid_features", "valid_labels")
    }
    np.savez(tmp_path / "tasks.npz", **arrays)
    (tmp_path / "model.py").write_text((folder / "model.py").read_text())
    script = ACCURACY.format(count=len(tasks), seed=config_of(folder).seed)
    accuracy = float(run_without(script, tmp_path, allowed=("numpy",)))
    # not closer: in the search memory goes on from one validation example to the next
    assert abs(accuracy - stated(folder)) < 0.02
