"""Whole programs on small tasks, run by the native engine and by python, and made at random."""

import platform
import random
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from strategies import candidates, random_candidate_of, random_instruction

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.procedure import NOT_RECORDED
from synth.engine.native.compiler import compile_machine, host, object_code
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.python.procedure import Functions, TaskOutcome, run_task
from synth.language.analysis import effective
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.parser import candidate_of, parse_file
from synth.language.random_source import RandomSource
from synth.language.templates import template_path
from synth.tasks.metrics import MAX_ABS_ERROR, METRICS, errors
from synth.tasks.task import Task, example_order

Floats = NDArray[np.float64]

SEED = 3


def program(setup: str = "", predict: str = "", learn: str = "") -> Candidate:
    """A candidate from its statements, separated by semicolons."""
    text = ""
    for name, body in zip(FUNCTIONS, (setup, predict, learn), strict=True):
        lines = [line.strip() for line in body.split(";")] if body else ["pass"]
        text += f"def {name}(m):\n" + "".join(f"    {line}\n" for line in lines)
    return candidate_of(text)


def template(name: str) -> Candidate:
    """A template's program."""
    return parse_file(template_path(name)).candidate


def lively(seed: int) -> Candidate:
    """A random program of all ops, at least five statements of which matter."""
    draw = random.Random(seed)
    while True:
        candidate = random_candidate_of(draw.randrange(1 << 32), (5, 6, 10))
        if len(effective(candidate)) >= 5:
            return candidate


def grafted(seed: int) -> Candidate:
    """A program that learns, with a few random statements of all ops somewhere in it."""
    draw = random.Random(seed)
    bodies = [list(body) for body in template(draw.choice(["linear", "neural_net", "averaged_net"])).bodies]
    for _ in range(draw.randint(1, 4)):
        body = draw.choice(bodies)
        body.insert(draw.randint(0, len(body)), random_instruction(draw))
    return Candidate(*map(tuple, bodies))


def programs() -> st.SearchStrategy[Candidate]:
    """Random programs of all ops: any, those with much that matters, and learners with random statements."""
    seeds = st.integers(0, (1 << 32) - 1)
    return st.one_of(candidates(), seeds.map(lively), seeds.map(grafted))


@lru_cache
def some_tasks(
    count: int, features: int, metric: str = "rms", train: int = 10, valid: int = 10, uneven: int = 1
) -> tuple[Task, ...]:
    """Tasks with random features and labels; `uneven`: how many different numbers of examples there are."""
    found = []
    for number in range(count):
        generator = np.random.default_rng((number, features))
        n, k = train + number % uneven, valid + (2 * number + 1) % uneven
        x, y = generator.normal(size=(n + k, features)), generator.normal(size=n + k)
        labels = y if METRICS[metric].regression else (y > 0).astype(np.float64)
        found.append(Task(x[:n], labels[:n], x[n:], labels[n:], metric))
    return tuple(found)


@lru_cache
def machine(shape: Shape, processor: tuple[str, str] | None = None) -> Machine:
    """A loaded machine, compiled once in a test session."""
    return Machine(shape, compile_machine(shape, processor) if processor else object_code(shape))


def another_processor() -> tuple[str, str] | None:
    """A processor with fewer features than this one has, whose code runs here; None where there is none."""
    plain = platform.machine() == "x86_64" and {"+avx2", "+fma", "+bmi2"} <= set(host()[1].split(","))
    return ("x86-64-v3", "") if plain else None


@lru_cache
def evaluator(
    tasks: tuple[Task, ...],
    shape: Shape,
    epochs: int = 1,
    processor: tuple[str, str] | None = None,
) -> Evaluator:
    """An evaluator that records errors."""
    batch = Batch.of(tasks, shape, epochs)
    return Evaluator(machine(shape, processor), batch, seed=SEED, errors=True)


def evaluated(candidate: Candidate, tasks: Sequence[Task], shape: Shape, epochs: int = 1) -> Evaluator:
    """An evaluator that has run a program."""
    runner = evaluator(tuple(tasks), shape, epochs)
    runner.run(candidate.code)
    return runner


