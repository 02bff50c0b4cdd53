"""Random valid programs: all of them can learn, and where there can be none the setting is named."""

import dataclasses
import subprocess
import sys
from collections import Counter
from random import Random
from typing import Any

import pytest
from command_line import environment
from hypothesis import given
from hypothesis import strategies as st
from mutation_cases import OnlyRandom, space_of
from strategies import ALL_OPS
from thorough import examples

from synth.errors import UsageError
from synth.language.analysis import effective
from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP
from synth.language.ops import LABEL
from synth.language.parser import parse
from synth.language.rejection import can_learn, feeds_back
from synth.mutation.liveness import Liveness
from synth.mutation.space import Space
from synth.mutation.valid import valid_candidate, valid_types
from synth.search.evolution.rules import space_for
from synth.settings.resolve import resolve

PRESETS = ("adapt", "affine", "baseline", "full", "linear", "main", "nonlinear", "quick")
EVERY_ID = tuple(op.id for op in ALL_OPS)
SPACE = Space(32, 32, 8, EVERY_ID, EVERY_ID, EVERY_ID, setup_max=10, predict_max=20, learn_max=40)


def check(candidate: Candidate, space: Space, feedback: bool) -> None:
    """Assert all that a valid program promises."""
    assert can_learn(candidate)
    assert feeds_back(candidate) or not feedback
    assert effective(candidate) == candidate
    assert parse(candidate.text()).candidate == candidate
    space.refuse(candidate)
    assert all(candidate.size(bounds.function) < bounds.largest for bounds in space.functions)


def programs(space: Space, feedback: bool, count: int) -> list[Candidate]:
    return [valid_candidate(space, OnlyRandom(seed), feedback) for seed in range(count)]


@pytest.mark.parametrize("feedback", [True, False])
@pytest.mark.parametrize("preset", PRESETS)
def test_valid_programs_of_a_preset_can_learn_and_fit_its_space(preset: str, feedback: bool) -> None:
    space = space_for(resolve(preset, environment={}))
    made = programs(space, feedback, 60)
    for candidate in made:
        check(candidate, space, feedback)
    assert len(set(made)) > 5  # there are few small ones


@examples(150)
@given(st.data(), st.booleans(), st.integers(0, 2**32))
def test_op_lists_are_refused_up_front_or_give_programs(
    data: st.DataObject, feedback: bool, seed: int
) -> None:
    some = st.lists(st.sampled_from(EVERY_ID), unique=True, max_size=20).map(tuple)
    space = dataclasses.replace(
        SPACE, setup_ops=data.draw(some), predict_ops=data.draw(some), learn_ops=data.draw(some)
    )
    try:
        types = valid_types(space, feedback)
    except UsageError as error:
        with pytest.raises(UsageError) as again:
            valid_candidate(space, OnlyRandom(seed), feedback)
        assert str(again.value) == str(error)
        return
    assert types
    check(valid_candidate(space, OnlyRandom(seed), feedback), space, feedback)


@pytest.mark.parametrize("predict_ops", [(27,), (31, 50), (25, 54), (28, 51)])
def test_one_way_from_features_to_a_scalar_is_enough(predict_ops: tuple[int, ...]) -> None:
    space = dataclasses.replace(SPACE, setup_ops=(), predict_ops=predict_ops, learn_ops=(2, 18, 23, 28, 39))
    for candidate in programs(space, True, 20):
        check(candidate, space, True)
        assert {predict_ops[0], predict_ops[-1]} == {one.op.id for one in candidate.predict}


def test_the_same_seed_gives_the_same_program_and_others_differ() -> None:
    for feedback in (True, False):
        assert programs(SPACE, feedback, 50) == programs(dataclasses.replace(SPACE), feedback, 50)
        assert len(set(programs(SPACE, feedback, 50))) == 50


