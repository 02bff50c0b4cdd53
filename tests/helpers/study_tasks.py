"""Small tasks for the tests of studies."""

from functools import lru_cache

from synth.study.tasks import StudyTasks
from synth.tasks.sets import task_set


@lru_cache
def small(data: str = "digits", tasks: int = 3, train: int | None = None) -> StudyTasks:
    """A few selection tasks."""
    return StudyTasks((task_set(data, "select", count=tasks, train=train),), 1, 0, ())
