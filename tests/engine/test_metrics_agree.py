"""Metrics that are no machine code: both engines score what they predict alike."""

import numpy as np
import pytest
from native_programs import by_python, evaluated, program, some_tasks, template

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.evaluator import Evaluator
from synth.language.candidate import Candidate
from synth.tasks.metrics import METRICS
from synth.tasks.names import IN_MACHINE_CODE

SHAPE = Shape(5, 4, "float64")
OTHERS = [name for name in METRICS if name not in IN_MACHINE_CODE]

GROWS = program("m.s2 = 3.0", "m.s1 = m.s2 * m.s3", "m.s3 = m.s0 + m.s4; m.s2 = m.s2 * m.s2")
"""Fails in its third step where the second label is not 0, and later elsewhere."""

WORSE = program(
    "m.s2 = -0.5", "m.s1 = np.dot(m.v0, m.v1); m.s1 = m.s1 * m.s2", "m.v1 = m.v0 + m.v2; m.s2 = m.s2 * m.s2"
)
"""Goes on, and its epochs differ."""


def programs() -> list[Candidate]:
    return [template("linear"), template("neural_net"), GROWS, WORSE, Candidate()]


@pytest.mark.parametrize("epochs", [1, 3])
@pytest.mark.parametrize("metric", OTHERS)
def test_engines_agree(metric: str, epochs: int) -> None:
    tasks = some_tasks(SHAPE.lanes + 2, SHAPE.features, metric, 12, 9, uneven=3)
    seen = set()
    for candidate in programs():
        found = evaluated(candidate, tasks, SHAPE, epochs).per_task()
        for number, task in enumerate(tasks):
            outcome = by_python(candidate, task, number, epochs)
            best = max(map(task.fitness, outcome.predictions), default=0.0)
            assert found[number] == pytest.approx(best, abs=1e-9)
            seen.add(len(outcome.predictions))
    assert {0, epochs} <= seen, "some programs fail and some do not"


@pytest.mark.parametrize("metric", OTHERS)
def test_a_task_has_the_same_bits_beside_any_others(metric: str) -> None:
    tasks = some_tasks(SHAPE.lanes + 2, SHAPE.features, metric, 12, 9, uneven=3)
    together = evaluated(template("linear"), tasks, SHAPE).per_task()
    for number, task in enumerate(tasks[:2]):
        assert evaluated(template("linear"), [task], SHAPE).per_task() == [together[number]]


def test_what_one_program_predicted_is_nothing_to_the_next() -> None:
    tasks = some_tasks(3, SHAPE.features, "auc")
    assert min(evaluated(template("linear"), tasks, SHAPE).per_task()) > 0.0
    fails = program("", "m.s1 = m.s2 / m.s2", "")
    assert evaluated(fails, tasks, SHAPE).per_task() == [0.0] * 3


def test_fewer_tasks_and_examples_at_a_hurdle() -> None:
    tasks = some_tasks(6, SHAPE.features, "balanced_accuracy", 12, 20)
    batch = Batch.of(tasks, SHAPE)
    machine = evaluated(template("linear"), tasks, SHAPE).machine
    few = Evaluator(machine, batch, seed=3, tasks=5, train=6, valid=7, epochs=1)
    few.run(template("linear").code)
    whole = [task.first(6, 7) for task in tasks[:5]]
    assert few.per_task() == evaluated(template("linear"), whole, SHAPE).per_task()
    assert len(np.unique(few.per_task())) > 1
