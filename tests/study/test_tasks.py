"""The tasks of a study: as wished, otherwise those of the run around a module."""

from pathlib import Path

import pytest
from report_runs import recorded_run

from synth.errors import UsageError
from synth.runs.record import run_around
from synth.study.tasks import find_tasks


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded_run(tmp_path_factory.mktemp("grounds") / "run")


def test_modules_of_a_run_have_its_tasks(run: Path) -> None:
    for module in (run / "best.py", run / "history" / "0001.py"):
        assert run_around([Path("elsewhere.py"), module]) == run
    found = find_tasks({}, ("search", "select"), [run / "best.py"])
    assert [(tasks.name, tasks.split) for tasks in found.sets] == [("digits", "search"), ("digits", "select")]
    assert len(found.tasks) == sum(len(tasks.tasks) for tasks in found.sets)
    assert found.words == f"{len(found.sets[0].tasks)} search and 9 select tasks of digits (F = 16)"


def test_wishes_go_before_the_run(run: Path) -> None:
    wanted = {"features": 4, "count": 2, "train": 30, "valid": 20, "epochs": 3, "seed": 7}
    found = find_tasks(wanted, ("select",), [run / "best.py"])
    (tasks,) = found.sets
    assert (tasks.name, tasks.features, len(tasks.tasks)) == ("digits", 4, 2)
    assert (found.epochs, found.seed) == (3, 7)
    assert len(tasks.tasks[0].train_labels) == 30
    other = find_tasks({"data": "linear", "count": 2}, ("select",), [run / "best.py"])
    assert (other.sets[0].name, other.metric) == ("linear", "rms")


def test_without_a_run_there_are_defaults(tmp_path: Path) -> None:
    found = find_tasks({}, ("report",), [tmp_path / "x.py"], projections=2)
    assert len(found.tasks) == 18
    assert "CIFAR-10 is not at hand" in found.notices[0]
    assert (found.epochs, found.seed) == (1, 0)
    assert len(find_tasks({"data": "linear"}, ("report",), projections=2).tasks) == 100


def test_what_cannot_be_had_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown data set 'digit'; did you mean digits"):
        find_tasks({"data": "digit"}, ("select",))
    with pytest.raises(UsageError, match="asked"):
        find_tasks({"data": "digits", "train": 10_000}, ("select",))
