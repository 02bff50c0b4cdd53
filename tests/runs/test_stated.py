"""What a module states is written as it is read, and asks for the same tasks again."""

import ast
from dataclasses import replace
from pathlib import Path

import black
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thorough import examples

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.parser import parse
from synth.runs.stated import (
    DERIVED,
    WIDTH,
    Conditions,
    StatedFigure,
    figures_of,
    headline,
    improvement_line,
    is_of_synth,
    stated_figures,
    tuned_line,
    with_figures,
    with_line,
    without_claims,
)
from synth.standalone.parts import with_model
from synth.tasks.sets import task_set

PLAIN = Conditions("digits", 16, 9, 0, 1, "accuracy", "9c0e7f1f4a1d53a2")
TEXT = with_model(Candidate().text("A program."))

conditions = st.builds(
    Conditions,
    data=st.sampled_from(["digits", "linear"]) | st.text(min_size=1).map(lambda name: f"{name}.npz"),
    features=st.integers(1, 3072),
    tasks=st.integers(1, 10**4),
    seed=st.integers(0, 2**63),
    epochs=st.integers(1, 100),
    metric=st.sampled_from(["accuracy", "rms"]),
    digest=st.text("0123456789abcdef", min_size=16, max_size=16),
    train=st.none() | st.integers(1, 8000),
    valid=st.none() | st.just("all") | st.integers(1, 8000),
    first=st.integers(0, 2**31),
    held_out=st.lists(st.integers(0, 99), max_size=12).map(tuple),
    class_pairs=st.integers(5, 500),
    class_weights=st.sampled_from(["none", "balanced", "no:1,yes:10", "not at all:2"]),
    combine=st.sampled_from(["mean", "median"]),
)


@examples(100)
@given(
    st.lists(
        st.builds(StatedFigure, st.sampled_from(["search", "select", "test"]), st.just("0.9720"), conditions),
        max_size=3,
    )
)
def test_what_is_written_is_read(statements: list[StatedFigure]) -> None:
    text = with_figures(TEXT, statements)
    assert figures_of(text) == statements
    assert figures_of(text.replace("\n", "\r\n")) == statements
    assert parse(text).candidate == Candidate()
    assert ast.get_docstring(ast.parse(text)) == "A program."


def test_the_comment_is_compact() -> None:
    text = with_figures(TEXT, [StatedFigure("select", "0.9720", replace(PLAIN, train=8000, held_out=(1, 2)))])
    assert text.startswith('''"""A program."""

# synth verify: select=0.9720 data=digits features=16 tasks=9 seed=0 epochs=1
#     metric=accuracy digest=9c0e7f1f4a1d53a2 train=8000 held_out=1,2

import numpy as np
''')
    weighted = with_figures(
        TEXT, [StatedFigure("select", "0.9720", replace(PLAIN, class_weights="no:1,yes:10"))]
    )
    assert " class_weights=no:1,yes:10\n" in weighted
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert black.format_str(text, mode=black.Mode()) == text
    assert with_figures(TEXT, []) == TEXT
    assert figures_of(TEXT) == []


def test_only_splits_with_conditions_are_stated() -> None:
    found = stated_figures(
        {"test": 0.5, "select": 0.97196, "search": 0.9}, {"select": str(PLAIN), "test": str(PLAIN)}
    )
    assert found == [StatedFigure("select", "0.9720", PLAIN), StatedFigure("test", "0.5000", PLAIN)]


