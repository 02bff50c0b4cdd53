"""Results as tables: figures beside the templates', names with brackets shown as they are."""

import io
from pathlib import Path

import pytest
from rich.console import Console, RenderableType
from run_events import finished, program

from synth.report.terminal.tables import bench_result, eval_result, figures_table, run_result
from synth.study.text_diff import unified_diff


def printed(renderable: RenderableType) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=200, highlight=False).print(renderable)
    return [line.rstrip() for line in stream.getvalue().splitlines()]


SCORED = {"data": "digits", "metric": "accuracy", "scale": None}
"""What a run's document says of how programs were scored."""


def test_the_end_of_a_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my run" / "history").mkdir(parents=True)
    for name in ("0001.py", "0002.py"):
        (tmp_path / "my run" / "history" / name).write_text("")
    run = {"schema": 1, "run": str(tmp_path / "my run"), **SCORED, **finished(program()).summary}
    assert printed(run_result(run)) == [
        "               search   select     test",
        "best program   0.7000   0.7500   0.7200",
        "linear         0.6900   0.7000        -",
        "",
        "run     my run",
        "best    my run/best.py",
        "ended   time is up, after 12.3 k candidates, 9.0 M train steps in 1:01",
        "next    synth compare 'my run/best.py' neural_net",
        "        synth show 'my run' --math",
        "        synth report 'my run'",
        "        git diff --no-index 'my run/history/0001.py' 'my run/history/0002.py'",
    ]


def test_figures_of_a_regression_have_the_errors_in_the_data_s_units_below() -> None:
    figures = {"best": {"search": 0.5, "test": 0.25}, "linear": {"search": 0.75}}
    assert printed(figures_table("", figures, "best", "rms", 54.3)) == [
        "         search     test",
        "best     0.5000   0.2500",
        "  rmse     54.3    131.1",
        "linear   0.7500        -",
        "  rmse    22.49        -",
    ]


def test_commands_are_not_broken(tmp_path: Path) -> None:
    run = {"run": str(tmp_path / "r"), **SCORED, **finished(program()).summary}
    console = Console(file=io.StringIO(), width=40, highlight=False)
    console.print(run_result(run), crop=False)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    assert f"next    synth compare {tmp_path}/r/best.py neural_net" in lines
    assert f"        synth report {tmp_path}/r" in lines


def test_a_run_without_a_round(tmp_path: Path) -> None:
    run = {"run": "x", **finished(None).summary, "candidates": 0}
    assert "best    none: no round came to its end" in printed(run_result(run))


def test_the_end_of_a_run_tells_how_it_compares(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    one = {"mean": 0.0123, "low": -0.001, "high": 0.02, "error": 0.004, "per_pair": {"0-1": 0.0123}}
    tuned = {"trials": 200, "tasks": 27, "figures": {}, "differences": {"linear": one}}
    end = finished(program()).summary
    end["best"]["report"] = 0.71
    lines = printed(run_result({"run": str(tmp_path), **SCORED, **end, "tuned": tuned}))
    assert lines[:3] == [
        "               search   select   report     test",
        "best program   0.7000   0.7500   0.7100   0.7200",
        "linear         0.6900   0.7000        -        -",
    ]
    assert (
        "compared   +0.0123 to linear (-0.0010 to +0.0200), constants of both tuned, on 27 report tasks"
        in lines
    )


def test_a_run_without_a_learner() -> None:
    run = {"schema": 1, "run": "/runs/[red]x", "seed": 3, **finished(None).summary}
    text = "\n".join(printed(run_result(run)))
    assert "/runs/[red]x" in text
    assert "none: no program could learn" in text
    assert "synth run --seed 4" in text


def test_eval() -> None:
    results = [
        {"module": "[b]a.py", "status": "ok", "fitness": 0.75, "per_task": [0.7, 0.8], "error": None},
        {"module": "b.py", "status": "timeout", "fitness": None, "per_task": None, "error": "late"},
    ]
    run = {"schema": 1, "engine": "native", "dtype": "float32", "metric": "rms", "scale": None}
    run["results"] = results
    assert printed(eval_result(run, "2 search tasks of linear, F = 4")) == [
        "module    status    fitness   lowest   highest",
        "[b]a.py   ok         0.7500   0.7000    0.8000",
        "b.py      timeout         -        -         -",
        "",
        "mean fitness on 2 search tasks of linear, F = 4; native engine, float32",
    ]
    assert "[b]a.py   ok        0.7500 (rmse 22.49)   0.7000    0.8000" in printed(
        eval_result(run | {"scale": 54.3}, "2 search tasks of own.npz, F = 4")
    )


def test_bench() -> None:
    document = {
        "schema": 1,
        "ns_per_train_step": [{"program": "linear", "features": 4, "dtype": "float32", "value": 3.456}],
        "candidates_per_second": 12345.6,
        "kernel_compile_ms": {"cold": 100.0, "warm": 1.5},
    }
    assert printed(bench_result(document)) == [
        "program   features   dtype     ns per train step",
        "linear           4   float32                3.46",
        "",
        "candidates per second   12,346",
        "kernel compile ms       cold 100, warm 1.5",
    ]


def test_a_diff_can_be_applied_to_files_without_a_last_line_end() -> None:
    assert unified_diff("a\nb", "a\nc", "x", "y").splitlines() == [
        "--- x",
        "+++ y",
        "@@ -1,2 +1,2 @@",
        " a",
        "-b",
        "\\ No newline at end of file",
        "+c",
        "\\ No newline at end of file",
    ]
    assert unified_diff("a\n", "a\n", "x", "y") == ""
