"""Every choice of a mutation has the probability that the reference states (chi-squared, fixed seeds)."""

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from random import Random
from typing import Any

import pytest
from scipy import stats

from synth.language.candidate import Candidate
from synth.language.flow import LEARN, PREDICT, SETUP
from synth.language.instruction import Instruction, instruction
from synth.language.ops import OPS, Op
from synth.mutation import kinds
from synth.mutation.chance import below, normal
from synth.mutation.constants import Mode
from synth.mutation.edit import Edit
from synth.mutation.kinds import KINDS, draw_mutation, random_candidate
from synth.mutation.reference import altered
from synth.mutation.space import Space

DRAWS = 6000
SPACE = Space(5, 4, 2, (56, 62), (27, 23, 23), (1, 18, 28), setup_max=20, predict_max=20, learn_max=20)
FOUR = (1, 2, 3, 4)


def agrees(seen: Iterable[Hashable], expected: Mapping[Any, float]) -> None:
    """Assert that draws have the expected probabilities, at the 0.1 % level."""
    counts = Counter(seen)
    assert set(counts) <= set(expected)
    total, weight = sum(counts.values()), sum(expected.values())
    observed = [counts[key] for key in expected]
    assert stats.chisquare(observed, [total * share / weight for share in expected.values()]).pvalue > 1e-3


def uniform(keys: Iterable[Hashable]) -> dict[Hashable, float]:
    return dict.fromkeys(keys, 1.0)


def scalars(*outs: int) -> tuple[Instruction, ...]:
    """Sums that differ in their output, so that each can be told apart."""
    return tuple(instruction(OPS[1], 0, 0, out) for out in outs)


def edits(kind: str, candidate: Candidate, space: Space = SPACE, draws: int = DRAWS) -> list[Edit]:
    random = Random(kind)
    return [KINDS[kind](candidate, space, random) for _ in range(draws)]


def in_learn(kind: str, size: int) -> list[Edit]:
    only = Space(5, 4, 2, (), (), (1, 18, 28), learn_max=20)
    return edits(kind, Candidate(learn=scalars(*range(1, size + 1))), only)


def test_below() -> None:
    random = Random(1)
    agrees((below(random, 7) for _ in range(DRAWS)), uniform(range(7)))


def test_normal() -> None:
    random = Random(2)
    assert stats.kstest([normal(random) for _ in range(DRAWS)], "norm").pvalue > 1e-3


def drawn(kinds: tuple[str, ...], weights: tuple[float, ...] = (), draws: int = DRAWS) -> list[str]:
    """Names of mutations, as a space of these kinds and weights gives them."""
    space, random = Space(5, 4, 2, (), (), (1,), kinds=kinds, weights=weights), Random(3)
    found = [draw_mutation(space, random) for _ in range(draws)]
    assert all(mutation is KINDS[name] for name, mutation in found)
    return [name for name, _ in found]


def test_kinds_are_uniform_and_count_as_often_as_listed() -> None:
    agrees(drawn(("trade", "remove", "trade")), {"trade": 2, "remove": 1})


@pytest.mark.parametrize(
    "weights", [(1.0, 1.0, 1.0, 1.0), (3.0, 1.0, 0.5, 2.0), (1.0, 0.0, 0.0, 9.0), (0, 2, 1, 0)]
)
def test_kinds_are_drawn_by_their_weights(weights: tuple[float, ...]) -> None:
    kinds = "swap", "scale", "trade", "remove"
    shares = {kind: weight for kind, weight in zip(kinds, weights, strict=True) if weight}
    agrees(drawn(kinds, weights), shares)


def test_weights_of_a_kind_that_is_listed_twice_add_up() -> None:
    agrees(drawn(("swap", "scale", "swap"), (1.0, 2.0, 4.0)), {"swap": 5, "scale": 2})


def test_only_the_proportions_of_weights_matter() -> None:
    kinds = "swap", "scale", "trade"
    assert drawn(kinds, (1.0, 2.0, 5.0)) == drawn(kinds, (4.0, 8.0, 20.0))


def test_equal_weights_draw_as_none() -> None:
    kinds = tuple(KINDS)
    assert drawn(kinds, (1.0,) * len(kinds)) == drawn(kinds)
    # and as draws by place do
    random = Random(3)
    assert drawn(kinds) == [kinds[below(random, len(kinds))] for _ in range(DRAWS)]


def test_functions_are_uniform_whatever_their_size() -> None:
    candidate = Candidate(scalars(1), scalars(1), scalars(*range(1, 5)) * 4)
    agrees(
        (edit.splices[0].function for edit in edits("remove", candidate)),
        uniform((SETUP, PREDICT, LEARN)),
    )


def test_functions_without_ops_are_never_chosen() -> None:
    space = Space(5, 4, 2, (56,), (), (1,))
    chosen = [edit.splices[0].function for edit in edits("insert", Candidate(), space)]
    agrees(chosen, uniform((SETUP, LEARN)))


