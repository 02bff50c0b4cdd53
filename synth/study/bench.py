"""How fast this machine is: the figures of `synth bench`.

Everything runs in this process on one core, and times are its processor time, so that other work on the
machine disturbs them little; medians where something is repeated.
"""

from collections.abc import Callable
from statistics import median
from time import process_time as clock
from typing import Any

import numpy as np

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import compile_machine, object_code
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.engine.native.lowering import addresses, lower
from synth.engine.python.procedure import Functions, run_task
from synth.language.candidate import Candidate
from synth.search.evolution.island import play
from synth.search.evolution.round import Round
from synth.search.evolution.rules import rules_for, template
from synth.search.scoring.scorer import NativeScorer
from synth.settings.resolve import resolve
from synth.tasks.sets import task_set
from synth.tasks.task import Task

PROGRAMS = ("linear", "neural_net")
FEATURES = (4, 8, 16, 32, 64)
DTYPES = ("float32", "float64")
EXAMPLES = 2000
"""Train examples of a timed task."""

REPEATS = 7
ROUNDS = 8
"""Rounds of the linear preset that are timed, after one that is not."""


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
    candidates, share = search_speed()
    native = next(
        entry["value"]
        for entry in steps
        if (entry["program"], entry["features"], entry["dtype"]) == ("linear", 16, "float64")
    )
    return {
        "ns_per_train_step": steps,
        "candidates_per_second": candidates,
        "python_share_us": share,
        "kernel_compile_ms": {"cold": cold, "warm": warm},
        "native_over_python": python_nanoseconds_per_train_step() / float(native),  # type: ignore[arg-type]
    }


def nanoseconds_per_train_step(program: Candidate, features: int, dtype: str) -> float:
    """Of one task, with as many tasks as lanes: accuracy tasks, predict, sigmoid, error check and learn."""
    shape = shape_for(features, dtype, 1 << 10, addresses(program)[2])
    batch = Batch.of([linear_task(features, number) for number in range(shape.lanes)], shape)
    evaluator = Evaluator(Machine(shape, object_code(shape)), batch, Sizes(*addresses(program)))
    code = lower(program)
    evaluator.run(code)
    times = []
    for _ in range(REPEATS):
        start = clock()
        steps = evaluator.run(code)
        times.append((clock() - start) / steps)
    return median(times) * 1e9


def python_nanoseconds_per_train_step() -> float:
    """Of the linear template at F = 16, by the python engine's procedure."""
    names: dict[str, Any] = {}
    exec(template("linear").text(), names)
    functions = Functions(names["setup"], names["predict"], names["learn"])
    task = linear_task(16, 0)
    start = clock()
    run_task(functions, *task.arrays[:3], metric="accuracy")
    return (clock() - start) / EXAMPLES * 1e9


def search_speed() -> tuple[float, float]:
    """Candidates considered per second with one worker on the linear preset, and Python's share in us."""
    config = resolve("linear", environment={})
    tasks = task_set(
        "linear", "search", count=config.data.tasks, features=config.data.features, train=config.data.train
    )
    shape = shape_for(tasks.features, "float32", len(tasks.tasks), config.program.matrices)
    machine = Machine(shape, object_code(shape))
    scorer = NativeScorer(config, machine, Batch.of(tasks.tasks, shape))
    rules = rules_for(config)

    inside = 0.0
    native = machine.evaluate

    def timed(job: Any) -> None:
        nonlocal inside
        start = clock()
        native(job)
        inside += clock() - start

    def timed_rounds() -> tuple[float, int, float]:
        """Seconds of the timed rounds, candidates that they considered, and seconds in native calls."""
        state = play(rules, scorer, Round("", 0, 0, {})).state
        start, considered, before = clock(), 0, inside
        for number in range(1, ROUNDS + 1):
            outcome = play(rules, scorer, Round("", 0, number, state))
            state = outcome.state
            considered += outcome.statistics.candidates
        return clock() - start, considered, inside - before

    seconds, considered, _ = timed_rounds()
    machine.evaluate = timed  # type: ignore[assignment]
    native_seconds = timed_rounds()[2]
    return considered / seconds, (seconds - native_seconds) / considered * 1e6


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
