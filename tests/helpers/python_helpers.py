"""Shared by the tests of the python engine: tasks, modules, and a look at its processes."""

import time
from pathlib import Path

import numpy as np

from synth.engine.python.engine import PythonEngine
from synth.language.templates import template_path
from synth.tasks.task import Task

LINEAR = template_path("linear").read_text()
NET = template_path("neural_net").read_text()
EMPTY = template_path("empty").read_text()


def make_task(seed: int, features: int = 4, metric: str = "rms", train: int = 40, valid: int = 30) -> Task:
    generator = np.random.default_rng(seed)
    x, v = generator.normal(size=(train, features)), generator.normal(size=(valid, features))
    weights = generator.normal(size=features)
    y, z = x @ weights, v @ weights
    if metric == "accuracy":
        return Task(x, y > 0, v, z > 0, metric)
    return Task(x, y, v, z, metric)


TASKS = [make_task(0), make_task(1)]


def module(setup: str = "pass", predict: str = "pass", learn: str = "pass", head: str = "") -> str:
    functions = {"setup": setup, "predict": predict, "learn": learn}
    bodies = "".join(f"def {name}(m):\n    {body}\n\n" for name, body in functions.items())
    return f"import os, sys\nimport numpy as np\n{head}\n\n{bodies}"


def worker_of(engine: PythonEngine) -> int:
    """The process of an engine's worker; nobody but a test, which ends or counts it, has to know that."""
    assert engine._worker is not None
    return engine._worker.pid


def session(leader: int) -> list[int]:
    """The living processes in a worker's session, from /proc."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(entry.name))
    return found


def left_alone(worker: int) -> bool:
    """Wait until the worker is alone in its session: the keeper that gave the last answer is just leaving."""
    deadline = time.monotonic() + 20
    while session(worker) != [worker] and time.monotonic() < deadline:
        time.sleep(0.005)
    return session(worker) == [worker]
