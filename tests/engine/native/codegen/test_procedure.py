"""Whole programs: the native engine against the pure procedure of the python engine, in float64."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import Floats, by_python, errors_in, errors_of, evaluated, programs, some_tasks
from strategies import ALL_OPS, random_candidate_of
from thorough import examples

from synth.engine.native.codegen.emitter import Shape
from synth.engine.python.procedure import TaskOutcome
from synth.language.candidate import Candidate

CASES = [
    (Shape(5, 1, "float64"), "rms", 1),
    (Shape(3, 2, "float64"), "accuracy", 2),
    (Shape(5, 4, "float64"), "rms", 3),
    (Shape(5, 16, "float64"), "accuracy", 3),
    (Shape(17, 16, "float64"), "rms", 1),
    (Shape(5, 4, "float64"), "log_loss", 2),
    (Shape(3, 2, "float64"), "r2", 2),
]
CASE = pytest.mark.parametrize(("shape", "metric", "epochs"), CASES, ids=str)
pytestmark = pytest.mark.hypothesis

DRAWS = [op for op in ALL_OPS if op.draws or op.id in {1, 18, 23, 25, 27, 31, 39}]


class Agreement:
    """Compares programs on all tasks of a case and counts what was seen.

    The tasks do not fill their groups, and differ in the number of examples, so that lanes are set aside.
    The first, a middle and the last one are compared.
    """

    def __init__(self, shape: Shape, metric: str, epochs: int) -> None:
        self.shape, self.epochs = shape, epochs
        self.tasks = some_tasks(shape.lanes + 2, shape.features, metric, uneven=3)
        self.seen: Counter[str] = Counter()

    def check(self, candidate: Candidate) -> None:
        """Compare each epoch's errors and the fitness; a program that disagrees may be left out for noise."""
        last = len(self.tasks) - 1
        numbers = {0, last // 2, last}
        native: dict[int, list[tuple[Floats, Floats, Floats]]] = {number: [] for number in numbers}
        for epochs in range(1, self.epochs + 1):
            runner = evaluated(candidate, self.tasks, self.shape, epochs)
            for number in numbers:
                native[number].append(
                    (*errors_of(runner, number), np.array(runner.per_task()[number : number + 1]))
                )
        self.seen["programs"] += 1
        whole = False
        for number in numbers:
            outcome = self.outcome(candidate, number)
            whole = whole or outcome.failed_at is None
            for epoch, found in enumerate(native[number]):
                expected = self.expected(outcome, number, epoch)
                if expected is None or not differ(expected, found, 1e-9):
                    continue
                if any(self.moves(candidate, number, epoch, noise) for noise in range(5)):
                    self.seen["left out"] += 1
                    return
                raise AssertionError(f"task {number}, epoch {epoch}: {expected} by python, {found} here")
        self.seen["whole"] += whole

    def outcome(self, candidate: Candidate, number: int, noise: int | None = None) -> TaskOutcome:
        return by_python(candidate, self.tasks[number], number, self.epochs, noise)

    def expected(self, outcome: TaskOutcome, number: int, epoch: int) -> Sequence[Floats] | None:
        """Errors and best fitness after an epoch; None for an epoch that was not begun."""
        task = self.tasks[number]
        if outcome.failed_at is not None and outcome.failed_at < epoch * len(task.train_labels):
            return None
        best = max(map(task.fitness, outcome.predictions[: epoch + 1]), default=0.0)
        return *errors_in(outcome, task, epoch), np.array([best])

    def moves(self, candidate: Candidate, number: int, epoch: int, noise: int) -> bool:
        """Whether the python result moves by more than 1e-11 under one-ulp noise."""
        plain = self.expected(self.outcome(candidate, number), number, epoch)
        moved = self.expected(self.outcome(candidate, number, noise), number, epoch)
        return plain is None or moved is None or differ(plain, moved, 1e-11)

    def conclude(self) -> None:
        """At most a tenth may be left out, and enough programs must have got through training."""
        assert self.seen["left out"] <= 0.1 * self.seen["programs"], self.seen
        assert self.seen["whole"] >= 0.3 * self.seen["programs"], self.seen


def differ(one: Sequence[Floats], other: Sequence[Floats], tolerance: float) -> bool:
    """Whether errors differ by more than the tolerance, absolute below 1 and relative above.

    An error is a difference from a label of size 1, so smaller ones say nothing of their own accuracy.
    """
    left, right = np.concatenate(one), np.concatenate(other)
    return bool((np.abs(left - right) > tolerance * np.maximum(1.0, np.abs(left))).any())


@CASE
def test_random_programs_agree(shape: Shape, metric: str, epochs: int) -> None:
    agreement = Agreement(shape, metric, epochs)

    @examples(100)
    @given(programs())
    def check(candidate: Candidate) -> None:
        agreement.check(candidate)

    check()
    agreement.conclude()


@CASE
def test_programs_that_draw_agree(shape: Shape, metric: str, epochs: int) -> None:
    """Several draws in each function, live and dead ones, in all phases."""
    agreement = Agreement(shape, metric, epochs)

    @examples(40)
    @given(st.integers(0, 1 << 32))
    def check(seed: int) -> None:
        agreement.check(random_candidate_of(seed, (5, 5, 5), DRAWS))

    check()
    agreement.conclude()
