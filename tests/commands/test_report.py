"""`synth report` and `synth watch` as a user calls them."""

import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from command_line import FEW_TASKS, called, complaint, document, environment, synth
from report_runs import open_run, recorded_run


def test_report(tmp_path: Path) -> None:
    path = recorded_run(tmp_path / "generated" / "run")
    finished = synth("report", folder=tmp_path)  # the latest run
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("generated/run/report.html (0.")
    assert "measuring" in finished.stderr
    text = (path / "report.html").read_text()
    assert "Best program minus logistic regression" in text
    assert len(text) < 8e6


def test_a_report_of_a_run_without_a_program(tmp_path: Path) -> None:
    open_run(tmp_path / "run").close()
    finished = synth("report", "run", folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert "nothing to measure" in finished.stderr
    assert (tmp_path / "run" / "report.html").is_file()
    quiet = called("--quiet", "report", "run", "-o", "page.html", "--json", folder=tmp_path)
    assert quiet.stderr == ""
    shown = document(quiet)
    assert shown["report"] == str(tmp_path / "page.html")
    assert shown["bytes"] == (tmp_path / "page.html").stat().st_size
    assert shown["measured"] is False


@pytest.mark.parametrize("command", ["report", "watch"])
def test_what_is_no_run(tmp_path: Path, command: str) -> None:
    assert "nowhere is not a run" in complaint(called(command, "nowhere", folder=tmp_path), 2)
    assert "there is no run in generated" in complaint(called(command, folder=tmp_path), 2)
    (tmp_path / "run.sqlite").write_text("no database")
    (tmp_path / "config.toml").write_text("")
    assert "run.sqlite" in complaint(called(command, ".", folder=tmp_path), 2)


def test_a_report_that_cannot_be_written(tmp_path: Path) -> None:
    open_run(tmp_path / "run").close()
    assert "cannot be written" in complaint(called("report", "run", "-o", "/proc/x.html", folder=tmp_path), 3)


def test_watch(tmp_path: Path) -> None:
    open_run(tmp_path / "run").close()
    process = subprocess.Popen(
        [sys.executable, "-m", "synth", "watch", "run"],
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        assert address.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert b"being prepared" in answer.read()
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""
    finally:
        process.kill()
        process.communicate()


def test_a_run_with_its_page(tmp_path: Path) -> None:
    options = ("--data", "digits", "--start", "linear", "--max-candidates", 2000, *FEW_TASKS)
    process = subprocess.Popen(
        [sys.executable, "-m", "synth", "run", "--web", "--out", "run", *map(str, options)],
        cwd=tmp_path,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        address = next(line.split()[-1] for line in lines if line.startswith("live page: "))
        with urllib.request.urlopen(address, timeout=30) as answer:
            assert b"synth run" in answer.read()
        assert process.wait(600) == 0
        with pytest.raises(OSError):
            urllib.request.urlopen(address, timeout=30)
    finally:
        process.kill()
        process.communicate()
