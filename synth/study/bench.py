"""How fast this machine is: the figures of `synth bench`.

Everything runs in this process on one core, and times are its processor time, so that other work on the
machine disturbs them little; medians where something is repeated.
"""

from collections.abc import Callable
from itertools import product
from statistics import median
from time import process_time as clock
from typing import Any

import numpy as np

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import compile_machine, object_code
from synth.engine.native.engine import machine_for
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
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


def measure() -> dict[str, Any]:
    """Return all figures of the document `synth bench --json`, without its schema."""
    shape = Shape(16, 16, "float32")
    cold = _seconds(lambda: compile_machine(shape))
    object_code(shape)
    warm = median(_seconds(lambda: Machine(shape, object_code(shape))) for _ in range(REPEATS))
    steps = {
        of: nanoseconds_per_train_step(template(of[0]), *of[1:]) for of in product(PROGRAMS, FEATURES, DTYPES)
    }
    linear = search_speed("linear", LINEAR_ROUNDS)
    return {
        "ns_per_train_step": [
            {"program": program, "features": features, "dtype": dtype, "value": value}
            for (program, features, dtype), value in steps.items()
        ],
        "candidates_per_second": linear["candidates_per_second"],
        "python_share_us": linear["python_share_us"],
        "quick": search_speed("quick", QUICK_ROUNDS),
        "kernel_compile_ms": {"cold": cold * 1e3, "warm": warm * 1e3},
        "native_over_python": python_nanoseconds_per_train_step() / steps["linear", 16, "float64"],
    }


def nanoseconds_per_train_step(program: Candidate, features: int, dtype: str) -> float:
    """Return the time of a step of one accuracy task: predict, sigmoid, error check and learn.

    There are as many tasks as lanes.
    """
    shape = shape_for(features, dtype, 1 << 10, Sizes.of(program.code).matrices)
    batch = Batch.of([linear_task(features, number) for number in range(shape.lanes)], shape)
    evaluator = Evaluator(machine_for(shape), batch)
    steps = evaluator.run(program.code)
    return median(_seconds(lambda: evaluator.run(program.code)) for _ in range(REPEATS)) / steps * 1e9


def python_nanoseconds_per_train_step() -> float:
    """Return the time of a step of the linear template at F = 16, by the python engine's procedure."""
    functions = functions_of(template("linear"))
    task = linear_task(16, 0)
    return _seconds(lambda: run_task(functions, *task.arrays[:3], regression=False)) / EXAMPLES * 1e9


def search_speed(preset: str, rounds: int) -> dict[str, Any]:
    """Return how fast one worker searches on the first tasks of a preset, after a round that is not timed.

    `python_share` is the share of the time that is spent in Python, not in evaluations, and `python_share_us`
    the same in microseconds of a candidate.
    """
    judge = Judge(resolve(preset, environment={}))
    config, tasks = by_mix(judge.config)[0], judge.search_sets[0].tasks
    shape = shape_for(config.data.features or 0, config.fitness.dtype, len(tasks), config.program.matrices)
    machine = Machine(shape, object_code(shape))
    scorer = NativeScorer(config, machine, Batch.of(tasks, shape))
    rules = rules_for(config)
    first = play(rules, scorer, Round("", 0, 0, {})).state

    def candidates() -> int:
        state, count = first, 0
        for number in range(1, rounds + 1):
            outcome = play(rules, scorer, Round("", 0, number, state))
            state = outcome.state
            count += outcome.counts.candidates
        return count

    count = candidates()
    seconds = _seconds(candidates)
    evaluate, evaluating = machine.evaluate, 0.0

    def timed(job: Any) -> None:
        nonlocal evaluating
        start = clock()
        evaluate(job)
        evaluating += clock() - start

    machine.evaluate = timed  # type: ignore[assignment]
    candidates()
    python = max(0.0, seconds - evaluating)
    return {
        "data": config.data.name,
        "candidates_per_second": count / seconds,
        "python_share_us": python / count * 1e6,
        "python_share": python / seconds,
    }


def linear_task(features: int, number: int, examples: int = EXAMPLES) -> Task:
    """Return a linearly separable accuracy task with one validation example."""
    random = np.random.default_rng(number)
    x = random.normal(size=(examples + 1, features))
    y = (x @ random.normal(size=features) > 0).astype(np.float64)
    return Task(x[1:], y[1:], x[:1], y[:1])


def _seconds(action: Callable[[], object]) -> float:
    start = clock()
    action()
    return clock() - start
