"""The tasks on which programs are studied: those that are asked for, or those of the run around a module."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from synth.runs.record import STORE
from synth.settings.resolve import read
from synth.settings.schema import Config
from synth.tasks.sets import defaults, task_set
from synth.tasks.task import Metric, Task, TaskSet

if TYPE_CHECKING:
    from synth.tasks.sources.download import Progress

PAIRED = ("auto", "cifar10", "digits")
"""Data sets with a task for each pair of classes, over and over with new projections."""


@dataclass(frozen=True)
class TaskOptions:
    """Which tasks are wanted; None stands for what the run around a module used, or for a default."""

    data: str | None = None
    data_dir: Path | None = None
    features: int | None = None
    tasks: int | None = None
    train: int | None = None
    valid: int | None = None
    epochs: int | None = None
    seed: int | None = None
    held_out_classes: tuple[int, ...] = ()


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
    def metric(self) -> Metric:
        """How the tasks are scored."""
        return self.sets[0].metric

    @property
    def words(self) -> str:
        """What the tasks are."""
        counts = " and ".join(f"{len(tasks.tasks)} {tasks.split}" for tasks in self.sets)
        many = len(self.tasks) != 1
        return f"{counts} task{'s' if many else ''} of {self.sets[0].name} (F = {self.sets[0].features})"


def run_around(modules: Sequence[Path]) -> Path | None:
    """Return the folder of the run to which the first module that belongs to one belongs."""
    folders = (folder for module in modules for folder in module.resolve().parents[:2])
    return next((folder for folder in folders if (folder / STORE).is_file()), None)


def find_tasks(
    wanted: TaskOptions,
    splits: Sequence[str],
    modules: Sequence[Path] = (),
    projections: int | None = None,
    progress: "Progress | None" = None,
) -> StudyTasks:
    """Return the tasks of these splits: as asked for, otherwise those of the run around a module.

    `projections` is how many tasks of each pair there are where no number is asked for. Raises the errors of
    `task_set`.
    """
    folder = run_around(modules) if wanted.data is None else None
    config = read(folder / "config.toml") if folder else None
    sets = tuple(_tasks(wanted, split, config, projections, progress) for split in splits)
    first = sets[0]
    kept = tuple(tasks for tasks in sets if (tasks.features, tasks.metric) == (first.features, first.metric))
    epochs = wanted.epochs or (config.data.epochs if config else 1)
    seed = wanted.seed if wanted.seed is not None else config.seed if config else 0
    notices = dict.fromkeys(notice for tasks in kept for notice in tasks.notices)
    return StudyTasks(kept, epochs, seed, tuple(notices))


def _tasks(
    wanted: TaskOptions,
    split: str,
    config: Config | None,
    projections: int | None,
    progress: "Progress | None",
) -> TaskSet:
    if config is not None:
        wanted = _as_in(config, split, wanted)
    data, count = wanted.data or "auto", wanted.tasks
    if count is None and projections is not None and data in PAIRED:
        count = projections * (defaults("digits", split).tasks or 1)
    return task_set(
        data,
        split,
        count=count,
        features=wanted.features,
        train=wanted.train,
        valid=wanted.valid,
        held_out_classes=wanted.held_out_classes,
        data_dir=wanted.data_dir,
        progress=progress,
    )


def _as_in(config: Config, split: str, wanted: TaskOptions) -> TaskOptions:
    """Return the options with the run's settings where they say nothing."""
    data = config.data
    search = split == "search"
    counts = {"search": data.tasks, "select": data.select_tasks, "test": data.test_tasks}
    as_run = TaskOptions(
        data=data.name,
        features=data.features,
        tasks=counts.get(split),
        train=data.train if search else data.select_train,
        valid={"search": data.valid, "test": None}.get(split, data.select_valid),
        held_out_classes=data.held_out_classes,
    )
    asked = {name: value for name, value in vars(wanted).items() if value not in (None, ())}
    return replace(as_run, **asked)
