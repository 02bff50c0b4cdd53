"""The estimators: scikit-learn's rules, native and Python training alike, no row depends on another."""

import inspect
import itertools
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from command_line import TEMPLATES, environment
from numpy.typing import NDArray
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris, load_wine
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import synth
from synth import EvolvedClassifier, EvolvedRegressor
from synth.errors import Refusal, UsageError
from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.study import export
from synth.tasks.projection import projection

Floats = NDArray[np.float64]

STATEFUL = """
def setup(m):
    m.s2 = 0.01

def predict(m):
    m.s1 = np.dot(m.v0, m.v1)
    m.v3 = m.v3 + m.v0
    m.s4 = np.dot(m.v3, m.v1)
    m.s1 = m.s1 + m.s4

def learn(m):
    m.s3 = m.s0 - m.s1
    m.s3 = m.s2 * m.s3
    m.v2 = m.s3 * m.v0
    m.v1 = m.v1 + m.v2
    m.v3 = m.v3 - m.v3
"""
"""Its predict reads what an earlier predict wrote."""


def exported(text: str, path: Path) -> dict[str, Any]:
    """Give what is in the exported module of a program: estimators that train in Python."""
    path.write_text(text)
    module: dict[str, Any] = {}
    exec(export.export(path, "sklearn"), module)
    return module


FEATURES = 10
"""To how many features digits are projected: so many occur in scikit-learn's checks too."""


def digits() -> tuple[Floats, NDArray[np.int64]]:
    """Five classes, so ten pairs: more than are trained side by side of a program with matrices."""
    X, y = load_digits(n_class=5, return_X_y=True)
    return X[:200], y[:200]


RESAMPLED = {
    "check_sample_weight_equivalence_on_dense_data": "a row of weight 2 is shown about twice as often as the "
    "others, but among as many rows as before, and in another order than two rows would be"
}
"""Rules of scikit-learn that weights cannot keep, as they are resampling."""


@pytest.mark.parametrize("kind", [EvolvedClassifier, EvolvedRegressor])
def test_it_keeps_to_the_rules(kind: type) -> None:
    check_estimator(kind(), on_skip=None, expected_failed_checks=RESAMPLED)


@pytest.mark.filterwarnings("ignore:training stopped")
@pytest.mark.parametrize("name", ["linear", "neural_net", "averaged_net"])
def test_exported_estimators_train_in_python_to_the_same(name: str, tmp_path: Path) -> None:
    module = exported((TEMPLATES / f"{name}.py").read_text(), tmp_path / "model.py")
    X, y = digits()
    parameters: dict[str, Any] = {"epochs": 2, "projection": FEATURES, "random_state": 3}
    native = EvolvedClassifier(name, **parameters).fit(X, y)
    python = module["EvolvedClassifier"](**parameters).fit(X, y)
    assert np.array_equal(native.predict(X), python.predict(X))
    assert np.allclose(native.predict_proba(X), python.predict_proba(X), rtol=1e-7, atol=1e-9)
    assert len(native.memories_) == 10
    X = np.random.default_rng(0).normal(size=(300, 5))
    slopes = X[:, 0] - X[:, 1]
    values = EvolvedRegressor(name, epochs=2).fit(X, slopes).predict(X)
    others = module["EvolvedRegressor"](epochs=2).fit(X, slopes).predict(X)
    assert np.allclose(values, others, rtol=1e-7, atol=1e-9)


def test_training_is_that_of_an_evaluation() -> None:
    X, y = load_iris(return_X_y=True)
    X, y = X[y < 2], y[y < 2] == 1
    estimator = EvolvedClassifier("averaged_net", epochs=3, random_state=5).fit(X, y)
    order = np.random.RandomState(5).permutation(len(y))
    rows = (X[order] - estimator.centers_[0]) / estimator.scales_[0]
    task = synth.Task(rows, y[order], rows, y[order])
    candidate = synth.load(TEMPLATES / "averaged_net.py")
    result = synth.evaluate(candidate, [task], seed=5, epochs=3)
    assert result.fitness is not None
    assert result.fitness >= estimator.score(X, y) > 0.9
    best: dict[str, Any] = {}
    exec(export.export(TEMPLATES / "averaged_net.py"), best)
    model = best["Model"](features=4, seed=5).fit(rows, y[order], epochs=3)
    values = estimator.decision_function(X[order])
    assert np.allclose(model.decision_function(rows), values, rtol=1e-7, atol=1e-9)
    one = synth.evaluate(candidate, [task], seed=5)
    assert one.fitness == clone(estimator).set_params(epochs=1).fit(X, y).score(X, y)