def test_decimals_are_those_of_the_statement() -> None:
    one = StatedFigure("select", "0.97", PLAIN)
    assert one.rounded(0.9749) == "0.97"
    assert one.rounded(0.9751) == "0.98"


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("select=0.9720 ", "", "it needs one figure, of search, select, report, test"),
        ("select=0.9720", "select=0.9720 test=0.9", "it needs one figure"),
        ("0.9720", "high", "select cannot be high"),
        ("0.9720", "nan", "select cannot be nan"),
        ("features=16 ", "", "features is missing"),
        ("features=16", "features=many", "features cannot be many"),
        ("accuracy", "auk", "metric cannot be auk"),
        ("seed=0", "seed=0 sead=1", "sead is unknown"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(before: str, after: str, why: str) -> None:
    text = with_figures(TEXT, [StatedFigure("select", "0.9720", PLAIN)]).replace(before, after, 1)
    with pytest.raises(UsageError, match=rf"^mine\.py:3: what this comment states cannot be read: {why}"):
        figures_of(text, "mine.py")


@pytest.mark.parametrize(
    ("data", "split", "options"),
    [
        ("digits", "select", {}),
        ("digits", "search", {"count": 4, "first": 16384, "valid": "all"}),
        ("digits", "report", {"count": 2, "held_out_classes": (0, 1), "train": 40, "valid": 9}),
        ("digits", "select", {"count": 2, "class_weights": "8:3,9:0.5"}),
        ("nonlinear", "select", {"count": 3, "train": 20}),
        ("own.npz", "select", {}),
    ],
)
def test_conditions_give_the_same_tasks(
    data: str, split: str, options: dict[str, object], tmp_path: Path
) -> None:
    if data.endswith(".npz"):
        data = str(tmp_path / "my own.npz")
        random = np.random.default_rng(0)
        np.savez(data, X=random.normal(size=(60, 5)), y=np.arange(60) % 2)
    tasks = task_set(data, split, **options)  # type: ignore[arg-type]
    found = Conditions.of(tasks, 3, 2)
    (read,) = stated_figures({split: 0.5}, {split: str(found)})
    assert read.conditions == found
    again = task_set(split=split, **read.conditions.request | {"data": data})
    assert again.digest == tasks.digest


HEADLINE = headline(0.97, data="digits", metric="accuracy", select_tasks=9, features=16)
MINE = '"""Improvement over logistic regression: my notes."""\n\nimport numpy as np\n'


@pytest.mark.parametrize(
    ("docstring", "of_synth"),
    [
        (HEADLINE, True),
        (headline(1.0, data="a b.npz", metric="rms", select_tasks=1, features=3, combine="median"), True),
        (tuned_line(0.7417, 27, metric="accuracy"), True),
        ("Evolved by synth, constants tuned: mean accuracy 0.7417 on 27 report tasks.", True),
        (Candidate().text().splitlines()[0].strip('"'), True),
        (f"{HEADLINE}\n\nImprovement 3 of run x.", True),
        (improvement_line(12), True),
        (improvement_line(12, as_evolved=True), True),
        ("Improvement 12 as evolved.", True),
        (DERIVED, True),
        ("A mutant of a program evolved by synth.", True),
        ("Improvement over logistic regression: my notes.", False),
        ("Improvement 3 of my own.", False),
        ("Evolved by synth and by me.", False),
        ("", False),
    ],
)
def test_docstrings_of_synth_are_told_from_a_person_s(docstring: str, of_synth: bool) -> None:
    assert is_of_synth(docstring) == of_synth


def test_what_synth_says_can_be_taken_back() -> None:
    figures = [StatedFigure("select", "0.9700", PLAIN), StatedFigure("report", "0.9600", PLAIN)]
    mine = with_line(with_figures(MINE, figures), HEADLINE)
    assert HEADLINE in mine
    assert without_claims(mine) == MINE
    assert without_claims(with_line(mine, improvement_line(3))) == MINE
    own = with_line(with_figures(Candidate().text(), figures), HEADLINE)
    assert own.startswith(f'"""{HEADLINE}"""\n')
    assert without_claims(own) == Candidate().text(DERIVED)
    bare = "#!/usr/bin/env python\n\nimport numpy as np\n"
    assert with_line(bare, HEADLINE) == bare.replace("\n\n", f"\n\n# {HEADLINE}\n\n")
    assert without_claims(with_line(bare, HEADLINE)) == bare
