"""Why nothing learns: which flow, setting or property of the data stands in the way of a run."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.rejection import can_learn, feeds_back
from synth.mutation.valid import valid_types
from synth.reading.learner import Learner
from synth.runs.events import Counts, Program
from synth.search.evolution.rules import space_for
from synth.search.scoring.judge import Judge
from synth.settings.checks import DRAWN_STARTS
from synth.settings.schema import Config
from synth.statistics import ERRORS, mean_and_error
from synth.tasks.metrics import MAX_ABS_ERROR
from synth.tasks.task import Task

FEW_CANDIDATES = 10_000
"""A run that looked at fewer has hardly begun."""

FEW_EXAMPLES = 50
"""Validation examples of a task with fewer are a coarse measure."""


def obstacle(
    judge: Judge, totals: Counts, best: Program | None, others: Mapping[str, Sequence[float]]
) -> str:
    """Say in two sentences why a run has found nothing that learns; nothing where it has.

    `others` holds the fitness of templates on each selection task. A program that one of them beats, or that
    does not beat a constant prediction, by more than chance has not learned what there is to learn.
    """
    config, tasks = judge.config, judge.select_tasks.tasks
    if best is None or not can_learn(best.candidate):
        return f"No program can learn so far. {_without_learner(config, totals)}"
    better = [name for name, figures in others.items() if _beats(figures, best.select_per_task)]
    if better:
        return (
            f"The best program is below the template {better[-1]}. {_on_plateau(config, totals, best, tasks)}"
        )
    chance = list(map(_by_chance, tasks))
    if not _beats(best.select_per_task, chance):
        learned = [name for name, figures in others.items() if _beats(figures, chance)]
        if learned:
            why = _on_plateau(config, totals, best, tasks)
            return (
                "The best program is not better than a constant prediction, and the template "
                f"{learned[-1]} is. {why}"
            )
        why = _large_labels(tasks) or (
            f"The features say little about the labels, or {judge.select_tasks.features} projected ones keep "
            "too little: check that each label belongs to its row, or raise data.features."
        )
        return f"Neither the best program nor a template is better than a constant prediction. {why}"
    return ""


def _without_learner(config: Config, totals: Counts) -> str:
    """Say what stands in the way of any program that learns."""
    try:
        valid_types(space_for(config), feedback=False)
    except UsageError as error:
        return f"The op lists or sizes allow none: {error}."
    if totals.candidates < FEW_CANDIDATES:
        return (
            f"Only {totals.candidates:,} candidates were looked at: give the run more time or more workers"
            + (", or the native engine, which is some thousand times faster." if _is_slow(config) else ".")
        )
    if config.search.start == "valid":
        return (
            "All of them failed: look for outliers among features and labels, whose errors exceed "
            f"{MAX_ABS_ERROR:g}."
        )
    rejected = totals.rejected / totals.candidates
    return (
        f"Of {totals.candidates:,} candidates {rejected:.0%} had no way from features and label to a "
        "prediction, which random statements rarely make; --set search.start=valid begins with programs that "
        "have one."
    )


def _on_plateau(config: Config, totals: Counts, best: Program, tasks: Sequence[Task]) -> str:
    """Say what keeps the best program below what a template reaches."""
    flow = _missing_flow(best.candidate, config.search.islands)
    if flow:
        return f"{flow}."
    if large := _large_labels(tasks):
        return large
    examples = min(len(task.valid_labels) for task in tasks)
    if examples < FEW_EXAMPLES:
        return (
            f"A task has only {examples} validation examples, so small gains cannot be told from chance: "
            "more tasks (data.tasks) or examples help."
        )
    slow = ", or the native engine" if _is_slow(config) else ""
    drawn = config.search.start in ("empty", *DRAWN_STARTS)
    start = ", or begin with a program that learns (--start linear)" if drawn else ""
    return (
        f"It has all the flow that it takes, but {totals.candidates:,} candidates were not enough for its "
        f"constants and structure: give the run more time or more workers{slow}, or another seed{start}."
    )


def _large_labels(tasks: Sequence[Task]) -> str:
    """Return a sentence about labels of a regression whose errors end programs; nothing where they do not.

    Those of files are standardised, so that only outliers are so large.
    """
    largest = max(float(np.abs(task.valid_labels).max()) for task in tasks)
    if not tasks[0].regression or largest <= MAX_ABS_ERROR:
        return ""
    unit, advice = " standard deviations", "look for outliers, or learn the logarithm of the labels"
    if tasks[0].scale is None:
        unit, advice = "", "divide them, so that they are some units large"
    return (
        f"Labels reach {largest:,.0f}{unit}, and an error above {MAX_ABS_ERROR:g} ends a program: {advice}."
    )


def _missing_flow(candidate: Candidate, islands: int) -> str:
    """Return a sentence about the flow that a program which can learn lacks; nothing where it lacks none."""
    if not feeds_back(candidate):
        return (
            "Its updates do not depend on its own error, so it adds up examples by their labels; --set "
            f"search.feedback_islands={islands} demands that the error feeds back"
        )
    learner = Learner(candidate)
    used = {variable[0] for group in learner.used for variable in learner.targets_of(group)}
    if not used & {"v", "m"}:
        return (
            "It keeps no vector or matrix from step to step, so it cannot weigh one feature against another; "
            "that takes ops such as 27 (np.dot of two vectors) in predict, and 18 (a scalar times a vector) "
            "and 23 (a sum of vectors) in learn"
        )
    return ""


def _is_slow(config: Config) -> bool:
    return config.run.engine == "python"


def _beats(figures: Sequence[float], others: Sequence[float]) -> bool:
    """Return whether the mean difference over tasks is above zero by more than chance."""
    differences = [one - other for one, other in zip(figures, others, strict=True)]
    if len(differences) < 2:
        return differences[0] > 0
    mean, error = mean_and_error(differences)
    return mean > ERRORS * error


def _by_chance(task: Task) -> float:
    """Return the fitness of the best constant prediction on a task."""
    labels = task.valid_labels
    share = float(np.mean(labels))
    constants = (
        (share,) if task.regression else (-1.0, 1.0, math.log(max(share, 1e-9) / max(1.0 - share, 1e-9)))
    )
    return max(task.fitness(np.full(len(labels), constant)) for constant in constants)
