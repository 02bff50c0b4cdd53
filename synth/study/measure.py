"""Measuring a run's best program beside others, for its report.

Figures are those of report tasks (pairs that the search never saw, other projections and rows) and, for the
search's own pairs, of projections that the search did not use. The test split is left alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from synth.engine.native.engine import NativeEngine
from synth.errors import SynthError
from synth.language.candidate import Candidate
from synth.runs.record import Record
from synth.search.evolution.rules import template
from synth.settings.resolve import import_metric
from synth.statistics import Difference, pair_name, paired_difference
from synth.study.explain import Explanation, Say, explain
from synth.study.figures import LINEAR_MODELS, Figures, linear_model
from synth.study.gallery import IMAGES, Gallery, gallery
from synth.study.tasks import StudyTasks
from synth.tasks.names import FEW_GROUPS, TEACHERS, is_arrays
from synth.tasks.pairs import Examples, Group, valid_rows
from synth.tasks.sets import defaults, read_examples, task_set
from synth.tasks.task import Task, TaskSet

BEST, LINEAR, NET = "best program", "linear program", "neural net"
"""The names of the run's best program and of the templates `linear` and `neural_net`."""

MOST = 20
"""Tasks on which a program is taken apart, where there are not some pairs with one task each."""

PROJECTIONS = 3
"""Report tasks of each pair, where they are pairs."""

FRESH = 900
"""Projection seed with which the search's pairs are measured; no search comes so far."""

SIZES = 10
"""Most points of a learning curve."""

FEWEST = 8
"""Train examples of its first point."""


@dataclass(frozen=True)
class Pairs:
    """The accuracy of each pair of classes."""

    classes: tuple[str, ...]
    held_out: frozenset[Group]
    """Pairs that the search never saw; none where every split has all pairs."""
    accuracy: Mapping[str, Mapping[Group, float]]


@dataclass(frozen=True)
class Curves:
    """Mean fitness over the report tasks after so many train examples."""

    sizes: tuple[int, ...]
    fitness: Figures


@dataclass(frozen=True)
class Measured:
    """Everything that was measured; parts that a run's data do not allow are None or empty."""

    linear_model: str
    """logistic regression, or linear regression for RMS tasks."""
    tasks: tuple[str, ...]
    """Names of the report tasks."""
    fitness: Figures
    """On the report tasks."""
    differences: Mapping[str, Difference]
    """Best program minus each of the others, on the report tasks."""
    curves: Curves
    pairs: Pairs | None
    galleries: tuple[Gallery, ...]
    explanation: Explanation
    """Of the best program, on the first report task of each pair."""


def measure(record: Record, data_dir: Path | None = None, say: Say = lambda sentence: None) -> Measured | str:
    """Measure a run's best program, or say in a sentence why that is impossible.

    The data are those that the run's settings name; `data_dir` says where CIFAR-10 lies. `say` gets
    what is being done.
    """
    if record.best is None:
        return "No program of this run could learn, so there is nothing to measure."
    try:
        return _Measurement(record, record.best.candidate, data_dir, say).take()
    except SynthError as error:
        return f"The best program could not be measured: {error}."


