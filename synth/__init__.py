"""synth evolves whole machine-learning algorithms as readable Python modules."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synth.engine.result import Result
    from synth.estimator import EvolvedClassifier, EvolvedRegressor
    from synth.evaluation import Module, evaluate, load
    from synth.language.candidate import Candidate
    from synth.language.memory import Memory
    from synth.launch import Run, run
    from synth.tasks.task import Task

__version__ = "0.1.0"

__all__ = [
    "Candidate",
    "EvolvedClassifier",
    "EvolvedRegressor",
    "Memory",
    "Module",
    "Result",
    "Run",
    "Task",
    "evaluate",
    "load",
    "run",
]

_HOMES = {
    "Candidate": "synth.language.candidate",
    "EvolvedClassifier": "synth.estimator",
    "EvolvedRegressor": "synth.estimator",
    "Memory": "synth.language.memory",
    "Module": "synth.evaluation",
    "Result": "synth.engine.result",
    "Run": "synth.launch",
    "Task": "synth.tasks.task",
    "evaluate": "synth.evaluation",
    "load": "synth.evaluation",
    "run": "synth.launch",
}
"""Where the public names live; they are imported on first use, so that `import synth` costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'synth' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
