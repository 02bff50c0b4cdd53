"""`synth.run(X, y)`: a search on one's own arrays, from a notebook or a script without a main guard."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import environment
from sklearn.datasets import load_wine

import synth
from synth.errors import UsageError
from synth.report.page.page import page
from synth.runs.events import (
    Event,
    FigureBegun,
    Improved,
    Notice,
    RoundFinished,
    RunFinished,
    RunStarted,
    SearchEnded,
)
from synth.runs.record import Record
from synth.settings.resolve import read
from synth.study.show import show_document
from synth.tasks import pairs, sets
from synth.tasks.metrics import in_unit
from synth.tasks.sources import npz

SMALL: dict[str, Any] = {
    "start": "linear",
    "islands": 1,
    "workers": 1,
    "max_candidates": 1000,
    "settings": {
        "search.round_candidates": 500,
        "data.tasks": 3,
        "data.select_tasks": 3,
        "data.report_tasks": 3,
        "data.test_tasks": 3,
    },
}


def wine() -> tuple[np.ndarray, np.ndarray]:
    """Three classes, four features: a size for which other tests need machines too."""
    X, y = load_wine(return_X_y=True)
    return X[:, [0, 6, 9, 12]], y


def test_classes(tmp_path: Path) -> None:
    X, y = wine()
    names = np.array(["red", "white", "rose"])[y]
    seen: list[Event] = []
    run = synth.run(X, names, out=tmp_path / "run", callback=seen.append, **SMALL)
    assert [type(seen[0]), type(seen[-1])] == [RunStarted, RunFinished]
    assert {type(event) for event in seen} == {
        RunStarted,
        RoundFinished,
        Improved,
        SearchEnded,
        FigureBegun,
        RunFinished,
    }
    assert run.best is not None
    assert run.document["data"] == "own.npz"
    assert run.document["features"] == 4
    kept = np.load(run.folder / "own.npz")
    assert np.array_equal(kept["X"], X)
    assert np.array_equal(kept["y"], names)
    # the settings name the arrays, so that the run can be repeated
    assert read(run.folder / "config.toml").data.name == str(run.folder / "own.npz")
    again = synth.run(config_file=run.folder / "config.toml", out=tmp_path / "again")
    assert again.best == run.best
    assert synth.EvolvedClassifier(run.best, epochs=5).fit(X, y).score(X, y) > 0.8


def test_a_regression(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 4))
    y = 200_000 + 50_000 * (X @ [0.1, 0.2, -0.3, 0.4])
    run = synth.run(X.tolist(), y.tolist(), out=tmp_path / "run", **SMALL)
    best, scale = run.document["best"], run.document["scale"]
    assert best["select"] > 0.7
    assert scale == pytest.approx(y.std(), rel=0.1)
    assert best["rmse"]["test"] == pytest.approx(in_unit("rms", best["test"], scale))
    assert best["rmse"]["test"] < 0.5 * y.std()
    told = f"mean fitness {best['select']:.4f} (rmse {best['rmse']['select']:,.0f}"[:-2]
    assert told in (run.folder / "best.py").read_text()
    assert "(rmse " in (run.folder / "tuned.py").read_text().partition("\n")[0]
    record = Record.read(run.folder)
    assert "(rmse " in page(record)
    assert show_document(record)["scale"] == scale


@pytest.mark.faults
def test_a_regression_from_before_labels_were_standardised_is_not_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    X = np.random.default_rng(0).normal(size=(100, 4))
    with monkeypatch.context() as before:
        before.setattr(sets, "PREPARATION", 2)
        before.setattr(pairs, "standardise_labels", lambda train, valid: (train, valid, None))
        synth.run(X, X[:, 0], out=tmp_path / "run", **SMALL)
    with pytest.raises(UsageError, match=r"task data of .* changed since its checkpoint; `--accept data`"):
        synth.api.resume(tmp_path / "run", flags={"--max-candidates": 2000})


def test_notices_hold_for_the_same_content_elsewhere(tmp_path: Path) -> None:
    """They are kept with the prepared tasks, which another run may find."""
    for y in ([0, 1] * 20, [0.0, 200.0] * 20):
        (tmp_path / "own.npz").write_bytes(npz.packed(np.eye(40), y, name="own data"))
        _, notices = npz.read(tmp_path / "own.npz")
        assert notices
        assert not any(str(tmp_path) in notice for notice in notices)


def test_arrays_of_objects_stand_for_what_they_hold(tmp_path: Path) -> None:
    X, y = wine()
    run = synth.run(X.astype(object), y.astype(str).astype(object), out=tmp_path / "run", **SMALL)
    assert np.load(run.folder / "own.npz")["y"].dtype.kind == "U"


def test_the_first_argument_may_be_a_preset(tmp_path: Path) -> None:
    settings = {"search.round_candidates": 100, "data.tasks": 3, "data.test_tasks": 2}
    settings |= {"data.select_tasks": 2, "data.report_tasks": 2}
    out = tmp_path / "run"
    run = synth.run("linear", max_candidates=100, islands=1, population=50, settings=settings, out=out)
    assert run.document["preset"] == "linear"
    with pytest.raises(UsageError, match="two presets, 'linear' and 'quick'"):
        synth.run("linear", preset="quick")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((np.zeros((10, 2)),), "needs X and y together"),
        ((np.zeros((10, 2)), np.zeros(9, int)), "own data: X has 10 examples and y 9"),
        ((np.zeros((10, 2)), np.zeros(10, int)), r"own data has one class only \(0\)"),
        ((np.zeros((4, 2)), np.array([0, 0, 1, 1])), "own data has 2 examples of class 0"),
        (([["a", "b"]] * 10, [0, 1] * 5), "own data: X holds <U1 values"),
        (([[1, 2], [3]] * 5, [0, 1] * 5), "own data: X is not an array of numbers"),
        (
            (np.full((10, 2), np.nan), [0, 1] * 5),
            "own data has 20 missing values: 10 in column 0, 10 in column 1; --missing",
        ),
        (
            (np.zeros((10, 2)), [None] * 10),
            r"own data: y has 10 missing labels, the first in row 0 \(from 0\); leave",
        ),
    ],
)
def test_arrays_that_make_no_tasks(arguments: tuple[Any, ...], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=sentence):
        synth.run(*arguments, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_arrays_and_a_data_set_are_too_much(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="give one of them"):
        synth.run(np.zeros((10, 2)), [0, 1] * 5, data="digits", out=tmp_path / "run")


class Heard(Exception):
    """Ends a run before its search begins."""


def heard(*arguments: Any, out: Path, **more: Any) -> str:
    """Return what a run on a table says first."""

    def listen(event: Event) -> None:
        if isinstance(event, Notice):
            raise Heard(event.text)

    with pytest.raises(Heard) as said:
        synth.run(*arguments, out=out, callback=listen, **more)
    assert not out.exists()
    return str(said.value)


def test_tables(tmp_path: Path) -> None:
    X, y = wine()
    frame = pd.DataFrame(X, columns=["a", "b", "c", "d"]).assign(kind=y)
    frame.loc[3, "b"] = None
    frame.to_csv(tmp_path / "wine.csv", index=False)
    columns, out = "has 178 rows, 4 columns of numbers", tmp_path / "run"
    filled = "; 1 missing number filled in by the mean of the column"
    assert heard(frame, label="kind", missing="mean", out=out) == f"own data {columns}{filled}"
    assert heard(frame, label=-1, missing="mean", out=out) == f"own data {columns}{filled}"
    assert heard(frame.iloc[:, :4], frame["kind"], missing="mean", out=out) == f"own data {columns}{filled}"
    for path in (tmp_path / "wine.csv", str(tmp_path / "wine.csv")):
        assert heard(path, label="kind", missing="mean", out=out) == f"wine.csv {columns}{filled}"
    with pytest.raises(UsageError, match="own data has 1 missing value: 1 in column b"):
        synth.run(frame, label="kind", out=out)
    with pytest.raises(UsageError, match="--label and --missing are for tables, and linear is none"):
        synth.run(data="linear", missing="drop", out=out)
    assert not out.exists()


def test_what_a_callback_raises_ends_the_run(tmp_path: Path) -> None:
    class Enough(Exception):
        pass

    def stop(event: Event) -> None:
        if isinstance(event, RoundFinished):
            raise Enough

    X, y = wine()
    with pytest.raises(Enough):
        synth.run(X, y, out=tmp_path / "run", callback=stop, **SMALL)
    assert (tmp_path / "run" / "run.sqlite").is_file()  # what was found until then stays
    assert not (tmp_path / "run" / "tasks").exists()


def test_no_main_guard_is_needed(tmp_path: Path) -> None:
    """As in a notebook: the code comes from no file, and its workers must not run it again."""
    script = (
        "import numpy as np, synth\n"
        "X = np.random.default_rng(0).normal(size=(100, 4))\n"
        "y = X[:, 0] > 0\n"
        "print('once')\n"
        f"run = synth.run(X, y, **{SMALL | {'workers': 2, 'islands': 2}!r})\n"
        "task = synth.Task(X[:50], y[:50], X[50:], y[50:])\n"
        "print(synth.evaluate(run.best, [task], engine='python').status)\n"
        "print(synth.EvolvedClassifier(run.best).fit(X, y).score(X, y) > 0.8)\n"
    )
    done = subprocess.run(
        [sys.executable, "-"],
        input=script,
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["once", "ok", "True"]
    assert (tmp_path / "generated" / "quick-own-s0-1" / "best.py").is_file()
