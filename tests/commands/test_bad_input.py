"""Whatever is wrong with what a user gives: one sentence, the right exit code, nothing left behind."""

import gzip
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from command_line import FEW_TASKS, TEMPLATES, called, complaint, document, environment, synth
from rights import wants_mounts

LINEAR = TEMPLATES / "linear.py"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "--bogus"], "No such option: --bogus"),
        (["frobnicate"], "No such command 'frobnicate'"),
        (["run", "--seed"], "'--seed' requires an argument"),
        (["run", "--seed", "x"], "Invalid value for '--seed'"),
        (["run", "--engine", "nativ"], "'nativ' is not one of 'native', 'python'"),
        (["run", "--preset", "linaer"], "there is no preset 'linaer' (from --preset); did you mean linear?"),
        (["run", "--data", "cifar01"], "a data set must be one of auto, cifar10, "),
        (["run", "--set", "search.popluation=3"], "did you mean search.population?"),
        (["run", "--features", "0"], "data.features (from --features) is 0; it must be at least 1"),
        (["run", "--config", "no.toml"], "the configuration file no.toml cannot be read"),
        (["run", "--data", "no.npz"], "no.npz"),
        (["run", "--data-dir", "nowhere"], "nowhere holds no CIFAR-10; it should contain"),
        (["run", "--start", "no.py"], "search.start (from --start) is 'no.py'; there is no such file"),
        (["run", "--out", "."], "exists already"),
        (["run", "--out", "x", "--name", "y"], "give one of them"),
        (["run", "--data", "digits", "--set", "data.train=100000"], "ask for fewer"),
        (["eval"], "Missing argument 'MODULE...'"),
        (["eval", "no.py"], "cannot read no.py: No such file or directory"),
        (["eval", LINEAR, "--features", "0"], "Invalid value for '--features'"),
        (["eval", LINEAR, "--data", "digit"], "unknown data set 'digit'; did you mean digits?"),
        (["eval", LINEAR, "--split", "train"], "'train' is not one of"),
        (["eval", LINEAR, "--data", "digits", "--train", "100000"], "ask for fewer"),
        (["eval", LINEAR, "--data", "digits", "--engine", "python", "--dtype", "float32"], "native engine"),
        (["eval", LINEAR, "--data", "digits", "--time-limit", "0"], "more than 0 seconds"),
        (["check", "no.py"], "cannot read no.py"),
        (["mutate", "no.py"], "cannot read no.py"),
        (["mutate", LINEAR, "--kind", "remov"], "there is no such mutation; did you mean remove?"),
        (["mutate", LINEAR, "--preset", "linaer"], "did you mean linear?"),
        (["mutate", LINEAR, "--in-place", "-o", "x.py"], "give one of them"),
        (["data", "cifar100"], "'cifar100' is not"),
    ],
)  # fmt: skip
def test_usage(tmp_path: Path, arguments: list[object], sentence: str) -> None:
    assert sentence in complaint(called(*arguments, folder=tmp_path), 2)
    assert sorted(tmp_path.rglob("*")) in ([], [tmp_path / "generated"])


@pytest.mark.parametrize(
    "arguments", [["frobnicate"], ["run", "--data", "cifar01"], ["eval", LINEAR, "--data", "digit"]]
)
def test_a_process_says_what_a_call_says(tmp_path: Path, arguments: list[object]) -> None:
    """And ends with its code: so the sentences of others can be looked at without one."""
    process, call = (way(*arguments, folder=tmp_path) for way in (synth, called))
    assert (process.returncode, process.stdout, process.stderr) == (call.returncode, call.stdout, call.stderr)
    assert process.returncode == 2


def test_a_setting_in_the_environment_that_is_none(tmp_path: Path) -> None:
    finished = called("run", folder=tmp_path, SYNTH_SEARCH__POPULATIN="3")
    assert "did you mean SYNTH_SEARCH__POPULATION?" in complaint(finished, 2)


@pytest.mark.parametrize("command", [["run"], ["eval", LINEAR]])
@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"X": np.ones((20, 4))}, "y"),
        ({"y": np.arange(20) % 2}, "X"),
        ({"X": np.ones((20, 4)), "y": np.zeros(20, int)}, "class"),
        ({"X": np.ones((20, 4)), "y": np.arange(19) % 2}, "19"),
        ({"X": np.full((20, 4), np.nan), "y": np.arange(20) % 2}, "nan"),
    ],
)
def test_own_arrays(tmp_path: Path, command: list[object], arrays: dict[str, object], sentence: str) -> None:
    np.savez(tmp_path / "own.npz", **arrays)  # type: ignore[arg-type]
    said = complaint(called(*command, "--data", "own.npz", folder=tmp_path), 2)
    assert "own.npz" in said
    assert sentence in said
    assert not list(tmp_path.glob("generated/*"))


