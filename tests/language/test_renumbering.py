"""Renumbering of memory: another spelling of the same program, close to a model."""

import difflib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import evaluated, program, some_tasks, template
from random_programs import programs
from strategies import Addresses, random_instruction
from thorough import examples

from synth.engine.native.codegen.emitter import Shape
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Body, Candidate
from synth.language.instruction import Instruction
from synth.language.ops import READ_ONLY, MemoryType, Variable
from synth.language.renumbering import renumber

SHAPE = Shape(5, 4, "float64")
FIXED: set[Variable] = {("s", 0), ("s", 1), ("v", 0)}
MORE: Addresses = {"s": 6, "v": 9, "m": 3}


def bits(candidate: Candidate) -> bytes:
    """The fitness of a program on a few tasks, over two epochs."""
    return evaluated(candidate, some_tasks(4, 5, "rms", 8, 6), SHAPE, 2).fitness.tobytes()


def places(candidate: Candidate) -> list[Variable]:
    """The addresses in the order in which they appear, each once."""
    found: dict[Variable, None] = {}
    for one in candidate:
        found.update(dict.fromkeys(places_of(one)))
    return list(found)


def renamed(candidate: Candidate, draw: random.Random) -> Candidate:
    """The program with its memory numbered at random."""
    names: dict[Variable, int] = {place: place[1] for place in FIXED}
    counts: dict[MemoryType, int] = {"s": 20, "v": 10, "m": 4}
    for kind, count in counts.items():
        old = [place for place in places(candidate) if place[0] == kind and place not in FIXED]
        free = [number for number in range(count) if (kind, number) not in FIXED]
        names.update(zip(old, draw.sample(free, len(old)), strict=True))

    def name(place: Variable) -> Variable:
        return place[0], names[place]

    def body_of(body: Body) -> Body:
        return tuple(
            one.with_operands(*map(name, one.operands)).with_target(name(one.target)) for one in body
        )

    return Candidate(*map(body_of, candidate.bodies))


def lines_changed(one: Candidate, other: Candidate) -> int:
    diff = difflib.ndiff(one.text().splitlines(), other.text().splitlines())
    return sum(line.startswith(("+", "-")) for line in diff)


@examples(200)
@given(programs(), programs(), st.randoms(use_true_random=False))
def test_it_is_the_same_program(candidate: Candidate, model: Candidate, draw: random.Random) -> None:
    one = effective(candidate)
    for found in (renumber(one), renumber(one, model), renumber(renamed(one, draw), one)):
        assert canonical_key(found) == canonical_key(one)
        assert bits(found) == bits(one)


@examples(200)
@given(programs(), st.randoms(use_true_random=False))
def test_a_renamed_program_gets_its_numbers_back(candidate: Candidate, draw: random.Random) -> None:
    other = renamed(candidate, draw)
    assert renumber(other, candidate) == candidate
    assert renumber(candidate, candidate) == candidate
    assert renumber(other) == renumber(candidate)


@examples(200)
@given(programs())
def test_without_a_model_numbers_are_low_and_in_order(candidate: Candidate) -> None:
    found = renumber(candidate)
    assert renumber(found) == found
    for kind, first in (("s", 2), ("v", 1), ("m", 0)):
        numbers = [place[1] for place in places(found) if place[0] == kind and place not in FIXED]
        assert numbers == list(range(first, first + len(numbers)))


@examples(100)
@given(programs(), st.randoms(use_true_random=False))
def test_reserved_memory_keeps_its_numbers(candidate: Candidate, draw: random.Random) -> None:
    model = renamed(candidate, draw)
    for found in (renumber(candidate), renumber(candidate, model)):
        for one, other in zip(candidate, found, strict=True):
            assert one.op is other.op and one.constants == other.constants
            pairs = zip(places_of(one), places_of(other), strict=True)
            assert all(
                (mine in FIXED) == (theirs in FIXED) and (mine == theirs or mine not in FIXED)
                for mine, theirs in pairs
            )
        assert not {one.target for one in found} & READ_ONLY


def places_of(one: Instruction) -> list[Variable]:
    return [*one.operands, one.target]


@pytest.mark.parametrize("seed", range(20))
def test_a_child_differs_from_its_parent_where_it_changed(seed: int) -> None:
    """A renamed net with one statement inserted: one line is new, however memory was numbered."""
    draw = random.Random(seed)
    parent = template("neural_net")
    bodies = [list(body) for body in parent.bodies]
    body = draw.choice(bodies)
    body.insert(draw.randint(0, len(body)), random_instruction(draw, addresses=MORE))
    child = renamed(Candidate(*map(tuple, bodies)), draw)
    assert lines_changed(parent, renumber(child, parent)) <= 2 < lines_changed(parent, child)


def test_new_memory_gets_the_lowest_number_that_is_free() -> None:
    model = program("m.s2 = 0.5; m.s5 = 0.25", "m.s1 = m.s2 + m.s5", "")
    child = program("m.s9 = 0.5; m.s3 = 0.25; m.s8 = 0.125", "m.s1 = m.s9 + m.s3; m.s1 = m.s1 + m.s8", "")
    found = renumber(child, model)
    assert found == program(
        "m.s2 = 0.5; m.s5 = 0.25; m.s3 = 0.125", "m.s1 = m.s2 + m.s5; m.s1 = m.s1 + m.s3", ""
    )


def test_all_addresses_may_be_in_use() -> None:
    everything = program("; ".join(f"m.s{number} = 0.5" for number in range(99, 0, -1)))
    assert places(renumber(everything)) == [*(("s", number) for number in range(2, 100)), ("s", 1)]
    assert renumber(everything, everything) == everything
