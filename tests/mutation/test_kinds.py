"""What mutations do at the bounds, and that an edit means the same to tuples and to a libcst module."""

import dataclasses
from random import Random
from typing import Any

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_OPS, candidates, random_candidate_of
from thorough import examples
from trees import module_of

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.constants import shorten
from synth.language.flow import LEARN
from synth.language.ops import OPS, READ_ONLY
from synth.language.parser import candidate_of
from synth.mutation.constants import Mode
from synth.mutation.edit import Edit, Splice
from synth.mutation.kinds import KINDS, draw_mutation, random_candidate
from synth.mutation.space import Space

EVERY_ID = tuple(op.id for op in ALL_OPS)
SPACE = Space(5, 4, 3, EVERY_ID, EVERY_ID, EVERY_ID, kinds=tuple(KINDS))
ONLY_LEARN = dataclasses.replace(SPACE, setup_ops=(), predict_ops=(), learn_min=2, learn_max=6)


def mutate(candidate: Candidate, space: Space, random: Random) -> Edit:
    """An edit by a mutation drawn from the space's kinds."""
    return draw_mutation(space, random)[1](candidate, space, random)


def of_size(size: int) -> Candidate:
    return random_candidate_of(0, (0, 0, size))


@pytest.mark.parametrize(
    ("kind", "size", "after"),
    [
        ("insert", 0, 1),
        ("insert", 4, 5),
        ("insert", 5, 5),
        ("insert", 6, 6),
        ("insert", 9, 9),
        ("remove", 0, 0),
        ("remove", 1, 1),
        ("remove", 2, 2),
        ("remove", 3, 2),
        ("remove", 9, 8),
        ("trade", 0, 0),
        ("trade", 6, 6),
        ("randomize_instruction", 0, 0),
        ("randomize_instruction", 6, 6),
        ("alter_parameter", 0, 0),
        ("alter_parameter", 6, 6),
        ("randomize_function", 0, 0),
        ("randomize_function", 6, 6),
        ("randomize_program", 0, 0),
        ("randomize_program", 6, 6),
        ("identity", 3, 3),
    ],
)
def test_sizes_stay_within_bounds(kind: str, size: int, after: int) -> None:
    random = Random(1)
    for _ in range(20):
        assert len(KINDS[kind](of_size(size), ONLY_LEARN, random).apply(of_size(size)).learn) == after


def test_insertion_stops_one_below_the_largest_size_and_removal_at_the_smallest() -> None:
    space = dataclasses.replace(ONLY_LEARN, kinds=("insert",))
    random, grown = Random(2), Candidate()
    for _ in range(20):
        grown = mutate(grown, space, random).apply(grown)
    assert len(grown.learn) == 5
    space = dataclasses.replace(space, kinds=("remove",))
    for _ in range(20):
        grown = mutate(grown, space, random).apply(grown)
    assert len(grown.learn) == 2


def test_nothing_to_change_gives_the_same_object() -> None:
    one = of_size(3)
    assert KINDS["identity"](one, SPACE, Random(0)).apply(one) is one
    assert KINDS["remove"](of_size(2), ONLY_LEARN, Random(0)) == Edit()


def test_randomized_functions_keep_sizes_and_leave_the_others() -> None:
    before = random_candidate_of(3, (3, 4, 5))
    after = KINDS["randomize_function"](before, SPACE, Random(3)).apply(before)
    changed = [name for name in FUNCTIONS if getattr(after, name) != getattr(before, name)]
    assert len(changed) == 1
    everything = KINDS["randomize_program"](before, SPACE, Random(3)).apply(before)
    assert [len(body) for body in everything.bodies] == [3, 4, 5]
    assert all(new != old for new, old in zip(everything.bodies, before.bodies, strict=True))


@examples(300)
@given(candidates(), st.integers(0, 2**32), st.sampled_from(["reference", "paper"]))
def test_every_child_is_a_program_of_the_space(candidate: Candidate, seed: int, mode: Mode) -> None:
    space, random = dataclasses.replace(SPACE, constants=mode), Random(seed)
    for _ in range(5):
        candidate = mutate(candidate, space, random).apply(candidate)
    space.refuse(candidate)
    assert candidate_of(candidate.text()) == candidate
    for one in candidate:
        assert (one.op.output, one.out) not in READ_ONLY
        kept = [shorten(value, kind) for value, kind in zip(one.constants, one.op.constants, strict=True)]
        assert kept == list(one.constants)


@examples(150)
@given(candidates(sizes=(2, 3, 4)), st.integers(0, 2**32))
def test_an_edit_means_the_same_to_tuples_and_to_a_module(candidate: Candidate, seed: int) -> None:
    random = Random(seed)
    module = module_of(candidate, "A program.")
    for name in KINDS:
        edit = KINDS[name](candidate, SPACE, random)
        candidate, module = edit.apply(candidate), edit.apply_to_module(module)
        assert module.code == candidate.text("A program.")
    assert module.deep_equals(module_of(candidate, "A program."))
    assert module.deep_equals(cst.parse_module(module.code))


