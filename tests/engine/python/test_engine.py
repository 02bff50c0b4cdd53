"""The python engine: real modules in confined children have the fitness of the procedure."""

from functools import partial

import numpy as np
import pytest
from python_helpers import EMPTY, LINEAR, NET, TASKS, make_task, module
from systems import wants_linux

from synth.engine.python.engine import CandidateFailed, PythonEngine
from synth.engine.python.module import load
from synth.engine.python.procedure import run_task
from synth.tasks.task import Task, example_order

pytestmark = wants_linux("the whole sandbox is Linux")


def expected(text: str, task: Task, number: int, *, seed: int = 0, epochs: int = 1) -> float:
    """The fitness by the pure procedure, in this process."""
    orders = [example_order(len(task.train_labels), epoch) for epoch in range(epochs)]
    arrays = task.train_features, task.train_labels, task.valid_features
    how = partial(run_task, regression=task.regression, seed=seed, task=number, orders=orders)
    outcome = how(load(text, "m.py"), *arrays)
    return max(map(task.fitness, outcome.predictions), default=0.0)


@pytest.mark.parametrize("text", [LINEAR, NET, EMPTY], ids=["linear", "net", "empty"])
@pytest.mark.parametrize("metric", ["rms", "accuracy"])
def test_the_templates_score_as_by_the_procedure(text: str, metric: str) -> None:
    tasks = [make_task(seed, metric=metric) for seed in (5, 6)]
    with PythonEngine(tasks, seed=4, epochs=2) as engine:
        result = engine.evaluate(text, "m.py")
    per_task = tuple(expected(text, task, number, seed=4, epochs=2) for number, task in enumerate(tasks))
    assert result.status == "ok" and result.error is None
    assert result.per_task == per_task and result.fitness == sum(per_task) / 2


def test_epochs_help_and_the_median_is_a_task() -> None:
    tasks = [make_task(seed) for seed in range(3)]
    with PythonEngine(tasks) as engine:
        once = engine.evaluate(LINEAR)
    with PythonEngine(tasks, epochs=5, combine="median") as engine:
        often = engine.evaluate(LINEAR)
    assert often.per_task is not None and once.per_task is not None
    assert all(more > less for more, less in zip(often.per_task, once.per_task, strict=True))
    assert often.fitness == sorted(often.per_task)[1]


def test_the_seed_and_the_task_choose_the_random_numbers() -> None:
    task = make_task(0)
    with PythonEngine([task, task], seed=1) as engine:
        first, second = engine.evaluate(NET), engine.evaluate(NET)
    with PythonEngine([task], seed=2) as engine:
        other = engine.evaluate(NET)
    assert first == second and first.per_task is not None and other.per_task is not None
    assert len({*first.per_task, *other.per_task}) == 3


def test_a_module_outside_the_language_runs(engine: PythonEngine) -> None:
    head = (
        "from dataclasses import dataclass\nfrom numpy.linalg import norm\nimport random\n\n"
        "@dataclass\nclass Rate:\n    value: float = 0.01\n\nRATE = Rate()"
    )
    learn = "m.v1 += RATE.value * (m.s0 - m.s1) * m.v0 * (norm(m.v0) > 0)"
    predict = "m.s1 = sum(float(a) * float(b) for a, b in zip(m.v0, m.v1))"
    result = engine.evaluate(module(predict=predict, learn=learn, head=head))
    assert result.status == "ok"
    assert result.per_task == pytest.approx(engine.evaluate(LINEAR).per_task, rel=1e-12)


def test_a_program_that_diverges_is_ok_with_fitness_zero(engine: PythonEngine) -> None:
    result = engine.evaluate(module(predict="m.s1 = 1.0 / m.s2"))
    assert (result.status, result.fitness, result.per_task) == ("ok", 0.0, (0.0, 0.0))


def test_a_module_that_prints_says_nothing(engine: PythonEngine, capfd: pytest.CaptureFixture[str]) -> None:
    result = engine.evaluate(module(predict="print('x'); os.write(1, b'x'); sys.stderr.write('x')"))
    assert result.status == "ok" and capfd.readouterr() == ("", "")


def test_probe_returns_the_first_errors_of_each_task(engine: PythonEngine) -> None:
    for task, errors in zip(TASKS, engine.probe(LINEAR, 10), strict=True):
        arrays = task.train_features[:10], task.train_labels[:10], task.valid_features[:10]
        outcome = run_task(load(LINEAR, "m.py"), *arrays, regression=True, record=10)
        assert errors[:10].tolist() == outcome.train_errors.tolist()
        assert errors[10:].tolist() == np.abs(task.valid_labels[:10] - outcome.predictions[0]).tolist()
    late = module(setup="m.s2 = 0.0", predict="m.s1 = m.s2", learn="m.s2 = m.s2 + 30.0")
    assert [len(errors) for errors in engine.probe(late, 10)] == [4, 4]
    growing = module(predict="m.s2 = m.s2 + 1.0; m.s1 = np.exp(m.s2)", learn="m.s2 = 0.0")
    assert [len(errors) for errors in engine.probe(growing, 10)] == [14, 14]
    with pytest.raises(CandidateFailed) as caught:
        engine.probe("def", 10)
    assert caught.value.result.status == "rejected"