def test_fresh_ops_count_as_often_as_listed() -> None:
    random = Random(4)
    agrees((one.op.id for one in SPACE.functions[PREDICT].fresh.draw(random, DRAWS)), {27: 1, 23: 2})


@pytest.mark.parametrize("op", [OPS[1], OPS[7], OPS[18], OPS[19], OPS[28], OPS[31], OPS[37], OPS[43]])
def test_fresh_addresses_are_uniform_and_independent(op: Op) -> None:
    fresh, random = Space(3, 4, 2, (), (), (op.id,)).functions[2].fresh, Random(5)
    assert op.output is not None
    count, first = {"s": 3, "v": 4, "m": 2}, {"s": 1, "v": 1, "m": 0}
    inputs = [range(count[kind]) for kind in op.inputs] + [range(1)] * 2
    outputs = range(first[op.output], count[op.output])
    everything = [(a, b, out) for a in inputs[0] for b in inputs[1] for out in outputs]
    agrees(((one.a, one.b, one.out) for one in fresh.draw(random, DRAWS)), uniform(everything))


@pytest.mark.parametrize("op", [op for op in OPS if op.constants], ids=lambda op: op.name)
def test_fresh_constants_are_uniform_in_their_ranges(op: Op) -> None:
    fresh, random = Space(5, 4, 2, (), (), (op.id,)).functions[2].fresh, Random(6)
    made = fresh.draw(random, 2000)
    for place, constant in enumerate(op.constants):
        values = [one.constants[place] for one in made]
        assert all(constant.low <= value < constant.high for value in values)
        within = stats.uniform(constant.low, constant.high - constant.low)
        assert stats.kstest(values, within.cdf).pvalue > 1e-3
    if len(op.constants) > 1:
        assert abs(stats.pearsonr(*zip(*(one.constants[:2] for one in made), strict=True)).statistic) < 0.08
    assert op.output is not None
    outputs = range(0 if op.output == "m" else 1, {"s": 5, "v": 4, "m": 2}[op.output])
    agrees((one.out for one in made), uniform(outputs))


def test_insert_position_is_uniform() -> None:
    agrees((edit.splices[0].start for edit in in_learn("insert", 4)), uniform(range(5)))


def test_remove_position_is_uniform() -> None:
    agrees((edit.splices[0].start for edit in in_learn("remove", 4)), uniform(range(4)))


def test_trade_positions_are_uniform_and_independent() -> None:
    seen = [(edit.splices[0].start, edit.splices[1].start) for edit in in_learn("trade", 3)]
    agrees(seen, uniform((one, two) for one in range(4) for two in range(4)))


def test_randomized_instruction_is_uniform() -> None:
    agrees((edit.splices[0].start for edit in in_learn("randomize_instruction", 4)), uniform(range(4)))


def test_altered_instruction_is_uniform() -> None:
    agrees((edit.splices[0].start for edit in in_learn("alter_parameter", 4)), uniform(range(4)))


def test_removal_is_twice_as_likely_as_insertion() -> None:
    seen = (len(edit.splices[0].new) for edit in in_learn("insert_or_remove", 4))
    agrees(seen, {1: 1, 0: 2})


def changes(old: Instruction, mode: Mode = "reference", draws: int = DRAWS) -> list[Instruction]:
    random, space = Random(old.text), Space(1000, 1000, 1000, (), (), (), constants=mode)
    return [altered(old, space, random) for _ in range(draws)]


def parameter(old: Instruction, new: Instruction) -> str:
    """Which one differs; among a thousand addresses one is redrawn as it was too seldom to matter."""
    for name in ("a", "b", "out"):
        if getattr(old, name) != getattr(new, name):
            return name
    return next(
        (
            f"constant {place}"
            for place in range(3)
            if old.constants[place : place + 1] != new.constants[place : place + 1]
        ),
        "none",
    )


@pytest.mark.parametrize(
    ("old", "expected"),
    [
        (instruction(OPS[1], 2000, 2000, 2000), {"a": 1, "b": 1, "out": 1}),
        (instruction(OPS[7], 2000, 0, 2000), {"a": 1, "out": 1}),
        (instruction(OPS[56], out=2000, constants=[0.5]), {"out": 1, "constant 0": 1}),
        (instruction(OPS[57], out=2000, constants=[0.5, 0.5]), {"out": 2, "constant 0": 1, "constant 1": 1}),
        (
            instruction(OPS[58], out=2000, constants=[0.5, 0.5, 0.5]),
            {"out": 3, "constant 0": 1, "constant 1": 1, "constant 2": 1},
        ),
        (instruction(OPS[64], out=2000, constants=[0.5, 0.5]), {"out": 2, "constant 0": 1, "constant 1": 1}),
    ],
    ids=lambda value: value.op.name if isinstance(value, Instruction) else "",
)
@pytest.mark.parametrize("mode", ["reference", "paper"])
def test_altered_parameter_has_the_stated_probability(
    old: Instruction, expected: dict[str, float], mode: Mode
) -> None:
    agrees((parameter(old, new) for new in changes(old, mode)), expected)


