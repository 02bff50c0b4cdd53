"""Which tasks a run's programs are scored on."""

from pathlib import Path

import pytest
from search_helpers import run, small

from synth.search.scoring.judge import Judge
from synth.study.tasks import find_tasks
from synth.tasks.task import TaskSet

ONE_TO_FIVE = (1, 2, 3, 4, 5)


def classes(tasks: TaskSet) -> set[str]:
    return {name for task in tasks.tasks for name in task.name.partition(":")[0].split("-")}


def test_search_and_selection_may_have_no_class_in_common() -> None:
    judge = Judge(small(data__held_out_classes=ONE_TO_FIVE, data__tasks=10, data__select_tasks=10))
    assert classes(judge.search_sets[0]) == set("06789")
    assert classes(judge.select_tasks) == set("12345")


def test_what_is_measured_later_has_the_classes_of_the_run(tmp_path: Path) -> None:
    run(small(data__held_out_classes=ONE_TO_FIVE, limits__candidates=20), tmp_path / "run")
    found = find_tasks({"count": 10}, ("search", "report"), [tmp_path / "run" / "best.py"])
    assert [classes(tasks) for tasks in found.sets] == [set("06789"), set("12345")]


@pytest.mark.parametrize(("default", "count"), [("reference", 10), ("ample", 128)])
def test_how_many_search_tasks_there_are_by_default(default: str, count: int) -> None:
    judge = Judge(small("quick", data__default_tasks=default, data__tasks=None))
    assert len(judge.search_sets[0].tasks) == count


def test_selection_has_each_pair_of_the_classes_that_are_held_out() -> None:
    judge = Judge(small(data__held_out_classes=ONE_TO_FIVE, data__select_tasks=None))
    pairs = [task.name.partition(":")[0] for task in judge.select_tasks.tasks]
    assert len(pairs) == len(set(pairs)) == 10
    found = find_tasks({"data": "digits", "held_out_classes": ONE_TO_FIVE}, ("report",), projections=2).tasks
    assert len(found) == 20


def test_teachers_and_mixes_have_no_more_validation_examples_than_they_say() -> None:
    judge = Judge(small("quick", data__name="linear", data__valid=None, data__tasks=2))
    assert len(judge.search_sets[0].tasks[0].valid_labels) == 100
    assert small("quick", data__valid=None).data.search_valid == "all"
    assert small("quick", data__valid=7).data.search_valid == 7
    assert small("quick", data__valid=None, data__default_valid="reference").data.search_valid is None
