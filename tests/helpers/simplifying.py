"""Shared by the tests of simplification: all that a program does on small tasks, and disguises of it."""

import random
from functools import lru_cache

import numpy as np
from native_programs import machine, some_tasks, template
from strategies import ALL_OPS, Addresses, random_instruction

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.evaluator import Evaluator
from synth.language.candidate import Body, Candidate
from synth.language.ops import COMMUTATIVE, Op, Variable
from synth.reading.simplify.order import dependencies

EPOCHS = 2
SHAPE = Shape(5, 4, "float64")

SMOOTH = [
    op for op in ALL_OPS if op.id in {1, 2, 3, 16, 18, 19, 23, 24, 25, 27, 28, 29, 31, 39, 48, 56, 59, 62, 63}
]
"""Ops that keep programs from running into nan."""

ADDRESSES: Addresses = {"s": 8, "v": 8, "m": 4}


@lru_cache
def _runner(metric: str) -> Evaluator:
    batch = Batch.of(some_tasks(4, 5, metric), SHAPE, EPOCHS)
    return Evaluator(machine(SHAPE), batch, seed=3, errors=True)


def bits(candidate: Candidate) -> bytes:
    """All errors and fitnesses of a program on tasks of both metrics; any nan is the same."""
    found = b""
    for metric in ("rms", "accuracy"):
        runner = _runner(metric)
        runner.run(candidate.code)
        found += np.nan_to_num(runner.errors, nan=1e300).tobytes() + runner.fitness.tobytes()
    return found


def learner(seed: int, ops: list[Op] | None = None) -> Candidate:
    """A template with up to twenty random statements anywhere in it."""
    draw = random.Random(seed)
    bodies = [list(body) for body in template(draw.choice(["linear", "neural_net", "averaged_net"])).bodies]
    for _ in range(draw.randint(1, 20)):
        body = draw.choice(bodies)
        body.insert(draw.randint(0, len(body)), random_instruction(draw, ops or SMOOTH, ADDRESSES))
    return Candidate(*map(tuple, bodies))


def disguised(candidate: Candidate, seed: int) -> Candidate:
    """The same program with other numbers, another order of statements, and exchanged operands."""
    draw = random.Random(seed)
    numbers = {kind: _permutation(draw, first) for kind, first in (("s", 2), ("v", 1), ("m", 0))}

    def renumbered(place: Variable) -> Variable:
        kind, address = place
        return kind, numbers[kind][address]

    def renamed(body: Body) -> Body:
        found = []
        for statement in body:
            read = [renumbered(place) for place in statement.operands]
            if statement.op.id in COMMUTATIVE and draw.random() < 0.5:
                read.reverse()
            found.append(statement.with_operands(*read).with_target(renumbered(statement.target)))
        return tuple(found)

    return Candidate(*(renamed(_shuffled(body, draw)) for body in candidate.bodies))


def _permutation(draw: random.Random, first: int) -> list[int]:
    return [*range(first), *draw.sample(range(first, 40), 40 - first)]


def _shuffled(body: Body, draw: random.Random) -> Body:
    needs, left, done = dependencies(body), set(range(len(body))), []
    while left:
        line = draw.choice(sorted(line for line in left if not needs[line] & left))
        left.remove(line)
        done.append(line)
    return tuple(body[line] for line in done)
