"""synth evolves whole machine-learning algorithms as readable Python modules."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from synth.version import __version__ as __version__

if TYPE_CHECKING:
    from synth.api import Module, Run, equations, evaluate, load, run
    from synth.engine.result import Result
    from synth.estimator import EvolvedClassifier, EvolvedRegressor
    from synth.language.candidate import Candidate
    from synth.language.memory import Memory
    from synth.tasks.task import Task

__all__ = [
    "Candidate",
    "EvolvedClassifier",
    "EvolvedRegressor",
    "Memory",
    "Module",
    "Result",
    "Run",
    "Task",
    "equations",
    "evaluate",
    "load",
    "run",
]

_HOMES = {
    "Candidate": "synth.language.candidate",
    "EvolvedClassifier": "synth.estimator",
    "EvolvedRegressor": "synth.estimator",
    "Memory": "synth.language.memory",
    "Module": "synth.api",
    "Result": "synth.engine.result",
    "Run": "synth.api",
    "Task": "synth.tasks.task",
    "equations": "synth.api",
    "evaluate": "synth.api",
    "load": "synth.api",
    "run": "synth.api",
}
"""Where the public names live; they are imported on first use, so that `import synth` costs nothing."""


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'synth' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
