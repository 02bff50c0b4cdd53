"""The steps of the procedure in the native engine, one by one (the reference, section 4)."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from native_programs import errors_of, evaluated, evaluator, machine, program, some_tasks

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.procedure import NOT_RECORDED
from synth.engine.native.engine import NativeEngine
from synth.engine.native.evaluator import Evaluator
from synth.errors import SynthError
from synth.tasks.metrics import Combine
from synth.tasks.task import Task

SHAPE = Shape(2, 4, "float64")

SHOW = "m.s1 = np.mean(m.v0)"
"""Predicts the number that an example is."""

ONE = "m.s3 = 1.0"
COUNT = "m.s2 = m.s2 + m.s3"
LOGARITHM = f"{COUNT}; m.s4 = np.mean(m.v0); m.s4 = m.s4 * m.s2; m.s4 = m.s5 - m.s4; m.s1 = np.log(m.s4)"
"""Predicts log(s5 - number * count): nan once the count of predictions is too large."""


def numbers(
    train: Sequence[float],
    valid: Sequence[float],
    labels: Sequence[float] | None = None,
    metric: str = "rms",
) -> Task:
    """A task whose examples are numbers (each feature is the number); `labels` are those of validation."""
    x, v = (np.repeat(np.array(part, dtype=float)[:, None], 2, axis=1) for part in (train, valid))
    return Task(x, np.zeros(len(x)), v, np.zeros(len(v)) if labels is None else labels, metric)


def scalar(runner: Evaluator, address: int) -> float:
    """A scalar of the first task's memory, as the last program left it."""
    return float(runner.memory[address, 0])


def rms(*errors: float) -> float:
    """The fitness of these errors."""
    return 1 - 2 / math.pi * math.atan(math.sqrt(sum(e * e for e in errors) / len(errors)))


def sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@pytest.mark.parametrize(
    ("predict", "bad", "first"),
    [
        (SHOW, 100.5, 100.0),
        (SHOW, -100.5, 100.0),
        (f"{SHOW}; m.s1 = m.s3 / m.s1", 0.0, 1.0),  # inf
        (f"{SHOW}; m.s1 = m.s1 / m.s1", 0.0, 1.0),  # nan
    ],
)
def test_the_error_check_comes_before_learn(predict: str, bad: float, first: float) -> None:
    """An error of exactly 100 is allowed; the failing step counts, its error is not recorded."""
    runner = evaluator((numbers([first, bad, 5.0], [1.0]),), SHAPE)
    steps = runner.run(program(ONE, predict, COUNT).code)
    train, valid = errors_of(runner, 0)
    assert steps == 2 and runner.per_task() == [0.0]
    assert train.tolist() == [first, NOT_RECORDED, NOT_RECORDED] and valid.tolist() == [NOT_RECORDED]
    assert scalar(runner, 2) == 1.0  # learn ran once


def test_a_task_that_fails_leaves_the_others_alone() -> None:
    tasks = numbers([1.0, 200.0, 1.0], [0.5, 0.25]), numbers([1.0, 2.0, 3.0], [0.5, 0.25])
    runner = evaluator(tasks, SHAPE)
    assert runner.run(program("", SHOW).code) == 2 + 3
    assert runner.per_task() == pytest.approx([0.0, rms(0.5, 0.25)], rel=1e-14)
    assert [part.tolist() for part in errors_of(runner, 0)] == [
        [1, NOT_RECORDED, NOT_RECORDED],
        [NOT_RECORDED] * 2,
    ]
    assert [part.tolist() for part in errors_of(runner, 1)] == [[1, 2, 3], [0.5, 0.25]]


def test_errors_are_those_of_the_latest_program_alone() -> None:
    """Also where it failed on all tasks, so that the evaluation ended early."""
    runner = evaluated(program("", SHOW), some_tasks(3, 2, "rms", 5, 4), SHAPE)
    assert (runner.errors[:, :, :3] >= 0).all() and (runner.errors[:, :, 3] == NOT_RECORDED).all()
    assert runner.run(program("", "m.s1 = 1.0 / m.s2").code) == 3
    assert (runner.errors == NOT_RECORDED).all()