def test_predictions_do_not_depend_on_other_rows(tmp_path: Path) -> None:
    (tmp_path / "stateful.py").write_text(STATEFUL)
    X, y = digits()
    for candidate in ("neural_net", tmp_path / "stateful.py"):
        estimator = EvolvedClassifier(candidate, projection=FEATURES).fit(X, y)
        together = estimator.decision_function(X)
        assert np.array_equal(together, estimator.decision_function(X))
        assert np.array_equal(together[::-1], estimator.decision_function(X[::-1]))
        assert np.array_equal(together[7:8], estimator.decision_function(X[7:8]))


def test_candidates_in_all_their_forms(tmp_path: Path) -> None:
    X, y = load_iris(return_X_y=True)
    path = tmp_path / "mine.py"
    path.write_text(TEMPLATES.joinpath("linear.py").read_text())
    candidate = candidate_of(path.read_text())
    assert synth.load(path) == candidate
    forms: list[str | Path | Candidate] = ["linear", str(path), path, candidate]
    found = [EvolvedClassifier(one).fit(X, y) for one in forms]
    assert all(one.candidate_ == candidate for one in found)
    assert all(np.array_equal(one.predict(X), found[0].predict(X)) for one in found)
    assert found[0].candidate == "linear"  # as given


@pytest.mark.parametrize("wrong", ["linaer", "none.py", 3, None])
def test_what_is_no_candidate(wrong: object) -> None:
    with pytest.raises(UsageError, match="it must be a template"):
        EvolvedClassifier(wrong).fit(*load_iris(return_X_y=True))  # type: ignore[arg-type]


def test_a_module_outside_the_language(tmp_path: Path) -> None:
    (tmp_path / "free.py").write_text("def setup(m): m.v1 = [0.0] * m.F\n")
    with pytest.raises(Refusal, match=r"free\.py:1:"):
        EvolvedClassifier(tmp_path / "free.py").fit(*load_iris(return_X_y=True))


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"epochs": 0}, "epochs is 0; it must be a whole number of at least 1"),
        ({"epochs": 1.5}, r"epochs is 1\.5"),
        ({"projection": 5}, "projection is 5, but X has 4 features"),
        ({"projection": True}, "projection is True"),
        ({"random_state": -1}, "between 0 and"),
    ],
)
def test_wrong_parameters(parameters: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        EvolvedClassifier(**parameters).fit(*load_iris(return_X_y=True))  # type: ignore[arg-type]


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match=r"y holds one class \(7\); a classifier needs at least 2 classes"):
        EvolvedClassifier().fit(np.eye(4), np.array([7, 7, 7, 7]))


def test_selection_scoring_and_pipelines() -> None:
    X, y = load_wine(return_X_y=True)
    X = X[:, [0, 6, 9, 12]]
    grid = GridSearchCV(EvolvedClassifier(), {"candidate": ["neural_net", "linear"], "epochs": [1, 8]}, cv=3)
    grid.fit(X, y)
    assert grid.best_params_["epochs"] == 8
    assert grid.best_score_ > 0.9
    candidate = synth.load(TEMPLATES / "linear.py")
    assert isinstance(candidate, synth.Candidate)
    pipeline = make_pipeline(StandardScaler(), EvolvedClassifier(candidate, epochs=8))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.9
    assert cross_val_score(EvolvedClassifier("linear"), X, y, cv=3, scoring="roc_auc_ovr").mean() > 0.9
    copy = clone(pipeline)
    assert copy.steps[1][1].candidate == candidate
    assert np.array_equal(copy.fit(X, y).predict(X), pipeline.fit(X, y).predict(X))


