"""Exports on torch tensors compute, for many tasks at once, what the numpy module computes for each alone."""

import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from standalone_modules import executed
from strategies import ALL_OPS, random_candidate_of
from without_synth import run_without

from synth.language.candidate import Candidate
from synth.language.instruction import instruction
from synth.language.parser import candidate_of
from synth.language.random_source import LEARN, SETUP, VALID_PREDICT, RandomSource
from synth.language.templates import template_names, template_path
from synth.standalone.parts import with_model
from synth.study.torch_text import torch_text

pytestmark = pytest.mark.torch

TASKS, ROWS, F = 3, 40, 4
TEMPLATES = [candidate_of(template_path(name).read_text(encoding="utf-8")) for name in template_names()]


@pytest.fixture(scope="module")
def torch() -> Any:
    module = pytest.importorskip("torch")
    module.set_num_threads(1)  # all tensors are small
    return module


def both(candidate: Candidate) -> tuple[ModuleType, ModuleType]:
    """A program on tensors, and with numpy."""
    on_tensors = torch_text('"""A program."""', candidate.text(), candidate)
    return executed(on_tensors), executed(with_model(candidate.text()))


def data(classes: bool, rows: int = ROWS) -> tuple[np.ndarray, np.ndarray]:
    """X (tasks, rows, F) and y (tasks, rows) of problems that a linear model solves, more or less."""
    random = np.random.default_rng(5)
    X = random.normal(size=(TASKS, rows, F))
    y = np.einsum("trf,tf->tr", X, random.normal(size=(TASKS, F)))
    return X, np.where(y > 0, 1.0, 0.0) if classes else y


def agree(tensor: Any, array: Any) -> bool:
    return np.allclose(tensor.numpy(), array, rtol=1e-9, atol=1e-9, equal_nan=True)


@pytest.mark.parametrize("size", [None, 1, 2, 5, 64, (3, 3), (41, 40)])
@pytest.mark.parametrize("seed", [0, -1, 2**32 + 5])
def test_draws_are_those_of_the_random_source(torch: Any, size: Any, seed: int) -> None:
    tasks = torch.arange(7, 7 + TASKS)
    own = both(Candidate())[0].Random(seed, tasks, torch.float64)
    others = [RandomSource(seed, task) for task in range(7, 7 + TASKS)]
    shape = () if size is None else size
    for phase, example in [(SETUP, 0), (LEARN, 3), (VALID_PREDICT, 2**31 - 1)]:
        for source in (own, *others):
            source.start(phase, example)
        for lo, hi in [(-1.0, 1.0), (0.5, 0.25), (0.0, 0.0)]:
            drawn = np.stack([other.uniform(lo, hi, size) for other in others])
            assert np.array_equal(own.uniform(lo, hi, shape).numpy(), drawn)
        for mean, sd in [(0.0, 1.0), (3.0, 0.0), (-1.0, 0.5)]:
            drawn = np.stack([other.normal(mean, sd, size) for other in others])
            assert np.allclose(own.normal(mean, sd, shape).numpy(), drawn, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_each_op_does_what_numpy_does(torch: Any, op: Any) -> None:
    constants = [0.3, 0.7, 0.25][: len(op.constants)]
    candidate = Candidate((), (), (instruction(op, 2, 3, 4, constants),))
    ours, theirs = both(candidate)
    random = np.random.default_rng(op.id)
    shapes = {f"{kind}{number}": (F,) * "svm".index(kind) for kind in "svm" for number in (2, 3, 4)}
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e200, 1.0, -1.0])
    values = {
        place: np.where(
            random.random((TASKS, *shape)) < 0.2,
            random.choice(special, (TASKS, *shape)),
            random.normal(size=(TASKS, *shape)),
        )
        for place, shape in shapes.items()
    }
    m = ours.Memory(F, ours.Random(1, torch.arange(TASKS), torch.float64))
    for place, value in values.items():
        setattr(m, place, torch.tensor(value))
    ours.learn(m)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for task in range(TASKS):
            one = theirs._Memory(F, 1, task)
            for place, value in values.items():
                setattr(one, place, value[task])
            theirs.learn(one)
            for place in shapes:
                assert agree(getattr(m, place)[task], getattr(one, place)), place


@pytest.mark.parametrize(
    "candidate", [*TEMPLATES, *map(random_candidate_of, range(60))], ids=lambda one: str(len(one))
)
@pytest.mark.parametrize("classes", [True, False])
def test_training_and_predictions_are_those_of_numpy(torch: Any, candidate: Candidate, classes: bool) -> None:
    ours, theirs = both(candidate)
    X, y = data(classes)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = ours.Model(seed=3).fit(torch.tensor(X), torch.tensor(y), epochs=2)
        decided = model.decision_function(torch.tensor(X))
        predicted = model.predict(torch.tensor(X))
        for task in range(TASKS):
            one = theirs.Model(F, seed=3, task=task).fit(X[task], y[task], epochs=2)
            for place, value in one.memory_.values.items():
                assert agree(getattr(model.memory_, place)[task], value), place
            assert agree(decided[task], one.decision_function(X[task]))
            assert agree(predicted[task], one.predict(X[task]))


