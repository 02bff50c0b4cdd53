"""The machine's static analysis against that of the language: the same answers for every program."""

from collections import Counter
from random import Random

import pytest
from hypothesis import example, given, settings
from native_programs import machine, program
from random_programs import programs

from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.examiner import Examiner
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Candidate
from synth.language.rejection import can_learn, feeds_back
from synth.language.templates import template_names
from synth.mutation.kinds import draw_mutation
from synth.mutation.valid import valid_candidate
from synth.search.evolution.rules import space_for, template
from synth.settings.resolve import resolve

SHAPE = Shape(5, 4, "float32")


@pytest.fixture(scope="module")
def examiner() -> Examiner:
    return Examiner(machine(SHAPE))


def same(examiner: Examiner, candidate: Candidate, anyway: bool, feedback: bool = False) -> None:
    key = examiner.examine(candidate, anyway, feedback)
    assert examiner.learns == (can_learn(candidate) and (not feedback or feeds_back(candidate)))
    if not (anyway or examiner.learns):
        assert key is None
        return
    live = effective(candidate)
    assert examiner.live() == live
    assert key == canonical_key(live)


@settings(max_examples=500)
@given(candidate=programs())
@example(candidate=Candidate())
@example(candidate=program("", "m.s1 = np.dot(m.v0, m.v1)", ""))
@example(
    candidate=program(  # two weights meet before anything else is known of them
        "m.s4 = m.rng.normal(0.0, 1.0); m.s2 = m.rng.normal(0.0, 1.0)",
        "m.v3 = m.v2 + m.v1; m.s1 = np.dot(m.v0, m.v3)",
        "m.v4 = m.s0 * m.v0; m.v1 = m.v1 + m.v4; m.v2 = m.v2 - m.v4; m.v2[int(0.5 * m.F)] = 0.5",
    )
)
@example(  # the furthest addresses
    candidate=program(
        "", "m.v99 = m.v0 + m.v99; m.s99 = np.mean(m.m99); m.s1 = np.dot(m.v99, m.v0)", "m.v99 = m.s0 * m.v0"
    )
)
@pytest.mark.parametrize("anyway", [False, True])
def test_both_say_the_same(examiner: Examiner, candidate: Candidate, anyway: bool) -> None:
    for feedback in (False, True):
        same(examiner, candidate, anyway, feedback)


@pytest.mark.parametrize("name", template_names())
def test_templates(name: str, examiner: Examiner) -> None:
    for feedback in (False, True):
        same(examiner, template(name), False, feedback)


def test_feedback_that_mutations_lose(examiner: Examiner) -> None:
    """Programs around those in which the error feeds back, by the reference's mutations."""
    space = space_for(resolve("baseline", environment={}))
    random, answers = Random(4), Counter[bool]()
    for _ in range(200):
        candidate = valid_candidate(space, random)
        for _ in range(5):
            same(examiner, candidate, False, True)
            answers[examiner.learns] += can_learn(candidate)
            _, mutation = draw_mutation(space, random)
            candidate = mutation(candidate, space, random).apply(candidate)
    assert min(answers.values()) > 20  # programs that learn, with feedback and without


def test_room_grows_with_the_program() -> None:
    """A long program after a short one."""
    examiner = Examiner(machine(SHAPE))
    short = program("", "m.s1 = np.dot(m.v0, m.v1)", "m.v1 = m.s0 * m.v0")
    long = Candidate(short.setup, short.predict * 50, short.learn)
    for candidate in (short, long, short):
        same(examiner, candidate, False)
