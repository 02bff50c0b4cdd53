"""What mutations on the data flow promise, for random programs of several op lists, bounds and addresses."""

import dataclasses
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mutation_cases import ORIGINS, PRESETS, OnlyRandom, grounds, program_of, space_of
from numpy.typing import NDArray
from scipy import stats
from thorough import examples
from trees import module_of

from synth.language.analysis import effective
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.flow import PREDICT, SETUP
from synth.language.instruction import Instruction
from synth.language.ops import LABEL, PREDICTION, Variable
from synth.language.parser import candidate_of, parse
from synth.mutation.draft import NO_ADDRESS, NO_OP, NO_ROOM, NOTHING
from synth.mutation.edit import Edit
from synth.mutation.kinds import KINDS
from synth.mutation.liveness import Liveness
from synth.mutation.space import Space

ADDING = ("insert_chain", "add_parameter", "update_constant", "scale", "split", "duplicate", "initialise")
KEEPING = ("change_constant", "rewire", "replace_op", "swap")
NEW = (*ADDING, *KEEPING, "bypass")
REASONS = {NO_OP, NO_ADDRESS, NO_ROOM, NOTHING}

Floats = NDArray[np.float64]
Where = tuple[int, int]
"""A statement by its function and its place there."""

new_kinds = st.sampled_from(NEW)
seeds = st.integers(0, 2**32)


def edit_of(kind: str, candidate: Candidate, space: Space, seed: int) -> Edit:
    return KINDS[kind](candidate, space, OnlyRandom(seed))


def done(kind: str, count: int = 120) -> list[tuple[Candidate, Candidate, Edit]]:
    """Programs before and after a mutation, with all the room there is, and the edits; many are refused."""
    found = []
    for seed in range(count):
        preset, origin = PRESETS[seed % len(PRESETS)], ORIGINS[seed % len(ORIGINS)]
        space, candidate = space_of(preset), program_of(origin, preset, seed)
        space = dataclasses.replace(space, setup_max=50, predict_max=50, learn_max=50)
        edit = edit_of(kind, candidate, space, seed)
        if not edit.refused:
            found.append((candidate, edit.apply(candidate), edit))
    assert len(found) > count / 4
    return found


def added(candidate: Candidate, edit: Edit) -> set[Where]:
    """Where the edited program has statements that were added.

    What replaces a statement is the last of a splice, so those before it, or all of a splice that replaces
    nothing, are added.
    """
    marks = [[False] * len(body) for body in candidate.bodies]
    for function, start, stop, new in edit.splices:
        replacing = 1 if new and stop > start else 0
        assert stop - start <= 1
        marks[function][start:stop] = [True] * (len(new) - replacing) + [False] * replacing
    return {
        (function, place) for function, body in enumerate(marks) for place, mark in enumerate(body) if mark
    }


def kept(candidate: Candidate) -> set[Where]:
    """Where a program has statements that `effective` keeps: each is an object of its own here."""
    own = Candidate(
        *(
            tuple(Instruction(one.op, one.a, one.b, one.out, one.constants) for one in body)
            for body in candidate.bodies
        )
    )
    found = {id(one) for one in effective(own)}
    return {
        (function, place)
        for function, body in enumerate(own.bodies)
        for place, one in enumerate(body)
        if id(one) in found
    }


def changed(before: Candidate, after: Candidate) -> list[tuple[Where, Instruction, Instruction]]:
    """The statements that differ between programs of the same sizes."""
    assert [len(body) for body in before.bodies] == [len(body) for body in after.bodies]
    return [
        ((function, place), old, new)
        for function, bodies in enumerate(zip(before.bodies, after.bodies, strict=True))
        for place, (old, new) in enumerate(zip(*bodies, strict=True))
        if old != new
    ]


def places(candidate: Candidate) -> set[Variable]:
    return {place for one in candidate for place in (*one.operands, one.target)}


