"""How fast this machine is: the figures of `synth bench`.

Everything runs in this process on one core, and times are its processor time, so that other work on the
machine disturbs them little; medians where something is repeated.
"""

from collections.abc import Callable
from ctypes import memmove, string_at
from statistics import median
from time import process_time as clock
from typing import Any, NamedTuple

import numpy as np

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import compile_machine, object_code
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.engine.native.lowering import addresses
from synth.engine.python.procedure import functions_of, run_task
from synth.language.candidate import Candidate
from synth.search.evolution.island import play
from synth.search.evolution.round import Round
from synth.search.evolution.rules import rules_for, template
from synth.search.scoring.judge import Judge
from synth.search.scoring.scorer import NativeScorer
from synth.settings.mixes import by_mix
from synth.settings.resolve import resolve
from synth.tasks.task import Task

PROGRAMS = ("linear", "neural_net")
FEATURES = (4, 8, 16, 32, 64)
DTYPES = ("float32", "float64")
EXAMPLES = 2000
"""Train examples of a timed task."""

REPEATS = 7
LINEAR_ROUNDS, QUICK_ROUNDS = 8, 1
"""Rounds of two presets that are timed: the reference's mutations, and those on the data flow."""


class SearchSpeed(NamedTuple):
    """How fast a search is with one worker."""

    data: str
    """The data set."""
    candidates_per_second: float
    python_us: float
    """Microseconds of a candidate that are spent in Python, not in evaluations."""
    python_share: float
    """The same as a share of the time."""


def measure() -> dict[str, Any]:
    """All figures of the document `synth bench --json`, without its schema."""
    cold = _milliseconds(lambda: compile_machine(Shape(16, 16, "float32")))
    warm_shape = Shape(16, 16, "float32")
    object_code(warm_shape)
    warm = median(_milliseconds(lambda: Machine(warm_shape, object_code(warm_shape))) for _ in range(REPEATS))
    steps = [
        {
            "program": program,
            "features": features,
            "dtype": dtype,
            "value": nanoseconds_per_train_step(template(program), features, dtype),
        }
        for program in PROGRAMS
        for features in FEATURES
        for dtype in DTYPES
    ]
    linear, quick = search_speed("linear", LINEAR_ROUNDS), search_speed("quick", QUICK_ROUNDS)
    native = next(
        entry["value"]
        for entry in steps
        if (entry["program"], entry["features"], entry["dtype"]) == ("linear", 16, "float64")
    )
    return {
        "ns_per_train_step": steps,
        "candidates_per_second": linear.candidates_per_second,
        "python_share_us": linear.python_us,
        "quick": {
            "data": quick.data,
            "candidates_per_second": quick.candidates_per_second,
            "python_share_us": quick.python_us,
            "python_share": quick.python_share,
        },
        "kernel_compile_ms": {"cold": cold, "warm": warm},
        "native_over_python": python_nanoseconds_per_train_step() / float(native),  # type: ignore[arg-type]
    }


def nanoseconds_per_train_step(program: Candidate, features: int, dtype: str) -> float:
    """Of one task, with as many tasks as lanes: accuracy tasks, predict, sigmoid, error check and learn."""
    shape = shape_for(features, dtype, 1 << 10, addresses(program.code)[2])
    batch = Batch.of([linear_task(features, number) for number in range(shape.lanes)], shape)
    evaluator = Evaluator(Machine(shape, object_code(shape)), batch, Sizes(*addresses(program.code)))
    code = program.code
    evaluator.run(code)
    times = []
    for _ in range(REPEATS):
        start = clock()
        steps = evaluator.run(code)
        times.append((clock() - start) / steps)
    return median(times) * 1e9


def python_nanoseconds_per_train_step() -> float:
    """Of the linear template at F = 16, by the python engine's procedure."""
    functions = functions_of(template("linear"))
    task = linear_task(16, 0)
    start = clock()
    run_task(functions, *task.arrays[:3], metric="accuracy")
    return (clock() - start) / EXAMPLES * 1e9


def search_speed(preset: str, rounds: int) -> SearchSpeed:
    """How fast one worker searches on the first tasks of a preset, after a round that is not timed."""
    judge = Judge(resolve(preset, environment={}))
    config, tasks = by_mix(judge.config)[0], judge.search_sets[0].tasks
    shape = shape_for(config.data.features or 0, config.fitness.dtype, len(tasks), config.program.matrices)
    machine = Machine(shape, object_code(shape))
    scorer = NativeScorer(config, machine, Batch.of(tasks, shape))
    rules = rules_for(config)

    first = play(rules, scorer, Round("", 0, 0, {})).state

    def seconds_and_candidates() -> tuple[float, int]:
        state, candidates, start = first, 0, clock()
        for number in range(1, rounds + 1):
            outcome = play(rules, scorer, Round("", 0, number, state))
            state = outcome.state
            candidates += outcome.counts.candidates
        return clock() - start, candidates

    seconds, candidates = seconds_and_candidates()
    answers = _Answers(machine)
    seconds_and_candidates()
    answers.repeat()
    python, _ = seconds_and_candidates()
    return SearchSpeed(config.data.name, candidates / seconds, python / candidates * 1e6, python / seconds)


class _Answers:
    """What a machine answers to evaluations, kept to be given again without evaluating.

    A clock read before and after each evaluation would cost more than many of them.
    """

    def __init__(self, machine: Machine) -> None:
        self._machine, self._native = machine, machine.evaluate
        self._kept: list[tuple[int, bytes, bytes]] = []
        machine.evaluate = self._keep  # type: ignore[assignment]

    def repeat(self) -> None:
        """From now on give the answers that were kept, in their order."""
        self._next = iter(self._kept)
        self._machine.evaluate = self._repeat  # type: ignore[assignment]

    def _keep(self, reference: Any) -> None:
        self._native(reference)
        job = reference._obj
        shape = self._machine.shape
        fitness = string_at(job.fitness, shape.lanes * 8)
        recorded = (job.train_most + job.valid_most) * shape.lanes * np.dtype(shape.dtype).itemsize
        errors = string_at(job.errors, recorded) if job.errors else b""
        self._kept.append((job.train_steps, fitness, errors))

    def _repeat(self, reference: Any) -> None:
        job = reference._obj
        job.train_steps, fitness, errors = next(self._next)
        memmove(job.fitness, fitness, len(fitness))
        if errors:
            memmove(job.errors, errors, len(errors))


def linear_task(features: int, number: int, examples: int = EXAMPLES) -> Task:
    """A linearly separable accuracy task with one validation example."""
    random = np.random.default_rng(number)
    x = random.normal(size=(examples + 1, features))
    y = (x @ random.normal(size=features) > 0).astype(np.float64)
    return Task(x[1:], y[1:], x[:1], y[:1])


def _milliseconds(action: Callable[[], object]) -> float:
    start = clock()
    action()
    return (clock() - start) * 1e3
