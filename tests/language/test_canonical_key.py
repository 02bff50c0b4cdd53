"""The canonical key: one for all spellings of a program, another for another program."""

import os
import random
import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st
from native_programs import evaluated, program, some_tasks, template
from random_programs import programs
from strategies import Addresses, random_instruction
from thorough import examples

from synth.engine.native.codegen.emitter import Shape
from synth.language.analysis import canonical_key, effective
from synth.language.candidate import Body, Candidate
from synth.language.ops import COMMUTATIVE, OPS, MemoryType, Variable

SHAPE = Shape(5, 4, "float64")

RATE = "m.s2 = 0.01"
DOT = "m.s1 = np.dot(m.v0, m.v1)"
STEP = "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2"


def bits(candidate: Candidate) -> bytes:
    """What a program does: its errors on a few tasks."""
    return evaluated(candidate, some_tasks(4, 5, "rms", 8, 6), SHAPE).errors.tobytes()


def disguised(candidate: Candidate, draw: random.Random) -> Candidate:
    """The same program with other addresses and with operands that commute exchanged."""
    names: dict[Variable, int] = {("s", 0): 0, ("s", 1): 1, ("v", 0): 0}
    free: dict[MemoryType, list[int]] = {
        "s": [*range(2, 20)],
        "v": [*range(1, 10)],
        "m": [*range(4)],
    }
    for numbers in free.values():
        draw.shuffle(numbers)

    def name(place: Variable) -> Variable:
        if place not in names:
            names[place] = free[place[0]].pop()
        return place[0], names[place]

    def body_of(body: Body) -> Body:
        found = []
        for one in body:
            operands = [name(place) for place in one.operands]
            if one.op.id in COMMUTATIVE and draw.random() < 0.5:
                operands.reverse()
            found.append(one.with_operands(*operands).with_target(name(one.target)))
        return tuple(found)

    return Candidate(*map(body_of, candidate.bodies))


@examples(300)
@given(programs(), st.randoms(use_true_random=False))
def test_disguised_programs_have_the_same_key_and_bits(candidate: Candidate, draw: random.Random) -> None:
    one = effective(candidate)
    other = disguised(one, draw)
    assert canonical_key(one) == canonical_key(other)
    assert bits(one) == bits(other)


def test_operands_are_told_apart_by_where_they_occur_later() -> None:
    """Two weights meet in a sum before anything else is known of them."""
    learn = "m.s3 = m.s0 - m.s1; m.v4 = m.s3 * m.v0; m.v1 = m.v1 + m.v4; m.v2 = m.v2 - m.v4"
    one = program("", "m.v3 = m.v1 + m.v2; m.s1 = np.dot(m.v0, m.v3)", learn)
    other = program("", "m.v3 = m.v2 + m.v1; m.s1 = np.dot(m.v3, m.v0)", learn)
    assert canonical_key(one) == canonical_key(other)


def test_equal_keys_mean_equal_bits() -> None:
    """Among many small programs, where different texts often have one key."""
    behaviour: dict[int, bytes] = {}
    draw, shared = random.Random(1), 0
    ops = [OPS[one] for one in (1, 2, 3, 18, 23, 24, 27, 48)]
    few: Addresses = {"s": 3, "v": 3, "m": 1}
    for _ in range(3000):
        bodies = [tuple(random_instruction(draw, ops, few) for _ in range(size)) for size in (0, 2, 2)]
        one = effective(Candidate(*bodies))
        key, does = canonical_key(one), bits(one)
        shared += key in behaviour
        assert behaviour.setdefault(key, does) == does, one.text()
    assert len(behaviour) > 100 and shared > 100


DIFFERENT = [
    (RATE, DOT, STEP),
    ("m.s2 = 0.02", DOT, STEP),
    ("m.s2 = -0.01", DOT, STEP),
    ("m.s2 = 0.0", DOT, STEP),
    ("m.s2 = -0.0", DOT, STEP),
    (RATE, DOT, STEP.replace("m.s0 - m.s1", "m.s1 - m.s0")),
    (RATE, DOT, STEP.replace("m.v1 + m.v2", "m.v1 - m.v2")),
    (RATE, DOT, STEP.replace("m.s3 * m.v0", "m.s2 * m.v0")),
    ("", f"{RATE}; {DOT}", STEP),
    (RATE, "", f"{DOT}; {STEP}"),
    (f"{RATE}; m.v1 = m.rng.normal(0.0, 0.1, m.F)", DOT, STEP),
    (f"{RATE}; m.v1 = m.rng.normal(0.1, 0.0, m.F)", DOT, STEP),
    (f"{RATE}; m.v1 = m.rng.uniform(0.0, 0.1, m.F)", DOT, STEP),
    (f"m.s9 = m.rng.normal(0.0, 0.1); {RATE}; m.v1 = m.rng.normal(0.0, 0.1, m.F)", DOT, STEP),
    (f"{RATE}; m.v1[int(0.5 * m.F)] = 0.1", DOT, STEP),
    (f"{RATE}; m.v1[int(0.1 * m.F)] = 0.5", DOT, STEP),
    (RATE, "m.s1 = np.dot(m.v1, m.v1)", STEP),
    (RATE, "m.v3 = np.minimum(m.v0, m.v1); m.s1 = np.mean(m.v3)", STEP),
    (RATE, "m.v3 = np.minimum(m.v1, m.v0); m.s1 = np.mean(m.v3)", STEP),
    ("", "m.m0 = np.outer(m.v0, m.v1); m.s1 = np.mean(m.m0)", STEP),
    ("", "m.m0 = np.outer(m.v1, m.v0); m.s1 = np.mean(m.m0)", STEP),
]


def test_different_programs_have_different_keys() -> None:
    """Constants, ops, operands, functions, and which random numbers a draw gives."""
    assert len({canonical_key(program(*parts)) for parts in DIFFERENT}) == len(DIFFERENT)


def test_keys_are_the_same_in_every_process() -> None:
    code = (
        "from synth.language.analysis import canonical_key\n"
        "from synth.language.parser import parse_file\n"
        "from synth.language.templates import template_path\n"
        "print(canonical_key(parse_file(template_path('neural_net')).candidate))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "17"}
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    key = canonical_key(template("neural_net"))
    assert int(told.stdout) == key and 0 <= key < 1 << 64
