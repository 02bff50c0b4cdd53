"""A long search: memory, descriptors and processes stay as they are, and the record agrees with itself.

An hour, or what SYNTH_LONG_SECONDS says.
"""

import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import environment
from faulty import gone, workers_of
from systems import wants_linux

pytestmark = [pytest.mark.long, wants_linux("it looks into /proc")]

SECONDS = float(os.environ.get("SYNTH_LONG_SECONDS", "3600"))
WARM = min(600.0, SECONDS / 2)
"""Seconds in which caches may fill."""
GROWTH = 1.05


def private(pids: list[int]) -> int:
    """Bytes of memory that are these processes' own; files that others may map as well are not counted."""
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss_Anon:"):
                total += 1024 * int(line.split()[1])
    return total


def descriptors(pids: list[int]) -> int:
    return sum(len(os.listdir(f"/proc/{pid}/fd")) for pid in pids)


def test_an_hour_with_two_workers(tmp_path: Path) -> None:
    path = tmp_path / "run"
    command = [sys.executable, "-m", "synth", "run", "--preset", "full", "--data", "digits", "--workers", "2"]
    command += ["--max-seconds", str(SECONDS), "--out", str(path), "--json"]
    process = subprocess.Popen(
        command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    begin, samples = time.monotonic(), []
    while process.poll() is None and time.monotonic() - begin < SECONDS - 5:
        time.sleep(max(1.0, SECONDS / 600))
        with contextlib.suppress(OSError):
            everyone = [process.pid, *workers_of(process.pid)]
            at = time.monotonic() - begin
            samples.append((at, private(everyone), descriptors(everyone), len(everyone)))
    workers = workers_of(process.pid)
    stdout, _ = process.communicate(timeout=600)
    assert process.returncode in (0, 1)
    assert gone(workers)
    (tmp_path / "samples.json").write_text(json.dumps(samples))

    check_samples(samples)
    check_record(path, json.loads(stdout))


def check_samples(samples: list[tuple[float, int, int, int]]) -> None:
    """Nothing grows; memory by medians, as a checkpoint takes a fifth more for the moment of writing it."""

    def memory(begin: float, end: float) -> float:
        return statistics.median(bytes_used for at, bytes_used, _, _ in samples if begin < at <= end)

    span = (SECONDS - WARM) / 5
    before = memory(WARM / 2, WARM)
    assert max(memory(WARM + part * span, WARM + (part + 1) * span) for part in range(5)) <= GROWTH * before
    assert {processes for at, _, _, processes in samples if at > WARM} == {3}
    assert max(files for _, _, files, _ in samples) <= min(files for _, _, files, _ in samples) + 2


def check_record(path: Path, document: dict[str, object]) -> None:
    """The figures that a run tells agree with what its store holds."""
    with contextlib.closing(sqlite3.connect(path / "run.sqlite")) as store:
        rounds, last = store.execute("SELECT count(*), max(rounds) FROM round").fetchone()
        assert rounds == last == document["rounds"]
        for column in ("candidates", "evaluated", "rejected", "cached", "repeated", "train_steps"):
            values = [value for (value,) in store.execute(f"SELECT {column} FROM round ORDER BY rounds")]
            assert values == sorted(values)
            assert values[-1] == document[column]
        improvements = store.execute(
            "SELECT number, select_fitness FROM improvement ORDER BY number"
        ).fetchall()
        assert [number for number, _ in improvements] == list(range(1, len(improvements) + 1))
        assert [fitness for _, fitness in improvements] == sorted({fitness for _, fitness in improvements})
    assert len(list((path / "history").glob("*.py"))) == len(improvements)