def test_altered_addresses_are_uniform_and_leave_the_rest() -> None:
    space, random, old = Space(5, 4, 2, (), (), ()), Random(7), instruction(OPS[18], 3, 2, 1)
    made = [altered(old, space, random) for _ in range(DRAWS)]
    assert {new.op for new in made} == {old.op}
    # each parameter in a third of the cases, redrawn over all its addresses, perhaps as it was
    shares = {(a, 2, 1): 1 / 5 for a in range(5) if a != 3} | {(3, b, 1): 1 / 4 for b in range(4) if b != 2}
    shares |= {(3, 2, out): 1 / 3 for out in (2, 3)} | {(3, 2, 1): 1 / 5 + 1 / 4 + 1 / 3}
    agrees(((new.a, new.b, new.out) for new in made), shares)


def changed_constants(op: int, constants: list[float], place: int, mode: Mode = "reference") -> list[float]:
    """The values of one constant where it was changed."""
    old = instruction(OPS[op], out=1, constants=constants)
    seen = [new.constants[place] for new in changes(old, mode, 2 * DRAWS)]
    return [value for value in seen if value != constants[place]]


@pytest.mark.parametrize("value", [0.5, -0.02])
@pytest.mark.parametrize(("op", "others", "place"), [(56, 0, 0), (57, 1, 1), (58, 2, 2), (62, 0, 0)])
def test_reference_value_flips_in_a_tenth_and_steps_otherwise(
    value: float, op: int, others: int, place: int
) -> None:
    constants = [0.25] * others + [value] + [0.25] * (len(OPS[op].constants) - others - 1)
    seen = changed_constants(op, constants, place)
    flips = [one for one in seen if one == -value]
    agrees((one == -value for one in seen), {True: 0.1, False: 0.9})
    steps = [math.log(one / value) for one in seen if one != -value]
    assert flips
    assert stats.kstest(steps, "norm").pvalue > 1e-3


def test_reference_deviation_steps_and_never_flips() -> None:
    seen = changed_constants(63, [0.0, 0.5], 1)
    assert stats.kstest([math.log(one / 0.5) for one in seen], "norm").pvalue > 1e-3


@pytest.mark.parametrize("mode", ["reference", "paper"])
def test_index_is_redrawn(mode: Mode) -> None:
    seen = changed_constants(58, [0.5, 0.5, 0.5], 1, mode)
    assert stats.kstest(seen, "uniform").pvalue > 1e-3


def test_paper_value_is_multiplied_and_flips_in_a_tenth() -> None:
    seen = [one / 0.5 for one in changed_constants(56, [0.5], 0, "paper")]
    agrees((one < 0 for one in seen), {True: 0.1, False: 0.9})
    assert stats.kstest([abs(one) for one in seen], stats.uniform(0.5, 1.5).cdf).pvalue > 1e-3


def test_paper_deviation_is_multiplied_and_never_flips() -> None:
    seen = [one / 0.5 for one in changed_constants(64, [0.0, 0.5], 1, "paper")]
    assert stats.kstest(seen, stats.uniform(0.5, 1.5).cdf).pvalue > 1e-3


@pytest.mark.parametrize("mode", ["reference", "paper"])
def test_bounds_of_a_uniform_draw_are_sorted(mode: Mode) -> None:
    old = instruction(OPS[60], out=2000, constants=[0.5, -0.25])
    seen = [new for new in changes(old, mode) if new.out == 2000]
    assert all(new.constants[0] <= new.constants[1] for new in seen)
    # either bound changes as often: the other one is left as it was
    agrees((-0.25 in new.constants for new in seen if new.constants != (-0.25, 0.5)), uniform((True, False)))


def test_random_candidates_are_fresh_in_every_place() -> None:
    space, random = Space(5, 4, 2, (), (1, 2), (1, 2)), Random(8)
    made = [random_candidate(space, (0, 2, 1), random) for _ in range(DRAWS // 2)]
    assert {(len(one.setup), len(one.predict), len(one.learn)) for one in made} == {(0, 2, 1)}
    seen = (tuple(each.op.id for each in one) for one in made)
    agrees(seen, uniform((i, j, k) for i in (1, 2) for j in (1, 2) for k in (1, 2)))


def test_the_list_of_mutations_is_the_reference_and_the_paper() -> None:
    assert list(kinds.KINDS)[:8] == [
        "insert",
        "remove",
        "trade",
        "randomize_instruction",
        "alter_parameter",
        "randomize_function",
        "randomize_program",
        "identity",
    ]