@pytest.mark.parametrize(
    ("preset", "feedback", "types"),
    [
        ("quick", True, {"v", "m"}),  # nothing of learn makes a scalar of a product with the features
        ("quick", False, {"s", "v", "m"}),
        ("main", True, {"s", "v", "m"}),
        ("main", False, {"s", "v", "m"}),
    ],
)
def test_a_parameter_is_of_each_type_that_is_allowed(preset: str, feedback: bool, types: set[str]) -> None:
    space = space_of(preset)
    found = Counter[str]()
    for candidate in programs(space, feedback, 200):
        learned = {one.target for one in candidate.learn}
        found.update({kind for kind, address in Liveness(candidate).parameters if (kind, address) in learned})
    assert set(found) == set(valid_types(space, feedback)) == types
    assert min(found.values()) > 30


def test_programs_vary_in_size_ops_and_setup() -> None:
    made = programs(SPACE, True, 300)
    for function in (SETUP, PREDICT, LEARN):
        assert len({candidate.size(function) for candidate in made}) > 2
    assert len({statement.op for candidate in made for statement in candidate}) > 50
    rates = sum(any(one.op.id == 56 for one in candidate.setup) for candidate in made)
    assert 20 < rates < 280  # a rate that nothing reads is left out


def test_predict_reads_no_label() -> None:
    for candidate in programs(SPACE, False, 100):
        assert all(LABEL not in statement.operands for statement in candidate.predict)


@pytest.mark.parametrize("feedback", [True, False])
def test_frozen_or_empty_setup_stays_empty(feedback: bool) -> None:
    for space in (
        dataclasses.replace(SPACE, frozen=("setup",)),
        dataclasses.replace(SPACE, setup_ops=()),
    ):
        assert not any(candidate.setup for candidate in programs(space, feedback, 20))


@pytest.mark.parametrize(
    ("changed", "feedback", "sentence"),
    [
        ({"predict_ops": ()}, False, "ops in program.predict_ops that join the features"),
        ({"predict_ops": (1, 2, 3, 23, 31)}, False, "ops in program.predict_ops that join the features"),
        ({"predict_ops": (18, 23, 48)}, True, "program.predict_ops .* lead to a scalar, such as 27"),
        ({"frozen": ("predict",)}, True, "ops in program.predict_ops"),
        (
            {"learn_ops": ()},
            False,
            "op in program.learn_ops that updates .*, a scalar or a vector or a matrix,",
        ),
        ({"predict_ops": (27,), "learn_ops": (2, 3)}, True, "program.learn_ops that updates .*, a vector,"),
        ({"frozen": ("learn",)}, False, "op in program.learn_ops that updates"),
        ({"learn_ops": (1, 2, 19, 23)}, True, "way in program.learn_ops .*: an op of two .*, and a product"),
        (
            {"predict_ops": (27,), "learn_ops": (23,)},
            False,
            "way in program.learn_ops .*: ops that lead there",
        ),
        ({"predict_ops": (27,), "predict_max": 1}, True, "program.predict_max"),
        ({"learn_max": 2}, True, "program.learn_max"),
        ({"predict_ops": (27,), "learn_ops": (2, 18, 23), "scalars": 2}, True, "program.scalars"),
    ],
)
def test_without_any_program_the_setting_is_named(
    changed: dict[str, Any], feedback: bool, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        valid_candidate(dataclasses.replace(SPACE, **changed), Random(0), feedback)


def test_without_a_product_there_are_programs_without_feedback() -> None:
    space = dataclasses.replace(SPACE, predict_ops=(27,), learn_ops=(1, 2, 19, 23))
    with pytest.raises(UsageError, match="a product of it with the features"):
        valid_types(space, True)
    assert valid_types(space, False) == ("v",)
    for candidate in programs(space, False, 20):
        check(candidate, space, False)


DIGEST = """
import hashlib
from random import Random
from synth.mutation.kinds import KINDS
from synth.mutation.space import Space
from synth.mutation.valid import valid_candidate
ids, found = tuple(range(1, 65)), hashlib.sha256()
space, random = Space(32, 32, 8, ids, ids, ids, learn_max=45, kinds=tuple(KINDS)), Random(1)
for number in range(30):
    candidate = valid_candidate(space, random, number % 2 == 0)
    for kind in KINDS:
        edit = KINDS[kind](candidate, space, random)
        found.update((edit.apply(candidate).text() + edit.refused).encode())
print(found.hexdigest())
"""


def test_nothing_depends_on_the_hash_seed() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=environment(PYTHONHASHSEED=seed),
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(digests) == 1
