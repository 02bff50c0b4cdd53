"""The final figures of a run, beside those of the templates that it has to beat.

Programs are compared after equal tuning of their constants on selection tasks, by their paired differences on
report tasks, which no search and no choice has seen.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from synth.engine.native.engine import NativeEngine
from synth.language.candidate import Candidate
from synth.mutation.kinds import DATA_FLOW, weighted
from synth.runs.events import Program
from synth.runs.folder import RunFolder
from synth.search.evolution.rules import template
from synth.search.scoring.judge import Judge
from synth.search.scoring.tuning import affordable, tune
from synth.settings.schema import Config
from synth.statistics import pair_name, paired_difference

BASELINES = ("linear", "neural_net")
"""The templates that a run's result stands beside."""


def summary(judge: Judge, folder: RunFolder, best: Program | None) -> dict[str, Any]:
    """Return the figures of the best program and of the baselines, for the run's JSON document.

    Each use of the test split is recorded before it happens.
    """
    programs = {name: template(name) for name in BASELINES}
    if best:
        programs["best"] = best.candidate
    tasks = judge.test_tasks()
    for name in programs:
        folder.record_test_use(name, len(tasks.tasks), "final figures")
    test = judge.engine(tasks)
    report_tasks = judge.report_tasks()
    report = judge.engine(report_tasks)
    folder.record_conditions(judge.conditions(report_tasks, tasks))
    figures: dict[str, dict[str, Any]] = {
        name: {
            "search": judge.on_search(candidate),
            "select": judge.select.fitness(candidate),
            "report": report.fitness(candidate),
            "test": test.fitness(candidate),
        }
        for name, candidate in programs.items()
    }
    if best:
        figures["best"]["confirmed"] = judge.confirm(best.candidate)
    tuned = _tuned(judge, report, folder, programs)
    return {
        "best": figures.pop("best", None),
        "baselines": figures,
        "tuned": tuned,
        "assumed": assumptions(judge.config),
    }


def assumptions(config: Config) -> list[str]:
    """Return, in words, what a search takes for granted about learning beside the op lists: its prior."""
    search, (kinds, _) = config.search, weighted(config.mutation.kinds)
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
    }
    return [words for words, holds in granted.items() if holds]


def _tuned(
    judge: Judge, report: NativeEngine, folder: RunFolder, programs: Mapping[str, Candidate]
) -> dict[str, Any] | None:
    """Return figures after tuning, and how the best program differs from baselines; None without trials.

    The tuned best program is written to the run's folder as `tuned.py`.
    """
    config = judge.config
    trials = affordable(config.fitness.tuning_trials, judge.select_tasks.features)
    if trials == 0:
        return None
    figures, per_task = {}, {}
    for name, candidate in programs.items():
        tuned, select = tune(candidate, judge.select.fitness, trials, config.seed)
        result = report.evaluate(tuned)
        figures[name] = {"select": select, "report": result.fitness}
        per_task[name] = result.per_task or ()
        if name == "best":
            folder.write_tuned(tuned, result.fitness or 0.0, len(per_task[name]))
    pairs = [pair_name(task.name) for task in report.tasks]
    differences = {
        name: asdict(paired_difference(per_task["best"], per_task[name], pairs))
        for name in (BASELINES if "best" in per_task else ())
    }
    return {"trials": trials, "tasks": len(pairs), "figures": figures, "differences": differences}
