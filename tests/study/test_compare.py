"""Comparisons: the same tasks, the paired difference, and a verdict that says no more than it shows."""

import random
from pathlib import Path

import pytest
from study_tasks import small

from synth.errors import UsageError
from synth.statistics import paired_difference
from synth.study.compare import Comparison, compare, compare_document, contestant
from synth.study.evaluate import evaluate
from synth.study.figures import linear_model
from synth.study.tasks import StudyTasks
from synth.tasks.task import Task, TaskSet

FREE = "def setup(m):\n    pass\ndef predict(m):\n    m.s1 = sum(m.v0)\ndef learn(m):\n    pass\n"


def test_figures_are_those_of_evaluations() -> None:
    chosen = small()
    one, other = contestant("linear"), contestant("empty")
    found = compare(one, other, chosen)
    assert one.program is not None
    assert other.program is not None
    figures = [evaluate(program, chosen.tasks).per_task for program in (one.program, other.program)]
    assert list(found.figures) == figures
    assert figures[0] is not None
    assert figures[1] is not None
    assert found.difference == paired_difference(figures[0], figures[1], ["0-5", "0-9", "1-8"])
    assert found.verdict.startswith("linear is better than empty by 0.4")
    assert found.verdict.endswith(
        " on 3 select tasks of digits (F = 16) from 3 pairs, better on 3 of 3 pairs"
    )


def test_the_verdict_does_not_depend_on_who_comes_first() -> None:
    forth, back = (
        compare(contestant("linear"), contestant("empty"), small()),
        compare(contestant("empty"), contestant("linear"), small()),
    )
    assert forth.verdict == back.verdict
    assert back.difference.mean == -forth.difference.mean


def test_logistic_regression_trains_on_the_same_rows() -> None:
    found = compare(contestant("linear"), contestant("logistic"), small())
    assert found.second == "logistic regression"
    assert found.figures[1] == tuple(linear_model(task) for task in small().tasks)


def test_logistic_regression_needs_classes() -> None:
    with pytest.raises(UsageError, match="logistic regression needs tasks with two classes"):
        compare(contestant("linear"), contestant("logistic"), small("linear"))


def made_up(
    first: list[float], second: list[float], pairs: int = 9, scale: float | None = None
) -> Comparison:
    """A comparison with these figures; the pairs take turns."""
    task = Task([[0.0], [1.0]], [0, 1], [[0.0]], [1])
    metric = "accuracy" if scale is None else "rms"
    names = [f"pair{number % pairs}" for number in range(len(first))]
    tasks = tuple(Task(*task.arrays, metric, f"{name}:{number}", scale) for number, name in enumerate(names))
    chosen = StudyTasks((TaskSet("digits", "report", tasks, "x"),), 1, 0, ())
    difference = paired_difference(first, second, names)
    return Comparison("a.py", "b.py", chosen, (tuple(first), tuple(second)), difference)


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ([0.5, 0.6], [0.5, 0.6], "a.py and b.py are equal on each of 2 report tasks of digits (F = 1)"),
        ([0.5, 0.6, 0.7], [0.6, 0.5, 0.7], "no difference between a.py and b.py can be told on 3 report"),
        ([0.7, 0.8], [0.5, 0.6], "a.py is better than b.py by 0.2000 (95 % interval 0.2000 to 0.2000)"),
        ([0.5, 0.6], [0.7, 0.8], "b.py is better than a.py by 0.2000 (95 % interval 0.2000 to 0.2000)"),
    ],
)  # fmt: skip
def test_verdicts(first: list[float], second: list[float], words: str) -> None:
    assert made_up(first, second).verdict.startswith(words)


def test_regressions_are_compared_in_the_data_s_units_too() -> None:
    comparison = made_up([0.5, 0.5], [0.4, 0.3], scale=54.3)
    assert comparison.verdict.startswith("a.py (rmse 54.3) is better than b.py (rmse 88.61) by 0.1500")
    assert compare_document(comparison)["scale"] == 54.3


def test_the_document_agrees_with_itself() -> None:
    draw = random.Random(1)
    first, second = ([draw.random() for _ in range(11)] for _ in range(2))
    document = compare_document(made_up(first, second))
    assert document["schema"] == 1
    assert [row["tasks"] for row in document["per_pair"]] == [2, 2, 1, 1, 1, 1, 1, 1, 1]
    assert len(document["per_task"]) == document["tasks"]["count"] == 11
    for row in document["per_pair"]:
        assert row["difference"] == pytest.approx(row["first"] - row["second"])
    mean = sum(row["difference"] for row in document["per_pair"]) / 9
    assert document["difference"]["mean"] == pytest.approx(mean)


def test_a_module_outside_the_language_runs_in_the_python_engine(tmp_path: Path) -> None:
    path = tmp_path / "free.py"
    path.write_text(FREE)
    found = compare(contestant(str(path)), contestant("empty"), small(train=20), "process")
    assert all(0.0 < value < 1.0 for value in found.figures[0])
    path.write_text(FREE.replace("sum(m.v0)", "nothing"))
    with pytest.raises(UsageError, match=r"free\.py has no fitness: .*nothing"):
        compare(contestant(str(path)), contestant("empty"), small(train=20), "process")


def test_a_name_that_is_none() -> None:
    with pytest.raises(UsageError, match=r"there is no module lienar; .* linear, neural_net, quadratic, log"):
        contestant("lienar")


def test_a_file_goes_before_a_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("linear").write_text(FREE)
    assert contestant("linear").path == Path("linear")
