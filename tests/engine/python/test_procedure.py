"""The procedure of evaluation: against plain loops, and step by step."""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

from synth.engine.python.module import load
from synth.engine.python.procedure import Floats, Function, Functions, TaskOutcome, run_task
from synth.language.memory import Memory
from synth.language.random_source import LEARN, SETUP, TRAIN_PREDICT, VALID_PREDICT, Draw, normals
from synth.language.templates import template_path

EPOCHS = [[0, 1, 2], [2, 0, 1]]


def program(name: str) -> Functions:
    return load(template_path(name).read_text(), name)


@pytest.fixture
def data() -> tuple[Floats, Floats, Floats, Floats]:
    generator = np.random.default_rng(1)
    x, v = generator.normal(size=(60, 5)), generator.normal(size=(20, 5))
    weights = generator.normal(size=5)
    return x, v, x @ weights, v @ weights


def nothing(m: Memory) -> None:
    pass


def run(functions: Functions, x: ArrayLike, y: ArrayLike, v: ArrayLike, **options: Any) -> TaskOutcome:
    return run_task(functions, np.asarray(x, float), np.asarray(y, float), np.asarray(v, float), **options)


def test_the_linear_program_is_gradient_descent(data: tuple[Floats, Floats, Floats, Floats]) -> None:
    x, v, y, _ = data
    weights = np.zeros(5)
    errors = []
    for row, label in zip(x, y, strict=True):
        error = label - np.dot(row, weights)
        errors.append(abs(error))
        weights = weights + 0.01 * error * row
    outcome = run(program("linear"), x, y, v, regression=True, record=7)
    assert outcome.failed_at is None and outcome.predictions.shape == (1, 20)
    np.testing.assert_allclose(outcome.predictions[0], v @ weights, rtol=1e-12)
    np.testing.assert_allclose(outcome.train_errors, errors[:7], rtol=1e-12)


def test_the_net_on_a_task_with_classes_learns_from_the_sigmoid(
    data: tuple[Floats, Floats, Floats, Floats],
) -> None:
    x, v, y, _ = data
    labels = (y > 0).astype(float)
    output = 0.1 * normals(Draw(3, 2, SETUP, 0, 0), 5)
    first = 0.1 * normals(Draw(3, 2, SETUP, 0, 1), 25).reshape(5, 5)
    bias, output_bias = np.zeros(5), 0.0
    for row, label in zip(x, labels, strict=True):
        linear = first @ row + bias
        hidden = np.maximum(linear, 0)
        step = 0.01 * (label - 1 / (1 + math.exp(-(hidden @ output + output_bias))))
        output_bias += step
        output = output + step * hidden
        back = np.heaviside(linear, 0.0) * (step * output)
        bias = bias + back
        first = first + np.outer(back, row)
    expected = np.maximum(v @ first.T + bias, 0) @ output + output_bias
    outcome = run(program("neural_net"), x, labels, v, regression=False, seed=3, task=2)
    np.testing.assert_allclose(outcome.predictions[0], expected, rtol=1e-10)


class Diary:
    """Functions that note what they are given and do what a test says."""

    def __init__(self, predict: Function = nothing, learn: Function = nothing) -> None:
        self.lines: list[tuple[str, list[float], float, float]] = []
        self.functions = Functions(nothing, self.noting("predict", predict), self.noting("learn", learn))

    def noting(self, name: str, function: Function) -> Function:
        def noted(m: Memory) -> None:
            self.lines.append((name, m.v0.tolist(), float(m.s0), float(m.s1)))
            function(m)

        return noted


def test_predict_sees_no_label_and_learn_sees_features_label_and_sigmoid() -> None:
    def predict(m: Memory) -> None:
        m.s1 = m.v0[0]
        m.v0[0] = 99.0  # undone before learn

    diary = Diary(predict)
    run(diary.functions, [[0.0], [2.0]], [1.0, 0.0], [[5.0]], regression=False)
    sigmoid = 1 / (1 + math.exp(-2.0))
    assert diary.lines == [
        ("predict", [0.0], 0.0, 0.0),
        ("learn", [0.0], 1.0, 0.5),
        ("predict", [2.0], 0.0, 0.5),
        ("learn", [2.0], 0.0, pytest.approx(sigmoid, rel=1e-15)),
        ("predict", [5.0], 0.0, pytest.approx(sigmoid, rel=1e-15)),
    ]


