"""A run's folder holds everything that happened, whole, and refuses to be shared."""

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from recorded import rows
from run_events import BETTER, finished, improved, program, started, whole_run

from synth.errors import OutputFailed, UsageError
from synth.language.parser import parse_file
from synth.runs.folder import RunFolder
from synth.runs.store import NOTHING
from synth.settings.resolve import read, resolve
from synth.settings.schema import Config


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SYNTH_RUNS_DIR", str(tmp_path / "runs"))
    return tmp_path / "runs"


def recorded(path: Path) -> Path:
    with RunFolder.create(resolve(environment={}), path) as folder:
        for event in whole_run():
            folder.record(event)
    return path


def test_names_count_upwards_and_hold_no_clock(runs: Path) -> None:
    for number in (1, 2, 3):
        with RunFolder.create(Config(preset="linear", seed=7)) as folder:
            assert folder.path == runs / f"linear-auto-s7-{number}"


def test_own_data_give_their_name_to_the_folder(runs: Path) -> None:
    from dataclasses import replace

    config = replace(Config(), data=replace(Config().data, name="/some/where/iris.npz"))
    with RunFolder.create(config) as folder:
        assert folder.path.name == "quick-iris-s0-1"


def test_a_name_goes_among_the_runs(runs: Path) -> None:
    with RunFolder.create(Config(), name="mine") as folder:
        assert folder.path == runs / "mine"


@pytest.mark.parametrize("name", ["", "..", "a/b"])
def test_a_name_that_is_a_path_is_refused(runs: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not a folder name"):
        RunFolder.create(Config(), name=name)


def test_out_and_name_together_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give one of them"):
        RunFolder.create(Config(), tmp_path / "a", "b")


def test_an_existing_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="exists already"):
        RunFolder.create(Config(), tmp_path)
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_config_is_written_and_reads_back_equal(tmp_path: Path) -> None:
    config = resolve("linear", {"--seed": 3}, environment={})
    with RunFolder.create(config, tmp_path / "run") as folder:
        assert read(folder.path / "config.toml") == config


def test_the_settings_name_the_data_set_that_was_used(tmp_path: Path) -> None:
    config = resolve(environment={})
    assert config.data.name == "auto"
    with RunFolder.create(config, tmp_path / "run") as folder:
        folder.record(started())
    settled = read(tmp_path / "run" / "config.toml")
    assert settled.data.name == "digits"
    assert settled.search == config.search


def test_modules_are_written_as_they_come(tmp_path: Path) -> None:
    with RunFolder.create(resolve(environment={}), tmp_path / "run") as folder:
        one, two = program(1, 0.75), program(2, 0.8, BETTER)
        folder.record(started())
        folder.record(improved(one))
        assert parse_file(folder.best).candidate == one.candidate
        folder.record(improved(two, one))
        assert parse_file(folder.best).candidate == two.candidate
        for part in ("history", "raw"):
            assert sorted(os.listdir(folder.path / part)) == ["0001.py", "0002.py"]
            assert parse_file(folder.path / part / "0001.py").candidate == one.candidate
        text = folder.best.read_text()
        assert '"""Evolved by synth: mean accuracy 0.8000 on 3 selection tasks of digits (F = 16)."""' in text
        assert "class Model" in text
        assert "0.8" not in (folder.path / "history" / "0002.py").read_text().splitlines()[0]


def test_the_store_holds_the_run(tmp_path: Path) -> None:
    path = recorded(tmp_path / "run")
    assert rows(path, "SELECT number, parent, select_fitness FROM improvement") == [
        (1, None, 0.75),
        (2, 1, 0.8),
    ]
    assert rows(path, "SELECT island, candidates, train_steps FROM round") == [
        (0, 1000, 50_000),
        (1, 3000, 150_000),
    ]
    assert rows(path, "SELECT task, fitness FROM task_fitness WHERE program = 2") == [
        (0, 0.79),
        (1, 0.8),
        (2, 0.81),
    ]
    assert ("linear", "test", None) in rows(path, "SELECT * FROM figure")
    assert ("best", "test", 0.72) in rows(path, "SELECT * FROM figure")
    facts = {key: json.loads(str(value)) for key, value in rows(path, "SELECT key, value FROM run")}
    assert facts["data"] == "digits"
    assert facts["sandbox"] == ["landlock", "seccomp"]
    assert facts["summary"]["candidates"] == 12345


