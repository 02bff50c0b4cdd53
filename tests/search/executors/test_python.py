"""What the python engine's rounds announce."""

from dataclasses import replace

from synth.search.executors.python import long_rounds
from synth.settings.resolve import resolve
from synth.tasks.sets import task_set
from synth.tasks.task import TaskSet


def test_long_rounds_are_announced_with_what_shortens_them() -> None:
    tasks = task_set("digits", "search", count=4, train=100, valid=60)
    quick = resolve("quick", environment={})
    many = TaskSet.of(tasks.tasks * 30)
    (notice,) = long_rounds(quick, many)
    assert notice.startswith(
        "a round of 1000 candidates on 120 tasks of 160 examples may take the python engine 16"
    )
    assert notice.endswith("--set search.round_candidates=50 and --set data.tasks=4 make it short")
    assert long_rounds(replace(quick, search=replace(quick.search, round_candidates=50)), tasks) == ()
