"""Two programs, or a program and logistic regression, on the same tasks: which is better, how surely."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from synth.engine.native.engine import NativeEngine
from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.templates import template_names
from synth.search.scoring.tuning import tune
from synth.settings.schema import Level
from synth.statistics import Difference, pair_name, paired_difference
from synth.study.evaluate import Module, evaluate, load
from synth.study.figures import LINEAR_MODELS, linear_model
from synth.study.tasks import StudyTasks
from synth.tasks.metrics import beside

LOGISTIC = "logistic"
"""The name by which scikit-learn's logistic regression is asked for."""

TIME_LIMIT = 600.0
"""Seconds that one evaluation may take."""


@dataclass(frozen=True)
class Contestant:
    """Something with a fitness: a program, a module outside the language, or logistic regression."""

    name: str
    program: Candidate | Module | None
    path: Path | None = None

    @property
    def module(self) -> str | None:
        """The text of its module; None for logistic regression."""
        if self.program is None:
            return None
        return self.program.text if isinstance(self.program, Module) else self.program.text()


def contestant(name: str) -> Contestant:
    """Return what a module's path, a template's name or `logistic` stands for.

    A file goes before a name. Raises UsageError for anything else, Refusal for what is not Python.
    """
    path = Path(name)
    if path.is_file():
        return Contestant(name, load(path), path)
    if name == LOGISTIC:
        return Contestant(LINEAR_MODELS[False], None)
    if name in template_names():
        return Contestant(name, load(name))
    known = ", ".join((*template_names(), LOGISTIC))
    raise UsageError(f"there is no module {name}; it should be a module's path or one of {known}")


def tuned(one: Contestant, chosen: StudyTasks, trials: int) -> Contestant:
    """Return the contestant with its constants tuned on these tasks, as in a run's final figures.

    Raises UsageError for one that is not a program of the language.
    """
    if not isinstance(one.program, Candidate):
        raise UsageError(f"{one.name} cannot be tuned; it should be a module in the candidate language")
    engine = NativeEngine(chosen.tasks, seed=chosen.seed, epochs=chosen.epochs)

    def score(candidate: Candidate) -> float:
        return engine.evaluate(candidate).fitness or 0.0

    program, _ = tune(one.program, score, trials, chosen.seed)
    return replace(one, name=f"tuned {one.name}", program=program)


@dataclass(frozen=True)
class Comparison:
    """The fitness of two contestants on each task, and the paired difference, the first minus the second."""

    first: str
    second: str
    chosen: StudyTasks
    figures: tuple[tuple[float, ...], tuple[float, ...]]
    difference: Difference

    @property
    def verdict(self) -> str:
        """The outcome in words."""
        one, pairs = self.difference, len(self.difference.per_pair)
        first, second = (
            name + beside(self.chosen.metric, fmean(figures), self.chosen.scale)
            for name, figures in zip((self.first, self.second), self.figures, strict=True)
        )
        on = self.chosen.words + (f" from {pairs} pairs" if pairs > 1 else "")
        if self.figures[0] == self.figures[1]:
            return f"{first} and {second} are equal on each of {on}"
        if one.low <= 0.0 <= one.high:
            interval = f"{one.mean:+.4f}, 95 % interval {one.low:+.4f} to {one.high:+.4f}"
            return f"no difference between {first} and {second} can be told on {on}: {interval}"
        better, worse = (first, second) if one.mean > 0 else (second, first)
        low, high = sorted((abs(one.low), abs(one.high)))
        wins = sum(value * one.mean > 0 for value in one.per_pair.values())
        where = f", better on {wins} of {pairs} pairs" if pairs > 1 else ""
        interval = f"95 % interval {low:.4f} to {high:.4f}"
        return f"{better} is better than {worse} by {abs(one.mean):.4f} ({interval}) on {on}{where}"


def compare(
    first: Contestant,
    second: Contestant,
    chosen: StudyTasks,
    sandbox: Level = "full",
    say: Callable[[str], None] = lambda sentence: None,
) -> Comparison:
    """Evaluate two contestants on the same tasks.

    Programs run in the native engine, modules outside the language in the python engine. Raises UsageError
    for one that has no fitness there.
    """
    if chosen.regression and None in (first.program, second.program):
        raise UsageError("logistic regression needs tasks with two classes; these are regressions")
    say(f"{first.name} ...")
    one = _fitness(first, chosen, sandbox)
    say(f"{second.name} ...")
    other = _fitness(second, chosen, sandbox)
    difference = paired_difference(one, other, [pair_name(task.name) for task in chosen.tasks])
    return Comparison(first.name, second.name, chosen, (one, other), difference)


def _fitness(one: Contestant, chosen: StudyTasks, sandbox: Level) -> tuple[float, ...]:
    if one.program is None:
        return tuple(linear_model(task) for task in chosen.tasks)
    result = evaluate(
        one.program,
        chosen.tasks,
        engine="python" if isinstance(one.program, Module) else "native",
        seed=chosen.seed,
        epochs=chosen.epochs,
        time_limit=TIME_LIMIT,
        sandbox=sandbox,
    )
    if result.per_task is None:
        raise UsageError(f"{one.name} has no fitness: {result.error or result.status}")
    return result.per_task


def compare_document(comparison: Comparison) -> dict[str, Any]:
    """Return the JSON document of `synth compare`."""
    one, other = comparison.figures
    pairs: dict[str, list[tuple[float, float]]] = {}
    for task, first, second in zip(comparison.chosen.tasks, one, other, strict=True):
        pairs.setdefault(pair_name(task.name), []).append((first, second))
    return {
        "schema": 1,
        "first": {"name": comparison.first, "fitness": fmean(one)},
        "second": {"name": comparison.second, "fitness": fmean(other)},
        "metric": comparison.chosen.metric,
        "scale": comparison.chosen.scale,
        "tasks": {"count": len(one), "what": comparison.chosen.words},
        "difference": {
            name: getattr(comparison.difference, name) for name in ("mean", "low", "high", "error")
        },
        "verdict": comparison.verdict,
        "per_pair": [
            {
                "pair": pair,
                "tasks": len(figures),
                "first": fmean(first for first, _ in figures),
                "second": fmean(second for _, second in figures),
                "difference": comparison.difference.per_pair[pair],
            }
            for pair, figures in pairs.items()
        ],
        "per_task": [
            {"task": task.name, "first": first, "second": second}
            for task, first, second in zip(comparison.chosen.tasks, one, other, strict=True)
        ],
    }