def in_range_of_factors(value: float) -> bool:
    return 0.003 - 1e-6 <= abs(value) <= 2.0 + 1e-6


# Of every kind


@examples(150)
@given(grounds(), new_kinds, seeds)
def test_an_edited_program_lies_in_the_space(ground: tuple[Candidate, Space], kind: str, seed: int) -> None:
    candidate, space = ground
    after = edit_of(kind, candidate, space, seed).apply(candidate)
    assert parse(after.text()).candidate == after
    space.refuse(after)
    for name, bounds, old, new in zip(
        FUNCTIONS, space.functions, candidate.bodies, after.bodies, strict=True
    ):
        assert len(new) <= len(old) or len(new) < bounds.largest
        assert len(new) >= len(old) or len(new) >= bounds.smallest
        assert new == old or name not in space.frozen


@examples(40)
@given(grounds(), seeds)
def test_an_edit_means_the_same_to_code_and_to_a_module(ground: tuple[Candidate, Space], seed: int) -> None:
    candidate, space = ground
    module, code = module_of(candidate), Candidate(code=candidate.code)
    for kind in NEW:
        edit = edit_of(kind, candidate, space, seed)
        text = edit.apply(candidate).text()
        assert edit.apply(code).text() == text
        assert edit.apply_to_module(module).code == text


@examples(100)
@given(grounds(), new_kinds, seeds)
def test_the_same_seed_gives_the_same_edit_and_a_refused_one_changes_nothing(
    ground: tuple[Candidate, Space], kind: str, seed: int
) -> None:
    candidate, space = ground
    edit = edit_of(kind, candidate, space, seed)
    # however the program and the space came to be, and whatever was done to the program before
    again = Candidate(code=candidate.code)
    for other in NEW:
        edit_of(other, again, space, seed + 1)
    assert edit_of(kind, again, dataclasses.replace(space), seed) == edit
    if edit.refused:
        assert edit.refused in REASONS
        assert edit.apply(candidate) is candidate


@examples(150)
@given(grounds(), st.sampled_from(ADDING), seeds)
def test_every_statement_that_is_added_is_live(ground: tuple[Candidate, Space], kind: str, seed: int) -> None:
    """Promised for insert_chain, add_parameter, update_constant, scale, split, duplicate and initialise."""
    candidate, space = ground
    edit = edit_of(kind, candidate, space, seed)
    assert added(candidate, edit) <= kept(edit.apply(candidate))


@pytest.mark.parametrize("kind", [kind for kind in ADDING if kind != "initialise"])
def test_a_kind_that_adds_adds_something(kind: str) -> None:
    assert all(added(before, edit) for before, _, edit in done(kind, 60))


@pytest.mark.parametrize("kind", ADDING)
def test_a_function_grows_to_one_below_its_largest_size(kind: str) -> None:
    for seed in range(40):
        candidate, space = program_of("valid", "main", seed), space_of("main")
        edit = edit_of(kind, candidate, space, seed)
        after = edit.apply(candidate)
        for function, name in enumerate(FUNCTIONS):
            size = after.size(function)
            if size > candidate.size(function):
                just: dict[str, Any] = {f"{name}_max": size + 1}
                assert edit_of(kind, candidate, dataclasses.replace(space, **just), seed) == edit
                less: dict[str, Any] = {f"{name}_max": size}
                assert edit_of(kind, candidate, dataclasses.replace(space, **less), seed) == Edit(
                    refused=NO_ROOM
                )


@pytest.mark.parametrize("kind", [kind for kind in NEW if kind != "add_parameter"])
def test_a_program_without_statements_is_left(kind: str) -> None:
    for seed in range(20):
        edit = edit_of(kind, Candidate(), space_of("main"), seed)
        assert edit.refused in REASONS
        assert not edit.splices


