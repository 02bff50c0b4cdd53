"""Static analysis: what can learn, and what matters.

`trace` is an independent account of where each prediction comes from, step by step; the analysis must say
the same of all steps at once. What it rejects is also run, with other features and other labels.
"""

from collections import defaultdict
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import Floats, by_python, evaluated, evaluator, program, some_tasks, template
from random_programs import programs
from thorough import examples

from synth.engine.native.codegen.emitter import Shape
from synth.language.analysis import cost, effective
from synth.language.candidate import Candidate
from synth.language.ops import Variable
from synth.language.rejection import can_learn, feeds_back
from synth.tasks.task import Task

SHAPE = Shape(5, 4, "float64")
Sources = frozenset[tuple[str, int] | tuple[str, int, int]]


SCHEDULES = ([(10, 10)] * 2, [(1, 1)] * 10 + [(2, 1), (1, 2)] * 5)
"""Examples in training and in validation, for each epoch: many, and few, so that epochs follow closely."""


def trace(candidate: Candidate) -> list[tuple[int, Sources]]:
    """For each prediction, its example and all that s1 comes from: features, labels, statements."""
    return [found for schedule in SCHEDULES for found in trace_of(candidate, schedule)]


def trace_of(candidate: Candidate, schedule: list[tuple[int, int]]) -> list[tuple[int, Sources]]:
    """The trace of one run."""
    memory: dict[Variable, Sources] = defaultdict(frozenset)
    predictions = []

    def run(function: int) -> None:
        for index, one in enumerate(candidate.bodies[function]):
            found: Sources = frozenset({("statement", function, index)})
            for place in one.operands:
                found |= memory[place]
            if one.op.partial:
                found |= memory[one.target]
            memory[one.target] = found

    run(0)
    example = 0
    for train, valid in schedule:
        for step in range(train + valid):
            example += 1
            memory["v", 0], memory["s", 0] = frozenset({("features", example)}), frozenset()
            run(1)
            predictions.append((example, memory["s", 1]))
            if step < train:
                memory["s", 0] = frozenset({("label", example)})
                run(2)
    return predictions


def depends_on_features(traced: list[tuple[int, Sources]]) -> bool:
    return any(("features", example) in sources for example, sources in traced)


def depends_on_labels(traced: list[tuple[int, Sources]]) -> bool:
    return any(source[0] == "label" for _, sources in traced for source in sources)


def tasks_of(metric: str) -> tuple[Task, ...]:
    return some_tasks(4, 5, metric, 8, 6)


@lru_cache
def other_labels(metric: str) -> tuple[Task, ...]:
    """The same with all train labels changed."""
    return tuple(
        Task(x, 1 - y if metric == "accuracy" else -y - 0.25, v, z, metric)
        for x, y, v, z in (task.arrays for task in tasks_of(metric))
    )


@lru_cache
def other_features(metric: str, example: int) -> tuple[Task, ...]:
    """The same with the features of one validation example changed."""
    found = []
    for x, y, v, z in (task.arrays for task in tasks_of(metric)):
        changed = v.copy()
        changed[example] = 0.75 - 2 * changed[example]
        found.append(Task(x, y, changed, z, metric))
    return tuple(found)


def by_native(candidate: Candidate, tasks: tuple[Task, ...]) -> Floats:
    """The errors of 8 examples in training, then of 6 in validation, (14, tasks)."""
    errors: Floats = evaluated(candidate, tasks, SHAPE).errors[0]
    return errors.copy()


def predictions(candidate: Candidate, task: Task, epochs: int = 1) -> Floats:
    """The predictions in validation of the python engine, (epochs that were completed, examples)."""
    return by_python(candidate, task, 0, epochs).predictions


def same_for_other_labels(candidate: Candidate, metric: str) -> bool:
    """Whether no prediction of either engine moves, in tasks that get through training with both labels."""
    tasks, others = tasks_of(metric), other_labels(metric)
    one, other = by_native(candidate, tasks), by_native(candidate, others)
    through = (one[7] >= 0) & (other[7] >= 0)
    if one[8:, through].tobytes() != other[8:, through].tobytes():
        return False
    first, second = (predictions(candidate, one[0], 2) for one in (tasks, others))
    return first.shape != second.shape or first.tobytes() == second.tobytes()