def program(setup: str = "pass", predict: str = "pass", learn: str = "pass") -> ModuleType:
    text = f"def setup(m): {setup}\ndef predict(m): {predict}\ndef learn(m): {learn}"
    return both(candidate_of(text))[0]


def test_a_task_that_stops_keeps_its_memory_and_the_others_go_on(torch: Any) -> None:
    own = program(predict="m.s1 = m.s2 + m.s3", learn="m.s2 = m.s2 + m.s0; m.s5 = 1.0; m.s4 = m.s4 + m.s5")
    y = torch.tensor([[40.5] * 6, [0.5] * 6, [90.5] * 6], dtype=torch.float64)
    with pytest.warns(RuntimeWarning) as caught:
        model = own.Model().fit(torch.zeros(3, 6, F, dtype=torch.float64), y)
    assert [str(one.message) for one in caught] == [
        "training of tasks [2] stopped at example 3",
        "training of tasks [0] stopped at example 4",
    ]
    assert {one.filename for one in caught} == {__file__}
    assert model.memory_.s4.tolist() == [4.0, 6.0, 3.0]
    assert model.memory_.s2.tolist() == [162.0, 3.0, 271.5]


def test_predictions_do_not_depend_on_the_other_rows(torch: Any) -> None:
    own = program(
        setup="m.m1 = m.rng.normal(0.0, 1.0, (m.F, m.F))",
        predict="m.v2 = m.v2 + m.v0; m.v2[int(0.5 * m.F)] = 0.5; m.v1 = np.dot(m.m1, m.v2);"
        "m.s2 = np.dot(m.v1, m.v0); m.s3 = m.rng.normal(0.0, 1.0); m.s1 = m.s2 + m.s3",
    )
    X, y = map(torch.tensor, data(classes=True))
    model = own.Model().fit(X, y)
    together = model.decision_function(X)
    assert torch.equal(together, model.decision_function(X))
    assert torch.equal(together.flip(1), model.decision_function(X.flip(1)))
    assert torch.equal(together[:, 3:4], model.decision_function(X[:, 3:4]))
    assert model.predict(X[:, :0]).shape == (TASKS, 0)


def test_many_rows_are_done_in_parts(torch: Any) -> None:
    own, _ = both(TEMPLATES[0])
    X, y = map(torch.tensor, data(classes=True))
    model = own.Model().fit(X, y)
    many = X.repeat(1, 10_000, 1)
    assert TASKS * many.shape[1] * F**2 > 2**24
    assert torch.allclose(model.decision_function(many), model.decision_function(X).repeat(1, 10_000))


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_any_floating_dtype_learns(torch: Any, dtype: str) -> None:
    own, _ = both(candidate_of(template_path("linear").read_text(encoding="utf-8")))
    X, y = (torch.tensor(array) for array in data(classes=True, rows=400))
    X = X.to(getattr(torch, dtype))
    model = own.Model().fit(X[:, :300], y[:, :300].long())
    assert model.memory_.v1.dtype == model.decision_function(X).dtype == X.dtype
    assert (model.predict(X[:, 300:]) == y[:, 300:]).double().mean() > 0.85
    units = own.Random(0, torch.arange(2), X.dtype).uniform(0.0, 1.0, 1000)
    assert units.dtype == X.dtype
    assert 0.45 < units.double().mean() < 0.55


def test_wrong_arguments_are_refused(torch: Any) -> None:
    own = program()
    X, y = torch.zeros(2, 5, F), torch.zeros(2, 5)
    for bad in (X[0], X.long()):
        with pytest.raises(ValueError, match=r"it must be floating, \(tasks, rows, features\)"):
            own.Model().fit(bad, y)
    with pytest.raises(ValueError, match=r"y has shape \(2, 4\); it must be \(2, 5\), as X is"):
        own.Model().fit(X, y[:, :4])
    with pytest.raises(ValueError, match="y must hold the classes 0 and 1, or floats to predict"):
        own.Model().fit(X, y.long() + 2)
    with pytest.raises(ValueError, match="learned nothing yet; call fit"):
        own.Model().predict(X)
    with pytest.raises(ValueError, match=r"it must be floating, \(2, rows, 4\)"):
        own.Model().fit(X, y).predict(X[:1])
    m = own.Memory(F, own.Random(0, torch.arange(2), torch.float32))
    with pytest.raises(TypeError, match=r"m\.v1 takes shape \(2, 4\), not \(2,\)"):
        m.v1 = torch.zeros(2)
    with pytest.raises(AttributeError, match="memory has no x1"):
        _ = m.x1


def test_it_needs_torch_alone(torch: Any, tmp_path: Path) -> None:
    linear = candidate_of(template_path("linear").read_text(encoding="utf-8"))
    (tmp_path / "model.py").write_text(torch_text('"""A program."""', linear.text(), linear))
    script = """
import torch
from model import Model

X = torch.randn(2, 200, 3, generator=torch.Generator().manual_seed(0))
y = X[:, :, 0] > 0
print((Model().fit(X, y).predict(X) == y).double().mean().item())
"""
    assert float(run_without(script, tmp_path, refused=("numpy", "synth", "llvmlite", "libcst"))) > 0.9
