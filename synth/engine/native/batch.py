"""Tasks laid out for the machine: groups of as many tasks as there are lanes, in rows of lanes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine.native.codegen.emitter import Shape
from synth.tasks.task import Task, example_order

Array = NDArray[Any]


def aligned(shape: tuple[int, ...], dtype: Any) -> Array:
    """A zeroed array that starts at a multiple of 64 bytes."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    found: Array = raw[start : start + size].view(dtype).reshape(shape)
    return found


@dataclass(frozen=True, eq=False)
class Batch:
    """D lanes, G groups; the features are (G, n, F, D) and the labels (G, n, D) in the machine's format.

    `order` is (G, epochs - 1, n, D): the example that each lane sees at each step of a later epoch.
    Tasks with fewer examples than others are padded; `train_counts` and `valid_counts` (G, D) hold how many
    are theirs. `live` (G, D) marks lanes that hold a task, `tasks` (G, D) their numbers.
    """

    train_features: Array
    train_labels: Array
    valid_features: Array
    valid_labels: Array
    train_counts: Array
    valid_counts: Array
    live: Array
    tasks: Array
    order: Array
    regression: Array
    """(1,): 0 for accuracy, 1 for rms."""

    @classmethod
    def of(cls, tasks: Sequence[Task], shape: Shape, epochs: int = 1) -> "Batch":
        """Lay out tasks of one F and one metric."""
        lanes, features = shape.lanes, shape.features
        groups = -(-len(tasks) // lanes)
        most_train = max(len(task.train_labels) for task in tasks)
        most_valid = max(len(task.valid_labels) for task in tasks)
        counts = np.zeros((2, groups, lanes), np.int32)
        counts[0], counts[1] = most_train, most_valid
        batch = cls(
            aligned((groups, most_train, features, lanes), shape.dtype),
            aligned((groups, most_train, lanes), shape.dtype),
            aligned((groups, most_valid, features, lanes), shape.dtype),
            aligned((groups, most_valid, lanes), shape.dtype),
            _aligned_copy(counts[0]),
            _aligned_copy(counts[1]),
            aligned((groups, lanes), np.int32),
            aligned((groups, lanes), np.int32),
            aligned((groups, epochs - 1, most_train, lanes), np.int32),
            np.array([tasks[0].metric == "rms"], np.int32),
        )
        for number, task in enumerate(tasks):
            group, lane = divmod(number, lanes)
            train, valid = len(task.train_labels), len(task.valid_labels)
            batch.train_features[group, :train, :, lane] = task.train_features
            batch.train_labels[group, :train, lane] = task.train_labels
            batch.valid_features[group, :valid, :, lane] = task.valid_features
            batch.valid_labels[group, :valid, lane] = task.valid_labels
            batch.train_counts[group, lane] = train
            batch.valid_counts[group, lane] = valid
            batch.live[group, lane] = 1
            batch.tasks[group, lane] = number
            for epoch in range(1, epochs):
                batch.order[group, epoch - 1, :train, lane] = example_order(train, epoch)
        return batch

    @property
    def groups(self) -> int:
        """G."""
        return len(self.live)

    @property
    def count(self) -> int:
        """How many tasks there are."""
        return int(self.live.sum())

    @property
    def epochs(self) -> int:
        """Passes over the training examples."""
        return int(self.order.shape[1]) + 1

    def save(self, folder: Path) -> None:
        """Write each array as a file; `load` maps them, so that processes share one copy."""
        for field in fields(self):
            np.save(folder / f"{field.name}.npy", getattr(self, field.name), allow_pickle=False)

    @classmethod
    def load(cls, folder: Path) -> "Batch":
        """Map what `save` wrote, read-only."""
        return cls(*(_map(folder / f"{field.name}.npy") for field in fields(cls)))


def _map(path: Path) -> Array:
    """The array in a file; one without elements cannot be mapped."""
    mapped: Array = np.load(path, mmap_mode=None if path.stat().st_size <= 192 else "r", allow_pickle=False)
    if mapped.ctypes.data % 64 and mapped.size:
        return _aligned_copy(mapped)
    return mapped


def _aligned_copy(array: Array) -> Array:
    copy = aligned(array.shape, array.dtype)
    copy[...] = array
    return copy
