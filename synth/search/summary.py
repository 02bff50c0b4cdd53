"""The final figures of a run, beside those of the templates that it has to beat.

Programs are compared after equal tuning of their constants on selection tasks, by their paired differences on
report tasks, which no search and no choice has seen.
"""

import itertools
from collections.abc import Callable, Generator, Mapping
from dataclasses import asdict
from typing import Any

from synth.engine.native.engine import NativeEngine
from synth.language.candidate import Candidate
from synth.mutation.kinds import DATA_FLOW, weighted
from synth.plugins import is_reference
from synth.reading.rewriting import rewritten
from synth.runs.events import Counts, FigureBegun, Program
from synth.runs.folder import RunFolder
from synth.search.evolution.rules import template
from synth.search.obstacles import obstacle
from synth.search.scoring.judge import Judge
from synth.search.scoring.tuning import affordable, tune
from synth.settings.schema import Config
from synth.statistics import pair_name, paired_difference
from synth.tasks.metrics import in_unit, unit_of
from synth.tasks.names import asked_for

BASELINES = ("linear", "neural_net")
"""The templates that a run's result stands beside."""


Figures = Generator[FigureBegun, None, dict[str, Any]]
"""Figures that are returned, and before each an event that says so."""

Begin = Callable[[str, str], FigureBegun]
"""Returns the event that a figure of a program is the next to be taken: its name, and which figure."""


def summary(judge: Judge, folder: RunFolder, best: Program | None, totals: Counts) -> Figures:
    """Return the figures of the best program and of the baselines, for the run's JSON document.

    Each use of the test split is recorded before it happens.
    """
    programs = {name: template(name) for name in BASELINES}
    if best:
        programs["best"] = best.candidate
    tasks = judge.test_tasks()
    for name in programs:
        folder.record_test_use(name, len(tasks.tasks), "final figures")
    report_tasks, trials = (
        judge.report_tasks(),
        affordable(judge.config.fitness.tuning_trials, tasks.features),
    )
    folder.record_conditions(judge.conditions(report_tasks, tasks))
    report = judge.engine(report_tasks)
    splits: dict[str, Callable[[Candidate], float]] = {
        "search": judge.on_search,
        "select": judge.select.fitness,
        "report": report.fitness,
        "test": judge.engine(tasks).fitness,
    }
    begin = _numbered(len(programs) * len(splits) + bool(best) + len(programs) * bool(trials))
    figures: dict[str, dict[str, Any]] = {name: {} for name in programs}
    for name, candidate in programs.items():
        for split, fitness in splits.items():
            yield begin(name, f"on {split} tasks")
            figures[name][split] = fitness(candidate)
    if best:
        yield begin("best", "in the python engine")
        figures["best"]["confirmed"] = judge.confirm(best.text)
    metric, scale = judge.select_tasks.metric, judge.select_tasks.scale
    if unit_of(metric, scale):
        for program in figures.values():
            reached = {split: in_unit(metric, program[split], scale) for split in splits if program[split]}
            program[asked_for(metric)] = reached
    others = {name: judge.select.per_task(programs[name]) for name in BASELINES}
    text = best.text if best else ""
    tuned = (yield from _tuned(judge, report, folder, programs, text, trials, begin)) if trials else None
    return {
        "best": figures.pop("best", None),
        "baselines": figures,
        "tuned": tuned,
        "obstacle": obstacle(judge, totals, best, others),
        "assumed": assumptions(judge.config),
    }


def assumptions(config: Config) -> list[str]:
    """Return, in words, what a search takes for granted about learning beside the op lists: its prior."""
    search, (kinds, _) = config.search, weighted(config.mutation.kinds)
    own = [kind for kind in kinds if is_reference(kind)]
    islands = "all" if search.feedback_islands >= search.islands else str(search.feedback_islands)
    granted = {
        "programs begin as random ones in which data flows from features and label to predictions": (
            search.start == "valid"
        ),
        "programs that cannot learn have no use": search.static_rejection,
        f"the error feeds back ({islands} of {search.islands} islands)": search.feedback_islands > 0,
        "mutations add what is read, and parameters are updated as A = op(A, .)": bool(
            DATA_FLOW & set(kinds)
        ),
        "families of ops that good programs use are worth more draws": config.mutation.families,
        "ops of a family, such as the products, may stand for each other": "duplicate" in kinds,
        f"mutations that somebody wrote for this search ({', '.join(own)}) change what is good to change": (
            bool(own)
        ),
    }
    return [words for words, holds in granted.items() if holds]


def _numbered(total: int) -> Begin:
    """Return a function that makes the events of so many figures, one after the other."""
    numbers, words = itertools.count(1), {"best": "best program"}
    return lambda name, which: FigureBegun(next(numbers), total, f"{words.get(name, name)} {which}")


def _tuned(
    judge: Judge,
    report: NativeEngine,
    folder: RunFolder,
    programs: Mapping[str, Candidate],
    text: str,
    trials: int,
    begin: Begin,
) -> Figures:
    """Return figures after tuning in so many trials, and how the best program differs from baselines.

    `text` is the module of the best program, which is written to the run's folder with tuned constants.
    """
    figures, per_task = {}, {}
    for name, candidate in programs.items():
        yield begin(name, "with tuned constants")
        tuned, select = tune(candidate, judge.select.fitness, trials, judge.config.seed)
        result = report.evaluate(tuned)
        figures[name] = {"select": select, "report": result.fitness}
        per_task[name] = result.per_task or ()
        if name == "best":
            folder.write_tuned(rewritten(text, tuned), result.fitness or 0.0, len(per_task[name]))
    pairs = [pair_name(task.name) for task in report.tasks]
    differences = {
        name: asdict(paired_difference(per_task["best"], per_task[name], pairs))
        for name in (BASELINES if "best" in per_task else ())
    }
    return {"trials": trials, "tasks": len(pairs), "figures": figures, "differences": differences}
