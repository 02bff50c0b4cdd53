"""From a table to a module that takes its raw rows, by commands alone, and what is said on the way."""

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import black
import numpy as np
import pandas as pd
import pytest
from command_line import FEW_TASKS, Finished, called, complaint
from sklearn.datasets import load_wine
from without_synth import run_without

import synth
from synth.runs.events import Event, Notice
from synth.runs.files import STORE
from synth.study.export import USE
from synth.tasks.sources import npz
from synth.tasks.sources.table import prepare

RUN = ("--start", "linear", "--islands", 1, "--workers", 1, "--max-candidates", 500, *FEW_TASKS)
RUN = (*RUN, "--set", "search.round_candidates=500", "--set", "fitness.tuning_trials=0")


def wines() -> pd.DataFrame:
    """Two columns of numbers, one of text, three classes, and a cell that is missing: four features."""
    data = load_wine(as_frame=True)
    frame = data.frame[["alcohol", "flavanoids", "color_intensity"]].round(2)
    frame.loc[7, "alcohol"] = np.nan
    frame["glass"] = np.where(frame.pop("color_intensity") > 5, "dark", "light")
    return frame.assign(wine=np.array(["red", "rosé", "white"])[data.target])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who has wines.csv, after two commands: a run, and an export of either style."""
    folder = tmp_path_factory.mktemp("wines")
    wines().to_csv(folder / "wines.csv", index=False)
    run(folder, "wines.csv", "--label", "wine", "--missing", "median", "--name", "wines")
    for style in ("sklearn", "numpy"):
        done = called(
            "export", "generated/wines/best.py", "--style", style, "-o", f"{style}_.py", folder=folder
        )
        assert done.returncode == 0, done.stderr
    return folder


def run(folder: Path, *arguments: object) -> Finished:
    done = called("run", "--data", *arguments, *RUN, folder=folder)
    assert done.returncode == 0, done.stderr
    return done


def test_the_module_predicts_raw_rows_without_synth(folder: Path) -> None:
    (folder / "model.py").write_text((folder / "sklearn_.py").read_text())
    script = """
import pickle
import pandas as pd
from model import pipeline

frame = pd.read_csv("wines.csv")
train, test = frame[::2], frame[1::2]
model = pipeline(epochs=5).fit(train, train["wine"])
raw = test.drop(columns="wine")
gap = raw.assign(alcohol=None, glass="blue")  # a missing number, and a text that was never seen
print(model.score(raw, test["wine"]), model.predict(gap.iloc[:1])[0] in set(frame["wine"]))
print((pickle.loads(pickle.dumps(model)).predict(raw) == model.predict(raw)).all())
"""
    score, known, same = run_without(script, folder, refused=["synth"]).split()
    assert float(score) > 0.8
    assert (known, same) == ("True", "True")


def test_the_preparation_of_the_module_is_that_of_the_run(folder: Path) -> None:
    """Fitted on the same rows, it gives the very numbers that the run has kept."""
    module: dict[str, object] = {}
    exec((folder / "sklearn_.py").read_text(), module)
    frame = pd.read_csv(folder / "wines.csv")
    with np.load(folder / "generated" / "wines" / "wines.npz") as kept:
        X, y = kept["X"], kept["y"]
    steps = module["pipeline"]().steps[0][1]  # type: ignore[operator]
    fitted = steps.fit(frame.drop(index=npz.test_rows(y, "wines")))
    assert np.array_equal(fitted.transform(frame), X)


def test_modules_say_what_was_done(folder: Path) -> None:
    sentence = (
        "wines.csv has 178 rows, 2 columns of numbers and 1 of text, which become 4 features; "
        "1 missing number filled in by the median of the column."
    )
    numbers, raw = ((folder / f"{style}_.py").read_text() for style in ("numpy", "sklearn"))
    for text in (numbers, raw):
        assert sentence in text.split('"""')[1].splitlines()
    assert (
        f"X holds these features as prepared numbers; the style sklearn takes raw columns.\n{USE['numpy']}"
        in numbers
    )
    assert "pipeline().fit(frame, y).predict(frame) takes raw columns" in raw
    assert black.format_str(raw, mode=black.Mode()) == raw
    # one of them is still in the language, and states figures
    assert "# synth verify: " in numbers
    assert called("check", "numpy_.py", folder=folder).returncode == 0
    assert "# synth verify: " not in raw