def test_no_sigmoid_for_regression_nor_in_validation() -> None:
    def predict(m: Memory) -> None:
        m.s1 = m.v0[0]

    outcome = run(Functions(nothing, predict, nothing), [[2.0]], [0.0], [[3.0], [4.0]], regression=False)
    assert outcome.predictions.tolist() == [[3.0, 4.0]]
    diary = Diary(predict)
    run(diary.functions, [[2.0]], [0.0], [[3.0]], regression=True)
    assert diary.lines[1] == ("learn", [2.0], 0.0, 2.0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, 100.5, -100.5])
def test_the_error_check_comes_before_learn(bad: float) -> None:
    def predict(m: Memory) -> None:
        m.s1 = m.v0[0]

    diary = Diary(predict)
    outcome = run(diary.functions, [[100.0], [bad], [0.0]], np.zeros(3), [[0.0]], regression=True, record=9)
    assert outcome.failed_at == 1 and outcome.predictions.shape == (0, 1)
    assert outcome.train_errors.tolist() == [100.0]
    assert [line[0] for line in diary.lines] == ["predict", "learn", "predict"]


def test_memory_goes_on_through_validation_into_the_next_epoch() -> None:
    def count(m: Memory) -> None:
        m.s2 = m.s2 + 1.0
        m.s1 = m.s2

    outcome = run(
        Functions(nothing, count, nothing),
        np.zeros((3, 1)),
        np.zeros(3),
        np.zeros((2, 1)),
        regression=True,
        orders=EPOCHS,
    )
    assert outcome.predictions.tolist() == [[4.0, 5.0], [9.0, 10.0]]


def test_epochs_take_their_orders_and_a_later_failure_keeps_the_earlier_ones() -> None:
    diary = Diary()
    run(diary.functions, [[0.0], [1.0], [2.0]], np.zeros(3), [[9.0]], regression=True, orders=EPOCHS)
    assert [line[1][0] for line in diary.lines if line[0] == "learn"] == [0, 1, 2, 2, 0, 1]

    def predict(m: Memory) -> None:
        m.s2 = m.s2 + 1.0
        m.s1 = np.where(m.s2 > 5.0, np.nan, 0.25)

    functions = Functions(nothing, predict, nothing)
    outcome = run(functions, np.zeros((3, 1)), np.zeros(3), [[9.0]], regression=True, orders=EPOCHS)
    assert outcome.failed_at == 4 and outcome.predictions.tolist() == [[0.25]]


def test_each_call_has_its_place_in_the_random_source() -> None:
    seen = []

    def note(m: Memory) -> None:
        seen.append((m.rng.phase, m.rng.example, m.rng.k))
        m.rng.uniform(0.0, 1.0)

    run(
        Functions(note, note, note),
        np.zeros((2, 1)),
        np.zeros(2),
        np.zeros((1, 1)),
        regression=True,
        orders=[[0, 1], [1, 0]],
    )
    train = [(phase, example, 0) for example in range(4) for phase in (TRAIN_PREDICT, LEARN)]
    assert seen == [(SETUP, 0, 0), *train[:4], (VALID_PREDICT, 0, 0), *train[4:], (VALID_PREDICT, 1, 0)]


def test_numbers_may_overflow_in_silence(recwarn: pytest.WarningsRecorder) -> None:
    def predict(m: Memory) -> None:
        m.s2 = np.exp(m.v0[0] * 1000.0)
        m.s3 = m.s2 - m.s2
        m.s1 = 0.0 * (1.0 / m.s4)

    outcome = run(Functions(nothing, predict, nothing), [[1.0]], [0.0], [[1.0]], regression=False)
    assert outcome.failed_at == 0 and not recwarn.list


def test_what_a_function_raises_is_passed_on() -> None:
    def predict(m: Memory) -> None:
        m.v1 = 1.0

    with pytest.raises(TypeError, match=r"m\.v1 takes"):
        run(Functions(nothing, predict, nothing), [[1.0]], [0.0], [[1.0]], regression=True)
