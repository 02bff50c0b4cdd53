"""Each command does what it says: results on stdout, the rest on stderr, one JSON document on request."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import black
import pytest
from command_line import FEW_TASKS, TEMPLATES, Finished, called, complaint, document, environment, synth

import synth as package
from synth.language.ops import OPS
from synth.language.parser import parse, parse_file
from synth.mutation.kinds import weighted
from synth.settings.resolve import resolve

LINEAR = TEMPLATES / "linear.py"
SMALL = ("--data", "digits", "--tasks", 2)
ENDLESS = "def setup(m):\n    pass\ndef predict(m):\n    pass\ndef learn(m):\n    while True:\n        pass\n"
FREE = "def setup(m):\n    pass\ndef predict(m):\n    m.s1 = sum(m.v0)\ndef learn(m):\n    pass\n"


def test_help_is_quick() -> None:
    """Nothing heavy is imported before a command needs it."""
    code = "import sys, synth.cli, synth; print([n for n in sys.argv[1:] if n in sys.modules])"
    heavy = ["numpy", "libcst", "black", "sklearn", "llvmlite", "pooch", "rich.console"]
    shown = subprocess.run(
        [sys.executable, "-c", code, *heavy], env=environment(), capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[]"


def test_help_names_every_command_and_no_other(tmp_path: Path) -> None:
    shown = synth("--help", folder=tmp_path)
    assert shown.returncode == 0
    for command in (
        "run",
        "resume",
        "eval",
        "check",
        "mutate",
        "export",
        "compare",
        "diff",
        "explain",
        "show",
        "simplify",
        "report",
        "watch",
        "ops",
        "data",
        "bench",
        "doctor",
    ):
        assert f" {command} " in shown.stdout
    assert "--max-train-steps" in called("run", "--help", folder=tmp_path).stdout


def test_without_arguments_there_is_help(tmp_path: Path) -> None:
    shown = called(folder=tmp_path)
    assert shown.returncode == 0
    assert "Usage" in shown.stdout


def test_version(tmp_path: Path) -> None:
    assert synth("--version", folder=tmp_path).stdout == f"synth {package.__version__}\n"


@pytest.mark.parametrize("arguments", [["--debug", "eval", "no.py"], ["eval", "no.py", "--debug"]])
def test_debug_shows_the_traceback(tmp_path: Path, arguments: list[str]) -> None:
    finished = synth(*arguments, folder=tmp_path)
    assert finished.returncode == 2
    assert "Traceback" in finished.stderr
    assert finished.stderr.splitlines()[-1] == "error: cannot read no.py: No such file or directory"


def test_ops_document(tmp_path: Path) -> None:
    ops = document(synth("ops", "--json", folder=tmp_path))["ops"]
    assert [op["id"] for op in ops] == list(range(65))
    assert ops[18] == {
        "id": 18,
        "name": "SCALAR_VECTOR_PRODUCT",
        "template": "m.v{out} = m.s{a} * m.v{b}",
        "inputs": ["s", "v"],
        "output": "v",
        "constants": [],
        "cost": 3705015,
    }
    assert ops[57]["constants"] == [
        {"name": "x", "low": 0.0, "high": 1.0, "kind": "index"},
        {"name": "y", "low": -1.0, "high": 1.0, "kind": "value"},
    ]
    for op in ops[1:]:  # what the document says is enough to write a statement
        values = dict.fromkeys(("a", "b", "out"), 1) | {constant["name"]: 0.5 for constant in op["constants"]}
        statement = op["template"].format(**values)
        candidate = parse(
            f"def setup(m):\n    pass\ndef predict(m):\n    {statement}\ndef learn(m):\n    pass\n"
        ).candidate
        assert candidate.predict[0].op is OPS[op["id"]]


def test_ops_table(tmp_path: Path) -> None:
    lines = called("ops", folder=tmp_path).stdout.splitlines()
    assert len(lines) == 66
    assert "np.broadcast_to(m.v{a}[:, None], (m.F, m.F))" in lines[33]


def test_eval_document(tmp_path: Path) -> None:
    (tmp_path / "free.py").write_text(FREE)
    (tmp_path / "broken.py").write_text("def setup(m:\n")
    arguments = ["free.py", LINEAR, "broken.py", TEMPLATES / "empty.py"]
    finished = synth("eval", *arguments, *SMALL, "--json", folder=tmp_path)
    shown = document(finished)
    assert finished.returncode == 1
    assert (shown["engine"], shown["dtype"], shown["metric"]) == ("native", "float64", "accuracy")
    assert [result["module"] for result in shown["results"]] == [str(argument) for argument in arguments]
    assert [result["status"] for result in shown["results"]] == ["rejected", "ok", "rejected", "ok"]
    free, linear, broken, empty = shown["results"]
    assert free["fitness"] is None
    assert free["per_task"] is None
    assert free["error"].startswith("free.py:4:")
    assert broken["error"].startswith("broken.py:1:")
    assert len(linear["per_task"]) == 2
    assert linear["fitness"] == pytest.approx(sum(linear["per_task"]) / 2)
    assert linear["fitness"] > 0.9
    assert 0.4 < empty["fitness"] < 0.6


def test_eval_with_the_python_engine(tmp_path: Path) -> None:
    texts = {
        "free.py": FREE,
        "endless.py": ENDLESS,
        "exits.py": FREE.replace("m.s1 = sum(m.v0)", "import os; os._exit(3)"),
        "raises.py": FREE.replace("sum(m.v0)", "1 / 0"),
        "writes.py": FREE.replace("m.s1 = sum(m.v0)", "open('written', 'w')"),
        "broken.py": "def setup(m:\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text)
    limits = ("--engine", "python", "--train", 20, "--valid", 20, "--time-limit", 1)
    finished = synth("eval", LINEAR, *texts, *SMALL, *limits, "--json", folder=tmp_path)
    statuses = {Path(result["module"]).name: result["status"] for result in document(finished)["results"]}
    assert statuses == {
        "linear.py": "ok",
        "free.py": "ok",
        "endless.py": "timeout",
        "exits.py": "crashed",
        "raises.py": "failed",
        "writes.py": "failed",
        "broken.py": "rejected",
    }
    assert finished.returncode == 1
    assert not (tmp_path / "written").exists()


def test_eval_says_the_same_with_both_engines(tmp_path: Path) -> None:
    arguments = ("eval", LINEAR, TEMPLATES / "neural_net.py", *SMALL, "--train", 50, "--json")
    native, python = (
        document(synth(*arguments, "--engine", engine, folder=tmp_path))["results"]
        for engine in ("native", "python")
    )
    assert [result.pop("code") for result in native] == ["machine", "machine"]
    assert [result.pop("code") for result in python] == [None, None]
    assert native == python


def test_eval_table(tmp_path: Path) -> None:
    finished = called("eval", LINEAR, *SMALL, folder=tmp_path)
    assert finished.returncode == 0
    head, row, _, caption = finished.stdout.splitlines()
    assert head.split() == ["module", "status", "fitness", "lowest", "highest"]
    assert row.split()[:2] == [str(LINEAR), "ok"]
    assert caption == "mean accuracy on 2 select tasks of digits, F = 16; native engine, float64"
    assert finished.stderr == ""


def test_falling_back_to_digits_cannot_be_missed(tmp_path: Path) -> None:
    finished = called("--quiet", "eval", LINEAR, "--tasks", 1, folder=tmp_path)
    assert "synth data cifar10" in finished.stderr
    assert "digits" in finished.stdout


def test_check(tmp_path: Path) -> None:
    assert synth("check", LINEAR, folder=tmp_path).stdout == (
        f"{LINEAR}: ok; can learn; instructions: setup 1, predict 1, learn 4\n"
    )
    (tmp_path / "free.py").write_text(FREE)
    finished = called("check", LINEAR, "free.py", folder=tmp_path)
    assert finished.returncode == 1
    assert "free.py:4:" in finished.stdout
    results = document(called("check", LINEAR, "free.py", "--json", folder=tmp_path))["results"]
    assert [result["status"] for result in results] == ["ok", "refused"]


def test_mutate_prints_a_diff_that_applies(tmp_path: Path) -> None:
    (tmp_path / "my.py").write_bytes(LINEAR.read_bytes())
    finished = synth("mutate", "my.py", "-n", 3, "--seed", 5, folder=tmp_path)
    assert finished.returncode == 0
    assert finished.stderr.startswith("mutations: ")
    assert (tmp_path / "my.py").read_bytes() == LINEAR.read_bytes()
    assert called("mutate", "my.py", "-n", 3, "--seed", 5, "-o", "mutant.py", folder=tmp_path).stdout == ""
    subprocess.run(["patch", "-s", "my.py"], cwd=tmp_path, input=finished.stdout, text=True, check=True)
    assert (tmp_path / "my.py").read_bytes() == (tmp_path / "mutant.py").read_bytes()


def test_mutate_keeps_a_module_in_the_language_and_formatted(tmp_path: Path) -> None:
    path = tmp_path / "my.py"
    path.write_bytes((TEMPLATES / "neural_net.py").read_bytes())
    before = parse_file(path).candidate
    assert called("mutate", "my.py", "-n", 20, "--in-place", folder=tmp_path).returncode == 0
    text = path.read_text()
    assert black.format_str(text, mode=black.Mode(line_length=110)) == text
    assert parse_file(path).candidate != before


def test_mutate_draws_as_a_search_does(tmp_path: Path) -> None:
    done = called("mutate", "neural_net", "-n", 60, "-o", "mutant.py", folder=tmp_path)
    drawn = done.stderr.removeprefix("mutations: ").strip().split(", ")
    kinds, _ = weighted(resolve("quick", environment={}).mutation.kinds)
    assert len(drawn) == 60
    assert set(drawn) <= set(kinds)
    assert len(set(drawn)) >= 8
    assert drawn.count("swap") < drawn.count("rewire")  # by their weights


def test_mutate_with_chosen_kinds_and_a_preset(tmp_path: Path) -> None:
    finished = called("mutate", LINEAR, "--kind", "remove", "-n", 2, folder=tmp_path)
    assert finished.stderr == "mutations: remove, remove\n"
    body = [line for line in finished.stdout.splitlines() if line[:2] in ("- ", "+ ")]
    assert [line[0] for line in body if "pass" not in line] == ["-", "-"]
    refused = called("mutate", TEMPLATES / "neural_net.py", "--preset", "linear", folder=tmp_path)
    assert "program." in complaint(refused, 2)


def test_templates_are_known_by_name(tmp_path: Path) -> None:
    done = called("eval", "linear", *SMALL, folder=tmp_path)
    assert done.stdout.splitlines()[1].split()[:2] == ["linear", "ok"]
    assert called("check", "linear", folder=tmp_path).stdout.startswith("linear: ok; can learn")
    difference = called("diff", "linear", TEMPLATES / "linear.py", folder=tmp_path)
    assert (difference.returncode, difference.stdout) == (0, "")
    assert "there is no file linear" in complaint(
        called("mutate", "linear", "--in-place", folder=tmp_path), 2
    )
    (tmp_path / "linear").write_text("x")  # a file goes before a name
    assert called("check", "linear", folder=tmp_path).stdout.startswith("linear:1:1: ")


def test_errors_name_a_file_once(tmp_path: Path) -> None:
    (tmp_path / "free.py").write_text("import os\ndef setup(m): pass\n")
    (tmp_path / "late.py").write_bytes(LINEAR.read_bytes())
    done = called("eval", "free.py", *SMALL, folder=tmp_path)
    assert done.stderr.splitlines()[-1] == (
        "free.py:1:1: only numpy can be imported; write import numpy as np; "
        "only the python engine tries modules outside of the language"
    )
    late = ("--engine", "python", "--time-limit", "1e-9")
    done = called("eval", "late.py", *SMALL, *late, folder=tmp_path)
    assert done.stderr.splitlines()[-1].startswith("late.py: it did not finish within 1e-09 seconds")


def test_piped_lines_end_without_spaces(tmp_path: Path) -> None:
    for words in (("ops",), ("data",), ("eval", "linear", *SMALL)):
        done = called(*words, folder=tmp_path)
        assert done.returncode == 0
        assert all(line == line.rstrip() for line in done.stdout.splitlines())
        assert done.stdout.endswith("\n") and not done.stdout.endswith("\n\n")


def test_data(tmp_path: Path) -> None:
    own = {"SYNTH_CACHE_DIR": str(tmp_path / "cache")}
    finished = synth("data", folder=tmp_path, **own)
    assert "cifar10" in finished.stdout
    assert "synth data cifar10" in finished.stdout
    evaluated = called("eval", LINEAR, *SMALL, "--engine", "python", "--train", 20, folder=tmp_path, **own)
    assert evaluated.returncode == 0
    kept = called("data", "--list", folder=tmp_path, **own).stdout
    assert "digits select: 2 tasks" in kept
    assert called("data", "--clear", folder=tmp_path, **own).returncode == 0
    kept = called("data", "--list", folder=tmp_path, **own).stdout
    assert "digits" not in kept


def test_doctor(tmp_path: Path) -> None:
    checks = {
        check["name"]: check for check in document(synth("doctor", "--json", folder=tmp_path))["checks"]
    }
    assert checks["python"]["ok"]
    assert checks["packages"]["ok"]
    assert any(name.startswith("sandbox: ") for name in checks)
    assert checks["data: cifar10"]["ok"] is False
    assert str(tmp_path / "generated") in checks["folder: runs"]["detail"]


def run_small(folder: Path, *more: object, **env: str) -> Finished:
    options = (
        "--data",
        "digits",
        "--start",
        "linear",
        "--max-candidates",
        3000,
        "--workers",
        1,
        "--set",
        "search.round_candidates=500",
    )
    return synth("run", *options, *FEW_TASKS, *more, folder=folder, **env)


def test_run_writes_a_folder_and_says_where(tmp_path: Path) -> None:
    finished = run_small(tmp_path)
    assert finished.returncode == 0, finished.stderr
    folder = tmp_path / "generated" / "quick-digits-s0-1"
    written = {".lock", "best.py", "checkpoint", "config.toml", "history", "log.jsonl", "raw", "run.sqlite"}
    assert {*os.listdir(folder)} - {"tuned.py"} == written
    said = finished.stderr.splitlines()
    assert said[0] == "run folder: generated/quick-digits-s0-1"
    assert said[1].startswith("quick: digits, F = 16, 4 search and 3 selection tasks, 1 worker; sandbox: ")
    assert any("improvement 1: selection " in line for line in said)
    for part in (
        "best program",
        "linear",
        "neural_net",
        "generated/quick-digits-s0-1/best.py",
        "all candidates considered",
    ):
        assert part in finished.stdout
    repeated = synth("run", "--config", folder / "config.toml", "--quiet", folder=tmp_path)
    assert repeated.returncode == 0
    assert repeated.stderr == ""
    again = tmp_path / "generated" / "quick-digits-s0-2"
    assert (again / "best.py").read_bytes() == (folder / "best.py").read_bytes()


def test_run_document(tmp_path: Path) -> None:
    finished = run_small(tmp_path, "--json", "--out", "mine", "--seed", 3, "--set", "data.test_tasks=none")
    shown = document(finished)
    assert shown["run"] == str(tmp_path / "mine")
    assert shown["stopped_by"] == "candidates"
    assert shown["candidates"] >= 3000
    assert {"train_steps", "seconds", "rejected", "cached"} <= shown.keys()
    assert shown["best"]["module"] == str(tmp_path / "mine" / "best.py")
    for figures in (shown["best"], *shown["baselines"].values()):
        assert all(0 <= figures[split] <= 1 for split in ("search", "select", "test"))
    assert set(shown["baselines"]) == {"linear", "neural_net"}
    lines = [json.loads(line) for line in (tmp_path / "mine" / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines].count("test_use") == 3
    assert {line["tasks"] for line in lines if line["event"] == "test_use"} == {45}


def test_run_says_when_the_target_is_missed_or_reached(tmp_path: Path) -> None:
    assert run_small(tmp_path, "--target", "1.0", "--quiet").returncode == 1
    finished = run_small(tmp_path, "--target", "0.01", "--json", "--quiet")
    assert finished.returncode == 0
    assert document(finished)["stopped_by"] == "target"


def test_run_on_own_arrays_from_elsewhere(tmp_path: Path) -> None:
    import numpy as np

    random = np.random.default_rng(0)
    features = random.normal(size=(400, 16))
    np.savez(tmp_path / "own.npz", X=features, y=features[:, 0] + features[:, 1] > 0)
    (tmp_path / "here").mkdir()
    finished = synth(
        "run",
        "--data",
        "../own.npz",
        "--max-candidates",
        1000,
        *FEW_TASKS,
        "--name",
        "own",
        "--json",
        folder=tmp_path / "here",
    )
    assert finished.returncode == 0, finished.stderr
    assert document(finished)["run"] == str(tmp_path / "here" / "generated" / "own")


def test_an_interrupted_run_keeps_what_it_found(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "synth",
        "run",
        "--data",
        "digits",
        "--max-seconds",
        "100",
        *FEW_TASKS,
        "--out",
        "run",
    ]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stderr=subprocess.PIPE, text=True
    ) as process:
        while not (tmp_path / "run" / "best.py").exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    *_, interrupted, resume = said.splitlines()
    assert interrupted == "interrupted; the best program so far is run/best.py"
    assert resume == "`synth resume run` goes on"
    assert "Traceback" not in said
    assert parse_file(tmp_path / "run" / "best.py").candidate
    assert not (tmp_path / "run" / "tasks").exists()


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m synth ops --json | head -n 1"
    finished = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.stdout == "{\n"
    assert finished.stderr == ""


def test_bench_prints_what_is_measured(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from synth.cli import main

    row = {"program": "linear", "features": 4, "dtype": "float32", "value": 3.5}
    measured = {"ns_per_train_step": [row], "candidates_per_second": 100.0}
    monkeypatch.setattr("synth.study.bench.measure", lambda: measured)
    assert main(["bench", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"schema": 1, **measured}
    assert main(["bench"]) == 0
    assert "3.50" in capsys.readouterr().out