@pytest.mark.parametrize("kind", NEW)
def test_nothing_changes_where_all_is_frozen(kind: str) -> None:
    space = dataclasses.replace(space_of("main"), frozen=FUNCTIONS)
    for seed in range(20):
        assert edit_of(kind, program_of("valid", "main", seed), space, seed).refused in REASONS


# Of one kind


@pytest.mark.parametrize("kind", ["change_constant", "rewire", "replace_op"])
def test_one_statement_differs_and_writes_where_the_old_one_did(kind: str) -> None:
    for before, after, _ in done(kind):
        for _, old, new in changed(before, after):
            assert new.target == old.target
        assert len(changed(before, after)) <= 1


def test_rewire_lets_one_operand_read_another_place() -> None:
    for before, after, _ in done("rewire"):
        (((function, _), old, new),) = changed(before, after)
        assert new.op is old.op
        ((slot, now),) = [(slot, now) for slot, now in enumerate(new.operands) if now != old.operands[slot]]
        assert now[0] == old.operands[slot][0]
        assert now in places(before) | {("s", 0), ("s", 1), ("v", 0)}
        assert (function, now) != (PREDICT, LABEL)  # it is 0 there


def test_replace_op_gives_another_op_of_the_same_output_type() -> None:
    for before, after, _ in done("replace_op"):
        ((_, old, new),) = changed(before, after)
        assert new.op is not old.op
        assert new.op.output == old.op.output


def test_replace_op_keeps_an_operand_that_fits_four_times_in_five() -> None:
    start = candidate_of(
        "def setup(m): pass\ndef predict(m): m.s2 = np.mean(m.v0); m.s3 = np.sin(m.s2); m.s1 = m.s3 + m.s4\n"
        "def learn(m): m.s4 = m.s5 + m.s0"
    )
    space, random = Space(6, 2, 0, (), (7, 8), ()), OnlyRandom(1)
    made = [KINDS["replace_op"](start, space, random).apply(start).predict for _ in range(3000)]
    stayed = [one[1].a == 2 for one in made if one[1].op.id == 8]
    readable = 5  # s1 to s5, of which one is drawn where none is kept
    assert stats.binomtest(sum(stayed), len(stayed), 0.8 + 0.2 / readable).pvalue > 1e-3


def test_change_constant_changes_one_constant_of_an_op() -> None:
    for before, after, _ in done("change_constant"):
        for _, old, new in changed(before, after):
            assert new.op is old.op
            assert new.operands == old.operands
            assert (Counter(new.constants) & Counter(old.constants)).total() == len(old.constants) - 1


def stepped(statement: str, count: int = 3000) -> list[tuple[float, ...]]:
    """The constants of a statement that gives v1 a value, after changes of one of them."""
    start = candidate_of(
        f"def setup(m): {statement}\ndef predict(m): m.s1 = np.dot(m.v1, m.v0); m.s1 = m.s1 + m.s2\n"
        "def learn(m): m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2"
    )
    space, random = Space(5, 4, 2, (56, 57, 60, 63), (27,), (18, 23)), OnlyRandom(statement)
    made = [KINDS["change_constant"](start, space, random).apply(start).setup for _ in range(count)]
    return [one.constants for (one,) in made]


def cdf_of_steps(ratios: Floats) -> Floats:
    """That of exp(N(0, w)), w one of .1, .3 and 1; a negative ratio lies below all of them."""
    logarithms = np.log(np.maximum(ratios, 1e-300))
    steps = [stats.norm.cdf(logarithms / width) for width in (0.1, 0.3, 1.0)]
    return np.asarray(np.mean(steps, axis=0))


@pytest.mark.parametrize("value", [0.01, 0.25, -0.75, 0.5, 0.75, 0.99, 1.0, 3.0])
def test_a_constant_steps_or_flips_as_stated(value: float) -> None:
    seen = [one for (one,) in stepped(f"m.s2 = {value}")]
    assert stats.binomtest(seen.count(-value), len(seen), 0.1).pvalue > 1e-3

    def cdf(ratios: Floats) -> Floats:
        if not 0.5 < value < 1.0:
            return cdf_of_steps(ratios)
        distances = (1.0 - value * ratios) / (1.0 - value)
        return (cdf_of_steps(ratios) + 1.0 - cdf_of_steps(distances)) / 2

    assert stats.kstest([one / value for one in seen if one != -value], cdf).pvalue > 1e-3


