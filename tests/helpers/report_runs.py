"""Folders of made-up runs on digits, as `synth run` would leave them or have them at some moment."""

from pathlib import Path

from run_events import round_finished, started

from synth.language.candidate import Candidate
from synth.language.parser import parse_file
from synth.language.templates import template_path
from synth.reading.names import named_text
from synth.runs.events import Event, Improved, Program, RunFinished
from synth.runs.folder import RunFolder
from synth.settings.resolve import resolve

EVIL = "<script>alert('no')</script><img src=x onerror=alert(1)>"
"""What must never become markup."""

LINEAR = parse_file(template_path("linear")).candidate
SLOW = Candidate(
    LINEAR.setup, LINEAR.predict, tuple(step for step in LINEAR.learn if step.op.name != "SCALAR_PRODUCT")
)
"""The linear program without its step size."""


def events() -> list[Event]:
    """A run with three improvements, from its start to its end."""
    one, two, three = (
        program(number, select, candidate)
        for number, (select, candidate) in enumerate(
            ((0.61, SLOW), (0.74, LINEAR), (0.94, parse_file(template_path("neural_net")).candidate)), 1
        )
    )
    figures = {"search": 0.95, "select": 0.93, "test": 0.96}
    summary = {
        "best": {"search": 0.96, "select": 0.94, "test": 0.95},
        "baselines": {"linear": figures, "neural_net": {**figures, "select": 0.9}},
        "seconds": 62.0,
        "stopped_by": "seconds",
    }
    counts = {"evaluated": 100, "rejected": 600, "cached": 150, "repeated": 150}
    rounds = [
        round_finished(
            island,
            number,
            2.0 * number + island,
            candidates=1000 * (4 * number + island + 1),
            train_steps=90_000 * (4 * number + island + 1),
            **{key: value * (4 * number + island + 1) for key, value in counts.items()},
        )
        for number in range(8)
        for island in range(4)
    ]
    return [
        started(notices=(EVIL,), search_tasks=16, select_tasks=9),
        Improved(one, None, 0.5),
        *rounds[:9],
        Improved(two, one, 6.0),
        *rounds[9:20],
        Improved(three, two, 11.0),
        *rounds[20:],
        RunFinished(three, "seconds", summary),
    ]


def program(number: int, select: float, candidate: Candidate) -> Program:
    per_task = tuple(select + 0.01 * (task % 3 - 1) for task in range(9))
    text, where = named_text(candidate), (number % 4, 2 * number, 0)
    return Program(
        number, candidate, text, len(candidate), candidate, select + 0.01, select, per_task, *where
    )


def open_run(path: Path, preset: str = "quick") -> RunFolder:
    """A new folder of a run on digits, of which nothing is recorded yet."""
    return RunFolder.create(resolve(preset, {"--data": "digits"}, environment={}), path)


def recorded_run(path: Path) -> Path:
    """The folder of a run that has ended, with something that happened and is not a result."""
    with open_run(path) as folder:
        for event in events():
            folder.record(event)
        folder.record_notice("worker", text=EVIL)
        folder.record_test_use("best", 45, EVIL)
    return path
