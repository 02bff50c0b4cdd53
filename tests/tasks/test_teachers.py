import numpy as np
import pytest

from synth.errors import UsageError
from synth.tasks.names import SPLITS
from synth.tasks.task import Floats, Task, tasks_digest
from synth.tasks.teachers import TEACHERS, draw_tasks


def draw(
    kind: str,
    split: str = "search",
    count: int = 1,
    features: int = 4,
    train: int = 100,
    valid: int = 50,
    first: int = 0,
) -> list[Task]:
    return draw_tasks(kind, split, count, features, train, valid, first)


def misfit(x: Floats, y: Floats) -> float:
    """The largest error of the best linear fit."""
    return float(np.abs(x @ np.linalg.lstsq(x, y, rcond=None)[0] - y).max())


def test_a_linear_teacher_has_no_bias() -> None:
    [task] = draw("linear")
    weights = np.linalg.lstsq(task.train_features, task.train_labels, rcond=None)[0]
    assert np.allclose(task.valid_features @ weights, task.valid_labels, atol=1e-5)
    assert task.metric == "rms"


def test_an_affine_teacher_has_one() -> None:
    [task] = draw("affine")
    assert misfit(task.train_features, task.train_labels) > 0.1
    assert misfit(np.c_[task.train_features, np.ones(100)], task.train_labels) < 1e-5


@pytest.mark.parametrize("features", [2, 3])
def test_a_nonlinear_teacher_has_units_0_and_2_switched_off(features: int) -> None:
    # so one unit is left, w relu(m.x): half of the labels are zero and the others have the sign of w
    for task in draw("nonlinear", count=10, features=features):
        assert 20 < (task.train_labels == 0).sum() < 80
        assert len(np.unique(np.sign(task.train_labels))) == 2


def test_a_nonlinear_teacher_is_a_net() -> None:
    tasks = draw("nonlinear", count=10, features=6)
    assert all(misfit(task.train_features, task.train_labels) > 0.1 for task in tasks)
    assert any(len(np.unique(np.sign(task.train_labels))) > 2 for task in tasks)


def test_a_nonlinear_teacher_with_one_feature_would_be_nothing() -> None:
    with pytest.raises(UsageError, match="at least 2 features"):
        draw("nonlinear", features=1)


def test_features_are_normal_and_equal_in_float32() -> None:
    [task] = draw("linear", train=5000)
    assert abs(task.train_features.mean()) < 0.03
    assert abs(task.train_features.std() - 1) < 0.03
    assert all((array.astype(np.float32) == array).all() for array in task.arrays)


@pytest.mark.parametrize("kind", TEACHERS)
def test_every_task_of_every_split_is_another(kind: str) -> None:
    tasks = [task for split in SPLITS for task in draw(kind, split, count=5, train=3, valid=2)]
    assert len({tasks_digest([task]) for task in tasks}) == len(tasks)


def test_a_task_depends_on_its_number_alone() -> None:
    many, few = draw("linear", count=6), draw("linear", count=2, first=4)
    assert tasks_digest(many[4:]) == tasks_digest(few)
    assert [task.name for task in few] == ["linear:4", "linear:5"]


def test_more_training_examples_leave_the_others_as_they_were() -> None:
    [short], [long] = draw("affine", train=10), draw("affine", train=20)
    assert (long.train_features[:10] == short.train_features).all()
    assert (long.train_labels[:10] == short.train_labels).all()
    assert (long.valid_labels == short.valid_labels).all()
