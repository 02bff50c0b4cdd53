import numpy as np
import pytest

from synth.tasks.projection import STEP, project, projection, standardise, standardise_labels


def test_a_projection_is_normal_and_belongs_to_its_seed() -> None:
    matrix = projection(500, 20, seed=3)
    assert matrix.shape == (500, 20)
    assert abs(matrix.mean()) < 0.05
    assert abs(matrix.std() - 1) < 0.05
    assert (matrix == projection(500, 20, seed=3)).all()
    assert (matrix != projection(500, 20, seed=4)).mean() > 0.99
    assert (np.abs(matrix - np.random.RandomState(3).randn(500, 20)) <= STEP / 2).all()


def test_projected_pixels_do_not_depend_on_the_order_of_summation() -> None:
    random = np.random.RandomState(0)
    pixels = random.randint(0, 256, (50, 3072)).astype(np.uint8)
    matrix = projection(3072, 4, seed=1)
    order = random.permutation(3072)
    exact = pixels[:, order].astype(float) @ matrix[order]
    assert (project(pixels, 4, seed=1) == exact).all()
    loose = np.random.RandomState(1).randn(3072, 4)
    assert (pixels.astype(float) @ loose != pixels[:, order].astype(float) @ loose[order]).any()


def test_as_many_features_as_raw_values_means_no_projection() -> None:
    raw = np.arange(12.0).reshape(3, 4)
    assert (project(raw, 4, seed=0) == raw).all()


def test_many_rows_are_projected_as_few_are() -> None:
    raw = np.random.RandomState(0).randint(0, 17, (9000, 8))
    together = project(raw, 3, seed=0)
    assert (together[[0, 4095, 4096, 8999]] == project(raw[[0, 4095, 4096, 8999]], 3, seed=0)).all()


def test_standardisation_is_fitted_on_the_train_rows() -> None:
    random = np.random.RandomState(0)
    train, valid = random.randn(400, 3) * [1, 10, 100] + 5, random.randn(50, 3) + 1000
    scaled, other = standardise(train, valid)
    assert scaled.dtype == other.dtype == np.float32
    assert np.allclose(scaled.mean(axis=0), 0, atol=1e-6)
    assert np.allclose(scaled.std(axis=0), 1, atol=1e-6)
    assert np.allclose(other, (valid - train.mean(axis=0)) / train.std(axis=0))


def test_a_feature_that_is_constant_in_training_becomes_zero() -> None:
    train, valid = np.full((8000, 2), 0.1), np.full((10, 2), 0.3)
    train[:, 1] = np.arange(8000)
    scaled, other = standardise(train, valid)
    assert (scaled[:, 0] == 0).all()
    assert (other[:, 0] == 0).all()
    assert (other[:, 1] != 0).all()


@pytest.mark.parametrize(("factor", "shift"), [(1.0, 0.0), (50_000.0, 200_000.0), (1e-9, 1.0), (-3.0, 1e6)])
def test_labels_are_standardised_on_the_train_ones_whatever_their_units(factor: float, shift: float) -> None:
    train, valid = np.random.RandomState(0).randn(2, 100)
    scaled, others, scale = standardise_labels(factor * train + shift, factor * valid + shift)
    assert scale == pytest.approx(abs(factor) * train.std(), rel=1e-6)
    assert (scaled.mean(), scaled.std()) == (pytest.approx(0.0, abs=1e-6), pytest.approx(1.0))
    expected = np.sign(factor) * (valid - train.mean()) / train.std()
    assert others == pytest.approx(expected, rel=1e-5, abs=1e-6)


def test_labels_that_are_all_the_same_keep_their_units() -> None:
    scaled, others, scale = standardise_labels(np.full(7, 0.1), np.array([0.1, 3.1]))
    assert scale == 1.0
    assert scaled == pytest.approx(np.zeros(7))
    assert others == pytest.approx([0.0, 3.0])
