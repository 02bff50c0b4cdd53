"""The figures by which programs are compared: float64, on selection and, at the end, on test tasks."""

from dataclasses import replace
from functools import partial
from pathlib import Path

from cachetools import LRUCache

from synth.engine.native.compiler import object_code
from synth.engine.native.engine import NativeEngine
from synth.engine.python.engine import PythonEngine
from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.runs.stated import Conditions
from synth.search.scoring.worker_judge import judging_shapes
from synth.settings.mixes import by_mix, settled
from synth.settings.resolve import import_metric
from synth.settings.schema import Config, DataConfig
from synth.statistics import pair_name
from synth.tasks.metrics import metric_of
from synth.tasks.sets import task_set
from synth.tasks.task import TaskSet

FRAGILE = 0.01
"""A larger difference of float32 and float64 fitness keeps a program from being announced."""

REPORT_PROJECTIONS = 3
"""Report tasks of each pair, unless the settings say how many there are."""

AMPLE, AMPLE_OF_SHORT = 16, 128
"""Search tasks where there are to be many; and where tasks are short."""

SHORT = 200
"""A task with fewer validation examples is short."""

CONFIRMED, CONFIRMED_OF_MANY_FEATURES = 100, 2
"""Most selection tasks on which the python engine confirms the best program; and where it is slow."""

MANY_FEATURES = 64
"""With more features the python engine takes minutes for a task."""

SEEDS, TASKS_OF_SEED = 1 << 16, 1 << 14
"""Seeds that differ in their own search tasks, and how many tasks each of them has."""


