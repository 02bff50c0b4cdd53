"""How far runs come from nothing: the best program of each seed beside the tuned templates.

    SYNTH_DATA_DIR=... python benchmarks/past_the_net.py --first-seed 1000 --seeds 8    # what is missing
    SYNTH_DATA_DIR=... python benchmarks/past_the_net.py --first-seed 1000 --without race
    python benchmarks/past_the_net.py --table

A run has one worker and 240 seconds of processor time. A row each goes to results/; a script that was
interrupted goes on where it was. Constants of all programs are tuned alike, on selection tasks. Differences
are those on report tasks, by pairs of classes, with Student's t over the pairs. For figures to publish,
`--report-from 10` takes projections that nobody looked at before.
"""

import math
import shutil
from pathlib import Path
from statistics import fmean, median, stdev

import experiments
from scipy.stats import binomtest, permutation_test, t

from synth.search.pruning import least_worth
from synth.search.scoring.judge import Judge
from synth.statistics import paired_difference

YARDSTICKS = ("linear", "neural_net", "quadratic")

REFERENCE = "alter_parameter,randomize_function,insert,remove"

PARTS = {
    "valid start": ["search.start=empty"],
    "data flow": [f"mutation.kinds={REFERENCE}"],
    "parsimony": ["search.parsimony=0"],
    "feedback": ["search.feedback_islands=0"],
    "hurdle": ["search.hurdle_train=0"],
    "errors at the hurdle": ["search.hurdle_errors=0"],
    "race": ["search.race_trials=0"],
    "restarts": ["search.restart_rounds=0"],
    "structure share": ["search.structure_share=1"],
    "best kept": ["search.keep_best=false"],
    "live genome": ["search.genome=whole"],
    "own tasks": ["data.own_tasks=false"],
    "evolution": ["search.method=random"],
}
"""Settings that take a part from the search."""


def main() -> None:
    """Carry out what is missing, or print the table."""
    parser = experiments.arguments(__doc__, "past_the_net.csv")
    parser.add_argument("--preset", default="quick")
    parser.add_argument("--first-seed", type=int, default=0, help="(default 0)")
    parser.add_argument("--without", choices=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--cpu-seconds", type=float, default=240.0, help="of a run (default 240)")
    parser.add_argument("--max-train-steps", type=int, help="of a run, in place of its seconds")
    parser.add_argument(
        "--report-from", type=int, default=0, help="first projection of the report tasks (default 0)"
    )
    parser.add_argument(
        "--checkout", type=Path, default=experiments.ROOT, help="folder whose synth runs; this one measures"
    )
    parser.add_argument("--name", help="of the rows (default: what runs, and without which part)")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep each best.py as NAME-SEED.py there")
    options = parser.parse_args()
    if options.table:
        print(table(options.results))
        return
    name = options.name or options.preset
    if options.checkout != experiments.ROOT and not options.name:
        parser.error("a run of another checkout needs a --name")
    if options.without and not options.name:
        name = f"{name} without {options.without}"
    sets = ["limits.seconds=none", *PARTS.get(options.without, []), *options.set]
    cpu_seconds = options.cpu_seconds
    if options.max_train_steps:
        sets, cpu_seconds = [*sets, f"limits.train_steps={options.max_train_steps}"], math.inf
    flags = ["--preset", options.preset, "--workers", "1", *experiments.words(sets)]
    settings = " ".join([*flags, f"--cpu-seconds {cpu_seconds:g}", f"--report-from {options.report_from}"])
    for row in experiments.rows(options.results):
        if row["name"] == name and row["settings"] != settings:
            parser.error(f"{name!r} is taken, by {row['settings']}; choose a --name")
    yardstick = experiments.Yardstick(options.preset, options.set, YARDSTICKS, options.report_from)

    def experiment(name: str, seed: int) -> experiments.Row:
        with experiments.run([*flags, "--seed", str(seed)], cpu_seconds, options.checkout) as run:
            if options.keep and run.record.best:
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(run.record.folder / "best.py", options.keep / f"{name}-{seed}.py")
            with yardstick.lock:
                found = yardstick.gaps(run.best, "found")
                figures = yardstick.report.per_task(yardstick.tuned(run.best))
            row = {"name": name, "seed": seed, **run.figures, "statements": len(run.best), **found}
            row |= worth(run)
            for baseline, others in yardstick.baselines.items():
                row |= interval(figures, others, yardstick.pairs, baseline)
            return {**row, "settings": settings}

    seeds = range(options.first_seed, options.first_seed + options.seeds)
    experiments.carry_out(experiment, [(name, seed) for seed in seeds], options.results, options.jobs)


def worth(run: experiments.Run) -> experiments.Row:
    """What a statement costs in a run, and what the one is worth that is worth least.

    That is by the fitness on search and selection tasks together, by which an improvement is pruned.
    """
    judge, noise = Judge(run.record.config), run.record.facts.get("noise")
    if not noise or not run.record.best:
        return {"price": None, "least_worth": None}
    price = judge.config.search.parsimony * noise[run.record.best.island]
    least = least_worth(run.best, lambda program: fmean(judge.per_task(program)))
    return {"price": round(price, 6), "least_worth": round(least, 6)}


def interval(
    figures: tuple[float, ...], others: tuple[float, ...], pairs: list[str], name: str
) -> experiments.Row:
    """The mean difference over pairs, its 95 % interval by Student's t, the p-value of a sign-flip test."""
    differences = [*paired_difference(figures, others, pairs).per_pair.values()]
    mean, count = fmean(differences), len(differences)
    half = t.ppf(0.975, count - 1) * stdev(differences) / math.sqrt(count) if count > 1 else math.nan
    flipped = permutation_test((differences,), fmean, permutation_type="samples", n_resamples=math.inf)
    return {
        f"gap_{name}": round(mean, 5),
        f"low_{name}": round(mean - half, 5),
        f"high_{name}": round(mean + half, 5),
        f"p_{name}": round(float(flipped.pvalue), 4),
    }


def table(path: Path) -> str:
    """For each name: seeds, statements, the mean gap to each template, and how often it is above 0."""
    rows, lines = experiments.rows(path), []
    for name in dict.fromkeys(row["name"] for row in rows):
        of_name = [row for row in rows if row["name"] == name]
        line: list[object] = [name, len(of_name), f"{median(experiments.column(of_name, 'statements')):g}"]
        for yardstick in YARDSTICKS:
            gaps = experiments.column(of_name, f"gap_{yardstick}")
            error = stdev(gaps) / math.sqrt(len(gaps)) if len(gaps) > 1 else math.nan
            above = binomtest(sum(gap > 0 for gap in gaps), len(gaps)).proportion_ci(method="wilson")
            line += [
                f"{fmean(gaps):+.4f} ± {error:.4f}",
                f"{sum(gap > 0 for gap in gaps)} ({above.low:.0%} to {above.high:.0%})",
            ]
        lines.append([*line, f"{fmean(experiments.column(of_name, 'train_steps')) / 1e9:.2f}e9"])
    gaps_to = [word for name in YARDSTICKS for word in (f"gap to {name}", "above it")]
    return experiments.table(["search", "seeds", "statements", *gaps_to, "train steps"], lines)


if __name__ == "__main__":
    main()
