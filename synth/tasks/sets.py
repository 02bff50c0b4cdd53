"""The one entry to all data sets: names a data set and a split, returns prepared tasks."""

import hashlib
import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synth.errors import UsageError, closest
from synth.tasks import pairs, teachers
from synth.tasks.names import (
    AUTO,
    CIFAR10,
    DATA_SETS,
    DIGITS,
    MOST_PAIRS,
    NO_WEIGHTS,
    SPLITS,
    is_arrays,
    is_table,
)
from synth.tasks.pairs import Examples, Valid
from synth.tasks.sources import cache, cifar10, digits, npz
from synth.tasks.task import Task, TaskSet, tasks_digest

if TYPE_CHECKING:
    from synth.tasks.sources.download import Progress

PREPARATION = 3
"""Part of the key of kept task sets; to be raised when the same request gives other arrays."""

LARGEST_KEPT = 1 << 30
"""Larger task sets, in bytes, are prepared anew each time; so are sets of further tasks (first > 0), as a
search that keeps drawing new ones would fill the disk."""

FALLBACK = (
    "CIFAR-10 is not at hand, so the small digits data set takes its place; "
    "`synth data cifar10` downloads CIFAR-10 (170 MB), --data-dir and SYNTH_DATA_DIR name a copy"
)


@dataclass(frozen=True)
class Defaults:
    """What a split of a data set has where nothing else is asked for; None means as many as there are."""

    features: int | None
    tasks: int | None
    train: int | None
    valid: int | None


@dataclass(frozen=True)
class _Source:
    """Where tasks that are worth keeping are cut from; `read` returns the examples and further notices."""

    name: str
    digest: str
    notices: tuple[str, ...]
    read: Callable[[], tuple[Examples, tuple[str, ...]]]


def defaults(data: str, split: str, held_out_classes: Sequence[int] = ()) -> Defaults:
    """Return the defaults of a split of a data set (a name of DATA_SETS, or an .npz file).

    Where classes are held out, selection and report have tasks of all their pairs.
    Raises UsageError for an unknown data set or split.
    """
    _check_name("split", split, SPLITS)
    if data in teachers.TEACHERS:
        return Defaults(4, 10 if split == "search" else 100, 100, 100)
    if _is_file(data):
        return Defaults(None, None, None, None)
    _check_name("data set", data, DATA_SETS)
    tasks = {"search": 10, "select": 9, "report": 9, "test": 45}[split]
    if held_out_classes and split in ("select", "report"):
        tasks = pairs.usual_count(math.comb(len(set(held_out_classes)), 2))
    if data == DIGITS:
        return Defaults(16, tasks, None, None)
    return Defaults(16, tasks, 8000, None if split == "test" else 1000)


def task_set(
    data: str = AUTO,
    split: str = "search",
    *,
    count: int | None = None,
    features: int | None = None,
    train: int | None = None,
    valid: Valid = None,
    first: int = 0,
    held_out_classes: Sequence[int] = (),
    class_pairs: int = MOST_PAIRS,
    metric: str = AUTO,
    class_weights: str = NO_WEIGHTS,
    data_dir: Path | None = None,
    progress: "Progress | None" = None,
) -> TaskSet:
    """Return tasks first, first + 1, ... of a split of a data set, `count` of them.

    `data` is a name of DATA_SETS, the path of an .npz file, or "auto": CIFAR-10 if it is at hand, otherwise
    digits with a notice. `features` is F; `train` and `valid` are examples a task; None for any of them
    stands for the split's default, "all" for all validation examples that training leaves. The select and
    report splits have the pairs of `held_out_classes` (numbers), and search has those of the other classes;
    without any, the data set's own held-out pairs count. Of more pairs than `class_pairs` a sample is taken,
    balanced over classes, with a notice. By `class_weights` (none, balanced, or no:1,yes:10, say) training
    rows are resampled, with a notice. Tasks are scored by `metric`, a name of `METRIC_NAMES` or
    `package.module:function`; "auto" is accuracy, and rmse in a regression. CIFAR-10 that is asked for by
    name is downloaded if need be, with `progress` called as bytes arrive. Prepared tasks are kept on disk for
    the next call.
    Raises UsageError for what cannot be asked for or data that cannot be used, DownloadFailed, OutputFailed.
    """
    _check_name("split", split, SPLITS)
    for name, value in {"count": count, "features": features, "train": train, "valid": valid}.items():
        if isinstance(value, int) and value < 1:
            raise UsageError(f"{name} is {value}; it needs to be at least 1")
    if not 0 <= first < 2**31:
        raise UsageError(f"first is {first}; it needs to be between 0 and {2**31 - 1}")
    notices: tuple[str, ...] = ()
    if data == AUTO:
        data, notices = (CIFAR10, ()) if cifar10.find(data_dir) else (DIGITS, (FALLBACK,))
    default = defaults(data, split, held_out_classes)
    request: dict[str, Any] = {
        "split": split,
        "count": default.tasks if count is None else count,
        "features": default.features if features is None else features,
        "train": default.train if train is None else train,
        "valid": default.valid if valid is None else valid,
        "first": first,
    }

    def scored(tasks: TaskSet) -> TaskSet:
        return tasks if metric == AUTO else tasks.scored_by(metric)

    if data in teachers.TEACHERS:
        if held_out_classes:
            raise UsageError(f"{data} has no classes, so none can be held out")
        if class_weights != NO_WEIGHTS:
            raise UsageError(f"{data} has no classes, so none can have a weight")
        if valid == "all":  # a teacher gives as many as are asked for
            request["valid"] = default.valid
        tasks = tuple(teachers.draw_tasks(data, **request))
        return scored(TaskSet(data, split, tasks, tasks_digest(tasks), request=_again(request)))
    source = _source(data, data_dir, progress)
    asked = [PREPARATION, source.name, source.digest, request, class_pairs, class_weights, *held_out_classes]
    key = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:32]
    kept = cache.load("tasks", key)
    meta, tasks = (
        (kept[0], _unpack(*kept))
        if kept
        else _prepare(source, request, held_out_classes, class_pairs, class_weights, key)
    )
    notices = (*notices, *source.notices, *meta["notices"])
    again = _again(request, held_out_classes, class_pairs, class_weights)
    return scored(TaskSet(source.name, split, tasks, meta["digest"], notices, again))