def test_pickles_work_in_another_process(tmp_path: Path) -> None:
    X, y = load_iris(return_X_y=True)
    module = tmp_path / "mine.py"
    module.write_text(TEMPLATES.joinpath("neural_net.py").read_text())
    estimator = EvolvedClassifier(module, epochs=3).fit(X, y)
    (tmp_path / "estimator.pickle").write_bytes(pickle.dumps(estimator))
    module.unlink()  # what was fitted does not need it
    np.save(tmp_path / "X.npy", X)
    script = (
        "import pickle, sys, numpy as np\n"
        "estimator = pickle.load(open('estimator.pickle', 'rb'))\n"
        "np.save('values.npy', estimator.decision_function(np.load('X.npy')))\n"
        "assert 'llvmlite' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment(), check=True, timeout=60)
    assert np.array_equal(np.load(tmp_path / "values.npy"), estimator.decision_function(X))


def test_seeds_and_threads() -> None:
    X, y = digits()
    base = EvolvedClassifier("averaged_net", projection=FEATURES, random_state=1).fit(X, y)
    values = base.decision_function(X)
    assert np.array_equal(clone(base).set_params(n_jobs=2).fit(X, y).decision_function(X), values)
    assert not np.array_equal(clone(base).set_params(random_state=2).fit(X, y).decision_function(X), values)
    states = [np.random.RandomState(4), np.random.RandomState(4), None]
    drawn = [clone(base).set_params(random_state=state).fit(X, y).decision_function(X) for state in states]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_the_projection_is_that_of_the_tasks() -> None:
    estimator = EvolvedClassifier(projection=FEATURES, random_state=7).fit(*digits())
    assert np.array_equal(estimator.projection_, projection(64, FEATURES, seed=7))


def test_rows_may_be_sorted_by_class_and_features_constant() -> None:
    X, y = load_iris(return_X_y=True)
    assert (np.diff(y) >= 0).all()
    X = np.column_stack((X, np.full(len(X), 3.0)))
    estimator = EvolvedClassifier("linear", epochs=10).fit(X, y)
    assert estimator.score(X, y) > 0.9
    X[:, -1] = 1e9
    assert estimator.score(X, y) > 0.9


@pytest.mark.parametrize("labels", [("no", "yes"), (False, True), (-1, 1)])
def test_two_classes_of_any_kind(labels: tuple[object, object]) -> None:
    X, y = load_iris(return_X_y=True)
    y = np.array(labels)[(y == 0).astype(int)]
    estimator = EvolvedClassifier("averaged_net", epochs=3).fit(X, y)
    assert estimator.classes_.tolist() == list(labels)
    assert estimator.predict(X).dtype == y.dtype
    assert estimator.score(X, y) > 0.9
    values = estimator.decision_function(X)
    assert values.shape == (len(X),)
    assert np.array_equal(values > 0, estimator.predict_proba(X)[:, 1] > 0.5)


NAN = "def setup(m): pass\ndef predict(m): m.s1 = m.s2 / m.s3\ndef learn(m): pass\n"


def test_training_that_fails_is_said(tmp_path: Path) -> None:
    X, y = load_iris(return_X_y=True)
    module = exported(NAN, tmp_path / "nan.py")
    for estimator in (EvolvedClassifier(tmp_path / "nan.py"), module["EvolvedClassifier"]()):
        with pytest.warns(RuntimeWarning, match="training stopped at example 0: error nan") as warnings:
            estimator.fit(X, y)
        assert len(warnings) == 3
        assert (estimator.predict(X) == 0).all()
        with pytest.warns(RuntimeWarning, match="training stopped"):
            two = clone(estimator).fit(X, y == 1)
        assert np.isfinite(two.decision_function(X)).all()


SOMETIMES_NAN = """
def setup(m): m.s2 = 0.1; m.s5 = m.rng.uniform(-1.0, 1.0); m.s6 = np.log(m.s5)
def predict(m): m.s1 = np.dot(m.v0, m.v1); m.s7 = m.s6 - m.s6; m.s1 = m.s1 + m.s7
def learn(m): m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2
"""
"""It fails where its draw, another for each pair, is negative."""


def test_a_pair_that_fails_leaves_the_others_alone(tmp_path: Path) -> None:
    module = exported(SOMETIMES_NAN, tmp_path / "some.py")
    X, y = digits()
    with pytest.warns(RuntimeWarning, match="example 0: error nan") as native:
        values = EvolvedClassifier(tmp_path / "some.py", projection=FEATURES).fit(X, y).predict_proba(X)
    assert 1 < len(native) < 10
    with pytest.warns(RuntimeWarning, match="example 0: error nan") as python:
        same = module["EvolvedClassifier"](projection=FEATURES).fit(X, y).predict_proba(X)
    assert np.allclose(same, values, atol=1e-9)
    assert len(native) == len(python)


LAST_LEARNED = "def setup(m): pass\ndef predict(m): pass\ndef learn(m): m.s1 = np.mean(m.v0)\n"


def test_a_prediction_that_predict_does_not_make(tmp_path: Path) -> None:
    """s1 is then what learn left there."""
    module = exported(LAST_LEARNED, tmp_path / "last.py")
    X, y = load_iris(return_X_y=True)
    values = EvolvedClassifier(tmp_path / "last.py").fit(X, y == 1).decision_function(X)
    assert values[0] != 0
    assert np.allclose(module["EvolvedClassifier"]().fit(X, y == 1).decision_function(X), values)


def test_the_signature_is_that_of_the_interface() -> None:
    expected = {"candidate": "neural_net", "epochs": 1, "projection": None, "random_state": 0, "n_jobs": 1}
    assert list(inspect.signature(EvolvedRegressor).parameters) == list(expected)
    assert list(inspect.signature(EvolvedClassifier).parameters) == [*expected, "class_weight"]
    assert EvolvedRegressor().get_params() == expected
    assert EvolvedClassifier().get_params() == expected | {"class_weight": None}


def test_targets_of_any_scale() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(400, 5))
    y = X @ [1.0, -2.0, 0.5, 0.0, 3.0]
    small = EvolvedRegressor("linear", epochs=4).fit(X, y)
    large = EvolvedRegressor("linear", epochs=4).fit(X, 1e6 * y + 5e7)
    assert small.score(X, y) > 0.95
    assert np.allclose(large.predict(X), 1e6 * small.predict(X) + 5e7, rtol=1e-6)
    constant = EvolvedRegressor("linear").fit(X, np.full(len(X), 4.0))
    assert np.allclose(constant.predict(X), 4.0)
    two = EvolvedRegressor("linear", epochs=4).fit(X, (y > 0).astype(float))
    assert len(np.unique(two.predict(X))) == len(X)


