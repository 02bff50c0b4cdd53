"""Events of a made-up run, as a search would tell them."""

from dataclasses import replace

from synth.language.candidate import Candidate
from synth.language.parser import parse
from synth.runs.events import (
    Counts,
    Event,
    Improved,
    Program,
    RoundFinished,
    RunFinished,
    RunStarted,
    SearchEnded,
)

_PREDICT = "def predict(m):\n    m.s1 = np.dot(m.v0, m.v1)\n"
FIRST = parse(f"def setup(m):\n    m.s2 = 0.01\n{_PREDICT}def learn(m):\n    pass\n")
BETTER = f"def setup(m):\n    m.s2 = 0.5\n{_PREDICT}def learn(m):\n    m.v1 = m.s2 * m.v0\n"


def candidate(text: str | None = None) -> Candidate:
    return parse(text).candidate if text else FIRST.candidate


def started(**changes: object) -> RunStarted:
    event = RunStarted(
        data="digits",
        features=16,
        metric="accuracy",
        search_tasks=10,
        select_tasks=3,
        workers=2,
        notices=("CIFAR-10 is [not] at hand",),
        sandbox=("landlock", "seccomp"),
    )
    return replace(event, **changes)  # type: ignore[arg-type]


def program(number: int = 1, select: float = 0.75, text: str | None = None) -> Program:
    return Program(
        number=number,
        candidate=candidate(text),
        text=candidate(text).text(),
        length=len(candidate(text)),
        raw=candidate(text),
        search=0.7,
        select=select,
        select_per_task=(select - 0.01, select, select + 0.01),
        island=1,
        round=number,
        experiment=0,
    )


def improved(new: Program, previous: Program | None = None, seconds: float = 1.5) -> Improved:
    return Improved(new, previous, seconds)


def round_finished(island: int = 0, round: int = 1, seconds: float = 1.0, **totals: int) -> RoundFinished:
    return RoundFinished(island, round, 0, 0.7, Counts(rounds=1, **totals), seconds)


def finished(best: Program | None) -> RunFinished:
    figures = {"module": "best.py", "search": 0.7, "select": 0.75, "test": 0.72}
    summary = {
        "best": figures if best else None,
        "baselines": {"linear": {"search": 0.69, "select": 0.7, "test": None}},
        "candidates": 12345,
        "train_steps": 9_000_000,
        "seconds": 61.0,
        "stopped_by": "seconds",
        "rejected": 5000,
        "cached": 2000,
    }
    return RunFinished(best, "seconds", summary)


def whole_run() -> list[Event]:
    """A run of two rounds with two improvements."""
    one, two = program(1, 0.75), program(2, 0.8, BETTER)
    return [
        started(),
        improved(one),
        round_finished(0, 1, 1.0, candidates=1000, rejected=500, cached=100, train_steps=50_000),
        improved(two, one, 2.5),
        round_finished(1, 1, 3.0, candidates=3000, rejected=1500, cached=600, train_steps=150_000),
        SearchEnded("seconds", 61.0),
        finished(two),
    ]
