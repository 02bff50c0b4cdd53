"""The tasks on which programs are studied: those that are asked for, or those of the run around a module."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.runs.files import SETTINGS
from synth.runs.record import run_around
from synth.settings.resolve import import_metric, read
from synth.settings.schema import Config, DataConfig
from synth.tasks.names import DIGITS, IMAGES
from synth.tasks.sets import defaults, task_set
from synth.tasks.sources.download import Progress
from synth.tasks.task import Task, TaskSet

Options = Mapping[str, Any]
"""Which tasks are wanted: arguments of `task_set`, `epochs` and `seed`. What is missing or None is as in the
run around a module, or a default."""


@dataclass(frozen=True)
class StudyTasks:
    """Tasks on which programs stand side by side, and how they are evaluated there, always in float64."""

    sets: tuple[TaskSet, ...]
    epochs: int
    seed: int
    notices: tuple[str, ...]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """All tasks."""
        return tuple(task for tasks in self.sets for task in tasks.tasks)

    @property
    def metric(self) -> str:
        """How the tasks are scored."""
        return self.sets[0].metric

    @property
    def regression(self) -> bool:
        """Whether labels are numbers to come near, and not classes."""
        return self.sets[0].regression

    @property
    def scale(self) -> float | None:
        """What a label of 1 is in the data's units; None where labels are exact."""
        return self.sets[0].scale

    @property
    def words(self) -> str:
        """What the tasks are."""
        counts = " and ".join(f"{len(tasks.tasks)} {tasks.split}" for tasks in self.sets)
        many = len(self.tasks) != 1
        return f"{counts} task{'s' if many else ''} of {self.sets[0].name} (F = {self.sets[0].features})"


def find_tasks(
    options: Options,
    splits: Sequence[str],
    modules: Iterable[Path] = (),
    projections: int | None = None,
    progress: Progress | None = None,
) -> StudyTasks:
    """Return the tasks of these splits: as asked for, otherwise those of the run around a module.

    `projections` is how many tasks of each pair there are where no number is asked for. Raises the errors of
    `task_set`.
    """
    asked = _given(options)
    folder = None if "data" in asked else run_around(modules)
    config = read(folder / SETTINGS) if folder else Config()
    if asked.get("metric", config.data.metric) == config.data.metric:
        import_metric(config)
    epochs, seed = asked.pop("epochs", config.data.epochs), asked.pop("seed", config.seed)
    sets = []
    for split in splits:
        wanted = (_of_run(config.data, split) if folder else {}) | asked
        if projections is not None and wanted.get("data", "auto") in ("auto", *IMAGES):
            default = defaults(DIGITS, split, wanted.get("held_out_classes", ()))
            wanted.setdefault("count", projections * (default.tasks or 1))
        sets.append(task_set(split=split, progress=progress, **wanted))
    first = sets[0]
    kept = tuple(tasks for tasks in sets if (tasks.features, tasks.metric) == (first.features, first.metric))
    notices = dict.fromkeys(notice for tasks in kept for notice in tasks.notices)
    return StudyTasks(kept, epochs, seed, tuple(notices))


def _of_run(data: DataConfig, split: str) -> dict[str, Any]:
    """Return which tasks of a split a run with these settings has."""
    search = split == "search"
    counts = {"search": data.tasks, "select": data.select_tasks, "test": data.test_tasks}
    return _given(
        {
            "data": data.name,
            "features": data.features,
            "count": counts.get(split),
            "train": data.train if search else data.select_train,
            "valid": {"search": data.search_valid, "test": None}.get(split, data.select_valid),
            "held_out_classes": data.held_out_classes,
            "class_pairs": data.class_pairs,
            "metric": data.metric,
            "class_weights": data.class_weights,
        }
    )


def _given(options: Options) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
