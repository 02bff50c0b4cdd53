import pickle
from typing import Any

import numpy as np
import pytest

from synth.errors import UsageError
from synth.tasks.task import Task, TaskSet, example_order, tasks_digest

GOOD: dict[str, Any] = {
    "train_features": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]],
    "train_labels": [0, 1, 1],
    "valid_features": [[1.0, 2.0]],
    "valid_labels": [1],
}


def test_arrays_are_float64_copies_with_the_same_values() -> None:
    features = np.asfortranarray(np.random.RandomState(0).randn(5, 3).astype(np.float32))
    task = Task(features, np.ones(5, dtype=bool), features, np.zeros(5, dtype=np.int8))
    assert all(array.dtype == np.float64 and array.flags.c_contiguous for array in task.arrays)
    assert (task.train_features == features).all()
    before = task.train_features.copy()
    features[:] = 7.0
    assert (task.train_features == before).all()
    with pytest.raises(ValueError, match="read-only"):
        task.train_labels[0] = 0.0
    assert task.features == 3


def test_a_task_survives_pickling() -> None:
    task = pickle.loads(pickle.dumps(Task(**GOOD, metric="rms", name="mine")))
    assert (task.metric, task.name) == ("rms", "mine")
    assert (task.train_features == GOOD["train_features"]).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metric": "auk"}, "one of accuracy, .*, r2 or package.module:function, not 'auk'"),
        ({"train_features": [[1, 2], [3], [4, 5]]}, "train_features has rows of different lengths"),
        ({"train_features": [1, 2, 3]}, r"train_features has shape \(3,\)"),
        ({"train_labels": [[0], [1], [1]]}, r"train_labels has shape \(3, 1\)"),
        ({"train_labels": [0, 1]}, "has 3 examples and train_labels 2"),
        ({"valid_features": [[1.0]]}, "has 2 columns and valid_features 1"),
        ({"valid_features": np.zeros((0, 2)), "valid_labels": []}, "valid_features is empty"),
        ({"train_features": np.zeros((3, 0)), "valid_features": np.zeros((1, 0))}, "train_features is empty"),
        ({"train_features": [["a", "b"]] * 3}, "needs real numbers"),
        ({"train_features": np.ones((3, 2)) * 1j}, "needs real numbers"),
        ({"train_features": np.array([[None, 1]] * 3)}, "needs real numbers"),
        ({"valid_features": [[1.0, np.nan]]}, "valid_features holds a value that is nan or infinite"),
        (
            {"valid_features": np.array([["1e4000", "0"]], np.longdouble)},
            "valid_features holds a value that is nan or infinite",
        ),
        ({"valid_labels": [np.inf], "metric": "rms"}, "valid_labels holds a value that is nan or infinite"),
        ({"train_labels": [0, 1, 2]}, "train_labels holds 2; the labels of classes are 0 and 1"),
        ({"valid_labels": [0.5]}, "valid_labels holds 0.5"),
    ],
)
def test_what_makes_no_task_is_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Task(**{**GOOD, **change})


def test_labels_of_a_regression_are_free() -> None:
    assert Task(**{**GOOD, "train_labels": [-1.5, 2, 1e9]}, metric="rms").train_labels[2] == 1e9


def test_a_message_names_the_task() -> None:
    with pytest.raises(UsageError, match="train_labels of task 'cat-dog:0' holds 3"):
        Task(**{**GOOD, "train_labels": [0, 1, 3]}, name="cat-dog:0")


def test_a_set_needs_tasks_of_one_kind() -> None:
    one, wide = Task(**GOOD), Task([[1.0]], [1], [[1.0]], [1], name="narrow")
    assert TaskSet.of([one, one]).features == 2
    assert TaskSet.of([one]).metric == "accuracy"
    with pytest.raises(UsageError, match="at least one task"):
        TaskSet.of([])
    with pytest.raises(UsageError, match="'narrow' has 1"):
        TaskSet.of([one, wide])
    with pytest.raises(UsageError, match="the same features and metric"):
        TaskSet.of([one, Task(**GOOD, metric="rms")])


def test_the_digest_covers_values_shapes_metric_and_order() -> None:
    one, other = Task(**GOOD), Task(**{**GOOD, "valid_labels": [0]})
    flat = Task([[1.0], [2.0]], [1, 0], [[3.0]], [1])
    digests = {
        tasks_digest(tasks)
        for tasks in ([one], [other], [one, other], [other, one], [Task(**GOOD, metric="rms")], [flat])
    }
    assert len(digests) == 6
    assert tasks_digest([Task(**GOOD, name="a")]) == tasks_digest([one]) == TaskSet.of([one]).digest


def test_the_first_epoch_keeps_the_order_and_later_ones_shuffle() -> None:
    assert example_order(4, 0).tolist() == [0, 1, 2, 3]
    assert example_order(5, 1).tolist() == [0, 1, 2, 4, 3]  # both engines rely on these very orders
    assert example_order(8, 2).tolist() == example_order(8, 2).tolist()
    orders = {tuple(example_order(50, epoch)) for epoch in range(5)}
    assert len(orders) == 5
    assert all(sorted(order) == list(range(50)) for order in orders)


def test_a_task_is_shown_in_one_line() -> None:
    assert repr(Task(**GOOD, name="cat-dog:0")) == "<Task cat-dog:0: 3 + 1 examples of 2 features, accuracy>"
