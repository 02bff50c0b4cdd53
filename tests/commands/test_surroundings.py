"""The machine as it is: old locales, names that are no text, few processors, threads, other folders."""

import contextlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import TEMPLATES, complaint, document, environment, synth
from systems import wants_linux

import synth as package
from synth.errors import UsageError
from synth.runs.events import Event, RoundFinished, RunStarted
from synth.runs.record import Record
from synth.settings.resolve import read

X = np.random.default_rng(0).normal(size=(80, 4))
Y = (X[:, 0] > 0).astype(int)
TASKS = {f"data.{name}tasks": 3 for name in ("", "select_", "report_", "test_")}
SETTINGS: dict[str, Any] = {**TASKS, "search.round_candidates": 100, "fitness.tuning_trials": 2}
SMALL: dict[str, Any] = {"start": "linear", "islands": 1, "workers": 1, "max_candidates": 300}
OPTIONS = [f"--set={key}={value}" for key, value in SETTINGS.items()]
OPTIONS += [f"--{key.replace('_', '-')}={value}" for key, value in SMALL.items()]

ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""An environment in which Python takes names of files for ASCII, until synth begins anew."""

NO_TEXT = os.fsdecode(b"M\xfcller")
"""A name in Latin-1, which is not text in UTF-8."""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    np.savez(tmp_path / "Größe.npz", X=X, y=Y)
    return tmp_path


@pytest.mark.faults
@wants_linux("names of files are bytes there")
def test_names_with_umlauts_under_an_ascii_locale(own: Path) -> None:
    run = synth("run", "--data", "Größe.npz", "--out", "Müller", *OPTIONS, "--json", folder=own, **ASCII)
    assert run.returncode == 0, run.stderr
    assert document(run)["run"] == str(own / "Müller")
    assert document(run)["data"] == "Größe.npz"
    assert read(own / "Müller" / "config.toml").data.name == str(own / "Größe.npz")
    log = (own / "Müller" / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(log[0])["data"] == "Größe.npz"
    assert Record.read(own / "Müller").facts["data"] == "Größe.npz"
    show = synth("show", "Müller", folder=own, **ASCII)
    assert show.stdout.startswith("Müller: Größe.npz, F = 4")


@wants_linux("names of files are bytes there")
def test_a_module_with_umlauts_under_an_ascii_locale(own: Path) -> None:
    (own / "Größe.py").write_text((TEMPLATES / "linear.py").read_text())
    told = document(synth("check", "Größe.py", "--json", folder=own, **ASCII))
    assert told["results"][0]["module"] == "Größe.py"
    said = synth("check", "Größe.py", folder=own, PYTHONIOENCODING="ascii")
    assert said.stdout.startswith(r"Gr\xf6\xdfe.py: ok")


@wants_linux("names of files are bytes there")
def test_names_are_text_under_an_ascii_locale(own: Path) -> None:
    failed = synth("run", "--data", "Größe.npz", "--start", "lineer", folder=own, **ASCII)
    assert "did you mean linear?" in complaint(failed, 2)


@wants_linux("names of files are bytes there")
@pytest.mark.parametrize(
    "flags", [{"data": f"{NO_TEXT}.npz"}, {"out": NO_TEXT}, {"name": NO_TEXT}, {"start": f"{NO_TEXT}.py"}]
)
def test_names_that_are_no_text_are_refused(own: Path, flags: dict[str, str]) -> None:
    with contextlib.chdir(own), pytest.raises(UsageError, match=r"no record can hold .*not text in UTF-8"):
        package.run(**{"data": "Größe.npz", **SMALL, **flags})
    assert [path.name for path in own.iterdir()] == ["Größe.npz"]


@wants_linux("names of files are bytes there")
def test_a_name_that_cannot_be_told_is_one_sentence(own: Path) -> None:
    path = own / f"{NO_TEXT}.py"
    path.write_text("def setup(m):\n    pass\n")
    failed = synth("export", path.name, "-o", f"{NO_TEXT}.txt", folder=own)
    assert "internal error" not in complaint(failed, failed.returncode)


@pytest.mark.faults
@wants_linux("it sets an affinity")
def test_a_run_has_as_many_workers_as_it_may_use_processors(own: Path) -> None:
    one = min(os.sched_getaffinity(0))
    code = (
        f"import os, synth; os.sched_setaffinity(0, {{{one}}})\n"
        "def told(event):\n"
        "    print(getattr(event, 'workers', ''), end='')\n"
        "synth.run(data='Größe.npz', out='run', callback=told, start='linear', max_candidates=200, "
        f"settings={SETTINGS!r})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=own, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout == "1"


def small_run(folder: Path, seed: int = 0, **more: Any) -> package.Run:
    return package.run(X, Y, out=folder, seed=seed, settings=SETTINGS, **SMALL, **more)


@pytest.mark.faults
def test_two_runs_in_threads_are_those_that_each_is_alone(tmp_path: Path) -> None:
    with ThreadPoolExecutor() as threads:
        runs = [threads.submit(small_run, tmp_path / f"run{seed}", seed) for seed in (0, 1)]
        first, second = (run.result() for run in runs)
    alone = small_run(tmp_path / "alone", 1)
    assert (second.folder / "best.py").read_bytes() == (alone.folder / "best.py").read_bytes()
    assert first.folder != second.folder


@pytest.mark.faults
def test_a_run_in_another_thread_keeps_its_folder(tmp_path: Path) -> None:
    def again(event: Event) -> None:
        if isinstance(event, RunStarted):
            with pytest.raises(UsageError, match=r"in use|another"):
                package.api.resume(tmp_path / "run")

    small_run(tmp_path / "run", callback=again)


@pytest.mark.faults
def test_relative_paths_keep_their_meaning_when_the_folder_is_left(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is read again for fresh tasks and for the final figures, the start when the run resumes."""
    (own / "start.py").write_text((TEMPLATES / "linear.py").read_text())
    (own / "elsewhere").mkdir()
    monkeypatch.setenv("SYNTH_CACHE_DIR", "cache")
    monkeypatch.chdir(own)

    def leave(event: Event) -> None:
        if isinstance(event, RunStarted | RoundFinished):
            os.chdir(own / "elsewhere")

    flags = SMALL | {"start": "start.py", "data": "Größe.npz", "out": "run"}
    run = package.run(settings={**SETTINGS, "data.fresh_rounds": 1}, callback=leave, **flags)
    assert run.folder == own / "run"
    assert list((own / "elsewhere").iterdir()) == []
    assert package.api.resume(run.folder, flags={"--max-candidates": 400}).best is not None
