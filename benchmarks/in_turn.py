"""Two searches of one seed in turn, a second each while the other is halted: how much faster is the second?

    SYNTH_DATA_DIR=... python benchmarks/in_turn.py "--workers 2" "--workers 2 --cluster local"
    SYNTH_DATA_DIR=... python benchmarks/in_turn.py "" "" --checkouts ../before .    # two versions of synth

On a machine with neighbours two runs, one after the other, differ by a tenth or two without a reason. Here
both see the same neighbours. Times are compared over the rounds that both recorded; a search's clock stands
while it is halted.
"""

import argparse
import os
import shlex
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

SLICE = 1.0
SETTLED = 4
"""Rounds a search has behind it before anything counts; a cluster still starts then."""


class Search:
    """A command that goes on and is halted; `rounds` has how many were recorded after so many seconds."""

    def __init__(self, options: list[str], folder: Path, checkout: Path) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "synth", "--quiet", "run", "--max-seconds", "1000000"]
        self._process = subprocess.Popen([*command, "--out", str(folder), *options], cwd=checkout)
        while self._recorded() < SETTLED:
            if self._process.poll() is not None:
                raise SystemExit(f"`synth run {shlex.join(options)}` ended before its first rounds")
            time.sleep(0.1)
        time.sleep(SETTLED)
        self.halt()
        self.seconds = 0.0
        self.rounds = [(0.0, self._recorded())]

    def _recorded(self) -> int:
        with suppress(sqlite3.Error):
            place = f"file:{self.folder}/run.sqlite?mode=ro"
            with closing(sqlite3.connect(place, uri=True)) as store:
                return int(store.execute("SELECT count(*) FROM round").fetchone()[0])
        return 0

    def go_on(self) -> None:
        """Let it go on for a slice of time."""
        began = time.monotonic()
        self._signal(signal.SIGCONT)
        time.sleep(SLICE)
        self.halt()
        self.seconds += time.monotonic() - began
        self.rounds.append((self.seconds, self._recorded()))

    def halt(self) -> None:
        """Halt its processes."""
        self._signal(signal.SIGSTOP)

    def end(self) -> None:
        """End its processes at once."""
        self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: int) -> None:
        for pid in _family(self._process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def took(self, first: int, last: int) -> float:
        """The seconds from one number of recorded rounds to another."""
        seconds, rounds = np.transpose(self.rounds)
        begin, end = np.interp([first, last], rounds, seconds)
        return float(end - begin)


def _family(pid: int) -> list[int]:
    """A process, and all that descend from it."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            for task in Path(f"/proc/{one}/task").iterdir():
                found += map(int, (task / "children").read_text().split())
    return found


def compared(commands: list[list[str]], checkouts: list[Path], seconds: float) -> tuple[list[float], int]:
    """How long each search took for the same rounds, and how many rounds these were."""
    folder = Path(tempfile.mkdtemp())
    searches: list[Search] = []
    try:
        for number, (options, checkout) in enumerate(zip(commands, checkouts, strict=True)):
            searches.append(Search(options, folder / str(number), checkout))
        while any(search.seconds < seconds for search in searches):
            searches.reverse()
            for search in searches:
                search.go_on()
        first = max(search.rounds[0][1] for search in searches)
        last = min(search.rounds[-1][1] for search in searches)
        if last <= first:
            raise SystemExit("the searches have no rounds in common; more --seconds are needed")
        searches.sort(key=lambda search: search.folder)
        return [search.took(first, last) for search in searches], last - first
    finally:
        for search in searches:
            search.end()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Print the ratio for each seed, and the median."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("first", help="options of the first search")
    parser.add_argument("second", help="options of the second")
    parser.add_argument("--both", default="--preset baseline --data cifar10", help="options of both")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--seconds", type=float, default=60.0, help="of each search and seed (default 60)")
    here = Path(__file__).resolve().parent.parent
    parser.add_argument("--checkouts", type=Path, nargs=2, default=[here, here], help="whose synth runs")
    options = parser.parse_args()
    ratios = []
    for seed in options.seeds:
        both = ["--seed", str(seed), *shlex.split(options.both)]
        commands = [[*both, *shlex.split(own)] for own in (options.first, options.second)]
        (one, other), rounds = compared(commands, options.checkouts, options.seconds)
        ratios.append(one / other)
        print(
            f"seed {seed}: {rounds} rounds in {one:.1f} and {other:.1f} s, {one / other:.3f} times as fast",
            flush=True,
        )
    print(f"median {statistics.median(ratios):.3f}")


if __name__ == "__main__":
    main()
