"""`--metric` by the real command: one of synth's and one's own, in a run and in what reads it."""

from pathlib import Path

import numpy as np
import pytest
from command_line import FEW_TASKS, TEMPLATES, called, complaint, document, synth
from own_functions import own_module
from recorded import left_behind

MODULE = """
import numpy as np

def saved(s1, probability, labels):
    from fractions import Fraction  # imported when it is called first, before the sandbox closes
    alarm = probability > 0.5
    costs = 5 * np.sum(~alarm & (labels > 0.5)) + np.sum(alarm & (labels < 0.5))
    return float(1 - Fraction(int(costs), int(5 * np.sum(labels > 0.5) + np.sum(labels < 0.5))))

def near(s1, probability, labels):
    return np.mean(np.abs(s1 - labels) < 0.5)

def later(s1, probability, labels):
    return 1 / max(0, 30 - len(labels))

def large(s1, probability, labels):
    return float(len(labels) - 1)
"""

SMALL = [
    *("--preset", "baseline", "--data", "digits", "--features", 8, "--islands", 2, "--max-seconds", 600),
    *("--set", "search.round_candidates=100", "--set", "search.population=20", "--set", "data.train=60"),
    *("--set", "data.valid=30", "--set", "fitness.tuning_trials=10", "--set", "search.start=linear"),
    *("--max-candidates", 500),
    *FEW_TASKS,
]


def test_a_run_by_a_metric_of_synth(tmp_path: Path) -> None:
    run = document(synth("run", *SMALL, "--metric", "log_loss", "--out", "run", "--json", folder=tmp_path))
    assert run["metric"] == "log_loss"
    for figures in (run["best"], run["baselines"]["linear"]):
        for split, loss in figures["log_loss"].items():
            assert loss == pytest.approx(1.0 / figures[split] - 1.0)
    best = (tmp_path / "run" / "best.py").read_text()
    assert best.startswith(f'"""Evolved by synth: mean fitness {run["best"]["select"]:.4f} (log loss ')
    for command, said in {
        ("verify", "run/best.py"): " yes",
        ("show", "run"): "  log loss ",
        ("compare", "run/best.py", "linear", "--tasks", 3): "log loss ",
        ("explain", "run/best.py", "--tasks", 2): " (log loss ",
        ("eval", "run/best.py", "--data", "digits", "--metric", "auc", "--tasks", 2): "mean AUC on ",
        ("compare", "run/best.py", "logistic", "--metric", "balanced_accuracy", "--tasks", 3): "A is run",
    }.items():
        done = called(*command, folder=tmp_path)
        assert done.returncode == 0, done.stderr
        assert said in done.stdout, command


