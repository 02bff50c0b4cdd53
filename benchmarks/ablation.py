"""What each part of the search is worth: prints the table of docs/search.md.

    SYNTH_DATA_DIR=... python benchmarks/ablation.py --jobs 2    # what results/ablation.csv does not have
    python benchmarks/ablation.py --table

A cell has all parts of the cells above it. A run has one worker and 60 seconds of processor time.
"""

from itertools import accumulate
from pathlib import Path

import experiments
import numpy as np

from synth.search.summary import BASELINES

PRESET = "baseline"

NOTHING = [
    *(f"search.{name}=false" for name in ("static_rejection", "new_programs_only", "symbolic_hash", "fec")),
    *(f"search.{name}=0" for name in ("hurdle_train", "migration_rounds", "experiment_rounds")),
]
PARTS = {
    "nothing": NOTHING,
    "+ static rejection": ["search.static_rejection=true"],
    "+ new programs only": ["search.new_programs_only=true"],
    "+ symbolic hash": ["search.symbolic_hash=true"],
    "+ equivalence check": ["search.fec=true"],
    "+ hurdles": ["search.hurdle_train=1000"],
    "+ migration": ["search.migration_rounds=10"],
    "+ restarts": ["search.experiment_rounds=40"],
}
CELLS = dict(zip(PARTS, accumulate(PARTS.values()), strict=True)) | {
    "random search": [*NOTHING, "search.method=random"],
    "random search, static rejection, equivalence check": [
        *(*NOTHING, "search.method=random"),
        *(*PARTS["+ static rejection"], *PARTS["+ equivalence check"]),
    ],
}

SHARES = {"rejected": "rejected", "repeated": "seen before", "cached": "equivalent", "hurdled": "hurdle"}
"""What became of candidates that were not evaluated in full: in the rows, and in the table."""


def main() -> None:
    """Carry out what is missing, or print the table."""
    parser = experiments.arguments(__doc__, "ablation.csv")
    parser.add_argument("--cpu-seconds", type=float, default=60.0, help="of a run (default 60)")
    parser.add_argument("--cells", nargs="+", default=list(CELLS), choices=list(CELLS), metavar="CELL")
    options = parser.parse_args()
    if options.table:
        print(table(options.results))
        return
    yardstick = experiments.Yardstick(PRESET, options.set)

    def cell(name: str, seed: int) -> experiments.Row:
        sets = experiments.words([*CELLS[name], *options.set])
        flags = ["--preset", PRESET, "--seed", str(seed), "--workers", "1", *sets]
        with experiments.run(flags, options.cpu_seconds) as run:
            totals, figures = run.record.totals, run.figures
            speed = {"candidates_per_second": round(totals["candidates"] / run.cpu_seconds, 1)}
            shares = {f"{name}_share": round(totals[name] / totals["candidates"], 4) for name in SHARES}
            with yardstick.lock:
                gaps = yardstick.gaps(run.best)
            return {"cell": name, "seed": seed, **figures, **speed, **shares, **gaps}

    keys = [(name, seed) for seed in range(1, options.seeds + 1) for name in options.cells]
    experiments.carry_out(cell, keys, options.results, options.jobs)


def table(path: Path) -> str:
    """The median over seeds of each cell, of the gaps with its standard error."""
    found, lines = experiments.rows(path), []
    for name in CELLS:
        of_cell = [row for row in found if row["cell"] == name]
        if not of_cell:
            continue
        speed = np.median(experiments.column(of_cell, "candidates_per_second"))
        shares = [np.median(experiments.column(of_cell, f"{share}_share")) for share in SHARES]
        gaps = [experiments.column(of_cell, f"gap_{baseline}") for baseline in BASELINES]
        lines.append(
            [name, len(of_cell), f"{speed:,.0f}", *(f"{share:.0%}" for share in shares)]
            + [f"{np.median(gap):+.4f} ± {error_of_median(gap):.4f}" for gap in gaps]
        )
    head = ["search", "seeds", "candidates a second", *SHARES.values(), "gap to linear", "gap to the net"]
    return experiments.table(head, lines)


def error_of_median(values: list[float]) -> float:
    """The standard error of a median, by bootstrap."""
    random = np.random.Generator(np.random.Philox(key=0))
    drawn = np.array(values)[random.integers(len(values), size=(4000, len(values)))]
    return float(np.median(drawn, axis=1).std())


if __name__ == "__main__":
    main()
