"""The native engine from outside: sizes, formats, reuse, layouts of tasks, bits that depend on nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import (
    SEED,
    another_processor,
    by_python,
    errors_of,
    evaluator,
    grafted,
    lively,
    machine,
    program,
    programs,
    some_tasks,
    template,
)
from strategies import random_candidate_of
from thorough import examples

from synth.engine.native import engine as engine_module
from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.engine import NativeEngine
from synth.engine.native.evaluator import Evaluator, Machine
from synth.engine.native.lanes import shape_for
from synth.language.candidate import Candidate
from synth.tasks.task import Task

SMALL = program("", "m.s1 = np.dot(m.v0, m.v1)", "m.s2 = m.s0 - m.s1; m.v2 = m.s2 * m.v0; m.v1 = m.v1 + m.v2")


def expected(candidate: Candidate, task: Task, number: int = 0, epochs: int = 1) -> float:
    """The fitness by the python procedure."""
    outcome = by_python(candidate, task, number, epochs)
    return max(map(task.fitness, outcome.predictions), default=0.0)


@pytest.mark.parametrize(("dtype", "epochs"), [("float32", 2), ("float64", 1), ("float64", 3)])
def test_fitness_is_that_of_the_procedure(dtype: str, epochs: int) -> None:
    tasks = some_tasks(3, 5)
    engine = NativeEngine(tasks, dtype=dtype, seed=SEED, epochs=epochs)
    for candidate in (SMALL, template("linear"), template("neural_net"), template("averaged_net")):
        result = engine.evaluate(candidate)
        fitness = [expected(candidate, task, number, epochs) for number, task in enumerate(tasks)]
        assert result.per_task == pytest.approx(fitness, abs=1e-12 if dtype == "float64" else 1e-4)
        assert result.status == "ok" and result.error is None
        assert result.per_task is not None and result.fitness == sum(result.per_task) / 3
        failed = [by_python(candidate, task, number, epochs).failed_at for number, task in enumerate(tasks)]
        assert engine.train_steps == sum(10 * epochs if at is None else at + 1 for at in failed)


def test_the_number_format_is_the_one_asked_for() -> None:
    """1 + 2 ** -30 is 1 in float32."""
    task = Task(np.ones((1, 5)), [0.0], np.ones((1, 5)), [1.0], "rms")
    tiny = program("", "m.s2 = 1.0; m.s3 = 9.313226e-10; m.s1 = m.s2 + m.s3")
    by_format = {dtype: NativeEngine([task], dtype=dtype).evaluate(tiny) for dtype in ("float32", "float64")}
    assert by_format["float32"].fitness == 1.0 and by_format["float64"].fitness != 1.0


def test_programs_of_all_sizes_one_after_the_other() -> None:
    """The memory grows; what ran before leaves no trace."""
    tasks = some_tasks(4, 5, "rms", 10, 10, 3)
    engine = NativeEngine(tasks, seed=SEED, epochs=2)
    candidates = [
        program("m.s70 = 0.5", "m.s1 = m.s70 * m.s70"),
        program("", "m.v99 = m.v0 + m.v0; m.s1 = np.mean(m.v99)"),
        program("", "m.m20 = np.outer(m.v0, m.v0); m.s1 = np.mean(m.m20)"),
        SMALL,
        *map(random_candidate_of, range(8)),
        *map(grafted, range(8)),
        program("", "m.m3 = np.outer(m.v0, m.v0); m.s80 = np.mean(m.m3); m.s1 = m.s80 * m.s80"),
    ]
    used = {candidate: engine.evaluate(candidate).per_task for candidate in candidates}
    for candidate in candidates:
        again = engine.evaluate(candidate).per_task
        assert (
            again == used[candidate] == NativeEngine(tasks, seed=SEED, epochs=2).evaluate(candidate).per_task
        )


@pytest.mark.parametrize(("large", "made"), [(False, [4, 16]), (True, [4, 16, 4, 16])])
def test_tasks_are_laid_out_once_for_each_shape_unless_they_are_large(
    monkeypatch: pytest.MonkeyPatch, large: bool, made: list[int]
) -> None:
    """Of large tasks there is one layout at a time."""
    lanes: list[int] = []

    class CountedEvaluator(Evaluator):
        def __init__(self, machine: Machine, batch: Batch, **options: Any) -> None:
            lanes.append(machine.shape.lanes)
            super().__init__(machine, batch, **options)

    monkeypatch.setattr(engine_module, "Evaluator", CountedEvaluator)
    monkeypatch.setattr(engine_module, "LARGE_TASKS", 0 if large else 1 << 28)
    monkeypatch.setattr(
        engine_module, "shape_for", lambda *sizes: Shape(5, 16 if sizes[-1] else 4, "float64")
    )
    engine = NativeEngine(some_tasks(4, 5), seed=SEED)
    first = [engine.evaluate(one) for one in (SMALL, template("linear"), template("neural_net"))]
    again = [engine.evaluate(one) for one in (SMALL, template("linear"), template("neural_net"))]
    assert first == again and lanes == made


@examples(25)
@given(st.lists(programs(), min_size=2, max_size=4))
def test_an_evaluator_gives_the_same_bits_again_and_again(several: list[Candidate]) -> None:
    """As one that was just made: nothing is left of the programs before."""
    tasks, shape = some_tasks(6, 5, "rms", 6, 5, 2), Shape(5, 4, "float64")
    used = evaluator(tasks, shape)
    for candidate in several:
        used.run(candidate.code)
        fresh = Evaluator(used.machine, used.batch, seed=SEED, errors=True)
        fresh.run(candidate.code)
        assert used.errors.tobytes() == fresh.errors.tobytes()
        assert used.fitness.tobytes() == fresh.fitness.tobytes()


def test_the_seed_chooses_the_random_numbers() -> None:
    tasks = some_tasks(2, 5)
    net = template("neural_net")
    results = [NativeEngine(tasks, seed=seed).evaluate(net).per_task for seed in (1, 2, 1, 1 + (1 << 32))]
    assert results[0] != results[1] and results[0] == results[2] == results[3]


def test_working_memory_is_what_an_evaluator_allocates() -> None:
    for uneven in (1, 3):
        tasks = some_tasks(4, 5, "rms", 10, 10, uneven)
        for dtype in ("float32", "float64"):
            for candidate in (SMALL, template("neural_net")):
                sizes = Sizes.of(candidate.code)
                shape = shape_for(5, dtype, 4, sizes.matrices)
                runner = Evaluator(machine(shape), Batch.of(tasks, shape))
                runner.lay_out(sizes)
                allocated = runner.memory.nbytes + runner.scratch.nbytes + runner.saved.nbytes
                assert NativeEngine(tasks, dtype=dtype).working_memory(candidate) == allocated


def test_fewer_lanes_where_memory_is_large() -> None:
    assert shape_for(3072, "float64", 100, 1).lanes == 4
    assert shape_for(3072, "float64", 100, 3).lanes == 2
    assert shape_for(3072, "float64", 100, 20).lanes == 1
    large = Task(np.zeros((1, 3072)), [0.0], np.zeros((1, 3072)), [0.0])
    engine = NativeEngine([large] * 20)
    net = template("neural_net")  # two matrices, and one for a result on its way
    assert engine.working_memory(net) == pytest.approx(3 * 2 * 3072**2 * 8, rel=0.001)
    assert engine.working_memory(template("linear")) < 1 << 21


@pytest.mark.parametrize(
    "candidate",
    [
        template("linear"),
        program(
            "",
            "m.v1 = np.dot(m.m0, m.v0); m.s1 = np.mean(m.v1)",
            "m.m0 = np.outer(m.v0, m.v1); m.m0[int(0.5 * m.F), int(0.25 * m.F)] = 0.5",
        ),
    ],
    ids=["without matrices", "with one"],
)
def test_all_pixels_of_an_image_as_features(candidate: Candidate) -> None:
    tasks = [
        Task(x[:2] / 50, [0.0, 1.0], x[2:] / 50, [1.0, 0.0], "rms")
        for x in (np.random.default_rng(number).normal(size=(4, 3072)) for number in range(2))
    ]
    result = NativeEngine(tasks, seed=SEED).evaluate(candidate)
    fitness = [expected(candidate, task, number) for number, task in enumerate(tasks)]
    assert result.per_task == pytest.approx(fitness, rel=1e-9)
    assert len({*fitness}) == 2


class TestBatch:
    """Tasks laid out for a machine, and kept in files."""

    def test_layout(self) -> None:
        tasks, shape = some_tasks(6, 3, "accuracy", 7, 5, 3), Shape(3, 4, "float32")
        batch = Batch.of(tasks, shape, epochs=3)
        assert (len(batch.live), batch.count, batch.epochs) == (2, 6, 3)
        for number, task in enumerate(tasks):
            group, lane = divmod(number, 4)
            n, k = batch.train_counts[group, lane], batch.valid_counts[group, lane]
            assert (n, k) == (len(task.train_labels), len(task.valid_labels))
            assert np.array_equal(batch.train_features[group, :n, :, lane], task.train_features.astype("f4"))
            assert np.array_equal(batch.valid_labels[group, :k, lane], task.valid_labels)
            assert not batch.train_features[group, n:, :, lane].any()
            for order in batch.order[group, :, :n, lane]:
                assert sorted(order) == list(range(n))
        assert batch.live.tolist() == [[1, 1, 1, 1], [1, 1, 0, 0]]
        assert batch.regression.tolist() == [0]

    @pytest.mark.parametrize("epochs", [1, 2])
    @pytest.mark.parametrize("shape", [Shape(5, 4, "float64"), Shape(5, 4, "float32")], ids=str)
    def test_files(self, tmp_path: Path, shape: Shape, epochs: int) -> None:
        batch = Batch.of(some_tasks(6, shape.features, "rms", 9, 5, 3), shape, epochs)
        batch.save(tmp_path)
        loaded = Batch.load(tmp_path)
        for name in batch.__dataclass_fields__:
            one, other = getattr(batch, name), getattr(loaded, name)
            assert one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
            if one.size and name not in ("regression", "metric"):
                assert one.ctypes.data % 64 == other.ctypes.data % 64 == 0
        assert isinstance(loaded.train_features, np.memmap) and not loaded.train_features.flags.writeable
        machine = evaluator(some_tasks(6, shape.features), shape).machine
        for candidate in map(lively, range(5)):
            runners = [Evaluator(machine, one, seed=SEED, errors=True) for one in (batch, loaded)]
            steps = [runner.run(candidate.code) for runner in runners]
            assert steps[0] == steps[1]
            assert runners[0].errors.tobytes() == runners[1].errors.tobytes()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_of_whole_evaluations_do_not_depend_on_lanes_or_processor(dtype: str) -> None:
    """Nor on which tasks are side by side."""
    tasks = some_tasks(16, 5, "rms", 10, 8, 3)
    cases = [(1, None), (4, None), (8, another_processor()), (16, None)]
    once, twice = (
        [evaluator(tasks, Shape(5, lanes, dtype), epochs, processor) for lanes, processor in cases]
        for epochs in (1, 2)
    )
    whole = 0
    for candidate in [*map(lively, range(100, 140)), *map(grafted, range(100, 130))]:
        code = candidate.code
        seen = set()
        for runner, longer in zip(once, twice, strict=True):
            steps = runner.run(code), longer.run(code)
            errors = [part.tobytes() for number in range(16) for part in errors_of(runner, number)]
            seen.add((*steps, *errors, *runner.per_task(), *longer.per_task()))
        assert len(seen) == 1, candidate.text()
        whole += bool(twice[0].fitness.all())
    assert whole > 20


@pytest.mark.parametrize("uneven", [1, 3])
def test_the_size_of_the_memory_makes_no_difference(uneven: int) -> None:
    """The memory may be as large as a program needs, or as all of them may need."""
    shape = Shape(5, 4, "float64")
    batch = Batch.of(some_tasks(3, 5, uneven=uneven), shape, 1)
    found = {}
    for sizes in (None, Sizes(20, 10, 4)):
        runner = Evaluator(machine(shape), batch, sizes=sizes, seed=SEED)
        for seed in range(60):
            candidate = random_candidate_of(seed)
            used = {("s", 1), ("v", 0), ("m", -1)}
            for one in candidate:
                used |= {*one.operands, one.target}
            needed = Sizes(*(max(at for kind, at in used if kind == one) + 1 for one in "svm"))
            assert Sizes.of(candidate.code) == needed
            runner.memory[...] = runner.saved[...] = 7.0  # what another program left
            steps = runner.run(candidate.code)
            found[seed, sizes] = steps, runner.per_task()
    assert all(found[seed, None] == found[seed, Sizes(20, 10, 4)] for seed in range(60))
