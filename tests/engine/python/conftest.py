"""What tests of the engines share."""

from collections.abc import Iterator

import pytest
from python_helpers import TASKS

from synth.engine.python.engine import PythonEngine


@pytest.fixture(scope="module")
def engine() -> Iterator[PythonEngine]:
    with PythonEngine(TASKS, time_limit=60) as started:
        yield started
