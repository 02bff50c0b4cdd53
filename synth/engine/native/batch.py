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
    """Return a zeroed array that starts at a multiple of 64 bytes."""
    size = int(np.prod(shape)) * np.dtype(dtype).itemsize
    raw = np.zeros(size + 64, np.uint8)
    start = -raw.ctypes.data % 64
    array: Array = raw[start : start + size].view(dtype).reshape(shape)
    return array


def aligned_copy(array: Array) -> Array:
    """Return a copy that starts at a multiple of 64 bytes."""
    copy = aligned(array.shape, array.dtype)
    copy[...] = array
    return copy


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
    """(1,): whether labels are numbers to come near, and not classes."""
    metric: Array
    """(1,): how the tasks are scored."""

    @classmethod
    def of(cls, tasks: Sequence[Task], shape: Shape, epochs: int = 1) -> "Batch":
        """Lay out tasks of one F and one metric."""
        lanes, features, dtype = shape.lanes, shape.features, shape.dtype
        groups = -(-len(tasks) // lanes)
        train_most = max(len(task.train_labels) for task in tasks)
        valid_most = max(len(task.valid_labels) for task in tasks)
        batch = cls(
            aligned((groups, train_most, features, lanes), dtype),
            aligned((groups, train_most, lanes), dtype),
            aligned((groups, valid_most, features, lanes), dtype),
            aligned((groups, valid_most, lanes), dtype),
            aligned_copy(np.full((groups, lanes), train_most, np.int32)),
            aligned_copy(np.full((groups, lanes), valid_most, np.int32)),
            aligned((groups, lanes), np.int32),
            aligned((groups, lanes), np.int32),
            aligned((groups, epochs - 1, train_most, lanes), np.int32),
            np.array([tasks[0].regression], np.int32),
            np.array([tasks[0].metric]),
        )
        for number, task in enumerate(tasks):
            group, lane = divmod(number, lanes)
            train, valid = len(task.train_labels), len(task.valid_labels)
            batch.train_features[group, :train, :, lane] = task.train_features
            batch.train_labels[group, :train, lane] = task.train_labels
            batch.valid_features[group, :valid, :, lane] = task.valid_features
            batch.valid_labels[group, :valid, lane] = task.valid_labels
            batch.train_counts[group, lane], batch.valid_counts[group, lane] = train, valid
            batch.live[group, lane], batch.tasks[group, lane] = 1, number
            for epoch in range(1, epochs):
                batch.order[group, epoch - 1, :train, lane] = example_order(train, epoch)
        return batch

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
    """Return the array in a file: mapped, or read where it may be too small to be mapped."""
    mapped: Array = np.load(path, mmap_mode=None if path.stat().st_size <= 192 else "r", allow_pickle=False)
    return aligned_copy(mapped) if mapped.ctypes.data % 64 and mapped.size else mapped
