"""Every op of the native engine against numpy, one statement at a time, on all sorts of numbers."""

import random

import numpy as np
import pytest
from native_helpers import ADDRESSES, EXAMPLE, ORDINAL, PHASE, SEED, after, statement_runner
from native_programs import another_processor
from numpy.typing import NDArray
from strategies import ALL_OPS, random_instruction

from synth.engine.native.codegen.emitter import Shape
from synth.language.instruction import Instruction, instruction
from synth.language.memory import Memory
from synth.language.ops import Op

Floats = NDArray[np.float64]

ORDINARY = "ordinary"
SPECIAL = np.array(
    [0.0, -0.0, np.nan, np.inf, -np.inf, 1.0, -1.0, 0.5, 88.0, 710.0, -745.0, 1e5, 3e5, -1e9, 1e-310]
)
KINDS: dict[str, Floats | None] = {
    ORDINARY: None,
    "zeros": np.array([0.0, -0.0]),
    "negative zeros": np.array([-0.0]),
    "negative": np.array([-0.25, -1.0, -3.5, -40.0]),
    "nan": np.array([np.nan]),
    "inf": np.array([np.inf, -np.inf]),
    "special": SPECIAL,
}


def state_of(kind: str, shape: tuple[int, int], random_state: np.random.Generator) -> Floats:
    """Ordinary numbers of several scales, half of them replaced by the kind's."""
    state = random_state.normal(size=shape) * np.exp(3 * random_state.normal(size=shape))
    choice = KINDS[kind]
    if choice is None:
        return state
    return np.where(random_state.random(shape) < 0.5, random_state.choice(choice, shape), state)


def memory_of(state: Floats, lane: int, features: int) -> Memory:
    """The memory of one lane."""
    memory = Memory(features, SEED, lane)
    column, vectors, matrices = state[:, lane], ADDRESSES, ADDRESSES * (1 + features)
    for address in range(ADDRESSES):
        start, square = vectors + address * features, matrices + address * features**2
        setattr(memory, f"s{address}", column[address])
        setattr(memory, f"v{address}", column[start : start + features])
        setattr(memory, f"m{address}", column[square : square + features**2].reshape(features, features))
    memory.rng.start(PHASE, EXAMPLE)
    memory.rng.k = ORDINAL
    return memory


def content(memory: Memory) -> Floats:
    """All of a memory as one column."""
    parts = [np.ravel(getattr(memory, f"{kind}{a}")) for kind in "svm" for a in range(ADDRESSES)]
    return np.concatenate(parts)


def run_by_numpy(statement: Instruction, memory: Memory) -> Floats:
    with np.errstate(all="ignore"):
        exec(statement.text, {"m": memory, "np": np})
    return content(memory)


def scale(statement: Instruction, memory: Memory) -> float | Floats:
    """The sum of absolute terms of a reduction, 1 for sine, cosine and tangent, otherwise 0."""
    text = statement.text
    if any(name in text for name in ("np.sin", "np.cos", "np.tan")):
        return 1.0
    if not any(name in text for name in ("np.dot", "np.matmul", "linalg.norm", "np.mean", "np.std")):
        return 0.0
    for address in range(ADDRESSES):
        for kind in "svm":
            setattr(memory, f"{kind}{address}", np.abs(getattr(memory, f"{kind}{address}")))
    size = float(statement.op.inputs[0] == "m" and statement.op.output == "s") * memory.F + 1.0
    sums = instruction(statement.op, statement.a, statement.b, statement.out)
    return np.nan_to_num(run_by_numpy(sums, memory), nan=0.0, posinf=0.0) * memory.F * size


def assert_agrees(statement: Instruction, got: Floats, state: Floats, lane: int, features: int) -> None:
    want = run_by_numpy(statement, memory_of(state, lane, features))
    terms = scale(statement, memory_of(state, lane, features))
    with np.errstate(all="ignore"):
        close = np.abs(want - got) <= 1e-9 * np.abs(want) + 1e-12 * terms
    same = close | (want == got) | (np.isnan(want) & np.isnan(got))
    same &= (want != 0) | (got != 0) | (np.signbit(want) == np.signbit(got))  # 1.0 / -0.0 is -inf
    wrong = np.flatnonzero(~same)
    assert not wrong.size, (
        f"{statement.text}: row {wrong[0]}: {want[wrong[0]]} by numpy, {got[wrong[0]]} here"
    )


@pytest.mark.parametrize("features", [2, 5])
@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_agrees_with_numpy(op: Op, features: int) -> None:
    shape = Shape(features, 4, "float64")
    runner = statement_runner(shape)
    random_state = np.random.default_rng(op.id)
    draw = random.Random(op.id)
    for kind in KINDS:
        for trial in range(8):
            statement = random_instruction(draw, [op], {"s": ADDRESSES, "v": ADDRESSES, "m": ADDRESSES})
            a, b, out = statement.a, statement.b, statement.out
            if trial % 3 == 1:  # the output is an input
                a = out
            if trial % 3 == 2:
                b = out
            statement = instruction(op, a, b, out, statement.constants)
            state = state_of(kind, runner.memory.shape, random_state)
            got = after(runner, statement, state)
            for lane in range(shape.lanes):
                assert_agrees(statement, got[:, lane], state, lane, features)


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_float32_is_close_to_float64(op: Op) -> None:
    single, double = (statement_runner(Shape(5, 4, dtype)) for dtype in ("float32", "float64"))
    random_state = np.random.default_rng(op.id)
    draw = random.Random(op.id)
    for _ in range(10):
        statement = random_instruction(draw, [op], {"s": ADDRESSES, "v": ADDRESSES, "m": ADDRESSES})
        state = random_state.uniform(-0.9, 0.9, single.memory.shape).astype(np.float32).astype(np.float64)
        one, two = after(single, statement, state), after(double, statement, state)
        assert np.allclose(one, two, rtol=2e-5, atol=2e-5, equal_nan=True), statement.text


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_bits_do_not_depend_on_lanes_or_processor(dtype: str) -> None:
    runners = [statement_runner(Shape(5, lanes, dtype)) for lanes in (4, 16)]
    runners.append(statement_runner(Shape(5, 8, dtype), another_processor()))
    random_state = np.random.default_rng(1)
    draw = random.Random(1)
    for op in ALL_OPS:
        for kind in ("ordinary", "special"):
            statement = random_instruction(draw, [op], {"s": ADDRESSES, "v": ADDRESSES, "m": ADDRESSES})
            state = state_of(kind, (len(runners[0].memory), 4), random_state)
            with np.errstate(all="ignore"):
                seen = [
                    after(runner, statement, np.tile(state, runner.machine.shape.lanes // 4))
                    for runner in runners
                ]
            for other in seen[1:]:
                assert np.array_equal(seen[0], other[:, :4], equal_nan=True), statement.text