class Judge:
    """Holds the task sets of a run and scores programs on them."""

    def __init__(self, config: Config, data_dir: Path | None = None) -> None:
        """Take CIFAR-10 from the folder `data_dir`, unless it is None."""
        import_metric(config)
        self._task_set = partial(task_set, data_dir=data_dir)
        self.config, self._unsettled_mixes = config, [one.data for one in by_mix(config)]
        self.select_tasks = self._chosen("select", config.data.select_tasks)
        self.search_sets = tuple(self.search_tasks(mix, 0) for mix in range(len(self._unsettled_mixes)))
        for tasks in (self.select_tasks, *self.search_sets):
            metric_of(tasks.metric, tasks.regression)  # refuses one that does not work
        self.mixes = tuple(map(_with_sizes, self._unsettled_mixes, self.search_sets))
        self.config = self._settled(config)
        self.select = self.engine(self.select_tasks)
        self._searches: LRUCache[tuple[int, int], NativeEngine] = LRUCache(8)

    def engine(self, tasks: TaskSet, epochs: int | None = None) -> NativeEngine:
        """Return an engine that scores programs on tasks in float64, by the run's settings."""
        config = self.config
        epochs = epochs or config.data.epochs
        return NativeEngine(tasks.tasks, seed=config.seed, epochs=epochs, combine=config.fitness.combine)

    def prepare(self) -> None:
        """Compile the machines on which improvements are scored, so that no search waits for them."""
        for tasks in (self.select_tasks, *self.search_sets):
            for shape in judging_shapes(self.config, tasks):
                object_code(shape)

    def _settled(self, config: Config) -> Config:
        """Return the settings with the data sets' defaults filled in."""
        tasks = self.select_tasks
        name = tasks.name if config.data.name == "auto" else config.data.name
        config = settled(config, self.mixes)
        data = replace(config.data, name=name, features=tasks.features, select_tasks=len(tasks.tasks))
        return replace(config, data=data)

    def _chosen(self, split: str, count: int | None, first: int = 0) -> TaskSet:
        """Return tasks of a split by which programs are chosen, or reported beside them."""
        data = self.config.data
        return self._task_set(
            data.name,
            split,
            count=count,
            features=data.features,
            train=data.select_train,
            valid=None if split == "test" else data.select_valid,
            first=first,
            held_out_classes=data.held_out_classes,
            class_pairs=data.class_pairs,
            metric=data.metric,
            class_weights=data.class_weights,
        )

    def search_tasks(self, mix: int, draw: int) -> TaskSet:
        """Return the search tasks of a mix: those of one draw, 0 for the first."""
        data = self._unsettled_mixes[mix]
        first = self.config.seed % SEEDS * TASKS_OF_SEED if data.own_tasks else 0
        if draw:
            first += draw * (self.mixes[mix].tasks or 1)
        search = partial(
            self._task_set,
            data.name,
            "search",
            features=data.features,
            train=data.train,
            valid=data.search_valid,
            first=first,
            held_out_classes=data.held_out_classes,
            class_pairs=data.class_pairs,
            metric=data.metric,
            class_weights=data.class_weights,
        )
        if data.tasks is not None or data.default_tasks != "ample":
            return search(count=data.tasks)
        tasks = search(count=AMPLE)
        return search(count=AMPLE_OF_SHORT) if len(tasks.tasks[0].valid_labels) < SHORT else tasks

    def on_search(self, candidate: Candidate, mix: int = 0, draw: int = 0) -> float:
        """Return the fitness on the search tasks of a mix: those of one draw, 0 for the first."""
        return self._search_engine(mix, draw).fitness(candidate)

    def per_task(self, candidate: Candidate, mix: int = 0, draw: int = 0) -> tuple[float, ...]:
        """Return the fitness on each selection task, and on each search task of one draw of a mix."""
        return self.select.per_task(candidate) + self._search_engine(mix, draw).per_task(candidate)

    def _search_engine(self, mix: int, draw: int) -> NativeEngine:
        engine = self._searches.get((mix, draw))
        if engine is None:
            tasks = self.search_tasks(mix, draw) if draw else self.search_sets[mix]
            engine = self._searches[mix, draw] = self.engine(tasks, self.mixes[mix].epochs)
        return engine

    def test_tasks(self) -> TaskSet:
        """Return the test tasks. For the end of a run alone."""
        return self._chosen("test", self.config.data.test_tasks)

    def report(self, projection: int = 0) -> NativeEngine:
        """Return an engine on report tasks."""
        return self.engine(self.report_tasks(projection))

    def report_tasks(self, projection: int = 0) -> TaskSet:
        """Return report tasks: other rows of the selection's pairs, other projections."""
        chosen = self.select_tasks.tasks
        pairs = {pair_name(task.name) for task in chosen}
        count = REPORT_PROJECTIONS * len(pairs) if len(pairs) > 1 else len(chosen)
        count = self.config.data.report_tasks or count
        return self._chosen("report", count, projection * len(pairs))

    def conditions(self, *sets: TaskSet) -> dict[str, str]:
        """Return by split, in words, what figures on these tasks depend on."""
        config, search = self.config, self.mixes[0].epochs
        epochs = {tasks.split: search if tasks.split == "search" else config.data.epochs for tasks in sets}
        return {
            tasks.split: str(Conditions.of(tasks, config.seed, epochs[tasks.split], config.fitness.combine))
            for tasks in sets
        }

    def confirm(self, text: str) -> dict[str, float]:
        """Return how the python engine, which runs the module itself, agrees on the selection tasks.

        `tasks` says on how many, `difference` is the largest of the absolute differences in fitness.
        """
        config, many = self.config, self.select_tasks.features > MANY_FEATURES
        tasks = self.select_tasks.tasks[: CONFIRMED_OF_MANY_FEATURES if many else CONFIRMED]
        with PythonEngine(
            tasks, seed=config.seed, epochs=config.data.epochs, time_limit=600.0, sandbox=config.run.sandbox
        ) as engine:
            per_task = engine.evaluate(text).per_task or ()
        pairs = zip(per_task, self.select.per_task(candidate_of(text)), strict=False)
        differences = [abs(python - native) for python, native in pairs]
        return {"tasks": len(differences), "difference": max(differences, default=1.0)}


def _with_sizes(data: DataConfig, tasks: TaskSet) -> DataConfig:
    """Return the settings of a mix with the sizes that its tasks have."""
    first = tasks.tasks[0]
    return replace(
        data,
        name=tasks.name if data.name == "auto" else data.name,
        features=tasks.features,
        tasks=len(tasks.tasks),
        train=len(first.train_labels),
        valid=len(first.valid_labels),
    )