def test_steps_of_a_constant_have_the_stated_widths() -> None:
    logarithms = [np.log(one / 0.25) for (one,) in stepped("m.s2 = 0.25") if one > 0.0]
    assert abs(np.mean(np.square(logarithms)) - (0.1**2 + 0.3**2 + 1.0) / 3) < 0.07


def test_an_index_is_drawn_anew() -> None:
    seen = [index for index, value in stepped("m.v1[int(0.25 * m.F)] = 0.5") if index != 0.25]
    assert stats.kstest(seen, "uniform").pvalue > 1e-3
    assert stats.binomtest(len(seen), 3000).pvalue > 1e-3


def test_zero_becomes_a_fresh_constant() -> None:
    seen = [value for (value,) in stepped("m.s2 = 0.0")]
    assert stats.kstest(seen, stats.uniform(-1.0, 2.0).cdf).pvalue > 1e-3


@pytest.mark.parametrize("deviation", [0.0, 0.2, 0.75])
def test_a_deviation_is_never_negative(deviation: float) -> None:
    assert all(one[1] >= 0.0 for one in stepped(f"m.v1 = m.rng.normal(0.5, {deviation}, m.F)"))


def test_the_bounds_of_a_uniform_draw_stay_in_order() -> None:
    seen = stepped("m.v1 = m.rng.uniform(0.1, 0.2, m.F)")
    assert all(low <= high for low, high in seen)
    assert any(low < 0.0 for low, _ in seen)
    assert any(0.1 not in one and 0.2 in one for one in seen)
    assert any(0.1 in one and 0.2 not in one for one in seen)


def test_scale_multiplies_an_operand_by_a_new_constant_of_setup() -> None:
    for before, after, edit in done("scale"):
        (constant,) = after.setup[len(before.setup) :]
        ((function, place),) = added(before, edit) - {(SETUP, len(before.setup))}
        product, reader = after.bodies[function][place : place + 2]
        assert constant.op.family == "constant"
        assert product.op.family == "product"
        assert constant.target in product.operands
        assert product.target in reader.operands
        assert {constant.target, product.target}.isdisjoint(places(before))
        old = before.bodies[function][place]
        (replaced,) = Counter(old.operands) - Counter(reader.operands)
        assert Counter(product.operands) == Counter((replaced, constant.target))
        assert in_range_of_factors(constant.constants[0])


def test_scales_are_spread_as_stated() -> None:
    random, space = OnlyRandom(1), space_of("quick")
    linear = candidate_of(
        "def setup(m): pass\ndef predict(m): m.s1 = np.dot(m.v0, m.v1)\ndef learn(m): m.v1 = m.s0 * m.v0"
    )
    edits = [KINDS["scale"](linear, space, random) for _ in range(4000)]
    seen = [edit.apply(linear).setup[-1].constants[0] for edit in edits if not edit.refused]
    negative = [-one for one in seen if one < 0.0]
    assert stats.binomtest(len(negative), len(seen), 0.7 * 0.2).pvalue > 1e-3
    assert stats.kstest(negative, stats.loguniform(0.003, 2.0).cdf).pvalue > 1e-3
    near, plain = stats.loguniform(1e-5, 0.5), stats.loguniform(0.003, 2.0)

    def cdf(scales: Floats) -> Floats:
        return np.asarray(0.3 * near.sf(1.0 - scales) + 0.56 * plain.cdf(scales)) / 0.86

    assert stats.kstest([one for one in seen if one > 0.0], cdf).pvalue > 1e-3