class _Measurement:
    """One run's measurement."""

    def __init__(self, record: Record, best: Candidate, data_dir: Path | None, say: Say) -> None:
        self.config, self.facts, self.best = record.config, record.facts, best
        self.folder, self.data_dir, self.say = record.folder, data_dir, say
        import_metric(self.config)
        name = self.config.data.name
        self.data = name if is_arrays(name) else str(self.facts["data"])
        self.linear_model = LINEAR_MODELS[bool(self.facts.get("regression", self.facts["metric"] == "rms"))]
        self.programs = {BEST: best, LINEAR: template("linear"), NET: template("neural_net")}

    def take(self) -> Measured:
        self.say("measuring on report tasks")
        pairs_of = self.config.data.held_out_classes, self.config.data.class_pairs
        examples = None if self.data in TEACHERS else read_examples(self.data, self.data_dir, *pairs_of)
        groups = 0 if examples is None else len(examples.groups("report"))
        # Data that have few pairs, or none, have the default number.
        count = PROJECTIONS * groups if groups >= FEW_GROUPS else None
        tasks = self._tasks("report", int(self.facts["select_tasks"]) if examples is None else count)
        fitness = self._fitness(tasks.tasks)
        names = tuple(task.name for task in tasks.tasks)
        pairs = [pair_name(name) for name in names]
        differences = {
            other: paired_difference(fitness[BEST], fitness[other], pairs)
            for other in fitness
            if other != BEST
        }
        self.say("measuring learning curves")
        curves = self._curves(tasks)
        of_pairs: Pairs | None = None
        galleries: tuple[Gallery, ...] = ()
        if examples is not None and examples.labels is None and len(examples.classes) > 2:
            self.say("measuring all pairs of classes")
            of_pairs = self._pairs(examples, fitness)
        if examples is not None and examples.name in IMAGES:
            self.say("looking for images")
            galleries = self._galleries(examples, tasks)
        explanation = self._explanation(tasks, groups)
        return Measured(
            self.linear_model,
            names,
            fitness,
            differences,
            curves,
            of_pairs,
            galleries,
            explanation,
        )

    def _tasks(self, split: str, count: int | None, first: int = 0) -> TaskSet:
        data = self.config.data
        return task_set(
            self.data,
            split,
            count=count,
            features=self.facts["features"],
            train=data.select_train,
            valid=data.select_valid,
            first=first,
            held_out_classes=data.held_out_classes,
            class_pairs=data.class_pairs,
            metric=data.metric,
            class_weights=data.class_weights,
            data_dir=self.data_dir,
        )

    def _fitness(self, tasks: Sequence[Task]) -> Figures:
        """Return the fitness of all programs, in float64, and of the linear model on each task."""
        engine = NativeEngine(tasks, seed=self.config.seed, epochs=self.config.data.epochs)
        figures: dict[str, Sequence[float]] = {
            name: engine.per_task(candidate) for name, candidate in self.programs.items()
        }
        return figures | {self.linear_model: [linear_model(task) for task in tasks]}

    def _curves(self, tasks: TaskSet) -> Curves:
        most = min(len(task.train_labels) for task in tasks.tasks)
        halved = [most >> times for times in reversed(range(SIZES))]
        sizes = tuple(size for size in halved if size >= FEWEST) or (most,)
        figures = [self._fitness([task.first(size) for task in tasks.tasks]) for size in sizes]
        return Curves(sizes, {name: [fmean(at[name]) for at in figures] for name in figures[0]})

    def _pairs(self, examples: Examples, on_report: Figures) -> Pairs:
        accuracy = {name: _by_group(examples.groups("report"), values) for name, values in on_report.items()}
        held_out = frozenset(examples.held_out)
        if held_out:
            groups = examples.groups("search")
            figures = self._fitness(self._tasks("search", len(groups), FRESH * len(groups)).tasks)
            accuracy = {name: of | _by_group(groups, figures[name]) for name, of in accuracy.items()}
        return Pairs(examples.classes, held_out, accuracy)

    def _explanation(self, tasks: TaskSet, groups: int) -> Explanation:
        few = groups if groups >= FEW_GROUPS else MOST
        first = TaskSet.of(tasks.tasks[:few], tasks.name, tasks.split)
        self.say("taking the program apart")
        return explain(self.best, StudyTasks((first,), self.config.data.epochs, self.config.seed, ()))

    def _galleries(self, examples: Examples, tasks: TaskSet) -> tuple[Gallery, ...]:
        default, data = defaults(self.data, "report"), self.config.data
        train, valid = data.select_train or default.train, data.select_valid or default.valid
        galleries = []
        for number, task in enumerate(tasks.tasks[: len(examples.groups("report"))]):
            (one, other), rows = valid_rows(examples, "report", number, train, valid)
            classes = examples.classes[one], examples.classes[other]
            shown = gallery(self.best, number, task, rows, classes, examples, self.config.seed, data.epochs)
            galleries.append(shown)
        return tuple(galleries)


def _by_group(groups: tuple[Group, ...], values: Sequence[float]) -> dict[Group, float]:
    """Return the mean of each group's tasks, which take turns."""
    return {group: fmean(values[number :: len(groups)]) for number, group in enumerate(groups)}