def test_each_use_of_the_test_split_is_kept(tmp_path: Path) -> None:
    with RunFolder.create(resolve(environment={}), tmp_path / "run") as folder:
        folder.record_test_use("best", 45, "final figure")
    assert rows(tmp_path / "run", "SELECT program, tasks, purpose FROM test_use") == [
        ("best", 45, "final figure")
    ]
    assert json.loads((tmp_path / "run" / "log.jsonl").read_text())["event"] == "test_use"


def test_the_log_is_one_document_a_line(tmp_path: Path) -> None:
    lines = (recorded(tmp_path / "run") / "log.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["started", "improved", "improved", "finished"]


def test_no_temporary_files_stay(tmp_path: Path) -> None:
    path = recorded(tmp_path / "run")
    assert sorted(os.listdir(path)) == [
        ".lock",
        "best.py",
        "config.toml",
        "history",
        "log.jsonl",
        "raw",
        "run.sqlite",
    ]


def test_a_run_without_a_learner_ends_too(tmp_path: Path) -> None:
    with RunFolder.create(resolve(environment={}), tmp_path / "run") as folder:
        folder.record(started())
        folder.record(finished(None))
    assert not (tmp_path / "run" / "best.py").exists()


def test_a_second_process_is_refused(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from synth.runs.folder import RunFolder; RunFolder(pathlib.Path(sys.argv[1]))"
    )
    other = [sys.executable, "-c", code, str(tmp_path / "run")]
    with RunFolder.create(resolve(environment={}), tmp_path / "run"):
        result = subprocess.run(other, capture_output=True, text=True, check=False)
        assert "in use by another process" in result.stderr
    assert subprocess.run(other, capture_output=True, check=False).returncode == 0


def test_a_store_of_another_version_is_refused(tmp_path: Path) -> None:
    path = recorded(tmp_path / "run")
    connection = sqlite3.connect(path / "run.sqlite")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(UsageError, match="another version"):
        RunFolder(path)


def test_a_store_can_be_opened_again(tmp_path: Path) -> None:
    path = recorded(tmp_path / "run")
    with RunFolder(path) as folder:
        folder.record_notice("resumed", rounds=2)
    assert rows(path, "SELECT kind FROM event") == [("resumed",)]


def test_nothing_is_left_when_the_folder_cannot_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: object) -> None:
        raise OutputFailed(f"{path} cannot be written: the disk is full")

    monkeypatch.setattr("synth.runs.folder.write_atomically", full)
    with pytest.raises(OutputFailed):
        RunFolder.create(resolve(environment={}), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_a_folder_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputFailed, match="cannot be written: a part of the path is not a folder"):
        RunFolder.create(Config(), tmp_path / "file" / "run")


def test_a_folder_that_was_taken_away_is_not_made_anew(tmp_path: Path) -> None:
    with RunFolder.create(resolve(environment={}), tmp_path / "run") as folder:
        folder.record(started())
        (tmp_path / "run").rename(tmp_path / "elsewhere")
        (tmp_path / "run").mkdir()
        for write in (lambda: folder.record(improved(program(1, 0.75))), lambda: folder.write("best.py", "")):
            with pytest.raises(OutputFailed, match="run cannot be written: the folder is gone"):
                write()
    assert not os.listdir(tmp_path / "run")


def test_the_seal_of_a_store_tells_what_it_held(tmp_path: Path) -> None:
    path = recorded(tmp_path / "run")
    everything = {"number": 9, "island": 0, "improvements": 2, "events": 0}
    with RunFolder(path) as folder:
        seal = folder.store.seal()
        assert folder.store.seal_of(everything) == seal != NOTHING
        assert folder.store.seal_of(dict.fromkeys(everything, 0)) == NOTHING
        folder.record_notice("resumed")
        assert folder.store.seal() != seal == folder.store.seal_of(everything)
    for change in (
        "UPDATE round SET candidates = 1",
        "UPDATE improvement SET text = ''",
        "DELETE FROM task_fitness",
    ):
        connection = sqlite3.connect(path / "run.sqlite")
        connection.execute(change)
        connection.commit()
        connection.close()
        with RunFolder(path) as folder:
            assert folder.store.seal_of(everything) != seal
            seal = folder.store.seal_of(everything)