def test_split_gives_one_reader_a_product_of_its_own() -> None:
    for before, after, edit in done("split"):
        new = [after.bodies[function][place] for function, place in sorted(added(before, edit))]
        constant, *products = new
        assert in_range_of_factors(constant.constants[0]) or not products
        for product in products:
            assert product.op.family == "product"
            (place,) = [one for one in product.operands if one != constant.target]
            reads = [sum(one.operands.count(place) for one in program) for program in (before, after)]
            assert place[0] == "s"
            assert reads[0] > 1
            assert reads[1] == reads[0]  # one fewer, and the product


def test_split_makes_two_rates_of_one() -> None:
    rate = candidate_of(
        "def setup(m): m.s2 = 0.01\ndef predict(m): m.s1 = np.dot(m.v0, m.v1)\n"
        "def learn(m): m.s3 = m.s0 * m.s1; m.v2 = m.s2 * m.v0; m.v2 = m.s2 * m.v2; m.v1 = m.v1 + m.v2"
    )
    readers = Counter[int]()
    for seed in range(200):
        after = edit_of("split", rate, space_of("quick"), seed).apply(rate)
        old, new = after.setup
        assert (old.target, new.target) == (("s", 2), ("s", 4))
        assert in_range_of_factors(new.constants[0] / old.constants[0])
        (((_, place), _, reader),) = changed(rate, Candidate(rate.setup, *after.bodies[1:]))
        assert new.target in reader.operands
        readers[place] += 1
    assert set(readers) == {1, 2}


def fresh_parameters(before: Candidate, after: Candidate) -> set[Variable]:
    """Parameters at new addresses that a step overwrites as a whole; those of constants are left out."""
    steps = (*after.predict, *after.learn)
    whole = {one.target for one in steps if not one.op.partial}
    return (set(Liveness(after).parameters) & whole) - places(before)


@pytest.mark.parametrize("kind", ["add_parameter", "duplicate"])
def test_one_parameter_is_added_that_predict_reads_and_learn_updates(kind: str) -> None:
    types = Counter[str]()
    for before, after, edit in done(kind, 200):
        (parameter,) = fresh_parameters(before, after)
        new = {where: after.bodies[where[0]][where[1]] for where in added(before, edit)}
        assert any(parameter in one.operands for (function, _), one in new.items() if function == PREDICT)
        (update,) = [one for one in after.learn if one.target == parameter]
        assert update.operands.count(parameter) > 0
        assert update.op.inputs == (parameter[0], parameter[0])
        types[parameter[0]] += 1
    assert set(types) == {"s", "v", "m"}


def test_duplicate_uses_the_families_of_what_it_doubles() -> None:
    for before, after, edit in done("duplicate", 120):
        new = [after.bodies[function][place] for function, place in sorted(added(before, edit))]
        (parameter,) = fresh_parameters(before, after)
        read = next(one for one in new if parameter in one.operands)
        assert read.op.family in {one.op.family for one in before.predict}
        update = next(one for one in new if one.target == parameter and one.operands)
        assert update.op.family in {one.op.family for one in before.learn}


def bypasses() -> Iterator[tuple[Candidate, Candidate, Where, Instruction]]:
    """Programs before and after a bypass, and the statement that went, with its place."""
    for before, after, edit in done("bypass", 200):
        ((function, place),) = [(one.function, one.start) for one in edit.splices if not one.new]
        gone = before.bodies[function][place]
        bodies = [list(body) for body in before.bodies]
        del bodies[function][place]
        yield Candidate(*map(tuple, bodies)), after, (function, place), gone


def test_bypass_leaves_no_reader_of_what_nothing_writes() -> None:
    """Save for a statement that passes on its own place, such as `s2 = s2 + s3`: its readers stay."""
    for _, after, _, gone in bypasses():
        if gone.target not in (*(one.target for one in after), *gone.operands, PREDICTION):
            assert not any(gone.target in one.operands for one in (*after.predict, *after.learn))


