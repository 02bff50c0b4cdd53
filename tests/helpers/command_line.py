"""Calling the real command line as a user does: a process of its own, in a folder of its own."""

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"

FEW_TASKS = [
    f"--set=data.{setting}" for setting in ("tasks=4", "select_tasks=3", "report_tasks=3", "test_tasks=2")
]
"""Options of a run whose tasks all fit into the smallest machine, which other tests have compiled as well."""

Finished = subprocess.CompletedProcess[str]


def environment(**more: str) -> dict[str, str]:
    """The process's environment, without settings, with the package that is tested in front."""
    plain = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("SYNTH_") or name in ("SYNTH_CACHE_DIR", "SYNTH_DATA_DIR")
    }
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        plain.pop(name, None)
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    return plain | {"PYTHONPATH": path} | more


def run_command(
    path: Path, settings: Mapping[str, object], *more: str, preset: str = "baseline"
) -> list[str]:
    """The command that starts a run in a folder with these settings."""
    sets = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return [sys.executable, "-m", "synth", "run", "--preset", preset, *sets, "--out", str(path), *more]


def synth(*arguments: object, folder: Path, **env: str) -> Finished:
    """Run `synth` with these arguments in a folder."""
    command = [sys.executable, "-m", "synth", *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment(**env), capture_output=True, text=True, timeout=600, check=False
    )


Refused = list[list[int | None]]
"""System calls to refuse: [number, index of an argument or None, its value, errno] of each."""


def synth_without(refused: Refused, *arguments: str, folder: Path) -> Finished:
    """Run `synth` on a kernel without something, see without.py."""
    without = str(Path(__file__).with_name("without.py"))
    command = [sys.executable, without, json.dumps(refused), sys.executable, "-m", "synth", *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=600, check=False
    )


def called(*arguments: object, folder: Path, **env: str) -> Finished:
    """Let `synth` do this in the process of the tests, for what is about its words and its code alone."""
    from synth.cli import main

    words = [str(argument) for argument in arguments]
    stdout, stderr = io.StringIO(), io.StringIO()
    with (
        mock.patch.dict(os.environ, environment(**env), clear=True),
        contextlib.chdir(folder),
        contextlib.redirect_stdout(stdout),
        contextlib.redirect_stderr(stderr),
    ):
        code = main(words)
    return Finished(["synth", *words], code, stdout.getvalue(), stderr.getvalue())


def document(finished: Finished) -> dict[str, Any]:
    """The one JSON document on stdout; nan and infinity are no JSON."""

    def refuse(name: str) -> None:
        raise ValueError(f"{name} in JSON")

    parsed = json.loads(finished.stdout, parse_constant=refuse)
    assert isinstance(parsed, dict)
    assert parsed["schema"] == 1
    return parsed


def complaint(finished: Finished, code: int) -> str:
    """The one sentence of a failure with this exit code."""
    assert finished.returncode == code, finished.stderr
    assert "Traceback" not in finished.stderr
    *_, last = finished.stderr.splitlines()
    assert last.startswith("error: ")
    assert sum(line.startswith("error: ") for line in finished.stderr.splitlines()) == 1
    return last.removeprefix("error: ")