@pytest.mark.parametrize("alone", [True, False])
def test_failing_in_a_later_epoch_keeps_the_best_so_far(alone: bool) -> None:
    """The first task's fifth prediction, the first of the second epoch, is nan; the other task goes on."""
    tasks = (numbers([1.0] * 3, [1.0]), numbers([0.0] * 3, [0.0]))[: 1 if alone else 2]
    fitness = [rms(math.log(0.5)), rms(math.log(4.5))][: len(tasks)]
    for epochs, steps in ((1, (3, 3)), (2, (4, 6)), (3, (4, 9))):
        runner = evaluator(tasks, SHAPE, epochs)
        assert runner.run(program(f"{ONE}; m.s5 = 4.5", LOGARITHM).code) == sum(steps[: len(tasks)])
        assert runner.per_task() == pytest.approx(fitness, rel=1e-14)


def test_the_best_epoch_counts() -> None:
    """Predicts 4, 8 and 12 in the three validations; 8 is right."""
    count = program(ONE, f"{COUNT}; m.s1 = m.s2 * m.s3")
    for epochs, fitness in ((1, rms(4.0)), (2, 1.0), (3, 1.0)):
        runner = evaluated(count, [numbers([0.0] * 3, [0.0], [8.0])], SHAPE, epochs)
        assert runner.per_task() == pytest.approx([fitness], rel=1e-14)


def test_memory_goes_on_through_validation_into_the_next_epoch() -> None:
    count = program(ONE, f"{COUNT}; m.s1 = m.s2 * m.s3")
    for epochs, train, valid in ((1, [1, 2, 3], [4, 5]), (2, [6, 7, 8], [9, 10])):
        runner = evaluated(count, [numbers([0.0] * 3, [0.0] * 2)], SHAPE, epochs)
        assert [part.tolist() for part in errors_of(runner, 0)] == [train, valid]


@pytest.mark.parametrize("metric", ["accuracy", "rms"])
def test_the_sigmoid_is_written_back_in_training_of_classes_alone(metric: str) -> None:
    watch = program("", f"m.s5 = np.minimum(m.s1, m.s1); {SHOW}", "m.s6 = np.minimum(m.s1, m.s1)")
    seen = sigmoid(2.0) if metric == "accuracy" else 2.0
    runner = evaluated(watch, [numbers([2.0], [3.0], [1.0], metric)], SHAPE)
    assert scalar(runner, 6) == pytest.approx(seen, rel=1e-15)  # by learn
    assert scalar(runner, 5) == pytest.approx(seen, rel=1e-15)  # by the next predict
    runner = evaluated(watch, [numbers([2.0], [3.0, 4.0], [1.0, 1.0], metric)], SHAPE)
    assert (scalar(runner, 5), scalar(runner, 1)) == (3.0, 4.0)  # left alone in validation


def test_a_sigmoid_of_exactly_one_half_says_class_0() -> None:
    classes = numbers([0.0], [0.0] * 4, [0.0, 0.0, 0.0, 1.0], "accuracy")
    assert evaluated(program("", "m.s1 = m.s2 * m.s2"), [classes], SHAPE).per_task() == [0.75]
    assert evaluated(program("", "m.s1 = np.exp(m.s2)"), [classes], SHAPE).per_task() == [0.25]
    # Without predictions of its own a program keeps the sigmoid of training, which is above 0.
    assert evaluated(program(), [classes], SHAPE).per_task() == [0.25]


def test_nan_and_infinity_in_the_validation_of_classes() -> None:
    """nan is class 0 and fails nothing."""
    labels = [0.0, 0.0, 1.0]
    late = program(f"{ONE}; m.s5 = 3.5", LOGARITHM)
    runner = evaluated(late, [numbers([1.0] * 3, [1.0] * 3, labels, "accuracy")], SHAPE)
    assert math.isnan(scalar(runner, 1)) and errors_of(runner, 0)[1].tolist() == [0, 0, 1]
    assert runner.per_task() == [1 - 1 / 3]
    inverse = program("", f"{SHOW}; m.s1 = 1.0 / m.s1")
    runner = evaluated(inverse, [numbers([1.0], [0.0, -0.0, 0.0], labels, "accuracy")], SHAPE)
    assert errors_of(runner, 0)[1].tolist() == [1, 1, 0]


