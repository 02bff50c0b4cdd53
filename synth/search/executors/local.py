"""The executors that play rounds on one machine: that of a run's engine."""

from collections.abc import Sequence
from pathlib import Path

from synth.search.executors.native import NativeExecutor
from synth.search.executors.protocol import Report
from synth.search.executors.python import PythonExecutor
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

LocalExecutor = NativeExecutor | PythonExecutor
"""An executor whose workers are processes of this machine."""


def local_executor(
    config: Config, task_sets: Sequence[TaskSet], select: TaskSet, folder: Path, workers: int, report: Report
) -> LocalExecutor:
    """Start the executor of a run's engine; the arguments are those of `NativeExecutor`."""
    if config.run.engine == "python":
        return PythonExecutor(config, task_sets[0], workers)
    return NativeExecutor(config, task_sets, folder, workers, report, select=select)
