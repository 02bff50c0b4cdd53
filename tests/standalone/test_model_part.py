"""The standing part `Model`: numpy alone, the same draws, memory and training as everywhere else."""

import copy
import pickle
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import black
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standalone_modules import executed
from strategies import candidates, random_candidate_of
from thorough import examples

from synth.errors import Refusal
from synth.language.candidate import Candidate
from synth.language.memory import Memory
from synth.language.parser import candidate_of, parse
from synth.language.random_source import LEARN, SETUP, TRAIN_PREDICT, VALID_PREDICT, RandomSource
from synth.language.templates import template_path
from synth.standalone.parts import MODEL_PART, with_model
from synth.tasks.task import example_order

LINEAR = candidate_of(template_path("linear").read_text(encoding="utf-8"))
NET = candidate_of(template_path("neural_net").read_text(encoding="utf-8"))


def module(candidate: Candidate) -> ModuleType:
    return executed(with_model(candidate.text()))


def program(setup: str = "pass", predict: str = "pass", learn: str = "pass") -> ModuleType:
    text = f"def setup(m): {setup}\ndef predict(m): {predict}\ndef learn(m): {learn}"
    return module(candidate_of(text))


def blobs(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Two classes that a linear model tells apart: (n, 4) and (n,) of False and True."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4))
    return X, X @ [1.0, -2.0, 0.5, 0.0] > 0


def test_the_part_is_constant_and_formatted() -> None:
    for candidate in (Candidate(), LINEAR, random_candidate_of(1)):
        text = with_model(candidate.text("A program."))
        assert text == candidate.text("A program.") + MODEL_PART
        assert black.format_str(text, mode=black.Mode()) == text


def test_the_parser_skips_the_part() -> None:
    for seed in range(5):
        candidate = random_candidate_of(seed)
        text = with_model(candidate.text("A program."))
        for variant in (text, text.rstrip("\n"), text.replace("\n", "\r\n"), text + "\n# the end\n"):
            assert parse(variant).candidate == candidate
    with pytest.raises(
        Refusal, match=r"<text>:\d+:1: class _Random is not in a standing part that synth writes"
    ):
        parse(text.replace("epochs: int = 1", "epochs: int = 2"))
    after = with_model(LINEAR.text()) + "x = 1\n"
    with pytest.raises(Refusal, match=f":{after.count(chr(10))}:1: this statement stands outside"):
        parse(after)


@pytest.mark.parametrize("size", [None, 1, 2, 3, 5, 64, (3, 3), (40, 41)])
@pytest.mark.parametrize("seed", [0, 7, -1, 2**32 + 5, 2**63])
def test_draws_are_those_of_the_random_source(size: int | tuple[int, int] | None, seed: int) -> None:
    reference, shape = RandomSource(seed), () if size is None else size
    for phase, example in [(SETUP, 0), (LEARN, 3), (VALID_PREDICT, 2**32 - 1)]:
        own = module(Candidate())._Random(seed, 0, phase, example)
        reference.start(phase, example)
        for lo, hi in [(-1.0, 1.0), (0.5, 0.25), (0.0, 0.0)]:
            assert np.array_equal(own.uniform(lo, hi, shape), reference.uniform(lo, hi, size))
        for mean, sd in [(0.0, 1.0), (3.0, 0.0), (-1.0, 0.5)]:
            ours, theirs = own.normal(mean, sd, shape), reference.normal(mean, sd, size)
            assert np.shape(ours) == np.shape(theirs)
            # a scalar goes through math.log there, which may differ in the last bit
            assert np.allclose(ours, theirs, rtol=1e-14, atol=1e-15)
            assert size is None or np.array_equal(ours, theirs)


@examples(100)
@given(candidates(), st.integers(0, 5))
def test_programs_do_the_same_in_both_memories(candidate: Candidate, seed: int) -> None:
    best = module(candidate)
    own, reference = best._Memory(5, seed, 0), Memory(5, seed)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for phase, function in enumerate((best.setup, best.predict, best.learn)):
            own = own.after(function, phase, phase, np.arange(5.0), 1.0)
            reference.v0, reference.s0 = np.arange(5.0), 1.0
            reference.rng.start(phase, phase)
            function(reference)
    for place, value in own.values.items():
        there = getattr(reference, place)
        assert type(value) is type(there)
        # scalar draws may differ in the last bit, and programs may make much of it: nothing to compare then
        if not any(one.op.name == "SCALAR_GAUSSIAN_SET" for one in candidate):
            assert np.array_equal(value, there, equal_nan=True)


def test_memory_refuses_what_the_other_refuses() -> None:
    m = module(Candidate())._Memory(4, 0, 0)
    m.v1_weights = [1, 2, 3, 4]
    assert m.v1.tolist() == [1.0, 2.0, 3.0, 4.0]
    with pytest.raises(TypeError, match=r"m\.v1 takes shape \(4,\), not \(\)"):
        m.v1 = 1.0
    with pytest.raises(AttributeError, match="memory has no x1"):
        m.x1 = 1.0
    with pytest.raises(AttributeError):
        _ = m.s
    source = np.zeros(4)
    m.v2 = source
    source[0] = 1.0
    assert m.v2[0] == 0.0


def trained(
    best: ModuleType, X: np.ndarray, labels: np.ndarray, epochs: int, seed: int, accuracy: bool
) -> Memory:
    """The procedure of evaluation, written once more over the other memory."""
    m = Memory(X.shape[1], seed)
    best.setup(m)
    for epoch in range(epochs):
        order = example_order(len(X), epoch) if epoch else range(len(X))
        for place, row in enumerate(order):
            m.v0, m.s0 = X[row], 0.0
            m.rng.start(TRAIN_PREDICT, epoch * len(X) + place)
            best.predict(m)
            if accuracy:
                m.s1 = 1.0 / (1.0 + np.exp(-m.s1))
            if not abs(labels[row] - m.s1) <= 100.0:
                return m
            m.v0, m.s0 = X[row], labels[row]
            m.rng.start(LEARN, epoch * len(X) + place)
            best.learn(m)
    return m


@pytest.mark.parametrize("candidate", [LINEAR, NET, *(random_candidate_of(seed) for seed in range(12))])
@pytest.mark.parametrize("accuracy", [True, False])
def test_fit_is_the_procedure_of_evaluation(candidate: Candidate, accuracy: bool) -> None:
    best = module(candidate)
    X, y = blobs(40)
    labels = y.astype(float) if accuracy else X @ [0.1, 0.2, 0.3, 0.4]
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = best.Model(4, seed=3).fit(X, y if accuracy else labels, epochs=3)
        reference = trained(best, X, labels, 3, 3, accuracy)
    for place, value in model.memory_.values.items():
        assert np.allclose(value, getattr(reference, place), rtol=1e-9, atol=1e-12, equal_nan=True), place


@pytest.mark.parametrize(
    ("classes", "dtype"),
    [((0.0, 1.0), float), ((-1, 1), int), (("cat", "dog"), str), ((False, True), bool), ((2.5, 7.0), float)],
)
def test_any_two_labels_are_learned(classes: tuple[Any, Any], dtype: type) -> None:
    X, y = blobs(300)
    y = np.where(y, *reversed(np.array(classes)))
    model = module(LINEAR).Model(4).fit(X[:200], y[:200])
    predicted = model.predict(X[200:])
    assert predicted.dtype == y.dtype
    assert np.mean(predicted == y[200:]) > 0.9
    assert model.classes_.tolist() == list(classes)
    chances = model.predict_proba(X[200:])
    assert chances.shape == (100, 2)
    assert np.array_equal(chances[:, 1] > 0.5, predicted == classes[1])


def test_floats_are_learned() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(600, 4))
    y = X @ [0.5, -1.0, 0.25, 0.0]
    model = module(LINEAR).Model(4).fit(X[:500], y[:500], epochs=2)
    assert model.classes_ is None
    assert np.abs(model.predict(X[500:]) - y[500:]).max() < 0.05


