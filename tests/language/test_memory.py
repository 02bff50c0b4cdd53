"""The memory: what is stored, what is refused, the same by hand and in an engine."""

import numpy as np
import pytest

from synth.language.memory import Memory
from synth.language.random_source import LEARN, Draw, uniforms


def test_everything_is_zero_from_first_use() -> None:
    m = Memory(3)
    assert m.F == 3
    assert m.s99 == 0.0 and isinstance(m.s99, np.float64)
    assert m.v0.tolist() == [0.0] * 3 and m.v0.dtype == np.float64
    assert m.m7.shape == (3, 3) and not m.m7.any()


def test_an_element_can_be_set_before_the_vector_was_used() -> None:
    m = Memory(4)
    m.v2[int(0.6 * m.F)] = 0.5
    m.m0[1, 2] = -1.0
    assert m.v2.tolist() == [0.0, 0.0, 0.5, 0.0] and m.m0[1, 2] == -1.0


def test_the_text_of_a_program_runs_by_hand() -> None:
    m = Memory(2)
    m.v0 = [1, 2]
    m.v1 = np.full(m.F, 0.5)
    m.s1 = np.dot(m.v0, m.v1)
    m.v2 = m.s1 * m.v0
    m.m1 = np.outer(m.v1, m.v0)
    assert m.s1 == 1.5 and m.v2.tolist() == [1.5, 3.0] and m.m1.tolist() == [[0.5, 1.0], [0.5, 1.0]]


def test_storing_copies() -> None:
    m = Memory(2)
    source = np.array([1.0, 2.0])
    m.v1 = source
    source[0] = 9
    m.v2 = m.v1
    m.v2[1] = 7.0
    assert m.v1.tolist() == [1.0, 2.0] and m.v2.tolist() == [1.0, 7.0]


def test_views_of_numpy_become_own_c_ordered_arrays() -> None:
    m = Memory(3)
    m.m1 = np.arange(9.0).reshape(3, 3)
    m.m2 = m.m1.T
    m.m3 = np.broadcast_to(np.arange(3.0), (3, 3))
    for matrix in (m.m2, m.m3):
        assert matrix.flags.c_contiguous and matrix.flags.writeable and matrix.flags.owndata
    m.m1[0, 1] = 99.0
    assert m.m2[1, 0] == 1.0


@pytest.mark.parametrize("value", [1, True, 1.0, np.float32(1), np.int8(1), np.array(1.0), np.array(1)])
def test_a_scalar_is_a_float64_whatever_it_came_from(value: float) -> None:
    m = Memory(2)
    m.s1 = value
    assert type(m.s1) is np.float64 and m.s1 == 1.0
    with np.errstate(all="ignore"):
        assert 1.0 / (m.s1 - 1.0) == np.inf  # and not Python's ZeroDivisionError


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("v1", 1.0, r"m.v1 takes an array of shape \(3,\), not a scalar"),
        ("v1", np.zeros(4), r"m.v1 takes an array of shape \(3,\), not an array of shape \(4,\)"),
        ("v1", np.zeros((1, 3)), r"not an array of shape \(1, 3\)"),
        ("m1", np.zeros(3), r"m.m1 takes an array of shape \(3, 3\)"),
        ("s1", np.zeros(1), "m.s1 takes a scalar, not an array"),
        ("s1", np.zeros(3), "m.s1 takes a scalar"),
        ("s1", 1j, "m.s1 takes real numbers, not complex128"),
        ("v1", np.zeros(3, dtype=complex), "m.v1 takes real numbers"),
        ("v1", [None] * 3, "m.v1 takes real numbers, not object"),
        ("s1", "1.0", "m.s1 takes real numbers"),
        ("s1", None, "m.s1 takes real numbers"),
        ("v1_weights", 1.0, "m.v1 takes an array"),
    ],
)
def test_wrong_values_are_type_errors_and_change_nothing(name: str, value: float, message: str) -> None:
    m = Memory(3)
    with pytest.raises(TypeError, match=message):
        setattr(m, name, value)
    assert not np.any(getattr(m, name))


@pytest.mark.parametrize(
    "name", ["s100", "v01", "x", "F", "rng", "s1weights", "S1", "m", "w_1", "s", "s1_ö", "_x"]
)
def test_other_names_are_attribute_errors(name: str) -> None:
    m = Memory(3)
    with pytest.raises(AttributeError):
        setattr(m, name, 1.0)
    if name not in ("F", "rng"):
        with pytest.raises(AttributeError):
            getattr(m, name)


def test_annotated_names_are_the_plain_ones() -> None:
    m = Memory(3)
    m.v1_weights = np.ones(3)
    assert m.v1 is m.v1_weights
    m.v1 = np.zeros(3)
    assert m.v1_weights.tolist() == [0.0, 0.0, 0.0]
    m.s2_learning_rate = 0.5
    assert m.s2 == m.s2_ == 0.5


def test_the_random_source_is_positioned_by_start() -> None:
    m = Memory(3, seed=5, task=1)
    m.rng.start(LEARN, 4)
    first, second = m.rng.uniform(0, 1), m.rng.uniform(0, 1, m.F)
    assert first == uniforms(Draw(5, 1, LEARN, 4, 0), 1)[0]
    assert second.tolist() == uniforms(Draw(5, 1, LEARN, 4, 1), 3).tolist()
    m.rng.start(LEARN, 4)
    assert m.rng.uniform(0, 1) == first


def test_a_memory_has_features() -> None:
    with pytest.raises(ValueError, match="at least 1 feature"):
        Memory(0)