def same_for_other_features(candidate: Candidate, metric: str, example: int) -> bool:
    """Whether an example's own prediction does not move, in either engine."""
    tasks, others = tasks_of(metric), other_features(metric, example)
    one, other = by_native(candidate, tasks), by_native(candidate, others)
    if one[: 9 + example].tobytes() != other[: 9 + example].tobytes():
        return False
    first, second = (predictions(candidate, one[0]) for one in (tasks, others))
    return first[:, : example + 1].tobytes() == second[:, : example + 1].tobytes()


@examples(200)
@given(programs())
def test_can_learn_says_what_a_trace_says(candidate: Candidate) -> None:
    traced = trace(candidate)
    assert can_learn(candidate) == (depends_on_features(traced) and depends_on_labels(traced))


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        # An element that is set leaves the others as they were.
        (("", "m.v1 = m.v0 + m.v0; m.v1[int(0.5 * m.F)] = 0.5; m.s1 = np.mean(m.v1)", ""), 3),
        (
            (
                "m.m1 = m.rng.normal(0.0, 1.0, (m.F, m.F)); m.m1[int(0.1 * m.F), int(0.5 * m.F)] = 0.5",
                "m.s1 = np.mean(m.m1)",
                "",
            ),
            3,
        ),
        # What only a second prediction would read is lost in the learn after the first.
        (("m.s2 = 0.5", "m.s1 = m.s3 * m.s3; m.s3 = m.s2 * m.s2", "m.s2 = 1.0; m.s3 = 0.25"), 4),
        # Overwritten, never read, or read by what is itself dead.
        (("m.s2 = 0.5", "m.s1 = np.mean(m.v0); m.s2 = m.s1 * m.s1", "m.s3 = m.s2 * m.s2"), 1),
        (("", "m.s1 = 0.25; m.s1 = 0.5", ""), 1),
        # Draws before one that matters keep its numbers; those after it are dead.
        (
            (
                "",
                "m.s2 = m.rng.normal(0.0, 1.0); m.s1 = m.rng.normal(0.0, 1.0); m.s3 = m.rng.normal(0.0, 1.0)",
                "",
            ),
            2,
        ),
        # In regression without learn, s1 is read by the error alone.
        (("m.s1 = 0.5", "", ""), 1),
    ],
)
def test_effective_programs(parts: tuple[str, str, str], kept: int) -> None:
    assert len(effective(program(*parts))) == kept


@examples(150)
@given(programs(), st.sampled_from(["rms", "accuracy"]), st.integers(0, 5))
def test_what_cannot_learn_does_not_change(candidate: Candidate, metric: str, example: int) -> None:
    if can_learn(candidate):
        return
    traced = trace(candidate)
    if not depends_on_labels(traced):
        assert same_for_other_labels(candidate, metric)
    if not depends_on_features(traced):
        assert same_for_other_features(candidate, metric, example)


@pytest.mark.parametrize("metric", ["rms", "accuracy"])
@pytest.mark.parametrize("name", ["linear", "neural_net", "averaged_net"])
def test_changes_are_seen_where_there_are_any(name: str, metric: str) -> None:
    assert not same_for_other_labels(template(name), metric)
    assert not same_for_other_features(template(name), metric, 2)


WITHOUT_FEEDBACK = {
    "averaged weights",  # the error is that of a second prediction, made in learn
    "no error term",
    "prediction that goes on",
    "label that waits for a second prediction",
}

STEP = "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2"
DOT = "m.s1 = np.dot(m.v0, m.v1)"
RATE = "m.s2 = 0.01"