@pytest.mark.parametrize(
    ("X", "y", "message"),
    [
        (np.zeros((4, 3)), np.zeros(4), r"X has shape \(4, 3\), not \(4, 4\)"),
        (np.zeros(4), np.zeros(4), r"X has shape \(4,\), not \(4, 4\)"),
        (np.zeros((4, 4)), np.zeros(3), r"X has shape \(4, 4\), not \(3, 4\)"),
        (np.zeros((4, 4)), np.zeros(4), "y holds 1 values, not 2 classes or floats"),
        (np.zeros((4, 4)), np.arange(4), "y holds 4 values"),
        (np.zeros((0, 4)), np.zeros(0), "y holds 0 values"),
    ],
)
def test_wrong_arguments_are_refused(X: np.ndarray, y: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        module(LINEAR).Model(4).fit(X, y)


def test_a_model_that_has_learned_nothing_says_so() -> None:
    with pytest.raises(ValueError, match="learned nothing yet; call fit"):
        module(LINEAR).Model(4).predict(np.zeros((1, 4)))


def test_predictions_do_not_depend_on_the_other_rows() -> None:
    best = program(
        setup="m.v2[int(0.0 * m.F)] = 1.0; m.m1 = m.rng.normal(0.0, 1.0, (m.F, m.F))",
        predict="m.s3 = m.rng.normal(0.0, 1.0); m.v2 = m.v2 + m.v0; m.v2[int(0.5 * m.F)] = 0.5;"
        "m.v1 = np.dot(m.m1, m.v2); m.m1[int(0.5 * m.F), int(0.0 * m.F)] = 9.0; m.m2 = m.m1 + m.m2;"
        "m.s2 = np.dot(m.v1, m.v0); m.s1 = m.s2 + m.s3",
        learn="m.m1[int(0.5 * m.F), int(0.0 * m.F)] = -9.0",
    )
    X, y = blobs(50)
    model = best.Model(4).fit(X, y)
    together = model.decision_function(X)
    assert np.array_equal(together, model.decision_function(X))
    assert np.array_equal(together[::-1], model.decision_function(X[::-1]))
    assert np.array_equal(together[3:4], model.decision_function(X[3:4]))
    assert len(np.unique(together)) == 50
    assert model.predict(X[:0]).shape == (0,)


def test_predictions_begin_where_a_first_one_ends() -> None:
    """What predict only puts in place for its next call, as programs do that average their weights."""
    best = program("m.s3 = 0.0", "m.s1 = m.s2 + m.s0; m.s2 = m.s3 + m.s0", "m.s2 = m.s0 * m.s0; m.s3 = 7.0")
    X, y = blobs(20)
    assert best.Model(4).fit(X, np.float64(y) / 2 + 0.1).decision_function(X).tolist() == [7.0] * 20


def test_training_stops_at_an_error_beyond_100() -> None:
    best = program(predict="m.s1 = m.s2 + m.s3", learn="m.s4 = 1.0; m.s3 = m.s3 + m.s4; m.s2 = np.exp(m.s3)")
    X, y = np.zeros((20, 2)), np.linspace(0.0, 1.0, 20)
    with pytest.warns(RuntimeWarning, match="training stopped at example 5: error 15"):
        model = best.Model(2).fit(X, y)
    assert model.memory_.s3 == 5.0


def test_nan_counts_as_the_first_class() -> None:
    best = program(predict="m.s1 = m.s2 / m.s2")
    X, y = blobs(5)
    with pytest.warns(RuntimeWarning, match="training stopped at example 0: error nan"):
        assert best.Model(4).fit(X, y).predict(X).tolist() == [False] * 5


def test_models_can_be_copied_and_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    best = module(LINEAR)
    monkeypatch.setitem(sys.modules, "best", best)
    X, y = blobs(50)
    model = best.Model(4).fit(X, y)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        assert np.array_equal(other.decision_function(X), model.decision_function(X))


def test_it_needs_numpy_alone(tmp_path: Path) -> None:
    (tmp_path / "best.py").write_text(with_model(LINEAR.text()), encoding="utf-8")
    script = (
        "import sys, numpy as np\n"
        "X = np.random.default_rng(0).normal(size=(200, 3))\n"
        f"sys.path.insert(0, {str(tmp_path)!r})\n"
        "before = set(sys.modules)\n"
        "from best import Model\n"
        "print(np.mean(Model(features=3).fit(X, X[:, 0] > 0).predict(X) == (X[:, 0] > 0)))\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before}\n"
        "assert new <= {'best', 'numpy'} | set(sys.stdlib_module_names), new\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert float(done.stdout) > 0.9