@pytest.mark.parametrize("bad", [100.5, -100.5])
def test_one_large_error_in_validation_makes_a_regression_worthless(bad: float) -> None:
    tasks = numbers([1.0], [100.0, bad, 1.0]), numbers([1.0], [100.0, 1.0, 1.0])
    runner = evaluated(program("", SHOW), tasks, SHAPE)
    assert runner.per_task() == pytest.approx([0.0, rms(100.0, 1.0, 1.0)], rel=1e-12)
    assert errors_of(runner, 0)[1].tolist() == [100, NOT_RECORDED, NOT_RECORDED]


def test_nan_in_the_validation_of_a_regression_makes_it_worthless() -> None:
    late = program(f"{ONE}; m.s5 = 2.5", LOGARITHM)
    runner = evaluated(late, [numbers([1.0], [1.0, 1.0]), numbers([1.0], [1.0])], SHAPE)
    assert runner.per_task() == pytest.approx([0.0, rms(math.log(0.5))], rel=1e-14)


def test_tasks_with_fewer_examples_are_set_aside() -> None:
    """Their memory waits for the validation; their steps and errors stop."""
    tasks = numbers([0.0], [0.0] * 3), numbers([0.0] * 3, [0.0]), numbers([0.0] * 2, [0.0] * 2)
    runner = evaluator(tasks, SHAPE, 2)
    steps = runner.run(program(ONE, f"{COUNT}; m.s1 = m.s2 * m.s3").code)
    assert steps == 2 * (1 + 3 + 2)
    assert [part.tolist() for part in errors_of(runner, 0)] == [[5], [6, 7, 8]]
    assert [part.tolist() for part in errors_of(runner, 1)] == [[5, 6, 7], [8]]
    assert [part.tolist() for part in errors_of(runner, 2)] == [[5, 6], [7, 8]]
    unused = runner.errors[0, :, :3].T.tolist()
    assert [column.count(NOT_RECORDED) for column in unused] == [2, 2, 2]


def test_what_happens_to_a_task_set_aside_does_not_count() -> None:
    """Its padding is zeros, on which this program fails at once."""
    tasks = numbers([1.0], [2.0] * 3), numbers([1.0] * 3, [2.0])
    runner = evaluator(tasks, SHAPE, 2)
    assert runner.run(program("", f"{SHOW}; m.s1 = 1.0 / m.s1").code) == 2 * (1 + 3)
    assert runner.per_task() == [pytest.approx(rms(0.5), rel=1e-14)] * 2


def test_limits_of_a_probe() -> None:
    tasks = some_tasks(3, 2, "rms", 5, 4)
    batch = Batch.of(tasks, SHAPE, 2)
    code = program("", SHOW).code
    for train, valid in ((3, 2), (1, 0), (50, 50)):
        probe = Evaluator(machine(SHAPE), batch, train=train, valid=valid, epochs=1, errors=True)
        assert probe.run(code) == 3 * min(train, 5)
        assert probe.errors.shape == (1, min(train, 5) + min(valid, 4), 4)
        assert (probe.errors[:, :, :3] >= 0).all()
    with pytest.raises(SynthError, match="laid out for 2 epochs, not for 3"):
        Evaluator(machine(SHAPE), batch, epochs=3)


@pytest.mark.parametrize("combine", ["mean", "median"])
def test_tasks_are_combined(combine: Combine) -> None:
    errors = [1.0, 0.0, 3.0, 2.0]
    engine = NativeEngine([numbers([0.0], [error]) for error in errors], combine=combine)
    result = engine.evaluate(program("", SHOW))
    per_task = [rms(error) for error in errors]
    assert result.per_task == pytest.approx(per_task, rel=1e-14)
    expected = sorted(per_task)[2] if combine == "median" else sum(per_task) / 4
    assert result.fitness == pytest.approx(expected, rel=1e-14) and engine.train_steps == 4