@pytest.mark.parametrize(
    "kind", [str, "S", object, np.dtypes.StringDType()], ids=["str", "bytes", "object", "StringDType"]
)
def test_labels_are_read_as_those_of_a_run(kind: Any) -> None:
    X, y = load_iris(return_X_y=True)
    names = np.array(["setosa", "versicolor", "virginica"])[y]
    model = EvolvedClassifier("linear").fit(X, names.astype(kind))
    assert model.classes_.tolist() == ["setosa", "versicolor", "virginica"]
    assert model.score(X, names) > 0.8


def test_what_is_missing_is_refused_by_fit_and_predict() -> None:
    X, y = load_iris(return_X_y=True)
    hidden = np.ma.MaskedArray(X, mask=X > 7)
    with pytest.raises(ValueError, match="y has 50 missing labels, the first in row 100"):
        EvolvedClassifier("linear").fit(X, np.array(["a", "b", None], dtype=object)[y])
    with pytest.raises(ValueError, match="contains NaN"):
        EvolvedClassifier("linear").fit(hidden, y)
    with pytest.raises(ValueError, match="contains NaN"):
        EvolvedClassifier("linear").fit(X, y).predict(hidden)


def rare() -> tuple[Floats, NDArray[np.str_]]:
    """Two classes that overlap, of which one has a twentieth of the rows."""
    random = np.random.default_rng(0)
    y = np.where(np.arange(600) % 20, "no", "yes")
    X = random.normal(size=(600, 4))
    X[y == "yes", 0] += 1.5
    return X, y


def recalls(model: EvolvedClassifier, X: Floats, y: NDArray[np.str_]) -> dict[str, float]:
    """Of the rows of each class, the share that is found."""
    found = model.predict(X)
    return {str(name): float(np.mean(found[y == name] == name)) for name in np.unique(y)}


def test_balanced_classes_are_found_alike() -> None:
    X, y = rare()
    plain, balanced, given = (
        EvolvedClassifier("averaged_net", epochs=5, class_weight=weight).fit(X, y)
        for weight in (None, "balanced", {"yes": 19})
    )
    assert recalls(plain, X, y)["yes"] < 0.2
    assert min(recalls(balanced, X, y).values()) > 0.6
    assert np.array_equal(balanced.decision_function(X), given.decision_function(X))
    by_rows = clone(plain).fit(X, y, sample_weight=np.where(y == "yes", 19.0, 1.0))
    assert np.array_equal(balanced.decision_function(X), by_rows.decision_function(X))
    assert np.array_equal(
        balanced.decision_function(X), clone(balanced).fit(X, y).decision_function(X)
    )  # one seed


def test_weights_of_classes_and_rows_multiply() -> None:
    X, y = rare()
    rows = np.random.default_rng(1).uniform(0.5, 2.0, size=len(y))
    both = EvolvedClassifier("linear", class_weight={"yes": 6.0}).fit(X, y, sample_weight=rows)
    product = EvolvedClassifier("linear").fit(X, y, sample_weight=rows * np.where(y == "yes", 6.0, 1.0))
    for one in (EvolvedClassifier("linear").fit(X, y, rows), EvolvedClassifier("linear").fit(X, y)):
        assert not np.array_equal(both.decision_function(X), one.decision_function(X))
    assert np.array_equal(both.decision_function(X), product.decision_function(X))