TECHNIQUES = {
    "linear": (RATE, DOT, STEP),
    "averaged weights": (
        RATE,
        "m.s1 = np.dot(m.v0, m.v3)",
        f"m.s1 = np.dot(m.v0, m.v1); {STEP}; m.v3 = m.v3 + m.v1",
    ),
    "noise on the inputs of learn": (
        RATE,
        DOT,
        "m.v4 = m.rng.normal(0.0, 0.1, m.F); m.v4 = m.v0 + m.v4; m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3"
        "; m.v2 = m.s3 * m.v4; m.v1 = m.v1 + m.v2",
    ),
    "noise on the inputs of predict": (
        RATE,
        "m.v4 = m.rng.uniform(-0.1, 0.1, m.F); m.v4 = m.v0 + m.v4; m.s1 = np.dot(m.v4, m.v1)",
        STEP,
    ),
    "bilinear": (
        RATE,
        "m.v2 = np.dot(m.m0, m.v0); m.s1 = np.dot(m.v0, m.v2)",
        "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.m1 = np.outer(m.v0, m.v0); m.m1 = m.s3 * m.m1"
        "; m.m0 = m.m0 + m.m1",
    ),
    "normalised gradient": (
        RATE,
        DOT,
        "m.s3 = m.s0 - m.s1; m.v2 = m.s3 * m.v0; m.s4 = np.linalg.norm(m.v2); m.s4 = m.s2 / m.s4"
        "; m.v2 = m.s4 * m.v2; m.v1 = m.v1 + m.v2",
    ),
    "random learning rate": ("", DOT, f"m.s2 = m.rng.uniform(0.0, 0.1); {STEP}"),
    "learning rate from the mean weight": (
        "m.s2 = 1.0; m.v1 = np.full(m.F, m.s2)",
        DOT,
        f"m.s2 = np.mean(m.v1); m.s2 = np.abs(m.s2); m.s2 = np.sin(m.s2); {STEP}",
    ),
    "no error term": ("", DOT, "m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2"),
    "prediction that goes on": ("", "m.s2 = np.mean(m.v0); m.s1 = m.s1 + m.s2", "m.s1 = m.s0 + m.s1"),
    "label that waits for a second prediction": (
        "",
        f"{DOT}; m.v1 = m.v2 + m.v3",
        "m.v2 = m.s0 * m.v0; m.v1 = m.v3 + m.v3",
    ),
}


@pytest.mark.parametrize("name", TECHNIQUES)
def test_what_can_learn_is_admitted(name: str) -> None:
    """The techniques of the paper's best programs among them; each really does react to labels."""
    candidate = program(*TECHNIQUES[name])
    assert can_learn(candidate)
    assert not same_for_other_labels(candidate, "rms")
    assert not same_for_other_features(candidate, "rms", 1)


@pytest.mark.parametrize("name", ["linear", "neural_net", "averaged_net", "empty"])
def test_templates(name: str) -> None:
    assert can_learn(template(name)) == (name != "empty")
    assert feeds_back(template(name)) == (name in {"linear", "neural_net"})


@pytest.mark.parametrize(
    ("predict", "learn"),
    [
        ("", ""),
        (DOT, ""),
        ("m.s1 = np.mean(m.v0)", STEP),  # the weights are not used
        (DOT, "m.s3 = m.s0 - m.s1; m.v2 = m.v0 + m.v1; m.v1 = m.v1 + m.v2"),  # the error is not
        ("m.s1 = np.mean(m.v1)", STEP),  # only features of examples before
        ("m.s1 = np.dot(m.v1, m.v3); m.v3 = m.v0 + m.v4", STEP),
        (
            "m.s3 = m.s0 * m.s2; m.v1 = m.s3 * m.v0; m.s1 = np.mean(m.v1)",
            "m.s2 = m.s1 * m.s1",
        ),  # s0 in predict
        (f"m.s2 = 0.5; {DOT}; m.s1 = m.s1 * m.s2", "m.s2 = m.s0 * m.s0"),  # overwritten before it is read
        (f"{DOT}; m.s1 = 0.5", STEP),
    ],
)
def test_what_cannot_learn_is_rejected(predict: str, learn: str) -> None:
    assert not can_learn(program("", predict, learn))


