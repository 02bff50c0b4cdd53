"""The figures by which programs are compared: float64, on selection and, at the end, on test tasks."""

from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from cachetools import LRUCache

from synth.engine.native.compiler import object_code
from synth.engine.native.engine import NativeEngine
from synth.engine.native.lanes import shape_for
from synth.engine.python.engine import PythonEngine
from synth.engine.result import Result
from synth.language.analysis import uses_matrices
from synth.language.candidate import Candidate
from synth.settings.mixes import by_mix, settled
from synth.settings.schema import Config, DataConfig
from synth.statistics import pair_name
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

SEEDS, TASKS_OF_SEED = 1 << 16, 1 << 14
"""Seeds that differ in their own search tasks, and how many tasks each of them has."""

CONFIRMED = 2
"""Selection tasks on which the python engine confirms the best program of a run."""


@dataclass(frozen=True)
class Judgement:
    """A program's float64 fitness on search and on selection tasks."""

    search: float
    select: float
    select_per_task: tuple[float, ...]


class Scale:
    """Scores programs on a set of tasks with the native engine in float64."""

    def __init__(self, tasks: TaskSet, config: Config, epochs: int | None = None) -> None:
        self.tasks, self._config, self._epochs = tasks, config, epochs or config.data.epochs
        self._engines: dict[bool, NativeEngine] = {}

    def evaluate(self, candidate: Candidate) -> Result:
        """The fitness of a program on each task and over all."""
        # Tasks are laid out differently for programs with matrices: an engine for either kind.
        matrices = uses_matrices(candidate)
        engine = self._engines.get(matrices)
        if engine is None:
            engine = self._engines[matrices] = NativeEngine(
                self.tasks.tasks,
                seed=self._config.seed,
                epochs=self._epochs,
                combine=self._config.fitness.combine,
            )
        return engine.evaluate(candidate)

    def fitness(self, candidate: Candidate) -> float:
        """The fitness of a program over all tasks."""
        return self.evaluate(candidate).fitness or 0.0

    def per_task(self, candidate: Candidate) -> tuple[float, ...]:
        """The fitness of a program on each task."""
        return self.evaluate(candidate).per_task or ()


class Judge:
    """Holds the task sets of a run and scores programs on them."""

    def __init__(self, config: Config, data_dir: Path | None = None) -> None:
        """`data_dir` is the folder that holds CIFAR-10, where it is not the one that is found without."""
        data = config.data
        self._task_set = partial(task_set, data_dir=data_dir)
        self.select_tasks = self._task_set(
            data.name,
            "select",
            count=data.select_tasks,
            features=data.features,
            train=data.select_train,
            valid=data.select_valid,
        )
        self._wanted, self._seed = tuple(one.data for one in by_mix(config)), config.seed
        self.search_sets = tuple(self.search_tasks(mix, 0) for mix in range(len(self._wanted)))
        self.mixes = tuple(map(_with_sizes, self._wanted, self.search_sets))
        self.config = self._settled(config)
        self.select = Scale(self.select_tasks, self.config)
        self._searches: LRUCache[tuple[int, int], Scale] = LRUCache(8)

    def prepare(self) -> None:
        """Have the machines compiled on which improvements are scored, so that no search waits for them."""
        for tasks in (self.select_tasks, *self.search_sets):
            for matrices in {0, self.config.program.matrices}:
                object_code(shape_for(tasks.features, "float64", len(tasks.tasks), matrices))

    def _settled(self, config: Config) -> Config:
        """The settings with the data sets' defaults filled in."""
        tasks = self.select_tasks
        name = tasks.name if config.data.name == "auto" else config.data.name
        config = settled(config, self.mixes)
        data = replace(config.data, name=name, features=tasks.features, select_tasks=len(tasks.tasks))
        return replace(config, data=data)

    def search_tasks(self, mix: int, draw: int) -> TaskSet:
        """Search tasks of a mix: those of one draw, 0 for the first."""
        data = self._wanted[mix]
        ample = data.tasks is None and data.default_tasks == "ample"
        own = self._seed % SEEDS * TASKS_OF_SEED if data.own_tasks else 0

        def tasks(count: int | None) -> TaskSet:
            return self._task_set(
                data.name,
                "search",
                count=count,
                features=data.features,
                train=data.train,
                valid=data.valid,
                first=own + (draw * (self.mixes[mix].tasks or 1) if draw else 0),
            )

        found = tasks(AMPLE if ample else data.tasks)
        if ample and len(found.tasks[0].valid_labels) < SHORT:
            found = tasks(AMPLE_OF_SHORT)
        return found

    def on_search(self, candidate: Candidate, mix: int = 0, draw: int = 0) -> float:
        """Fitness on the search tasks of a mix: those of one draw, 0 for the first."""
        scale = self._searches.get((mix, draw))
        if scale is None:
            tasks = self.search_tasks(mix, draw) if draw else self.search_sets[mix]
            scale = Scale(tasks, self.config, self.mixes[mix].epochs)
            self._searches[mix, draw] = scale
        return scale.fitness(candidate)

    def judge(self, candidate: Candidate, mix: int = 0, draw: int = 0) -> Judgement:
        """Both figures of a program that searches on one draw of the tasks of a mix."""
        result = self.select.evaluate(candidate)
        search = self.on_search(candidate, mix, draw)
        return Judgement(search, result.fitness or 0.0, result.per_task or ())

    def test_tasks(self) -> TaskSet:
        """The test tasks. For the end of a run alone."""
        data = self.config.data
        return self._task_set(
            data.name, "test", count=data.test_tasks, features=data.features, train=data.select_train
        )

    def report(self, projection: int = 0) -> "Scale":
        """The report tasks: other projections and rows of the selection's pairs, which nobody chose by.

        `projection` is the number of the first of these projections.
        """
        data, chosen = self.config.data, self.select_tasks.tasks
        pairs = {pair_name(task.name) for task in chosen}
        count = REPORT_PROJECTIONS * len(pairs) if len(pairs) > 1 else len(chosen)
        tasks = self._task_set(
            data.name,
            "report",
            count=data.report_tasks or count,
            features=data.features,
            train=data.select_train,
            valid=data.select_valid,
            first=projection * len(pairs),
        )
        return Scale(tasks, self.config)

    def on_test(self, programs: dict[str, Candidate], tasks: TaskSet) -> dict[str, float]:
        """Fitness of finished programs on the test tasks."""
        scale = Scale(tasks, self.config)
        return {name: scale.fitness(candidate) for name, candidate in programs.items()}

    def confirm(self, candidate: Candidate) -> dict[str, float]:
        """How the python engine, which runs the module itself, agrees on the first selection tasks.

        `tasks` says on how many, `difference` is the largest of the absolute differences in fitness.
        """
        tasks = self.select_tasks.tasks[:CONFIRMED]
        config = self.config
        with PythonEngine(
            tasks, seed=config.seed, epochs=config.data.epochs, time_limit=600.0, sandbox=config.run.sandbox
        ) as engine:
            told = engine.evaluate(candidate.text()).per_task or ()
        native = self.select.per_task(candidate)
        differences = [abs(one - other) for one, other in zip(told, native, strict=False)]
        return {"tasks": len(differences), "difference": max(differences, default=1.0)}


def _with_sizes(data: DataConfig, tasks: TaskSet) -> DataConfig:
    """The settings of a mix with the sizes that its tasks have."""
    first = tasks.tasks[0]
    return replace(
        data,
        name=tasks.name if data.name == "auto" else data.name,
        features=tasks.features,
        tasks=len(tasks.tasks),
        train=len(first.train_labels),
        valid=len(first.valid_labels),
    )
