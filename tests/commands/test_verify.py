"""`synth verify` as a user calls it, and what other commands do with what a module states."""

from pathlib import Path

import pytest
from command_line import TEMPLATES, called, complaint, document

from synth import evaluate
from synth.language.parser import parse_file
from synth.runs.stated import Conditions, figures_of, stated_figures, with_figures
from synth.tasks.sets import task_set

LINEAR = TEMPLATES / "linear.py"
SMALL = ("--data", "digits", "--tasks", 2, "--train", 60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One module with a true figure of each split, and an untrue one that has the same statements."""
    figures, conditions = {}, {}
    for split in ("search", "select", "test"):
        tasks = task_set("digits", split, count=2, train=60)
        figures[split] = evaluate(parse_file(LINEAR).candidate, tasks).fitness or 0.0
        conditions[split] = str(Conditions.of(tasks, 0, 1))
    text = with_figures(LINEAR.read_text(), stated_figures(figures, conditions))
    (tmp_path / "true.py").write_text(text)
    (tmp_path / "untrue.py").write_text(text.replace("m.s2 = 0.01", "m.s2 = -0.01"))
    return tmp_path


def test_figures_stand_beside_each_other(folder: Path) -> None:
    search, select, _ = (one.figure for one in figures_of((folder / "true.py").read_text()))
    done = called("verify", "true.py", folder=folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.rstrip() for line in done.stdout.splitlines()] == [
        "                                       stated   replayed   equal",
        f"accuracy on 2 search tasks of digits   {search}     {search}     yes",
        f"accuracy on 2 select tasks of digits   {select}     {select}     yes",
    ]


def test_a_figure_that_is_not_equal_is_an_exit_code(folder: Path) -> None:
    done = called("verify", "untrue.py", folder=folder)
    assert done.returncode == 1
    assert [line.split()[-1] for line in done.stdout.splitlines()] == ["equal", "no", "no"]


def test_test_tasks_are_used_on_request_and_aloud(folder: Path) -> None:
    done = called("verify", "true.py", "--test", folder=folder)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].startswith("accuracy on 2 test tasks of digits")
    assert done.stderr.startswith("notice: test tasks are used")


def test_document(folder: Path) -> None:
    found = document(called("verify", "true.py", "--engine", "python", "--json", folder=folder))
    assert (found["module"], found["engine"]) == ("true.py", "python")
    first = found["figures"][0]
    assert first == {
        "split": "search",
        "tasks": 2,
        "data": "digits",
        "metric": "accuracy",
        "stated": first["replayed"],
        "replayed": first["replayed"],
        "equal": True,
        "error": None,
    }


def test_what_cannot_be_replayed_is_one_sentence(folder: Path) -> None:
    assert complaint(called("verify", LINEAR, folder=folder), 2).startswith(f"{LINEAR} states no figures; ")
    assert complaint(called("verify", "none.py", folder=folder), 2).startswith("cannot read none.py")
    text = (folder / "true.py").read_text()
    only = with_figures(LINEAR.read_text(), figures_of(text)[2:])
    (folder / "test.py").write_text(only)
    assert "states figures on test tasks alone; --test" in complaint(
        called("verify", "test.py", folder=folder), 2
    )
    digest = figures_of(text)[0].conditions.digest
    (folder / "other.py").write_text(text.replace(digest, "0" * 16))
    said = complaint(called("verify", "other.py", folder=folder), 2)
    assert "0" * 16 in said
    assert digest in said


def test_simplify_keeps_what_it_proves(folder: Path) -> None:
    text = (folder / "true.py").read_text()
    statements = figures_of(text)
    (folder / "longer.py").write_text(text.replace("m.s2 = 0.01\n", "m.s2 = 0.01\n    m.v7 = m.v6 + m.v6\n"))
    for options, kept in ((SMALL, statements[:2]), ((*SMALL, "--names", "--prune", 0.0), [])):
        done = called("simplify", "longer.py", *options, "--sandbox", "process", folder=folder)
        assert figures_of(done.stdout) == kept, done.stderr
