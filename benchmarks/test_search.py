"""Whole evaluations, mutations, lowering, analysis and the search loop."""

from random import Random

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.engine import machine_for
from synth.engine.native.evaluator import Evaluator
from synth.engine.native.examiner import Examiner
from synth.engine.native.lanes import shape_for
from synth.language.analysis import canonical_key, effective
from synth.language.rejection import can_learn
from synth.mutation.kinds import KINDS, random_candidate
from synth.search.evolution.rules import space_for, template
from synth.settings.resolve import resolve
from synth.study.bench import PROGRAMS, linear_task

BASELINE = space_for(resolve("baseline", environment={}))
CANDIDATES = [random_candidate(BASELINE, (5, 9, 15), Random(seed)) for seed in range(200)]


@pytest.mark.parametrize("features", [4, 16, 64])
@pytest.mark.parametrize("program", PROGRAMS)
def test_evaluation(benchmark: BenchmarkFixture, program: str, features: int) -> None:
    """2000 train steps on as many tasks as lanes, float32."""
    candidate = template(program)
    shape = shape_for(features, "float32", 1 << 10, Sizes.of(candidate.code).matrices)
    batch = Batch.of([linear_task(features, number) for number in range(shape.lanes)], shape)
    evaluator = Evaluator(machine_for(shape), batch)
    benchmark(evaluator.run, candidate.code)


@pytest.mark.parametrize("kind", KINDS)
def test_mutation(benchmark: BenchmarkFixture, kind: str) -> None:
    """200 mutations, applied."""
    random, mutation = Random(1), KINDS[kind]
    benchmark(lambda: [mutation(one, BASELINE, random).apply(one) for one in CANDIDATES])


def test_examination(benchmark: BenchmarkFixture) -> None:
    """200 programs: can_learn, effective, canonical_key and lower in one call of machine code."""
    shape = shape_for(16, "float32", 16, 2)
    examiner = Examiner(machine_for(shape))
    benchmark(lambda: [examiner.examine(one, True) for one in CANDIDATES])


@pytest.mark.parametrize("step", [can_learn, effective, canonical_key])
def test_what_the_loop_does(benchmark: BenchmarkFixture, step: object) -> None:
    """200 programs."""
    benchmark(lambda: [step(one) for one in CANDIDATES])  # type: ignore[operator]