def test_an_npz_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "own.npz").write_text("not a zip file")
    assert "own.npz" in complaint(called("eval", LINEAR, "--data", "own.npz", folder=tmp_path), 2)


@pytest.mark.parametrize("command", [["run"], ["eval", LINEAR], ["data", "cifar10"]])
def test_a_truncated_archive(tmp_path: Path, command: list[object]) -> None:
    data = tmp_path / "data"
    data.mkdir()
    whole = gzip.compress(os.urandom(100_000))
    (data / "cifar-10-python.tar.gz").write_bytes(whole[: len(whole) // 2])
    said = complaint(called(*command, "--data-dir", "data", folder=tmp_path), 2)
    assert "cifar-10-python.tar.gz" in said
    assert not list(tmp_path.glob("generated/*"))


def test_a_data_folder_without_data(tmp_path: Path) -> None:
    said = complaint(called("eval", LINEAR, "--data-dir", ".", folder=tmp_path), 2)
    assert "cifar-10-batches-py" in said


def test_a_start_program_outside_of_the_space(tmp_path: Path) -> None:
    said = complaint(
        called("run", "--data", "digits", "--start", TEMPLATES / "averaged_net.py", folder=tmp_path), 2
    )
    assert "program." in said
    assert not list(tmp_path.glob("generated/*"))


def test_a_broken_configuration(tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text("[search\n")
    assert "is not TOML" in complaint(called("run", "--config", "own.toml", folder=tmp_path), 2)


def test_stdout_that_is_full(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        finished = subprocess.run(
            [sys.executable, "-m", "synth", "ops", "--json"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert finished.returncode == 3
    assert finished.stderr.splitlines() == ["error: No space left on device"]


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """/proc takes no new folders, not even from root."""
    assert "cannot be written" in complaint(
        synth("run", "--data", "digits", "--out", "/proc/run", folder=tmp_path), 3
    )
    said = complaint(synth("mutate", LINEAR, "-o", "/proc/mutant.py", folder=tmp_path), 3)
    assert "/proc/mutant.py cannot be written" in said


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB, for tests that want mounts."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=400k", "synth-test", str(place)]
    subprocess.run(mount, check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


@wants_mounts
def test_a_disk_that_is_read_only(small_disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    finished = synth("run", "--data", "digits", "--out", small_disk / "run", folder=small_disk)
    assert "the file system is read-only" in complaint(finished, 3)


@wants_mounts
def test_a_disk_that_is_full_from_the_start(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(b"x" * 390_000)
    finished = synth("run", "--data", "digits", "--out", "run", folder=small_disk)
    assert "the disk is full" in complaint(finished, 3)
    assert os.listdir(small_disk) == ["filler"]


@wants_mounts
def test_a_disk_that_becomes_full(small_disk: Path) -> None:
    options = [
        "--data",
        "linear",
        "--max-seconds",
        "60",
        "--set",
        "search.round_candidates=1",
        *FEW_TASKS,
        "--out",
        "run",
    ]
    (small_disk / "filler").write_bytes(b"x" * 100_000)
    finished = synth("run", *options, folder=small_disk)
    assert "the disk is full" in complaint(finished, 3)


@pytest.mark.parametrize("engine", ["native", "python"])
def test_files_that_are_no_modules_are_not_read_whole(tmp_path: Path, engine: str) -> None:
    (tmp_path / "huge.py").write_text("x = 1\n" * 1_000_000)
    (tmp_path / "binary.py").write_bytes(bytes(range(256)))
    arguments = [
        "eval",
        "huge.py",
        "binary.py",
        "/dev/zero",
        "--data",
        "linear",
        "--engine",
        engine,
        "--json",
    ]
    finished = synth(*arguments, folder=tmp_path)
    assert finished.returncode == 1
    results = document(finished)["results"]
    assert [result["status"] for result in results] == ["rejected"] * 3
    assert "longer than" in results[0]["error"] and "longer than" in results[2]["error"]
    assert "not UTF-8" in results[1]["error"]
