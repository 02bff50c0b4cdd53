"""The random source: published vectors, independence of how a draw is made, and its distributions."""

import math
from typing import Any

import numpy as np
import pytest

from synth.language.random_source import (
    LEARN,
    SETUP,
    TRAIN_PREDICT,
    VALID_PREDICT,
    Draw,
    RandomSource,
    normals,
    philox,
    uniforms,
    words,
)

ONES = 0xFFFFFFFF
# The known answers published with the Random123 library for philox4x32, 10 rounds: counter, key, words.
KNOWN = [
    ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
    ((ONES, ONES, ONES, ONES), (ONES, ONES), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
    (
        (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
        (0xA4093822, 0x299F31D0),
        (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
    ),
]
DRAW = Draw(seed=7, task=3, phase=LEARN, example=12, k=2)


@pytest.mark.parametrize(("counter", "key", "expected"), KNOWN)
def test_known_answers(counter: tuple[int, int, int, int], key: tuple[int, int], expected: Any) -> None:
    assert philox(counter, key) == expected
    blocks = np.array([counter[0]] * 2, dtype=np.uint64)
    words_of_two = philox((blocks, *counter[1:]), key)
    assert np.stack(words_of_two).tolist() == [[word, word] for word in expected]


def test_a_draw_reads_key_and_counter_as_documented() -> None:
    expected = [philox((block, 2, 12, LEARN), (7, 3)) for block in range(2)]
    assert words(DRAW, 8).tolist() == [word for block in expected for word in block]
    assert words(DRAW._replace(seed=7 - 2**32), 8).tolist() == words(DRAW, 8).tolist()


def test_small_and_large_draws_are_prefixes_of_each_other() -> None:
    large = words(DRAW, 100_001)
    for count in (0, 1, 3, 4, 47, 48, 49, 200, 32_769):
        assert words(DRAW, count).tolist() == large[:count].tolist()
    assert normals(DRAW, 5).tolist() == normals(DRAW, 400)[:5].tolist()


@pytest.mark.parametrize("change", [{"seed": 8}, {"task": 4}, {"phase": SETUP}, {"example": 13}, {"k": 3}])
def test_every_part_of_a_draw_matters(change: dict[str, int]) -> None:
    assert not set(words(DRAW, 40).tolist()) & set(words(DRAW._replace(**change), 40).tolist())


def test_uniform_and_normal_by_their_formulas() -> None:
    w = words(DRAW, 4)
    u = [((int(word) >> 8) + 0.5) * 2.0**-24 for word in w]
    assert uniforms(DRAW, 4).tolist() == u
    radius = [math.sqrt(-2 * math.log(u[0])), math.sqrt(-2 * math.log(u[2]))]
    expected = [
        radius[0] * math.cos(2 * math.pi * u[1]),
        radius[0] * math.sin(2 * math.pi * u[1]),
        radius[1] * math.cos(2 * math.pi * u[3]),
        radius[1] * math.sin(2 * math.pi * u[3]),
    ]
    np.testing.assert_allclose(normals(DRAW, 4), expected, rtol=1e-14)


def test_distributions() -> None:
    u, n = uniforms(DRAW, 40_000), normals(DRAW, 40_000)
    assert 0 < u.min() < 1e-3 and 0.999 < u.max() < 1
    assert abs(u.mean() - 0.5) < 0.01 and abs(u.var() - 1 / 12) < 0.002
    assert abs(n.mean()) < 0.02 and abs(n.var() - 1) < 0.04 and abs((n**3).mean()) < 0.1


def test_the_source_counts_its_calls_and_starts_again() -> None:
    source = RandomSource(7, 3)
    source.start(LEARN, 12)
    scalar, vector, matrix = source.uniform(-1, 3), source.normal(1, 2, 5), source.uniform(0, 1, (3, 4))
    assert isinstance(scalar, np.float64) and vector.shape == (5,) and matrix.shape == (3, 4)
    assert scalar == -1 + 4 * uniforms(DRAW._replace(k=0), 1)[0]
    assert vector.tolist() == (1 + 2 * normals(DRAW._replace(k=1), 5)).tolist()
    assert matrix.reshape(-1).tolist() == uniforms(DRAW._replace(k=2), 12).tolist()
    source.start(VALID_PREDICT, 12)
    assert source.uniform(0, 1) == uniforms(DRAW._replace(phase=VALID_PREDICT, k=0), 1)[0]
    source.start(TRAIN_PREDICT, 12)
    assert source.normal(0, 1) == pytest.approx(
        normals(DRAW._replace(phase=TRAIN_PREDICT, k=0), 1)[0], rel=1e-14
    )


def test_an_empty_interval_is_the_constant_lo_and_counts_as_a_call() -> None:
    source = RandomSource(7, 3)
    source.start(LEARN, 12)
    assert source.uniform(0.5, 0.5) == 0.5
    assert source.uniform(0.5, -0.5, (2, 2)).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert source.uniform(0, 1) == uniforms(DRAW, 1)[0]


def test_by_hand_without_a_start() -> None:
    source = RandomSource()
    assert [source.uniform(0, 1) for _ in range(2)] == [
        uniforms(Draw(0, 0, SETUP, 0, k), 1)[0] for k in (0, 1)
    ]