def _again(
    request: Mapping[str, Any],
    held_out: Sequence[int] = (),
    class_pairs: int = MOST_PAIRS,
    class_weights: str = NO_WEIGHTS,
) -> dict[str, Any]:
    """Return what has to be asked for, beside numbers of tasks and features, to get the same tasks again."""
    same = {name: request[name] for name in ("train", "valid", "first")}
    classes = {"held_out": tuple(held_out), "class_pairs": class_pairs, "class_weights": class_weights}
    return {**same, **classes}


def read_examples(
    data: str,
    data_dir: Path | None = None,
    held_out_classes: Sequence[int] = (),
    class_pairs: int = MOST_PAIRS,
) -> Examples:
    """Return the raw examples that a data set's tasks are cut from; `data` names one that is not a teacher.

    `held_out_classes` and `class_pairs` are as in `task_set`.

    Raises UsageError for data that are not at hand or cannot be used, DownloadFailed, OutputFailed.
    """
    return _source(data, data_dir, None).read()[0].with_held_out(held_out_classes, class_pairs)


def _check_name(what: str, name: str, names: Sequence[str]) -> None:
    """Raise UsageError, with what may be meant, for a name that is none of the names."""
    if name not in names:
        close = closest(name, names)
        meant = f"did you mean {close}?" if close else f"there are {', '.join(names)}"
        raise UsageError(f"unknown {what} {name!r}; {meant}")


def _is_file(data: str) -> bool:
    """Return whether a data set is named by the path of a file; raise UsageError for one of another kind."""
    if is_arrays(data):
        return True
    if is_table(data):
        raise UsageError(
            f"{data} is a table, which `synth run --data {data} --label COLUMN` prepares; the .npz file in "
            "that run's folder can be named here"
        )
    if data not in DATA_SETS and ("/" in data or Path(data).is_file()):
        raise UsageError(f"{data} is not a data set; it should be a name or an .npz file with X and y")
    return False


def _source(data: str, data_dir: Path | None, progress: "Progress | None") -> _Source:
    """Find a data set and say what it holds. Raises UsageError, DownloadFailed, OutputFailed."""
    if data == CIFAR10:
        copy = cifar10.describe(cifar10.find(data_dir) or cifar10.download(progress))
        return _Source(data, copy.digest, copy.notices, lambda: (copy.read(), ()))
    if data == DIGITS:
        return _Source(data, digits.DIGEST, (), lambda: (digits.read(), ()))
    path = Path(data).expanduser()
    return _Source(path.name, npz.digest(path), (), lambda: npz.read(path))


def _prepare(
    source: _Source,
    request: dict[str, Any],
    held_out_classes: Sequence[int],
    class_pairs: int,
    class_weights: str,
    key: str,
) -> tuple[dict[str, Any], tuple[Task, ...]]:
    """Make the tasks of a request (see `draw_tasks`), keep them, and return their description and them."""
    examples, notices = source.read()
    examples = examples.with_held_out(held_out_classes, class_pairs).with_class_weights(class_weights)
    features = request["features"] or min(16, examples.raw.shape[1])
    tasks = tuple(pairs.draw_tasks(examples, **{**request, "features": features}))
    meta: dict[str, Any] = {
        "what": f"{source.name} {request['split']}: {len(tasks)} tasks, F = {features}, "
        f"{len(tasks[0].train_labels)} + {len(tasks[0].valid_labels)} examples",
        "digest": tasks_digest(tasks),
        "notices": [*notices, *examples.notices, *examples.weights_notices(request["train"])],
        "metric": tasks[0].metric,
        "tasks": [[task.name, len(task.train_labels), len(task.valid_labels)] for task in tasks],
        "scales": [task.scale for task in tasks],
    }
    size = 4 * sum(array.size for task in tasks for array in task.arrays)
    if size <= LARGEST_KEPT and request["first"] == 0:
        # float32 loses nothing: prepared values were rounded to it.
        arrays = {
            name: np.concatenate([getattr(task, name) for task in tasks]).astype(np.float32)
            for name in _ARRAYS
        }
        meta["notices"] += cache.store("tasks", key, arrays, meta)
    return meta, tasks


_ARRAYS = ("train_features", "train_labels", "valid_features", "valid_labels")


def _unpack(meta: dict[str, Any], arrays: cache.Arrays) -> tuple[Task, ...]:
    """Make tasks of kept arrays, in which the examples of all tasks follow each other."""
    names, *sizes = zip(*meta["tasks"], strict=True)
    train, valid = (np.cumsum(of_tasks)[:-1] for of_tasks in sizes)
    ends = zip(_ARRAYS, (train, train, valid, valid), strict=True)
    parts = [np.split(arrays[array], at) for array, at in ends]
    return tuple(
        Task(x, y, valid_x, valid_y, meta["metric"], name, scale)
        for x, y, valid_x, valid_y, name, scale in zip(*parts, names, meta["scales"], strict=True)
    )