def test_a_run_by_one_s_own_metric_has_the_same_bytes_for_any_number_of_workers(tmp_path: Path) -> None:
    module = own_module(tmp_path, MODULE)
    arguments = [*SMALL, "--metric", f"{module}:saved"]
    for name, workers in (("one", 1), ("two", 2)):
        done = synth("run", *arguments, "--workers", workers, "--out", name, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    expected = left_behind(tmp_path / "one")
    assert left_behind(tmp_path / "two") == expected and any(name.startswith("raw/") for name in expected)
    assert '"""Evolved by synth: mean saved 0.' in (tmp_path / "one" / "best.py").read_text()

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    done = synth("resume", tmp_path / "two", "--max-candidates", 700, folder=elsewhere)
    assert done.returncode == 0, done.stderr
    for command in (["verify", "../one/best.py"], ["compare", "../one/best.py", "linear"]):
        done = called(*command, folder=elsewhere)
        assert done.returncode == 0, done.stderr

    file = tmp_path / f"{module}.py"
    file.write_text(file.read_text() + "# changed\n")
    said = complaint(synth("verify", "../one/best.py", folder=elsewhere), 2)
    assert f"states figures by {module}:saved of a file with the digest " in said
    said = complaint(synth("resume", tmp_path / "two", "--max-candidates", 900, folder=elsewhere), 2)
    assert f"changed since its checkpoint (then the file of {module}:saved = " in said


def test_the_python_engine_scores_alike(tmp_path: Path) -> None:
    module = own_module(tmp_path, MODULE)
    for metric in ("log_loss", f"{module}:saved"):
        arguments = ["--data", "digits", "--tasks", 2, "--train", 60, "--metric", metric, "--json"]
        native, python = (
            document(called("eval", TEMPLATES / "linear.py", *arguments, "--engine", engine, folder=tmp_path))
            for engine in ("native", "python")
        )
        found = [one["results"][0]["per_task"] for one in (native, python)]
        assert found[0] == pytest.approx(found[1], abs=1e-9)


def test_what_a_metric_prints_is_no_result(tmp_path: Path) -> None:
    text = "print('imported')\ndef loud(s1, probability, labels):\n    print('called')\n    return 0.5\n"
    module = own_module(tmp_path, text)
    arguments = ["--data", "digits", "--tasks", 2, "--metric", f"{module}:loud", "--json"]
    done = called("eval", TEMPLATES / "linear.py", *arguments, folder=tmp_path)
    assert document(done)["results"][0]["per_task"] == [0.5, 0.5]
    assert done.stderr.count("imported\n") == 1 and "called\n" in done.stderr


def test_a_regression_by_its_metrics(tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X = random.randn(80, 5)
    np.savez(tmp_path / "own.npz", X=X, y=1000.0 + 50.0 * X[:, 0] + random.randn(80))
    module = own_module(tmp_path, MODULE)
    evaluate = ["eval", TEMPLATES / "linear.py", "--data", "own.npz", "--json"]
    found = {
        metric: document(called(*evaluate, "--metric", metric, folder=tmp_path))
        for metric in ("auto", "rmse", "mae", "r2", f"{module}:near")
    }
    names = [one["metric"] for one in found.values()]
    assert names == ["rms", "rms", "mae", "r2", f"{module}:near"]
    assert found["auto"]["results"] == found["rmse"]["results"]
    shown = called(*evaluate[:-1], "--metric", "mae", folder=tmp_path).stdout
    assert "(mae " in shown


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("auk", "it must be one of accuracy, balanced_accuracy, log_loss, auc, rmse, mae, r2, or"),
        ("rmse", "the metric rmse is not for digits, which has classes to tell apart; choose one of"),
        ("{module}:none", "{module}:none: the module {module} ({file}) has no function none"),
        ("{module}_:saved", "there is no module {module}_ in "),
        ("{module}:later", "{module}:later failed: {file}:14: ZeroDivisionError: division by zero"),
        ("{module}:large", "{module}:large returned 29.0; a metric returns a number from 0 to 1, where"),
    ],
)  # fmt: skip
def test_what_is_no_metric_ends_with_a_sentence(metric: str, said: str, tmp_path: Path) -> None:
    module = own_module(tmp_path, MODULE)
    names = {"module": module, "file": tmp_path / f"{module}.py"}
    done = synth("run", *SMALL, "--metric", metric.format(**names), "--out", "run", folder=tmp_path)
    assert said.format(**names) in complaint(done, 2)


@pytest.mark.parametrize("kind", ["csv", "npz"])
def test_a_metric_of_numbers_settles_that_whole_numbers_are_no_classes(kind: str, tmp_path: Path) -> None:
    random = np.random.RandomState(0)
    X = random.randn(80, 3)
    prices = (200_000 + 50_000 * X[:, 0]).astype(int)
    table = np.column_stack([X, prices])
    np.savetxt(tmp_path / "homes.csv", table, "%.8g", ",", header="a,b,c,price", comments="")
    np.savez(tmp_path / "homes.npz", X=X, y=prices)
    more = [] if kind == "npz" else ["--label", "price"]
    data = ["--preset", "baseline", "--data", f"homes.{kind}", *more, "--max-candidates", 100]
    small = ["--set", "search.round_candidates=100", "--set", "fitness.tuning_trials=0", "--islands", 1]
    said = complaint(synth("run", *data, *small, "--out", "asked", folder=tmp_path), 2)
    assert "different whole numbers; is a regression meant? Of a table --metric rmse says so" in said
    if kind == "npz":
        return
    start = ["--start", "linear", "--metric", "mae"]
    run = document(synth("run", *data, *small, *start, "--out", "run", "--json", folder=tmp_path))
    assert (run["metric"], run["baselines"]["linear"]["mae"].keys()) == (
        "mae",
        {"search", "select", "report", "test"},
    )
    verified = called("verify", "run/best.py", folder=tmp_path)
    assert verified.returncode == 0, "the file lies beside the module"
    elsewhere = called("eval", "run/best.py", folder=tmp_path)
    assert "run/best.py belongs to a run on homes.npz, and is evaluated on " in elsewhere.stderr
    there = called("eval", "run/best.py", "--data", "run/homes.npz", folder=tmp_path)
    assert "belongs to" not in there.stderr and "mean fitness" in there.stdout