def test_in_each_pair_of_classes_its_own_weights_count() -> None:
    X, y = load_iris(return_X_y=True)
    kept = np.r_[0:50, 50:60, 100:150]
    X, y = X[kept], y[kept]
    model = EvolvedClassifier("linear", class_weight="balanced")
    centers = clone(model).fit(X, y).centers_  # of the rows that each pair is shown
    for pair, found in zip(itertools.combinations(range(3), 2), centers, strict=True):
        alone = np.isin(y, pair)
        assert found == pytest.approx(clone(model).fit(X[alone], y[alone]).centers_[0])
    of_class = [X[y == 0].mean(axis=0), X[y == 1].mean(axis=0)]
    assert centers[0] == pytest.approx(np.mean(of_class, axis=0), abs=0.1)


@pytest.mark.parametrize("kind", [EvolvedClassifier, EvolvedRegressor])
def test_weights_that_say_nothing_change_nothing(kind: Any) -> None:
    X, y = load_iris(return_X_y=True)
    plain = kind("linear").fit(X, y)
    for weights in (np.full(len(y), 3.0), 2.5, [1] * len(y)):
        assert np.array_equal(kind("linear").fit(X, y, sample_weight=weights).predict(X), plain.predict(X))
    if kind is EvolvedClassifier:
        balanced = kind("linear", class_weight="balanced").fit(X, y)
        assert np.array_equal(balanced.decision_function(X), plain.decision_function(X))
    before = kind("linear").fit(X, y, sample_weight=np.arange(1.0, len(y) + 1))
    assert np.array_equal(before.fit(X, y).predict(X), plain.predict(X))
    assert "_sample_weight" not in vars(before)


@pytest.mark.parametrize("kind", [EvolvedClassifier, EvolvedRegressor])
def test_a_row_of_weight_zero_is_as_if_it_were_not_there(kind: Any) -> None:
    X, y = load_iris(return_X_y=True)
    there = np.arange(len(y)) % 3 > 0
    frame = pd.DataFrame(X, columns=list("abcd"))
    removed = kind("linear").fit(frame[there], pd.Series(y)[there])
    weighted = kind("linear").fit(frame, pd.Series(y), sample_weight=there)
    assert np.array_equal(weighted.predict(frame), removed.predict(frame))
    assert weighted.feature_names_in_.tolist() == list("abcd")
    without_last = EvolvedClassifier("linear").fit(X.tolist(), y.tolist(), sample_weight=y < 2)
    assert without_last.classes_.tolist() == [0, 1]


def test_a_regressor_minds_weights() -> None:
    X = np.random.default_rng(0).normal(size=(400, 3))
    y = np.where(np.arange(400) % 10, 1.0, -1.0) * X[:, 0]  # a tenth of the rows goes the other way
    plain = EvolvedRegressor("linear", epochs=5).fit(X, y)
    weighted = clone(plain).fit(X, y, sample_weight=np.where(np.arange(400) % 10, 1.0, 100.0))
    slopes = [np.polyfit(X[:, 0], model.predict(X), 1)[0] for model in (plain, weighted)]
    assert slopes[0] > 0.3
    assert slopes[1] < -0.3


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        (np.ones(7), "expected"),
        (np.ones((150, 2)), "must be 1D"),
        (-np.ones(150), "sample_weight holds -1; weights must be at least 0"),
        (np.r_[np.nan, np.ones(149)], "sample_weight contains NaN"),
        (np.r_[np.inf, np.ones(149)], "sample_weight contains infinity"),
        (np.zeros(150), "non-zero|is zero for all rows"),
        (
            np.r_[np.ones(50), np.zeros(100)],
            r"y holds one class \(0\); a classifier needs at least 2 classes",
        ),
    ],
)
def test_wrong_weights_of_rows(weights: Floats, sentence: str) -> None:
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=sentence):
        EvolvedClassifier("linear").fit(X, y, sample_weight=weights)


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ({0: -1.0}, "class_weight of class 0 is -1; it must be at least 1e-09 and at most"),
        ({2: 0.0}, "class_weight of class 2 is 0; it must be"),
        ({1: np.nan}, "class_weight of class 1 is nan; it must be"),
        ({7: 2.0}, "not in class_weight"),
        ("balance", "class_weight"),
    ],
)
def test_wrong_weights_of_classes(weights: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        EvolvedClassifier("linear", class_weight=weights).fit(*load_iris(return_X_y=True))
