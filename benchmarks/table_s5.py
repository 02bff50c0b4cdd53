"""The best program of each of many seeds, from empty programs, beside the linear program and the net.

    python benchmarks/table_s5.py NAME --preset baseline --set search.experiment_rounds=40 --max-seconds 300
    python benchmarks/table_s5.py --table

NAME stands for an idea; all of its rows in results/table_s5.csv are of one preset, settings and limits.
"""

import math
import shutil
from pathlib import Path
from statistics import fmean, stdev

import experiments
from scipy.stats import binomtest

from synth.search.summary import BASELINES

CONSTANTS = {"gap": "as found", "tuned": "tuned"}
"""Names of columns of gaps begin with these, for constants as they are and tuned like those of the two."""


def main() -> None:
    """Carry out what is missing, or print the table."""
    parser = experiments.arguments(__doc__, "table_s5.csv")
    parser.add_argument("variant", nargs="?", metavar="NAME", help="the idea's name")
    parser.add_argument("--preset", default="baseline")
    parser.add_argument("--workers", type=int, default=1, help="(default 1)")
    parser.add_argument("--max-seconds", type=float)
    parser.add_argument("--max-train-steps", type=int)
    parser.add_argument("--cpu-seconds", type=float, default=math.inf, help="processor time of a run")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="keep each best.py as NAME-SEED.py there")
    options = parser.parse_args()
    if options.table:
        print(table(options.results))
        return
    if not options.variant:
        parser.error("a NAME is needed")
    limits = {"seconds": options.max_seconds, "train_steps": options.max_train_steps}
    sets = [*options.set, *(f"limits.{name}={value}" for name, value in limits.items() if value is not None)]
    flags = ["--preset", options.preset, "--workers", str(options.workers), *experiments.words(sets)]
    settings = " ".join([*flags, f"--cpu-seconds {options.cpu_seconds:g}"])
    for row in experiments.rows(options.results):
        if row["variant"] == options.variant and row["settings"] != settings:
            parser.error(f"{options.variant} is taken, by {row['settings']}")
    yardstick = experiments.Yardstick(options.preset, options.set)

    def experiment(name: str, seed: int) -> experiments.Row:
        with experiments.run([*flags, "--seed", str(seed)], options.cpu_seconds) as run:
            if options.keep and run.record.best:
                options.keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(run.record.folder / "best.py", options.keep / f"{name}-{seed}.py")
            with yardstick.lock:
                gaps = yardstick.gaps(run.best)
                tuned = yardstick.gaps(yardstick.tuned(run.best), "tuned")
            return {"variant": name, "seed": seed, **run.figures, **gaps, **tuned, "settings": settings}

    keys = [(options.variant, seed) for seed in range(1, options.seeds + 1)]
    experiments.carry_out(experiment, keys, options.results, options.jobs)


def table(path: Path) -> str:
    """The mean gaps of each variant with their standard errors, how often they are above 0, and the work."""
    found, lines = experiments.rows(path), []
    for name in dict.fromkeys(row["variant"] for row in found):
        of_variant = [row for row in found if row["variant"] == name]
        steps, *work = (
            fmean(experiments.column(of_variant, what))
            for what in ("train_steps", "candidates", "cpu_seconds")
        )
        for kind, words in CONSTANTS.items():
            line = [name, len(of_variant), words]
            for baseline in BASELINES:
                gaps = experiments.column(of_variant, f"{kind}_{baseline}")
                error = stdev(gaps) / math.sqrt(len(gaps)) if len(gaps) > 1 else math.nan
                line += [f"{fmean(gaps):+.4f} ± {error:.4f}", above(gaps)]
            lines.append([*line, f"{steps / 1e9:.2f}e9", *(f"{value:,.0f}" for value in work)])
    head = ["search", "seeds", "constants", "gap to linear", "above it", "gap to the net", "above it"]
    return experiments.table([*head, "train steps", "candidates", "CPU seconds"], lines)


def above(gaps: list[float]) -> str:
    """The share of seeds above 0, with its Wilson interval."""
    count = sum(gap > 0 for gap in gaps)
    low, high = binomtest(count, len(gaps)).proportion_ci(method="wilson")
    return f"{count / len(gaps):.0%} ({low:.0%} to {high:.0%})"


if __name__ == "__main__":
    main()
