"""What the experiments share: real runs of the command, figures on report tasks, and rows in a CSV file."""

import argparse
import csv
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from synth.language.candidate import Candidate
from synth.runs.record import Record
from synth.search.evolution.rules import template
from synth.search.scoring.judge import Judge
from synth.search.scoring.tuning import tune
from synth.search.summary import BASELINES
from synth.settings.resolve import resolve
from synth.statistics import pair_name, paired_difference

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"

REPORT_TASKS = 90
"""Ten projections of each held-out pair, unless `--set data.report_tasks` says otherwise."""

NO_FIGURES = ("fitness.tuning_trials=0", "data.test_tasks=1")
"""Settings that keep a run's own final figures short: the experiments take theirs on report tasks."""

Row = dict[str, Any]


def arguments(description: str | None, results: str) -> argparse.ArgumentParser:
    """The options that all experiments have."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--table", action="store_true", help="print the table of what there is")
    parser.add_argument("--seeds", type=int, default=10, help="seeds 1 to N (default 10)")
    parser.add_argument("--jobs", type=int, default=1, help="runs at a time (default 1)")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="of all runs")
    parser.add_argument("--results", type=Path, default=RESULTS / results, metavar="FILE", help="CSV of rows")
    # A shell that starts something in the background has it ignore SIGINT, and all that it starts in turn.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    return parser


# Runs


@dataclass(frozen=True)
class Run:
    """A run that has ended: what it recorded, and the processor time of its processes while it searched."""

    record: Record
    cpu_seconds: float
    checkout: Path = ROOT

    @property
    def best(self) -> Candidate:
        """The best program; the empty one where nothing was found."""
        return self.record.best.candidate if self.record.best else Candidate()

    @property
    def figures(self) -> Row:
        """What every row says of a run."""
        totals, best = self.record.totals, self.record.best
        return {
            "commit": commit(self.checkout),
            "seconds": round(totals["seconds"], 2),
            "cpu_seconds": round(self.cpu_seconds, 2),
            "candidates": totals["candidates"],
            "train_steps": totals["train_steps"],
            "search": best and best.search,
            "select": best and best.select,
        }


@contextmanager
def run(options: Sequence[str], cpu_limit: float = math.inf, checkout: Path = ROOT) -> Iterator[Run]:
    """Carry out `synth run`, and end it after so much processor time of all its processes, as Ctrl-C does.

    `checkout` is the folder whose synth runs. The run's folder is there until the context ends.
    """
    with tempfile.TemporaryDirectory(prefix="synth-experiment-") as scratch:
        folder, errors = Path(scratch, "run"), Path(scratch, "errors")
        command = [sys.executable, "-m", "synth", "--quiet", "run", *words(NO_FIGURES), *options]
        command += ["--out", str(folder)]
        with errors.open("w") as stderr:
            process = subprocess.Popen(command, cwd=checkout, stdout=subprocess.DEVNULL, stderr=stderr)
        used, before = 0.0, None
        try:
            while process.poll() is None and used < cpu_limit:
                if before is None and (folder / "log.jsonl").exists():
                    before = cpu_seconds(process.pid)
                elif before is not None:
                    used = max(used, cpu_seconds(process.pid) - before)
                time.sleep(0.1)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
            code = process.wait()
        if code not in ((0, 130) if used >= cpu_limit else (0,)):
            raise SystemExit(f"{' '.join(command)} ended with exit code {code}:\n{errors.read_text()}")
        record = Record.read(folder)
        if not record.rounds:
            raise SystemExit("a run ended before its first round; give it more time")
        yield Run(record, used, checkout)


def words(sets: Iterable[str]) -> list[str]:
    """Settings as words of a command."""
    return [word for setting in sets for word in ("--set", setting)]


def cpu_seconds(process: int) -> float:
    """Processor time of a process, of its children, and so on."""
    place = Path("/proc", str(process))
    try:
        times = (place / "stat").read_text().rpartition(")")[2].split()[11:15]
        children = " ".join(path.read_text() for path in place.glob("task/*/children")).split()
    except OSError:  # it has just ended
        return 0.0
    own = sum(map(int, times)) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)


def commit(checkout: Path = ROOT) -> str:
    """The commit of a working tree, with a plus when the package differs from it."""

    def git(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["git", *command], cwd=checkout, capture_output=True, text=True, check=False)

    name = git("rev-parse", "--short", "HEAD").stdout.strip() or "unknown"
    return name + "+" * bool(git("diff", "--quiet", "HEAD", "--", "synth").returncode)


# Figures


class Yardstick:
    """Templates whose constants were tuned on selection tasks, on the report tasks.

    One thread at a time may measure, `with yardstick.lock`.
    """

    def __init__(
        self, preset: str, sets: Sequence[str], names: Sequence[str] = BASELINES, projection: int = 0
    ) -> None:
        """`names` are the templates, `projection` is the number of the first one of the report tasks."""
        config = resolve(preset, sets=[f"data.report_tasks={REPORT_TASKS}", *sets], environment={})
        self.lock = Lock()
        self.judge, self.trials = Judge(config), config.fitness.tuning_trials
        self.report = self.judge.report(projection)
        self.pairs = [pair_name(task.name) for task in self.report.tasks]
        self.baselines = {name: self.report.per_task(self.tuned(template(name))) for name in names}

    def tuned(self, program: Candidate) -> Candidate:
        """The program with its constants tuned on selection tasks."""
        return tune(program, self.judge.select.fitness, self.trials)[0]

    def gaps(self, program: Candidate, name: str = "gap") -> Row:
        """The mean paired difference of a program to each of the two."""
        figures = self.report.per_task(program)
        return {
            f"{name}_{baseline}": round(paired_difference(figures, others, self.pairs).mean, 5)
            for baseline, others in self.baselines.items()
        }


# Rows


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file, none where there is no file."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def append(path: Path, row: Row) -> None:
    """Write a row behind the others, so that it is there whatever happens next."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", newline="") as file:
        writer = csv.DictWriter(file, list(row))
        if file.tell() == 0:
            writer.writeheader()
        writer.writerow(row)
        file.flush()
        os.fsync(file.fileno())


def carry_out(work: Callable[..., Row], keys: Iterable[tuple[str, int]], path: Path, jobs: int) -> None:
    """Append `work(name, seed)`, a row that begins with these two, for each that the file does not have."""
    there = {tuple(row.values())[:2] for row in rows(path)}
    with ThreadPoolExecutor(jobs) as pool:
        wanted = [pool.submit(work, *key) for key in keys if (key[0], str(key[1])) not in there]
        try:
            for done in as_completed(wanted):
                append(path, done.result())
                print(*done.result().values(), flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise


# Tables


def column(found: Iterable[dict[str, str]], name: str) -> list[float]:
    """The numbers of a column, without empty cells."""
    return [float(row[name]) for row in found if row[name]]


def table(head: Sequence[str], lines: Iterable[Sequence[object]]) -> str:
    """A markdown table."""
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in (head, ["--"] * len(head), *lines))
