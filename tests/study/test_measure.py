"""What a report measures: the same figures as an evaluation, without the test split."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from report_runs import LINEAR, events, open_run, recorded_run

from synth.errors import UsageError
from synth.runs.record import Record
from synth.study import measure as module
from synth.study.evaluate import evaluate
from synth.study.figures import linear_model
from synth.study.measure import BEST, NET, Measured, measure
from synth.study.measure import LINEAR as LINEAR_PROGRAM
from synth.tasks.sets import read_examples, task_set
from synth.tasks.task import Task, TaskSet


@pytest.fixture(scope="module")
def asked() -> list[str]:
    """The splits of which tasks were asked for."""
    return []


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory, asked: list[str]) -> Iterator[Measured]:
    def noticing(data: str, split: str, **options: object) -> TaskSet:
        asked.append(split)
        return task_set(data, split, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "task_set", noticing)
        found = measure(Record.read(recorded_run(tmp_path_factory.mktemp("runs") / "run")))
    assert isinstance(found, Measured)
    yield found


def test_the_test_split_is_left_alone(measured: Measured, asked: list[str]) -> None:
    assert set(asked) == {"report", "search"}


def test_figures_are_those_of_an_evaluation(measured: Measured) -> None:
    assert measured.linear_model == "logistic regression"
    assert set(measured.fitness) == {BEST, LINEAR_PROGRAM, NET, "logistic regression"}
    tasks = task_set("digits", "report", count=27)
    assert measured.tasks == tuple(task.name for task in tasks.tasks)
    assert measured.fitness[LINEAR_PROGRAM] == evaluate(LINEAR, tasks).per_task
    assert measured.fitness[BEST] == measured.fitness[NET]  # the run's best program is the neural net
    assert measured.differences[NET].mean == 0.0
    gap = np.mean(measured.fitness[BEST]) - np.mean(measured.fitness["logistic regression"])
    assert measured.differences["logistic regression"].mean == pytest.approx(gap)


def test_curves_end_at_the_whole(measured: Measured) -> None:
    sizes = measured.curves.sizes
    assert sizes == tuple(sorted(sizes))
    assert sizes[0] >= 8
    tasks = [task.first(sizes[0]) for task in task_set("digits", "report", count=27).tasks]
    start = evaluate(LINEAR, tasks).fitness
    assert measured.curves.fitness[LINEAR_PROGRAM][0] == pytest.approx(start)
    curve = measured.curves.fitness[NET]
    assert curve[-1] > curve[0] + 0.2
    assert len(curve) == len(sizes)


def test_every_pair_has_its_accuracy(measured: Measured) -> None:
    pairs = measured.pairs
    assert pairs is not None
    assert pairs.classes == tuple("0123456789")
    everything = {(a, b) for b in range(10) for a in range(b)}
    for accuracy in pairs.accuracy.values():
        assert set(accuracy) == everything
        assert all(0.3 < value <= 1.0 for value in accuracy.values())
    held_out = sorted(pairs.held_out)
    of_first = [measured.fitness[NET][number] for number in (0, 9, 18)]
    assert pairs.accuracy[NET][held_out[0]] == pytest.approx(np.mean(of_first))


def test_images_are_what_they_are_said_to_be(measured: Measured) -> None:
    digits = read_examples("digits")
    known = {
        (255 - raw.reshape(8, 8) * 255 / 16).astype(np.uint8).tobytes(): name
        for name, rows in zip(digits.classes, digits.rows, strict=True)
        for part in (rows.train, rows.valid, rows.test)
        for raw in digits.raw[part]
    }
    assert len(measured.galleries) == 9
    for number, gallery in enumerate(measured.galleries):
        assert gallery.accuracy == pytest.approx(measured.fitness[BEST][number], abs=1e-12)
        for picture in (*gallery.right, *gallery.wrong):
            assert known[picture.pixels.tobytes()] == picture.is_class
            assert {picture.is_class, picture.said} <= set(gallery.classes)
            assert 0.5 <= picture.sure <= 1.0
        assert all(picture.said == picture.is_class for picture in gallery.right)
        assert all(picture.said != picture.is_class for picture in gallery.wrong)
        sureness = [picture.sure for picture in gallery.wrong]
        assert sureness == sorted(sureness, reverse=True)


def test_what_cannot_be_measured_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_run(tmp_path / "run") as folder:
        first, improved, *_ = events()
        folder.record(first)
        assert "nothing to measure" in str(measure(Record.read(folder.path)))
        folder.record(improved)

        def gone(*arguments: object) -> None:
            raise UsageError("the data are gone")

        monkeypatch.setattr(module, "read_examples", gone)
        assert "the data are gone" in str(measure(Record.read(folder.path)))


def test_linear_models() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 4))
    y = x @ np.array([1.0, -2.0, 0.5, 0.0])
    assert linear_model(Task(x[:200], y[:200], x[200:], y[200:], "rms")) > 0.9999
    classes = (y > 0).astype(float)
    task = Task(x[:200], classes[:200], x[200:], classes[200:])
    assert linear_model(task) > 0.95
    one = task.first(1)
    share = (classes[200:] == one.train_labels[0]).mean()
    assert linear_model(one) == pytest.approx(share)


def test_what_each_part_is_worth(measured: Measured) -> None:
    explanation = measured.explanation
    assert explanation.fitness.mean == pytest.approx(np.mean(measured.fitness[BEST][:9]))
    losses = {one.statement.text: one.loss.mean for one in explanation.statements if one.live}
    assert max(losses.values()) > 0.3  # without its prediction the net says nothing
    assert any("gradient" in one.name for one in explanation.techniques)