def test_bypass_lets_readers_read_an_operand() -> None:
    for rest, after, (function, place), gone in bypasses():
        if gone.target == PREDICTION:
            continue
        for (where, at), old, new in changed(rest, after):
            if gone.target in (one.target for one in after):  # then only up to the next that writes there
                assert where == function
                assert gone.target not in (one.target for one in rest.bodies[function][place:at])
            (read,) = Counter(new.operands) - Counter(old.operands)
            assert (new.op, new.target) == (old.op, old.target)
            assert set(Counter(old.operands) - Counter(new.operands)) == {gone.target}
            assert read in gone.operands


def test_bypass_of_what_makes_the_prediction_lets_the_one_before_make_it() -> None:
    seen = 0
    for rest, after, (function, place), gone in bypasses():
        if gone.target != PREDICTION or PREDICTION in gone.operands:
            continue
        seen += 1
        (_, at), old, new = changed(rest, after)[0]
        assert at < place
        assert old.target in gone.operands
        assert new.target == PREDICTION
        assert (new.op, new.operands, new.constants) == (old.op, old.operands, old.constants)
        assert old.target not in (one.target for one in rest.bodies[function][at + 1 : place])
        for _, one, other in changed(rest, after)[1:]:
            assert old.target in one.operands
            assert old.target not in other.operands
    assert seen


def test_initialise_touches_what_setup_gives_to_one_parameter() -> None:
    outcomes = Counter[str]()
    for before, after, _ in done("initialise", 200):
        assert (after.predict, after.learn) == (before.predict, before.learn)
        if after == before:
            continue
        places_written = [Counter(one.target for one in one.setup) for one in (before, after)]
        (place,) = {one.target for one in {*before.setup} ^ {*after.setup}}
        assert place in Liveness(before).parameters
        had, has = (count[place] for count in places_written)
        outcomes["gets" if not had else "changes" if has else "loses"] += 1
        assert has <= 1
        rest = [[one for one in each.setup if one.target != place] for each in (before, after)]
        assert rest[0] == rest[1]
    assert set(outcomes) == {"gets", "changes", "loses"}
    lost = stats.binomtest(outcomes["loses"], outcomes["changes"] + outcomes["loses"], 0.4)
    assert lost.pvalue > 1e-3


def test_swap_exchanges_two_neighbours_whose_order_matters() -> None:
    for before, after, _ in done("swap"):
        assert [Counter(body) for body in before.bodies] == [Counter(body) for body in after.bodies]
        differing = changed(before, after)
        if not differing:  # two equal statements
            continue
        (one, first, second), (other, *_) = differing
        assert one[0] == other[0] != SETUP
        assert other[1] == one[1] + 1
        reads = first.operands, second.operands
        writes = first.target, second.target
        assert writes[0] in (*reads[1], writes[1]) or writes[1] in reads[0]


def test_with_families_ops_are_drawn_by_the_use_of_their_families() -> None:
    plain = space_of("main")
    space = dataclasses.replace(plain, families=1.0).favouring({"sum": 3, "product": 1})
    families = Counter[str]()
    for seed in range(300):
        candidate = program_of("valid", "main", seed)
        edit = edit_of("replace_op", candidate, space, seed)
        families.update(new.op.family for splice in edit.splices for new in splice.new)
    # what gives scalars, vectors or matrices in predict and learn can be either; setup has neither
    other = sum(families.values()) - families["sum"] - families["product"]
    assert other < 0.2 * sum(families.values())
    assert 2 < families["sum"] / families["product"] < 4.5
    for seed in range(20):  # without any use there is no coin either
        candidate = program_of("valid", "main", seed)
        unused = dataclasses.replace(plain, families=1.0)
        assert edit_of("insert_chain", candidate, unused, seed) == edit_of(
            "insert_chain", candidate, plain, seed
        )
