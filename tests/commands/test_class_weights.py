"""Class weights on the way from `synth run` to what is told of the run afterwards."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from command_line import FEW_TASKS, Finished, called, complaint, document

import synth
from synth.runs.record import Record
from synth.runs.stated import figures_of
from synth.settings.resolve import read, to_command
from synth.tasks.sets import task_set

RUN = ("--start", "linear", "--islands", 1, "--workers", 1, "--max-candidates", 500, *FEW_TASKS)
RUN = (*RUN, "--set", "search.round_candidates=500", "--set", "fitness.tuning_trials=0")
SAID = (
    "a row of class yes is shown 9 times as often as one of class no, so that class yes has 50 % of the rows"
)


def table() -> pd.DataFrame:
    """Four features, and a label that a tenth of the rows has."""
    X = np.random.default_rng(0).normal(size=(400, 4))
    order = np.argsort(X[:, 0] + 0.3 * X[:, 1])
    labels = np.full(400, "no", dtype=object)
    labels[order[-40:]] = "yes"
    return pd.DataFrame(X, columns=list("abcd")).assign(ill=labels)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of somebody who has ill.csv, after a run with balanced classes."""
    folder = tmp_path_factory.mktemp("ill")
    table().to_csv(folder / "ill.csv", index=False)
    done = run(folder, "--class-weights", "balanced", "--name", "balanced")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("notice: training rows of ill.npz are resampled by class weights") == 1
    assert SAID in done.stderr
    return folder


def run(folder: Path, *options: object) -> Finished:
    return called("run", "--data", "ill.csv", "--label", "ill", *RUN, *options, folder=folder)


def test_the_record_has_them(folder: Path) -> None:
    path = folder / "generated" / "balanced"
    record = Record.read(path)
    assert record.config.data.class_weights == "balanced"
    assert any(SAID in notice for notice in record.facts["notices"])
    assert all("class_weights=balanced" in words for words in record.facts["conditions"].values())
    tasks = task_set(str(path / "ill.npz"), "search", count=4, class_weights="balanced")
    assert tasks.digest in record.facts["digests"].values()
    assert "--class-weights balanced" in to_command(record.config, 500)


def test_its_figures_are_verified_with_them(folder: Path) -> None:
    best, data = folder / "generated" / "balanced" / "best.py", "generated/balanced/ill.npz"
    (stated,) = figures_of(best.read_text())
    assert stated.conditions.class_weights == "balanced"
    done = called("verify", best, "--data", data, folder=folder)
    assert done.returncode == 0, done.stderr
    assert SAID in done.stderr
    best.with_name("forged.py").write_text(best.read_text().replace(" class_weights=balanced", ""))
    forged = called("verify", best.with_name("forged.py"), "--data", data, folder=folder)
    assert "with the digest" in complaint(forged, 2)


def test_studies_of_its_modules_use_them(folder: Path) -> None:
    best = folder / "generated" / "balanced" / "best.py"
    for command in (("compare", best, "linear"), ("explain", best)):
        done = called(*command, "--tasks", 4, folder=folder)
        assert done.returncode == 0, done.stderr
        assert SAID in done.stderr
        without = called(*command, "--tasks", 4, "--class-weights", "none", folder=folder)
        assert "class weights" not in without.stderr
        assert without.stdout != done.stdout


def test_an_evaluation_is_asked_for_them(folder: Path) -> None:
    best, data = "generated/balanced/best.py", "generated/balanced/ill.npz"
    figures = []
    for weights in ("balanced", "none"):
        done = called(
            "eval", best, "--data", data, "--tasks", 3, "--class-weights", weights, "--json", folder=folder
        )
        assert (SAID in done.stderr) == (weights == "balanced")
        figures.append(document(done)["results"][0]["fitness"])
    stated = figures_of((folder / best).read_text())[0]
    assert stated.rounded(figures[0]) == stated.figure
    assert figures[0] != figures[1]


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ("yess:2", "class weights name class 'yess', which ill.npz does not have; did you mean yes?"),
        ("yes:-2", "data.class_weights (from --class-weights) is 'yes:-2'; the weight of class yes is -2; "),
        ("no:nan", "data.class_weights (from --class-weights) is 'no:nan'; the weight of class no is nan; "),
        (
            "no:0,yes:0",
            "data.class_weights (from --class-weights) is 'no:0,yes:0'; the weight of class no is 0; ",
        ),
    ],
)
def test_what_is_refused_leaves_no_folder(folder: Path, weights: str, sentence: str) -> None:
    done = run(folder, "--class-weights", weights, "--name", "refused")
    assert complaint(done, 2).startswith(sentence)
    assert not (folder / "generated" / "refused").exists()


def test_a_regression_is_refused(tmp_path: Path) -> None:
    done = called("run", "--data", "linear", "--class-weights", "balanced", *RUN, folder=tmp_path)
    assert complaint(done, 2) == "linear has no classes, so none can have a weight"


def test_in_python_they_may_be_a_dict(folder: Path, tmp_path: Path) -> None:
    settings = {
        name: value for name, _, value in (word.removeprefix("--set=").partition("=") for word in FEW_TASKS)
    }
    settings |= {"search.round_candidates": "500", "fitness.tuning_trials": "0"}
    found = synth.run(
        table(),
        label="ill",
        class_weights={"no": 1, "yes": 9.5},
        start="linear",
        islands=1,
        workers=1,
        max_candidates=500,
        settings=settings,
        out=tmp_path / "run",
    )
    assert read(found.folder / "config.toml").data.class_weights == "no:1,yes:9.5"
    notices = Record.read(found.folder).facts["notices"]
    assert any("is shown 9.5 times as often" in notice for notice in notices)
