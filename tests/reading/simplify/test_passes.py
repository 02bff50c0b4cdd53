"""Simplification: what the passes make of programs, and that the exact ones keep every bit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import program, template
from simplifying import bits, disguised, learner
from strategies import ALL_OPS, candidates
from thorough import examples

from synth.language.analysis import effective
from synth.language.candidate import Candidate
from synth.language.parser import candidate_of
from synth.reading.simplify.hoist import hoist, quieten
from synth.reading.simplify.order import arrange
from synth.reading.simplify.passes import DROP_DRAWS, PASSES, normal_form
from synth.reading.simplify.share import share
from synth.reading.webs import split_addresses

PREDICT = "m.s1 = np.dot(m.v0, m.v1)"
LEARN = "m.s2 = m.s0 - m.s1; m.v2 = m.s2 * m.v0; m.v1 = m.v1 + m.v2"
NORMAL = "m.m1 = m.rng.normal(0.0, 1.0, (m.F, m.F))"

Texts = tuple[str, str, str]

SAME: dict[str, tuple[Texts, Texts]] = {
    "computed twice": (
        ("", f"{PREDICT}; m.s3 = np.dot(m.v1, m.v0); m.s1 = m.s1 + m.s3", LEARN),
        ("", f"{PREDICT}; m.s1 = m.s1 + m.s1", LEARN),
    ),
    "computed in predict and again in learn": (
        ("", "m.v5 = np.abs(m.v0); m.s1 = np.dot(m.v5, m.v1)", "m.v6 = np.abs(m.v0); m.v1 = m.v1 + m.v6"),
        ("", "m.v5 = np.abs(m.v0); m.s1 = np.dot(m.v5, m.v1)", "m.v1 = m.v1 + m.v5"),
    ),
    "two memories that always hold the same": (
        ("", PREDICT, "m.v2 = m.s0 * m.v0; m.v3 = m.v3 + m.v2; m.v4 = m.v4 + m.v2; m.v1 = m.v3 * m.v4"),
        ("", PREDICT, "m.v2 = m.s0 * m.v0; m.v3 = m.v3 + m.v2; m.v1 = m.v3 * m.v3"),
    ),
    "a product of constants": (
        ("m.s5 = 0.5; m.s6 = 0.25; m.s7 = m.s5 * m.s6", "m.s1 = m.s7 * m.s8", "m.s8 = m.s8 + m.s7"),
        ("m.s7 = 0.125", "m.s1 = m.s7 * m.s8", "m.s8 = m.s8 + m.s7"),
    ),
    "a constant that is set again and again": (
        ("", f"m.s5 = 0.5; {PREDICT}; m.s1 = m.s5 * m.s1", LEARN),
        ("m.s5 = 0.5", f"{PREDICT}; m.s1 = m.s5 * m.s1", LEARN),
    ),
    "the same in every step": (
        (NORMAL, "m.m2 = m.m1 * m.m1; m.v5 = np.dot(m.m2, m.v0); m.s1 = np.dot(m.v5, m.v1)", LEARN),
        (f"{NORMAL}; m.m2 = m.m1 * m.m1", "m.v5 = np.dot(m.m2, m.v0); m.s1 = np.dot(m.v5, m.v1)", LEARN),
    ),
    "times one": (
        ("m.s5 = 1.0", PREDICT, "m.v2 = m.s0 * m.v0; m.v2 = m.s5 * m.v2; m.v1 = m.v1 + m.v2"),
        ("", PREDICT, "m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2"),
    ),
    "less zero": (("", "m.v5 = m.v1 - m.v6; m.s1 = np.dot(m.v0, m.v5)", LEARN), ("", PREDICT, LEARN)),
    "plus zero, of what is no negative zero": (
        ("", f"{PREDICT}; m.s4 = np.abs(m.s1); m.s1 = m.s4 + m.s5", LEARN),
        ("", f"{PREDICT}; m.s1 = np.abs(m.s1)", LEARN),
    ),
    "a copy": (("", "m.v5 = np.maximum(m.v0, m.v0); m.s1 = np.dot(m.v5, m.v1)", LEARN), ("", PREDICT, LEARN)),
    "absolute of a norm": (
        ("", f"{PREDICT}; m.s4 = np.linalg.norm(m.v0); m.s4 = np.abs(m.s4); m.s1 = m.s4 * m.s1", LEARN),
        ("", f"{PREDICT}; m.s4 = np.linalg.norm(m.v0); m.s1 = m.s4 * m.s1", LEARN),
    ),
    "transposed twice": (
        (NORMAL, "m.m2 = m.m1.T; m.m2 = m.m2.T; m.v5 = np.dot(m.m2, m.v0); m.s1 = np.dot(m.v5, m.v1)", LEARN),
        (NORMAL, "m.v5 = np.dot(m.m1, m.v0); m.s1 = np.dot(m.v5, m.v1)", LEARN),
    ),
    "features times zero, added to what is no negative zero": (
        ("", f"m.s4 = np.dot(m.v0, m.v5); {PREDICT}; m.s1 = np.abs(m.s1); m.s1 = m.s1 + m.s4", LEARN),
        ("", f"{PREDICT}; m.s1 = np.abs(m.s1)", LEARN),
    ),
    "a draw that is none": (
        ("m.s5 = m.rng.uniform(0.5, 0.25)", "m.s1 = m.s5 * m.s8", "m.s8 = m.s8 + m.s5"),
        ("m.s5 = 0.5", "m.s1 = m.s5 * m.s8", "m.s8 = m.s8 + m.s5"),
    ),
    "an element that is set to what it is": (
        ("m.v5[int(0.5 * m.F)] = 0.0", "m.v6 = m.v5 / m.v1; m.s1 = np.dot(m.v0, m.v6)", LEARN),
        ("", "m.v6 = m.v5 / m.v1; m.s1 = np.dot(m.v0, m.v6)", LEARN),
    ),
    "a dead draw before a live one": (
        ("m.m2 = m.rng.normal(0.0, 1.0, (m.F, m.F)); m.v1 = m.rng.normal(0.0, 1.0, m.F)", PREDICT, LEARN),
        ("m.s9 = m.rng.uniform(0.0, 0.0); m.v1 = m.rng.normal(0.0, 1.0, m.F)", PREDICT, LEARN),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SAME)
def test_these_become_equal_and_keep_their_bits(name: str) -> None:
    before, after = (program(*texts) for texts in SAME[name])
    assert normal_form(before) == normal_form(after)
    assert len(normal_form(before)) == len(after) <= len(before)
    assert bits(before) == bits(after)


KEPT: dict[str, Texts] = {
    "plus zero, of what may be negative zero": (
        "", "m.v5 = m.v0 + m.v6; m.v5 = m.v5 / m.v1; m.s1 = np.mean(m.v5)", LEARN
    ),
    "zero times what may be infinite": ("", f"{PREDICT}; m.s4 = m.s5 * m.s1; m.s1 = m.s1 + m.s4", LEARN),
    "a value less itself, as it may be nan": (
        "", f"{PREDICT}; m.s4 = m.s1 - m.s1; m.s1 = m.s1 + m.s4", LEARN
    ),
    "a product of constants that no program can hold": (
        "m.s5 = 0.1; m.s6 = m.s5 * m.s5", "m.s1 = m.s6 * m.s8", "m.s8 = m.s8 + m.s6"
    ),
    "a sine, in which engines may differ": (
        "m.s5 = 0.5; m.s6 = np.sin(m.s5)", "m.s1 = m.s6 * m.s8", "m.s8 = m.s8 + m.s6"
    ),
    "a constant that learn changes": (
        "m.s5 = 0.5", "m.s1 = m.s5 * m.s8", "m.s8 = m.s8 + m.s5; m.s5 = m.s5 + m.s0"
    ),
    "what is not yet set in the first step": ("", "m.s1 = m.s5 + m.s8", "m.s5 = 0.5; m.s8 = m.s8 + m.s0"),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_these_stay(name: str) -> None:
    candidate = program(*KEPT[name])
    found = share(split_addresses(candidate))
    assert len(found) == len(candidate)
    assert bits(found) == bits(candidate)


def test_a_product_is_zero_where_no_bit_counts() -> None:
    candidate = program("", f"{PREDICT}; m.s4 = m.s5 * m.s1; m.s1 = m.s1 + m.s4", LEARN)
    assert arrange(share(candidate, algebra=True)) == arrange(program("", PREDICT, LEARN))


def test_a_constant_is_rounded_where_that_is_allowed() -> None:
    candidate = program("m.s5 = 0.3; m.s6 = np.sin(m.s5)", "m.s1 = m.s6 * m.s8", "m.s8 = m.s8 + m.s6")
    found = share(candidate, algebra=True, rounding=True)
    assert found.setup[0].text == "m.s6 = 0.29552022"
    assert len(found) == len(candidate) - 1


def test_addresses_with_two_meanings_are_split() -> None:
    found = split_addresses(template("linear"))
    assert [statement.text for statement in found.learn] == [
        "m.s3 = m.s0 - m.s1",
        "m.s4 = m.s2 * m.s3",
        "m.v2 = m.s4 * m.v0",
        "m.v1 = m.v1 + m.v2",
    ]


def test_too_many_meanings_for_the_addresses_leave_a_program_as_it_is() -> None:
    many = program(
        "", "; ".join(["m.s2 = np.mean(m.v0)", "m.s3 = m.s3 + m.s2"] * 110) + "; m.s1 = m.s3 + m.s3"
    )
    assert split_addresses(many) == many


def test_what_reads_memory_before_it_is_set_is_not_hoisted() -> None:
    late = program("m.s5 = 0.5", "m.s1 = m.s6 + m.s8", "m.s6 = m.s5 + m.s5; m.s8 = m.s8 + m.s0")
    assert hoist(late) == late


def test_dead_draws_keep_later_numbers_until_they_are_dropped() -> None:
    candidate = program(
        "m.m2 = m.rng.normal(0.0, 1.0, (m.F, m.F)); m.v1 = m.rng.normal(0.0, 1.0, m.F)", PREDICT, LEARN
    )
    quiet = quieten(candidate)
    assert quiet.setup[0].text == "m.s3 = m.rng.uniform(0.0, 0.0)"
    assert bits(quiet) == bits(candidate)
    dropped = DROP_DRAWS.run(candidate)
    assert len(dropped) == len(candidate) - 1
    assert bits(dropped) != bits(candidate)


def test_statements_are_put_in_reading_order() -> None:
    jumbled = program(
        "m.m0 = m.rng.normal(0.0, 0.1, (m.F, m.F)); m.s3 = 0.01",
        "m.v3 = np.dot(m.m0, m.v0); m.s1 = np.dot(m.v3, m.v2)",
        "m.m1 = np.outer(m.v3, m.v0); m.v6 = m.v3 * m.v0; m.s4 = m.s0 - m.s1; m.s5 = m.s3 * m.s4;"
        "m.m1 = m.s5 * m.m1; m.v6 = m.v6 * m.v3; m.v6 = m.s5 * m.v6; m.v2 = m.v6 + m.v2; m.m0 = m.m1 + m.m0",
    )
    assert [statement.text for statement in normal_form(jumbled)] == [
        "m.s2 = 0.01",
        "m.m0 = m.rng.normal(0.0, 0.1, (m.F, m.F))",
        "m.v1 = np.dot(m.m0, m.v0)",
        "m.s1 = np.dot(m.v1, m.v2)",
        "m.s3 = m.s0 - m.s1",
        "m.s4 = m.s2 * m.s3",
        "m.m1 = np.outer(m.v1, m.v0)",
        "m.m2 = m.s4 * m.m1",
        "m.m0 = m.m0 + m.m2",
        "m.v3 = m.v0 * m.v1",
        "m.v4 = m.v1 * m.v3",
        "m.v5 = m.s4 * m.v4",
        "m.v2 = m.v2 + m.v5",
    ]


def programs() -> st.SearchStrategy[Candidate]:
    seeds = st.integers(0, 1 << 32)
    return st.one_of(seeds.map(learner), seeds.map(lambda seed: learner(seed, list(ALL_OPS))), candidates())


@examples(200)
@given(programs())
def test_exact_passes_keep_every_bit(candidate: Candidate) -> None:
    expected = bits(candidate)
    for one in PASSES:
        if one.exact:
            candidate = one.run(candidate)
            assert bits(candidate) == expected, one.name


@examples(90)
@given(programs(), st.integers(0, 1 << 32))
def test_disguises_have_the_same_normal_form(candidate: Candidate, seed: int) -> None:
    found = normal_form(candidate)
    assert normal_form(disguised(candidate, seed)) == found
    assert normal_form(found) == found
    assert len(found) <= len(effective(candidate))
    assert bits(found) == bits(candidate)
    assert candidate_of(found.text()) == found
