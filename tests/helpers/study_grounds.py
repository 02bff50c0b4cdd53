"""Small tasks for the tests of studies."""

from functools import lru_cache

from synth.study.tasks import Ground
from synth.tasks.sets import task_set


@lru_cache
def small(data: str = "digits", tasks: int = 3, train: int | None = None) -> Ground:
    """A few selection tasks."""
    return Ground((task_set(data, "select", count=tasks, train=train),), 1, 0, ())