def test_the_record_says_what_was_done(folder: Path) -> None:
    run_folder = folder / "generated" / "wines"
    first, *_ = map(json.loads, (run_folder / "log.jsonl").read_text().splitlines())
    assert (first["event"], first["source"], first["label"]) == ("prepared", "wines.csv", "wine")
    assert (first["missing"], first["filled"], first["texts"]) == ("median", {"alcohol": 1}, ["glass"])
    text = (run_folder / "config.toml").read_text()
    assert f'name = "{run_folder / "wines.npz"}"' in text
    assert 'label = "none"' in text


def test_figures_are_verified_on_the_kept_file(folder: Path) -> None:
    data = "generated/wines/wines.npz"
    done = called("verify", "generated/wines/best.py", "--data", data, folder=folder)
    assert done.returncode == 0, done.stderr


def test_the_kept_file_brings_its_preparation_along(folder: Path, tmp_path: Path) -> None:
    """A run on it, as the command that repeats a run names it, knows what was done."""

    class Enough(Exception):
        pass

    def listen(event: Event) -> None:
        if isinstance(event, Notice) and event.text.startswith("wines.csv has 178 rows"):
            raise Enough

    with pytest.raises(Enough):
        synth.run(
            data=str(folder / "generated" / "wines" / "wines.npz"), callback=listen, out=tmp_path / "run"
        )


def test_a_regression_has_a_regressor(folder: Path, tmp_path: Path) -> None:
    """Only the record says which one it is."""
    shutil.copytree(folder / "generated" / "wines", tmp_path / "run")
    with closing(sqlite3.connect(tmp_path / "run" / STORE)) as store, store:
        store.execute("UPDATE event SET detail = json_replace(detail, '$.regression', json('true'))")
    done = called("export", "run/best.py", "--style", "sklearn", folder=tmp_path)
    assert "EvolvedRegressor(**parameters)" in done.stdout
    regression = prepare(wines().dropna(), label="alcohol")
    (tmp_path / "kept.npz").write_bytes(regression.content)
    assert (npz.done_to_table(tmp_path / "kept.npz") or {})["regression"] is True


def test_what_is_said_of_tables(folder: Path) -> None:
    def said(*arguments: object) -> str:
        return complaint(called(*arguments, folder=folder), 2)

    assert "wines.csv needs --label, the column to predict; its columns are alcohol" in said(
        "run", "--data", "wines.csv"
    )
    assert "has 1 missing value: 1 in column alcohol; --missing drop" in said(
        "run", "--data", "wines.csv", "--label", "wine"
    )
    assert "--label and --missing are for tables, and digits is none" in said(
        "run", "--data", "digits", "--label", "wine"
    )
    assert "--label and --missing are for tables, and wines.npz is none" in said(
        "run", "--data", "generated/wines/wines.npz", "--missing", "drop"
    )
    assert "absent.csv cannot be read: No such file" in said("run", "--data", "absent.csv", "--label", "wine")
    assert "or of a table (.csv, .tsv, .parquet" in said("run", "--data", "wines.xlsx")
    assert "'mode' is not one of 'refuse', 'drop', 'mean', 'median'" in said(
        "run", "--data", "wines.csv", "--missing", "mode"
    )
    assert "wines.csv is a table, which `synth run --data wines.csv --label COLUMN` prepares" in said(
        "eval", "linear", "--data", "wines.csv"
    )
    assert not list(folder.glob("generated/quick*"))