def test_elements_that_are_not_set_keep_their_dependence() -> None:
    one = "m.v1[int(0.5 * m.F)] = 0.5"
    assert can_learn(program(RATE, f"{one}; {DOT}", STEP))
    assert not can_learn(program(RATE, f"{DOT}; m.s1 = np.mean(m.v3)", f"m.v3 = m.v0 + m.v3; {one}"))


@pytest.mark.parametrize("name", TECHNIQUES)
def test_error_feedback(name: str) -> None:
    assert feeds_back(program(*TECHNIQUES[name])) == (name not in WITHOUT_FEEDBACK)


@pytest.mark.parametrize(
    ("predict", "learn", "admitted"),
    [
        (DOT, "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; m.s4 = m.s4 + m.s3", False),  # no product
        (f"{DOT}; m.s1 = m.s1 + m.s4", "m.s3 = m.s0 - m.s1; m.s4 = m.s4 + m.s3", False),
        ("m.s1 = np.mean(m.v0)", STEP, False),  # the weights are not used
        (DOT, STEP.replace("m.s0 - m.s1", "m.s0 - m.s5"), False),  # the prediction is not
        (DOT, STEP.replace("m.s0 - m.s1", "m.s5 - m.s1"), False),  # the label is not
        (DOT, f"{STEP}; m.v1 = m.v5 + m.v6", False),  # overwritten
        (DOT, STEP.replace("m.v0", "m.v5"), False),  # features are not
        (DOT, "m.s3 = m.s0 - m.s1; m.v3 = np.full(m.F, m.s3); m.v3 = m.v3 + m.v0; m.v1 = m.v1 + m.v3", False),
        (DOT, "m.v2 = m.s0 * m.v0; m.v3 = m.s1 * m.v0; m.v2 = m.v2 - m.v3; m.v1 = m.v1 + m.v2", False),
        (DOT, "m.s3 = m.s0 * m.s1; m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2", True),
        ("m.v3 = m.v0 + m.v4; m.s1 = np.dot(m.v3, m.v1)", STEP.replace("m.v0", "m.v3"), True),
        (f"{DOT}; m.v1 = m.v4 + m.v5", STEP.replace("m.v1 = m.v1", "m.v4 = m.v4"), True),
    ],
)
def test_error_and_features_meet_in_a_product_that_is_used(predict: str, learn: str, admitted: bool) -> None:
    assert feeds_back(program(RATE, predict, learn)) == admitted


@examples(150)
@given(programs())
def test_effective_keeps_what_predictions_come_from_and_nothing_else(candidate: Candidate) -> None:
    needed = {source for _, sources in trace(candidate) for source in sources if source[0] == "statement"}
    bodies = []
    for function, body in enumerate(candidate.bodies):
        live = [index for index in range(len(body)) if ("statement", function, index) in needed]
        last = max([index for index in live if body[index].op.draws], default=-1)
        draws = [index for index in range(last) if body[index].op.draws]
        bodies.append(tuple(body[index] for index in sorted({*live, *draws})))
    found = effective(candidate)
    assert found == Candidate(*bodies)
    assert effective(found) == found


@examples(150)
@given(programs(), st.sampled_from(["rms", "accuracy"]), st.sampled_from([1, 3]))
def test_effective_keeps_every_bit(candidate: Candidate, metric: str, epochs: int) -> None:
    runner = evaluator(tasks_of(metric), SHAPE, epochs)
    seen = []
    for one in (candidate, effective(candidate)):
        steps = runner.run(one.code)
        told = predictions(one, tasks_of(metric)[0], epochs)
        seen.append((steps, runner.errors.tobytes(), runner.fitness.tobytes(), told.tobytes()))
    assert seen[0] == seen[1]


def test_costs_are_the_references() -> None:
    net = template("neural_net")
    assert [cost(Candidate(setup=net.setup), 5), cost(Candidate(predict=net.predict), 1)] == [
        358864510,
        26984126,
    ]
    assert cost(Candidate(learn=net.learn), 1) == 54920587
    assert cost(net, 8000) == 358864510 + 8000 * 81904713
    assert cost(Candidate(), 100) == 0