def errors_of(runner: Evaluator, task: int) -> tuple[Floats, Floats]:
    """What an evaluator recorded of one task: train and validation errors of its latest epoch."""
    group, lane = divmod(task, runner.machine.shape.lanes)
    train, valid = runner.train_counts[group, lane], runner.valid_counts[group, lane]
    most = int(runner.train_counts.max())
    column = runner.errors[group, :, lane]
    return column[:train].copy(), column[most : most + valid].copy()


class NoisyNumpy:
    """What `np` is when one-ulp noise is wanted: sums are taken in any order, results are a little off."""

    def __init__(self, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.linalg = self

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def off(self, result: np.float64 | Floats) -> Floats:
        """Each element as it is, or its upper or lower neighbour."""
        choice = self.generator.integers(3, size=np.shape(result))
        away = np.where(choice == 0, -np.inf, np.where(choice == 1, np.inf, result))
        return np.where(result == 0, result, np.nextafter(result, away))[()]

    def normal(self, source: RandomSource, mean: float, deviation: float, *size: Any) -> Any:
        """A normal draw, off before it is scaled and shifted."""
        return mean + deviation * self.off(source.normal(0.0, 1.0, *size))

    def dot(self, x: Floats, y: Floats) -> Any:
        one, other = self._halves(len(y))
        return np.dot(x[..., one], y[one]) + np.dot(x[..., other], y[other])

    def matmul(self, x: Floats, y: Floats) -> Any:
        one, other = self._halves(len(y))
        return np.matmul(x[:, one], y[one]) + np.matmul(x[:, other], y[other])

    def norm(self, x: Floats, axis: int | None = None) -> Any:
        return np.linalg.norm(self._shuffled(x, axis), axis=axis)

    def mean(self, x: Floats, axis: int | None = None) -> Any:
        return np.mean(self._shuffled(x, axis), axis=axis)

    def std(self, x: Floats, axis: int | None = None) -> Any:
        return np.std(self._shuffled(x, axis), axis=axis)

    def _halves(self, size: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        order = self.generator.permutation(size)
        return order[: size // 2], order[size // 2 :]

    def _shuffled(self, x: Floats, axis: int | None) -> Floats:
        return self.generator.permutation(np.ravel(x) if axis is None else x, axis=axis or 0)


def functions(candidate: Candidate, noise: int | None = None) -> Functions:
    """The candidate's functions; with `noise`, a seed, every computed result is off by one ulp at most."""
    text = ""
    for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
        text += f"def {name}(m):\n    pass\n"
        for statement in body:
            target, _, result = statement.text.partition(" = ")
            if noise is not None and statement.op.inputs:
                result = f"np.off({result})"
            if noise is not None:
                result = result.replace("m.rng.normal(", "np.normal(m.rng, ")
            text += f"    {target} = {result}\n"
    namespace: dict[str, Any] = {"np": np if noise is None else NoisyNumpy(noise)}
    exec(text, namespace)
    return Functions(*(namespace[name] for name in FUNCTIONS))


def by_python(
    candidate: Candidate, task: Task, number: int, epochs: int = 1, noise: int | None = None
) -> TaskOutcome:
    """The pure procedure on one task, all train errors recorded; `noise` is the seed of one-ulp noise."""
    n = len(task.train_labels)
    return run_task(
        functions(candidate, noise),
        task.train_features,
        task.train_labels,
        task.valid_features,
        regression=task.regression,
        seed=SEED,
        task=number,
        orders=[example_order(n, epoch) for epoch in range(epochs)],
        record=n * epochs,
    )


def errors_in(outcome: TaskOutcome, task: Task, epoch: int) -> tuple[Floats, Floats]:
    """The errors of one epoch as a native evaluator records them."""
    n, k = len(task.train_labels), len(task.valid_labels)
    train, valid = np.full(n, NOT_RECORDED), np.full(k, NOT_RECORDED)
    reached = outcome.train_errors[epoch * n : (epoch + 1) * n]
    train[: len(reached)] = reached
    if epoch < len(outcome.predictions):
        found = errors(outcome.predictions[epoch], task.valid_labels, task.regression)
        bad = np.flatnonzero(~(found <= MAX_ABS_ERROR))
        last = bad[0] if len(bad) else k
        valid[:last] = found[:last]
    return train, valid
