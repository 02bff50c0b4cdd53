"""Whatever happens to a run: it goes on to the same result, or says why it cannot; no file is spoiled."""

import contextlib
import hashlib
import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import TEMPLATES, complaint, document, environment, synth
from faulty import command, end, left_behind, resumed, resumed_or_refused, start, wait_for, workers_of
from recorded import rounds
from rights import POWERLESS, is_root, wants_mounts
from systems import wants_linux

pytestmark = [pytest.mark.faults, wants_linux("it looks into /proc")]

Expected = dict[str, Any]


def test_kill_9_of_the_command_at_random_moments(tmp_path: Path, expected: Expected) -> None:
    killed_and_resumed(tmp_path / "run", expected, 3, random.Random(1))


def test_kill_9_of_workers_at_random_moments(tmp_path: Path, expected: Expected) -> None:
    killed_workers(tmp_path / "run", expected, 3, random.Random(2))


def killed_and_resumed(path: Path, expected: Expected, kills: int, moments: random.Random) -> None:
    """Kill the command, and each resumption of it, then let it end."""
    process = start(path)
    for _ in range(kills):
        wait_for(process, (path / "checkpoint").is_dir)
        try:
            process.wait(moments.uniform(0.0, 0.6))
            break
        except subprocess.TimeoutExpired:
            end(process)
        resume = [sys.executable, "-m", "synth", "resume", str(path)]
        process = subprocess.Popen(resume, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert left_behind(path) == expected


def killed_workers(path: Path, expected: Expected, kills: int, moments: random.Random) -> None:
    """Kill one worker after the other, never one thrice in a round."""
    process = start(path)
    killed = 0
    while process.poll() is None and killed < kills:
        wait_for(process, lambda: rounds(path) > 0)
        time.sleep(moments.uniform(0.1, 0.3))
        if workers := workers_of(process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(moments.choice(workers), signal.SIGKILL)
            killed += 1
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert left_behind(path) == expected


def test_kill_9_of_the_worker_that_confirms_the_end(tmp_path: Path, expected: Expected) -> None:
    """When all rounds are played the python engine has its say: in a worker, and in forks of that."""
    process = start(tmp_path / "run")
    for _ in range(2):
        wait_for(process, lambda: bool(workers_of(process.pid, "python")))
        for worker in workers_of(process.pid, "python"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert left_behind(tmp_path / "run") == expected


@pytest.mark.parametrize("name", ["SIGHUP", "SIGTERM"])
def test_a_closed_terminal_and_a_polite_end(name: str, tmp_path: Path, expected: Expected) -> None:
    process = start(tmp_path / "run")
    wait_for(process, lambda: rounds(tmp_path / "run") > 4)
    end(process, getattr(signal, name))
    resumed(tmp_path / "run", expected)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_reader_that_has_gone(stream: str, tmp_path: Path, expected: Expected) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    streams: dict[str, Any] = {stream: writing}
    process = start(tmp_path / "run", **streams)
    os.close(writing)
    said = process.communicate(timeout=600)
    assert b"Traceback" not in (said[0] or b"") + (said[1] or b"")
    assert process.returncode == 0
    assert left_behind(tmp_path / "run") == expected


def test_evaluation_for_a_reader_that_has_gone(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = ["eval", str(TEMPLATES / "linear.py"), "--data", "linear", "--json"]
    finished = subprocess.run(
        [sys.executable, "-m", "synth", *words],
        cwd=tmp_path,
        env=environment(),
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert (finished.returncode, finished.stderr) == (0, b"")


@wants_mounts
def test_a_full_disk(disk: Path, expected: Expected) -> None:
    path = disk / "run"
    process = start(path)
    wait_for(process, lambda: rounds(path) > 2)
    with (disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError, match="No space"):
        while True:
            filler.write(bytes(4096))
    _, said = process.communicate(timeout=600)
    if process.returncode != 0:
        assert process.returncode == 3 and b"the disk is full" in said.splitlines()[-1], said
        refused = resumed_or_refused(path, expected)
        assert "the disk is full" in refused
    (disk / "filler").unlink()
    if process.returncode != 0:
        resumed(path, expected)


@wants_mounts
def test_a_disk_that_becomes_read_only(disk: Path, expected: Expected) -> None:
    path = disk / "run"
    process = start(path)
    wait_for(process, lambda: rounds(path) > 2)
    process.send_signal(signal.SIGSTOP)
    # What is open for writing keeps a file system from becoming read-only, so another lies over it.
    subprocess.run(["mount", "--bind", "-o", "ro", str(disk), str(disk)], check=True)
    subprocess.run(["mount", "-o", "remount,bind,ro", str(disk)], check=True)
    try:
        process.send_signal(signal.SIGCONT)
        _, said = process.communicate(timeout=600)
    finally:
        subprocess.run(["umount", str(disk)], check=True)
    assert process.returncode in (0, 3), said
    if process.returncode == 3:
        assert b"read-only" in said.splitlines()[-1], said
        resumed(path, expected)
    else:
        assert left_behind(path) == expected


def test_a_folder_that_nobody_may_write_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    words = [*(POWERLESS if is_root() else []), *command(tmp_path / "run")]
    finished = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert "there is no permission to write" in complaint(finished, 3)


def test_a_folder_that_becomes_read_only(tmp_path: Path, expected: Expected) -> None:
    path = tmp_path / "run"
    process = start(path, before=POWERLESS if is_root() else [])
    wait_for(process, lambda: rounds(path) > 2)
    folders = [path, *(folder for folder in path.iterdir() if folder.is_dir())]
    process.send_signal(signal.SIGSTOP)
    for folder in folders:
        folder.chmod(0o500)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate(timeout=600)
    for folder in folders:
        folder.chmod(0o700)
    assert process.returncode == 3 and b"there is no permission to write" in said.splitlines()[-1], said
    resumed(path, expected)


def test_a_deleted_folder(tmp_path: Path) -> None:
    path = tmp_path / "run"
    process = start(path)
    wait_for(process, lambda: rounds(path) > 2)
    path.rename(tmp_path / "bin")
    shutil.rmtree(tmp_path / "bin")
    _, said = process.communicate(timeout=600)
    assert process.returncode == 3 and b"the folder is gone" in said.splitlines()[-1], said
    assert not path.exists()


def test_two_runs_in_one_folder(tmp_path: Path, expected: Expected) -> None:
    path = tmp_path / "run"
    process = start(path)
    wait_for(process, lambda: rounds(path) > 0)
    process.send_signal(signal.SIGSTOP)
    second = subprocess.run(command(path), env=environment(), capture_output=True, text=True, check=False)
    assert "exists already" in complaint(second, 2)
    assert "in use by another process" in complaint(synth("resume", path, folder=tmp_path), 2)
    process.send_signal(signal.SIGCONT)
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert left_behind(path) == expected


BACKWARDS = """
import sys, time
start = time.time()
true = time.monotonic
begin = true()
time.time = lambda: start - 3600.0 * (true() - begin)
time.time_ns = lambda: int(1e9 * time.time())
from synth.cli import main
sys.exit(main())
"""


def test_a_clock_that_goes_backwards(tmp_path: Path, expected: Expected) -> None:
    words = command(tmp_path / "run")
    words[1:3] = ["-c", BACKWARDS]
    finished = subprocess.run(words, env=environment(), capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert left_behind(tmp_path / "run") == expected
    for file in (tmp_path / "run").rglob("*"):
        os.utime(file, (0, 4e9))  # and files from the future
    assert "has ended" in resumed_or_refused(tmp_path / "run", expected)


def test_a_worker_that_runs_out_of_memory(tmp_path: Path, expected: Expected) -> None:
    path = tmp_path / "run"
    process = start(path)
    wait_for(process, lambda: rounds(path) > 1 and bool(workers_of(process.pid)))
    for worker in workers_of(process.pid):
        resource.prlimit(worker, resource.RLIMIT_AS, (1 << 20, 1 << 20))  # it has more than that already
    _, said = process.communicate(timeout=600)
    assert b"Traceback" not in said
    if process.returncode == 0:
        assert left_behind(path) == expected
    else:
        assert process.returncode == 3 and said.splitlines()[-1].startswith(b"error: "), said
        resumed(path, expected)


def damages() -> dict[str, Any]:
    def flipped(share: float) -> Any:
        def damage(data: bytes) -> bytes:
            place = min(len(data) - 1, int(share * len(data)))
            return data[:place] + bytes([data[place] ^ 0x10]) + data[place + 1 :]

        return damage

    return {
        "empty": lambda data: b"",
        "half": lambda data: data[: len(data) // 2],
        "noise": lambda data: random.Random(0).randbytes(len(data)),
        "zeros": lambda data: bytes(len(data)),
        "a bit near the start": flipped(0.01),
        "a bit in the middle": flipped(0.5),
        "a bit near the end": flipped(0.99),
    }


@pytest.fixture(scope="module")
def broken_off(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was killed in the middle."""
    path = tmp_path_factory.mktemp("broken off") / "run"
    process = start(path)
    # the first is of the begin, and the second may be of the first rounds
    wait_for(process, lambda: rounds(path) > 8 and (path / "checkpoint" / "000004.npz").exists())
    end(process)
    return path


SEVERAL = {
    "run.sqlite": ["empty", "half", "zeros", "a bit near the start", "a bit in the middle"],
    "run.sqlite-wal": ["half", "a bit in the middle"],
    "last checkpoint": ["half", "a bit in the middle"],
    "all checkpoints": ["a bit near the end"],
    "config.toml": ["empty", "noise"],
    "log.jsonl": ["half"],
}


@pytest.mark.parametrize(
    ("file", "name"), [(file, name) for file, names in SEVERAL.items() for name in names]
)
def test_damaged_files(file: str, name: str, broken_off: Path, tmp_path: Path, expected: Expected) -> None:
    path = tmp_path / "run"
    shutil.copytree(broken_off, path)
    checkpoints = sorted((path / "checkpoint").glob("*.npz"))
    files = {"last checkpoint": checkpoints[-1:], "all checkpoints": checkpoints}.get(file, [path / file])
    for one in files:
        one.write_bytes(damages()[name](one.read_bytes()))
    refused = resumed_or_refused(path, expected)
    if file in ("last checkpoint", "log.jsonl"):
        assert not refused
    if file == "all checkpoints":
        assert "no checkpoint of this run can be used" in refused


def test_a_store_with_other_facts(broken_off: Path, tmp_path: Path, expected: Expected) -> None:
    """What SQLite finds whole was not written by the run for that."""
    for number, change in enumerate(
        ["UPDATE round SET best_search = 0.123 WHERE round = 1", "DELETE FROM round WHERE round = 0"]
    ):
        path = tmp_path / str(number) / "run"
        shutil.copytree(broken_off, path)
        with contextlib.closing(sqlite3.connect(path / "run.sqlite")) as store, store:
            store.execute(change)
        assert "it does not hold what it held at the checkpoint" in resumed_or_refused(path, expected)


@pytest.mark.parametrize("name", ["half", "a bit in the middle"])
def test_damaged_caches(name: str, tmp_path: Path, expected: Expected, warm_cache: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(warm_cache, cache)
    files = [file for file in cache.rglob("*") if file.is_file()]
    assert {file.relative_to(cache).parts[0] for file in files} >= {"kernels", "tasks"}
    for file in files:
        file.write_bytes(damages()[name](file.read_bytes()))
    process = start(tmp_path / "run", env={"SYNTH_CACHE_DIR": str(cache)})
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert left_behind(tmp_path / "run") == expected


def test_damaged_images(tmp_path: Path, small_cifar10: Path) -> None:
    """What is kept of CIFAR-10, and the tasks made from it, in the middle of each file."""
    words = ["eval", TEMPLATES / "linear.py", "--data", "cifar10", "--data-dir", small_cifar10]
    words += ["--tasks", "2", "--train", "20", "--valid", "10", "--engine", "python", "--json"]

    def evaluated() -> Any:
        return document(synth(*words, folder=tmp_path, SYNTH_CACHE_DIR=str(tmp_path / "cache")))["results"]

    first = evaluated()
    images, tasks = tmp_path / "cache" / "images", tmp_path / "cache" / "tasks"
    for kept in (tasks, images):
        files = [file for file in kept.rglob("*") if file.is_file()]
        assert files
        for file in files:
            file.write_bytes(damages()["a bit in the middle"](file.read_bytes()))
        if kept == images:
            shutil.rmtree(tasks)  # so that the images are read once more
        assert evaluated() == first


def test_a_kernel_that_others_may_write_is_not_run(
    tmp_path: Path, expected: Expected, warm_cache: Path
) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(warm_cache, cache)
    for file in (cache / "kernels").iterdir():
        code = random.Random(0).randbytes(1000)
        file.write_bytes(code + hashlib.sha256(code).digest())  # a right digest, and no machine code
        file.chmod(0o666)
    process = start(tmp_path / "run", env={"SYNTH_CACHE_DIR": str(cache)})
    _, said = process.communicate()
    assert process.returncode == 0, said
    assert left_behind(tmp_path / "run") == expected


@pytest.fixture(scope="session")
def warm_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that has all that the run needs."""
    folder = tmp_path_factory.mktemp("warm")
    process = start(
        folder / "run", "--max-candidates", "1000", env={"SYNTH_CACHE_DIR": str(folder / "cache")}
    )
    _, said = process.communicate()
    assert process.returncode == 0, said
    return folder / "cache"


@pytest.mark.long
def test_kill_9_of_the_command_a_hundred_times(tmp_path: Path, expected: Expected) -> None:
    for number in range(34):
        killed_and_resumed(tmp_path / str(number) / "run", expected, 3, random.Random(number))


@pytest.mark.long
def test_kill_9_of_workers_a_hundred_times(tmp_path: Path, expected: Expected) -> None:
    for number in range(34):
        killed_workers(tmp_path / str(number) / "run", expected, 3, random.Random(number))
