"""simplify, diff, compare, explain and show by the real command line."""

from pathlib import Path

import pytest
from command_line import TEMPLATES, called, complaint, document, synth
from report_runs import recorded_run

from synth.language.parser import parse, parse_file
from synth.standalone.parts import with_model

LINEAR, NET = TEMPLATES / "linear.py", TEMPLATES / "neural_net.py"
SMALL = ("--data", "digits", "--tasks", 2, "--train", 60)
MESSY = '''"""Mine."""

import numpy as np


def setup(m):
    m.s2 = 0.01
    m.v8 = m.rng.normal(0.0, 1.0, m.F)


def predict(m):
    m.v7 = m.v8 * m.v8
    m.s1 = np.dot(m.v5, m.v0)


def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s3 * m.s2
    m.v2 = m.s3 * m.v0
    m.v5 = m.v2 + m.v5
'''
"""The linear program, written otherwise and with statements that do nothing."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "messy.py").write_text(MESSY)
    return tmp_path


def test_simplify_prints_the_module_and_tells_the_steps_elsewhere(folder: Path) -> None:
    done = called("simplify", "messy.py", *SMALL, folder=folder)
    assert done.returncode == 0
    assert done.stdout.startswith('"""Mine."""\n')
    assert len(parse(done.stdout).candidate) == 6
    assert "8 statements became 6" in " ".join(done.stderr.split())
    assert "fitness is equal on each of 2 search and 2 select tasks of digits" in " ".join(
        done.stderr.split()
    )
    assert (folder / "messy.py").read_text() == MESSY


def test_simplify_writes_with_names(folder: Path) -> None:
    done = called("simplify", "messy.py", *SMALL, "--names", "-o", "named.py", folder=folder)
    assert (done.returncode, done.stdout) == (0, "")
    named = (folder / "named.py").read_text()
    assert "    # Move the weights m.v1 along the gradient.\n" in named
    assert "m.v1_weights = m.v1_weights + m.v2_gradient" in named
    quiet = called("simplify", "messy.py", *SMALL, "--in-place", "--quiet", folder=folder)
    assert "became" not in quiet.stderr
    assert parse_file(folder / "messy.py").candidate == parse(named).candidate


def test_simplify_document(folder: Path) -> None:
    found = document(synth("simplify", "messy.py", *SMALL, "--json", folder=folder))
    assert found["statements"] == {"before": 8, "after": 6}
    assert found["confirmed_by_python"]
    assert found["fitness"]["before"] == found["fitness"]["after"]
    assert found["tasks"]["count"] == 4
    assert [step["outcome"] for step in found["steps"]][:2] == ["kept", "kept"]
    assert len(parse(found["text"]).candidate) == 6


def test_simplify_refuses_what_makes_no_sense(folder: Path) -> None:
    both = called("simplify", "messy.py", "--in-place", "-o", "x.py", folder=folder)
    assert complaint(both, 2).startswith("--output and --in-place both say where the module goes")
    assert complaint(called("simplify", "no.py", folder=folder), 2).startswith("cannot read no.py")
    (folder / "free.py").write_text(MESSY.replace("m.s1 = np.dot(m.v5, m.v0)", "m.s1 = sum(m.v0)"))
    assert complaint(called("simplify", "free.py", folder=folder), 2).startswith("free.py:13:")


def test_diff_of_texts(folder: Path) -> None:
    done = synth("diff", "messy.py", LINEAR, folder=folder)
    assert done.returncode == 1
    assert done.stdout.startswith(f"--- messy.py\n+++ {LINEAR}\n@@")
    assert "-    m.v7 = m.v8 * m.v8\n" in done.stdout
    assert "\x1b" not in done.stdout
    same = called("diff", LINEAR, LINEAR, folder=folder)
    assert (same.returncode, same.stdout) == (0, "")


def test_a_module_is_equal_to_itself_with_its_constant_part(folder: Path) -> None:
    (folder / "whole.py").write_text(with_model(parse_file(LINEAR).candidate.text()))
    (folder / "bare.py").write_text(parse_file(LINEAR).candidate.text())
    assert called("diff", "whole.py", "bare.py", folder=folder).returncode == 0


def test_semantic_diff(folder: Path) -> None:
    same = called("diff", "--semantic", "messy.py", LINEAR, folder=folder)
    assert (same.returncode, same.stdout) == (0, "")
    (folder / "changed.py").write_text(MESSY.replace("0.01", "0.02"))
    changed = called("diff", "--semantic", LINEAR, "changed.py", folder=folder)
    assert changed.returncode == 1
    lines = changed.stdout.splitlines()
    assert [line for line in lines[2:] if line[0] in "+-"] == ["-    m.s2 = 0.01", "+    m.s2 = 0.02"]


def test_diff_with_fitness(folder: Path) -> None:
    found = document(synth("diff", "--semantic", LINEAR, NET, *SMALL, "--json", folder=folder))
    fitness = found["fitness"]
    assert not found["equal"]
    assert found["diff"].startswith("---")
    assert len(fitness["per_task"]) == 2
    for row in (*fitness["per_task"], fitness):
        assert row["difference"] == pytest.approx(row["second"] - row["first"])
    table = called("diff", "messy.py", LINEAR, "--semantic", *SMALL, folder=folder)
    assert table.returncode == 0
    assert table.stdout.splitlines()[-1].split() == [
        "mean",
        *table.stdout.splitlines()[-1].split()[1:3],
        "+0.0000",
    ]


def test_diff_of_what_cannot_be_read(folder: Path) -> None:
    assert complaint(called("diff", "no.py", "messy.py", folder=folder), 2).startswith("cannot read no.py")
    (folder / "bytes.py").write_bytes(b"\xff")
    assert "the file is not UTF-8 text" in complaint(called("diff", "bytes.py", "messy.py", folder=folder), 2)


def test_compare(folder: Path) -> None:
    done = synth("compare", "messy.py", "logistic", *SMALL, folder=folder)
    assert done.returncode == 0
    assert "messy.py ..." in done.stderr
    verdict = done.stdout.splitlines()[-1]
    assert "on 2 report tasks of digits (F = 16) from 2 pairs" in verdict
    found = document(called("compare", "messy.py", "linear", *SMALL, "--json", folder=folder))
    assert found["first"]["fitness"] == found["second"]["fitness"]
    assert found["verdict"].startswith("messy.py and linear are equal on each of 2 report tasks")


def test_compare_after_tuning(folder: Path) -> None:
    (folder / "fast.py").write_text(MESSY.replace("0.01", "50.0"))
    command = ("compare", "fast.py", "linear", *SMALL, "--json")
    before = document(called(*command, folder=folder))
    found = document(called(*command, "--tune", "30", folder=folder))
    assert before["tuned"] is None
    assert found["first"]["fitness"] > before["first"]["fitness"]
    assert found["tuned"]["trials"] == 30
    assert found["tuned"]["tasks"] == "9 select tasks of digits (F = 16)"
    assert found["verdict"].partition(" on ")[0].count("tuned ") == 2
    (folder / "tuned.py").write_text(found["tuned"]["first"])
    again = document(called("compare", "tuned.py", "linear", *SMALL, "--json", folder=folder))
    assert again["first"]["fitness"] == found["first"]["fitness"]
    refused = called("compare", "fast.py", "logistic", "--tune", "3", *SMALL, folder=folder)
    assert "logistic regression cannot be tuned" in complaint(refused, 2)


def test_compare_refuses_names_that_are_none(folder: Path) -> None:
    assert "it should be a module's path or one of averaged_net" in complaint(
        called("compare", "linear", "lineer", folder=folder), 2
    )


def test_explain(folder: Path) -> None:
    done = synth("explain", "messy.py", *SMALL, folder=folder)
    assert done.returncode == 0
    assert "gradient step: m.v5 moves by the error of each prediction; loss without it" in done.stdout
    assert "Behind +- is the standard error over tasks;" in done.stdout
    (dead,) = (line for line in done.stdout.splitlines() if "m.v7 = m.v8 * m.v8" in line)
    assert dead.rstrip().endswith("no effect")
    assert "restores it for every row to what a first prediction after fit left" in done.stdout
    found = document(called("explain", "messy.py", *SMALL, "--json", folder=folder))
    assert [technique["name"] for technique in found["techniques"]] == ["gradient step"]
    assert found["evaluation"]["same"]


def test_explain_does_not_touch_the_test_split(folder: Path) -> None:
    assert "test" in complaint(called("explain", "messy.py", "--split", "test", folder=folder), 2)


def test_show(folder: Path) -> None:
    run = recorded_run(folder / "generated" / "mine")
    done = synth("show", folder=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("generated/mine: digits, F = 16; 32.0 k candidates")
    assert "Pareto front" in done.stdout
    assert called("show", "mine", "--top", 1, folder=folder).stdout.count("island") < done.stdout.count(
        "island"
    )
    found = document(called("show", run, "--json", folder=folder))
    assert [one["number"] for one in found["programs"]] == [1, 2, 3]
    assert "not a run" in complaint(called("show", "other", folder=folder), 2)


def test_show_equations_of_a_run_and_of_a_module(folder: Path) -> None:
    run = recorded_run(folder / "generated" / "equations")
    done = called("show", run, "--math", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert "    prediction = " in done.stdout
    found = document(called("show", LINEAR, "--math", "--json", folder=folder))
    first = found["equations"]["parts"][0]["equations"][0]
    assert first["unicode"] == "prediction = x · w"
    assert first["latex"] == r"\mathrm{prediction} = \mathbf{x} \cdot \mathbf{w}"
    assert first["words"] == "linear form"
    assert document(called("show", run, "--json", folder=folder))["equations"]["parts"]
    latex = called("show", LINEAR, "--latex", folder=folder)
    assert latex.stdout.startswith(f"% {LINEAR}\n")


def test_show_says_what_it_needs_for_equations(folder: Path) -> None:
    assert complaint(called("show", LINEAR, folder=folder), 2).endswith("only equations to show; add --math")
    assert complaint(called("show", "no.py", "--math", folder=folder), 2).startswith("cannot read no.py")
    assert "not a run" in complaint(called("show", "other", "--latex", folder=folder), 2)


def test_explain_begins_with_the_equations(folder: Path) -> None:
    done = called("explain", LINEAR, *SMALL, folder=folder)
    assert "w ← w + η (y − p) x" in done.stdout.partition("Techniques")[0]
    found = document(called("explain", LINEAR, *SMALL, "--json", folder=folder))
    assert [part["name"] for part in found["equations"]["parts"]] == ["predict", "learn", "setup"]


def test_a_run_stands_for_its_best_program(tmp_path: Path) -> None:
    run = recorded_run(tmp_path / "generated" / "mine")
    best = run / "best.py"
    best.write_text(LINEAR.read_text())
    for name in ("mine", "generated/mine", best):
        told = document(called("eval", name, *SMALL, "--json", folder=tmp_path))["results"]
        assert len(told[0]["per_task"]) == 2
    done = called("compare", "mine", "linear", *SMALL, "--json", folder=tmp_path)
    assert document(done)["difference"]["mean"] == 0.0
    assert called("explain", "mine", *SMALL, folder=tmp_path).returncode == 0
    # a template goes before the name of a run, and a folder that is no run is none
    run.rename(tmp_path / "generated" / "linear")
    (tmp_path / "generated" / "linear" / "best.py").unlink()
    assert called("check", "linear", folder=tmp_path).returncode == 0
    (tmp_path / "empty").mkdir()
    assert "cannot read empty" in complaint(called("check", "empty", folder=tmp_path), 2)
