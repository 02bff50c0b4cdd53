"""Running a script in a process of its own in which only some packages can be imported."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

_BLOCKER = """
import sys

allowed, refused = {allowed!r}, {refused!r}


class Blocker:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        known = top in sys.stdlib_module_names or top in {here!r}
        if top in refused or (allowed and not known and top not in allowed):
            raise ModuleNotFoundError(f"No module named {{name!r}} (blocked)", name=name)


sys.meta_path.insert(0, Blocker())
sys.path.insert(0, {folder!r})
"""

ACCURACY = """
import numpy as np
from model import Model

tasks, accuracies = np.load("tasks.npz"), []
for k in range({count}):
    model = Model(features=16, seed={seed}, task=k)
    model.fit(tasks[f"train_features{{k}}"], tasks[f"train_labels{{k}}"])
    predicted = model.predict(tasks[f"valid_features{{k}}"])
    accuracies.append(np.mean(predicted == tasks[f"valid_labels{{k}}"]))
print(np.mean(accuracies))
"""
"""A script that prints the mean accuracy of the model in model.py on the tasks of tasks.npz."""


def run_without(
    script: str, folder: Path, allowed: Sequence[str] = (), refused: Sequence[str] = (), timeout: float = 120
) -> str:
    """Run a script in a folder, and return what it prints.

    With `allowed` nothing can be imported but those packages, the standard library and the folder's modules.
    """
    here = sorted(path.stem for path in folder.glob("*.py"))
    before = _BLOCKER.format(allowed=tuple(allowed), refused=tuple(refused), here=here, folder=str(folder))
    done = subprocess.run(
        [sys.executable, "-I", "-W", "ignore", "-c", before + script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
