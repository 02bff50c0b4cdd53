"""Abuse modules, and the real command that evaluates them between good candidates."""

import json
import platform
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from command_line import TEMPLATES, environment
from world import MARK, World

HERE = Path(__file__).resolve().parent
PRELUDE = (HERE / "prelude.py").read_text()
GOOD = (TEMPLATES / "linear.py").read_text()

TASK = ("--data", "linear", "--tasks", "1", "--train", "30", "--valid", "20")
"""A small task, on which the good candidate has a fitness that no accident has."""

_EXPECT = re.compile(r"^expect: (\w+) ?(.*)$", re.MULTILINE)

# System calls by the machine: (x86_64, aarch64).
_NUMBERS = {
    "bpf": (321, 280),
    "clone": (56, 220),
    "clone3": (435, 435),
    "execveat": (322, 281),
    "fcntl": (72, 25),
    "io_uring_setup": (425, 425),
    "keyctl": (250, 219),
    "madvise": (28, 233),
    "mlockall": (151, 230),
    "mount": (165, 40),
    "mprotect": (10, 226),
    "msgget": (68, 186),
    "open_by_handle_at": (304, 265),
    "openat2": (437, 437),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pkey_mprotect": (329, 288),
    "prctl": (157, 167),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "reboot": (169, 142),
    "rt_sigprocmask": (14, 135),
    "rt_sigqueueinfo": (129, 138),
    "semget": (64, 190),
    "shmget": (29, 194),
    "tgkill": (234, 131),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
_RETURN = {"x86_64": b"\xc3", "aarch64": b"\xc0\x03\x5f\xd6"}
_COLUMN = list(_RETURN).index(platform.machine()) if platform.machine() in _RETURN else 0


@dataclass(frozen=True)
class Abuse:
    """One module: where it is, and what must become of it."""

    path: Path

    @property
    def name(self) -> str:
        """`category/name`."""
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def text(self) -> str:
        """What it does, without what the runner puts in front."""
        return self.path.read_text()

    @property
    def about(self) -> str:
        """What it attempts, in a sentence."""
        return self.text.split('"""')[1].splitlines()[0]

    @property
    def expected(self) -> tuple[str, str]:
        """The status, and a part of the error; for `ok` whether the fitness is the good one's, or `zero`."""
        match = _EXPECT.search(self.text)
        assert match, f"{self.path} says not what to expect"
        return match[1], match[2]


def abuses(category: str = "*") -> list[Abuse]:
    """All modules of a category, by name."""
    return [Abuse(path) for path in sorted((HERE / "modules").glob(f"{category}/*.py"))]


@dataclass(frozen=True)
class Outcome:
    """What one command said of good and bad modules in turn, and what else happened."""

    results: list[dict[str, Any]]
    good: list[dict[str, Any]]
    sandbox: dict[str, Any]
    changes: list[str]
    seconds: float
    stderr: str


SYNTH = (sys.executable, "-m", "synth")


def run(
    world: World,
    modules: Sequence[tuple[str, str]],
    *options: str,
    task: Sequence[str] = TASK,
    command: Sequence[str] = SYNTH,
    apart: bool = True,
    patience: float = 240.0,
) -> Outcome:
    """Evaluate modules, (name, text), by the real command, each between two good ones or right after another.

    The command is started by a shell that waits until the modules, which know its number, are written.
    """
    (world.modules / "good.py").write_text(GOOD)
    paths = [f"{name.replace('/', '-')}.py" for name, _ in modules]
    order = ["good.py", *(path for one in paths for path in ((one, "good.py") if apart else (one,)))]
    arguments = ["eval", *order, "--engine", "python", "--json", *task, *options]
    started = subprocess.Popen(
        ["sh", "-c", 'read go; exec "$@"', "sh", *command, *arguments],
        cwd=world.modules,
        env=environment(SECRET_TOKEN=MARK),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    values = {**world.values(started.pid), "CODE": _RETURN.get(platform.machine(), b"\xc3")}
    values["NUMBERS"] = {name: numbers[_COLUMN] for name, numbers in _NUMBERS.items()}
    head = "".join(f"{name} = {value!r}\n" for name, value in values.items())
    for path, (_, text) in zip(paths, modules, strict=True):
        (world.modules / path).write_text(f"{head}\n{PRELUDE}\n{GOOD}\n{text}")
    begin = time.monotonic()
    with world.watching(started.pid):
        try:
            stdout, stderr = started.communicate("go\n", timeout=patience)
        finally:
            started.kill()
    seconds = time.monotonic() - begin
    assert started.returncode in (0, 1), stderr
    document = json.loads(stdout)
    results = document["results"]
    assert [result["module"] for result in results] == order
    good = [result for result in results if result["module"] == "good.py"]
    tried = [result for result in results if result["module"] != "good.py"]
    return Outcome(tried, good, document["sandbox"], world.changes(started.pid), seconds, stderr)