def test_a_module_shares_what_an_edit_leaves() -> None:
    before = random_candidate_of(4, (2, 3, 4))
    module = module_of(before)
    after = Edit((Splice(LEARN, 1, 2),)).apply_to_module(module)
    assert after.body[:4] == module.body[:4]
    new, old = after.body[4], module.body[4]
    assert isinstance(new, cst.FunctionDef) and isinstance(old, cst.FunctionDef)
    assert new.body.body == (old.body.body[0], *old.body.body[2:])


def test_the_same_seed_gives_the_same_children() -> None:
    def children() -> list[Candidate]:
        random = Random(5)
        return [mutate(of_size(4), SPACE, random).apply(of_size(4)) for _ in range(50)]

    assert children() == children()


@pytest.mark.parametrize(
    ("space", "message"),
    [
        (
            {"learn_max": 2},
            r"learn of the start program has 3 instructions, more than program\.learn_max = 2",
        ),
        ({"learn_ops": (1,)}, r"`m\.v1 = .*op 18 \(SCALAR_VECTOR_PRODUCT\) is not among program\.learn_ops"),
        ({"scalars": 5}, r"uses m\.s7, beyond program\.scalars = 5; set program\.scalars to at least 8"),
        ({"scalars": 8, "vectors": 3}, r"uses m\.v9, beyond program\.vectors = 3; .* at least 10"),
        ({"scalars": 8, "vectors": 10, "matrices": 0}, r"uses m\.m0, beyond program\.matrices = 0"),
        ({"setup_ops": (57,)}, r"setup of the start program holds `m\.s4 = 0\.5`, and op 56"),
    ],
)
def test_a_start_program_is_refused_with_the_setting_that_it_exceeds(
    space: dict[str, Any], message: str
) -> None:
    start = candidate_of(
        "def setup(m): m.s4 = 0.5\ndef predict(m): pass\n"
        "def learn(m): m.v1 = m.s7 * m.v9; m.s1 = m.s2 + m.s3; m.m0 = m.m0 * m.m0"
    )
    wide = Space(8, 10, 1, EVERY_ID, EVERY_ID, EVERY_ID)
    wide.refuse(start)
    with pytest.raises(UsageError, match=message):
        dataclasses.replace(wide, **space).refuse(start)


@pytest.mark.parametrize(
    ("counts", "op", "message"),
    [
        ((1, 4, 2), 1, r"op 1 \(SCALAR_SUM\) needs program\.scalars to be at least 2"),
        ((2, 1, 2), 23, r"op 23 \(VECTOR_SUM\) needs program\.vectors to be at least 2"),
        ((2, 1, 0), 34, r"op 34 \(MATRIX_NORM\) needs program\.matrices to be at least 1"),
        ((2, 1, 0), 0, r"op 0 \(NO_OP\) is not an instruction"),
    ],
)
def test_ops_without_addresses_are_refused(counts: tuple[int, int, int], op: int, message: str) -> None:
    space = Space(*counts, (), (), (op,))
    with pytest.raises(UsageError, match=message):
        mutate(Candidate(), space, Random(0))


def test_the_smallest_addresses_suffice() -> None:
    space = Space(2, 1, 1, (), (), (1, 27, 37))
    made = random_candidate(space, (0, 0, 30), Random(0))
    assert {op.id for op in (one.op for one in made)} == {1, 27, 37}


def test_a_random_start_without_ops_is_refused() -> None:
    with pytest.raises(UsageError, match=r"setup needs ids in program\.setup_ops"):
        random_candidate(ONLY_LEARN, (1, 1, 1), Random(0))
    with pytest.raises(UsageError, match="no function has any op"):
        mutate(Candidate(), Space(2, 2, 0, (), (), ()), Random(0))


def test_a_zero_constant_stays_zero() -> None:
    zero = candidate_of("def setup(m): m.s2 = 0.0\ndef predict(m): pass\ndef learn(m): pass")
    space, random = Space(5, 4, 2, (OPS[56].id,), (), ()), Random(0)
    for _ in range(20):
        (one,) = KINDS["alter_parameter"](zero, space, random).apply(zero).setup
        assert one.constants[0] == 0.0


def test_huge_constants_stay_finite() -> None:
    huge = candidate_of("def setup(m): m.s2 = -3.4e38\ndef predict(m): pass\ndef learn(m): pass")
    space, random = Space(5, 4, 2, (56,), (), ()), Random(0)
    for _ in range(200):
        huge = KINDS["alter_parameter"](huge, space, random).apply(huge)
        assert candidate_of(huge.text()) == huge
