"""Where a layer of the sandbox cannot be had, the command says so, and works when asked for less alone."""

import errno
import json
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from command_line import TEMPLATES, Refused, complaint, document, environment, synth_without
from rights import ORDINARY, POWERLESS, wants_an_ordinary_user, wants_root
from running import TASK

ON_LINUX = sys.platform == "linux" and platform.machine() in ("x86_64", "aarch64")
pytestmark = [pytest.mark.abuse, pytest.mark.wants(lambda: ON_LINUX, "the whole sandbox is Linux")]

GOOD = TEMPLATES / "linear.py"
EVAL = ["eval", str(GOOD), "--engine", "python", "--json", *TASK]

X86 = platform.machine() == "x86_64"
LANDLOCK, SECCOMP, PRCTL = 444, 317 if X86 else 277, 157 if X86 else 167
CAPSET, PRLIMIT = 126 if X86 else 91, 302 if X86 else 261
ADDRESS_SPACE = 9

ABSENT: dict[str, tuple[Refused, str]] = {
    "a kernel without Landlock": ([[LANDLOCK, None, 0, errno.ENOSYS]], " 'landlock' is"),
    "Landlock not started": ([[LANDLOCK, None, 0, errno.EOPNOTSUPP]], " 'landlock' is"),
    "a container that forbids Landlock": ([[LANDLOCK, None, 0, errno.EPERM]], " 'landlock' is"),
    "a kernel without seccomp": ([[SECCOMP, None, 0, errno.ENOSYS]], " 'seccomp' is"),
    "a kernel without filters": ([[SECCOMP, None, 0, errno.EINVAL]], " 'seccomp' is"),
    "a container that forbids seccomp": ([[SECCOMP, None, 0, errno.EPERM]], " 'seccomp' is"),
    "neither": (
        [[SECCOMP, None, 0, errno.EPERM], [LANDLOCK, None, 0, errno.EPERM]],
        "s 'landlock' and 'seccomp' are",
    ),
    "no death with the parent": ([[PRCTL, 0, 1, errno.EINVAL]], " 'parent death' is"),
    "always dumpable": ([[PRCTL, 0, 4, errno.EPERM]], " 'no dumps' is"),
    "privileges to gain": ([[PRCTL, 0, 38, errno.EINVAL]], " 'no new privileges' is"),
    "capabilities to keep": ([[CAPSET, None, 0, errno.EPERM]], " 'no capabilities' is"),
    "no limits": ([[PRLIMIT, 1, ADDRESS_SPACE, errno.EPERM]], " 'resource limits' is"),
}
"""What is refused, and the layer that is named for it."""


@pytest.mark.parametrize("name", ABSENT)
def test_nothing_is_run_unless_less_is_asked_for(name: str, tmp_path: Path) -> None:
    refused, layers = ABSENT[name]
    refusal = synth_without(refused, *EVAL, folder=tmp_path)
    said = complaint(refusal, 3)
    assert refusal.stdout == ""
    assert f"the sandbox layer{layers} not available here (" in said
    assert "--sandbox process keeps limits and time-outs" in said
    less = synth_without(refused, *EVAL, "--sandbox", "process", folder=tmp_path)
    assert less.returncode == 0, less.stderr
    found = document(less)
    assert found["results"][0]["status"] == "ok"
    assert found["sandbox"]["level"] == "process"
    assert not any(f"'{layer}'" in layers for layer in found["sandbox"]["layers"])
    assert "notice: with --sandbox process, a module's code can reach every file" in less.stderr


NOTHING_OF_LANDLOCK = ABSENT["a kernel without Landlock"][0]


def test_off_keeps_the_time_limit(tmp_path: Path) -> None:
    found = document(synth_without(NOTHING_OF_LANDLOCK, *EVAL, "--sandbox", "off", folder=tmp_path))
    assert found["sandbox"]["level"] == "off" and "resource limits" not in found["sandbox"]["layers"]
    (tmp_path / "loop.py").write_text("while True:\n    pass\n")
    loop = ["eval", "loop.py", *EVAL[2:], "--sandbox", "off", "--time-limit", "0.5"]
    assert (
        document(synth_without(NOTHING_OF_LANDLOCK, *loop, folder=tmp_path))["results"][0]["status"]
        == "timeout"
    )


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    found = document(synth_without(NOTHING_OF_LANDLOCK, "doctor", "--json", folder=tmp_path))
    wrong = {check["name"]: check["detail"] for check in found["checks"] if not check["ok"]}
    assert wrong["sandbox: landlock"] == "Function not implemented"
    assert "--sandbox process" in wrong["sandbox: python engine"]


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        ([[112 if X86 else 157, None, 0, errno.EPERM]], "a worker process cannot be started: Operation not"),
        (
            [[435, None, 0, errno.ENOSYS], [56 if X86 else 220, 0, 0x1200011, errno.EAGAIN]],
            "temporarily unavail",
        ),
    ],
    ids=["no session", "no fork"],
)
def test_processes_that_cannot_be_had(refused: list[list[int | None]], sentence: str, tmp_path: Path) -> None:
    assert sentence in complaint(synth_without(refused, *EVAL, folder=tmp_path), 3)


RUN = [
    "run",
    "--preset",
    "linear",
    "--max-candidates",
    "20",
    "--islands",
    "1",
    "--workers",
    "1",
    "--out",
    "run",
]
RUN += ["--set=limits.target=none"]
RUN += [f"--set=search.{setting}" for setting in ("round_candidates=20", "population=10", "tournament=2")]
RUN += [
    f"--set=data.{setting}"
    for setting in ("tasks=1", "train=10", "valid=5", "select_tasks=1", "test_tasks=1")
]


def test_a_search_goes_without_and_says_so_and_writes_it_down(tmp_path: Path) -> None:
    finished = synth_without(NOTHING_OF_LANDLOCK, *RUN, folder=tmp_path)
    assert finished.returncode == 0, finished.stderr
    said = "the sandbox layer 'landlock' is not available here; the workers go without"
    assert f"notice: {said}" in finished.stderr
    log = [json.loads(line) for line in (tmp_path / "run" / "log.jsonl").read_text().splitlines()]
    assert said in log[0]["notices"]
    assert "seccomp" in log[0]["sandbox"] and "landlock" not in log[0]["sandbox"]


def test_a_search_with_the_python_engine_does_not(tmp_path: Path) -> None:
    finished = synth_without(NOTHING_OF_LANDLOCK, *RUN, "--engine", "python", folder=tmp_path)
    assert "'landlock' is not available here" in complaint(finished, 3)
    assert not (tmp_path / "run").exists()


INSIDE = """
import os, sys
from pathlib import Path
from synth.sandbox import landlock, system
system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
landlock.READ_FILE |= 0b11  # and execute and write: a Python needs the null device
for _ in range(int(sys.argv[1])):
    landlock.restrict([Path("/")])
os.execv(sys.argv[2], sys.argv[2:])
"""


@pytest.mark.parametrize("layers", [1, 2])
def test_it_works_inside_of_another_sandbox(layers: int, tmp_path: Path) -> None:
    command = [sys.executable, "-c", INSIDE, str(layers), sys.executable, "-m", "synth", *EVAL]
    env = environment()
    inside = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert inside.returncode == 0, inside.stderr
    assert {"landlock", "seccomp"} <= set(document(inside)["sandbox"]["layers"])


def test_it_refuses_where_there_are_too_many_around_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", INSIDE, "15", sys.executable, "-m", "synth", *EVAL]
    env = environment()
    inside = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
    assert "the process of a candidate cannot be confined here" in complaint(inside, 3)


OTHER_SYSTEM = """
import os, sys
{here}
import synth.sandbox.process as process
otherwise = "import os, sysconfig; sysconfig.get_paths(); {change}; "
process.BOOT = process.BOOT.replace("from synth.sandbox.worker", otherwise + "from synth.sandbox.worker")
from synth.cli import main
sys.exit(main())
"""
MACOS = OTHER_SYSTEM.format(change="sys.platform = 'darwin'", here="")
NO_FORKS = OTHER_SYSTEM.format(change="del os.fork", here="del os.fork")


def elsewhere(system: str, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command as if on another system."""
    command = [sys.executable, "-c", system, *words]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)


def test_on_macos_less_must_be_asked_for(tmp_path: Path) -> None:
    said = complaint(elsewhere(MACOS, *EVAL, folder=tmp_path), 3)
    assert "'landlock' and 'seccomp' are not available here (" in said and "--sandbox process" in said
    found = document(elsewhere(MACOS, *EVAL, "--sandbox", "process", folder=tmp_path))
    assert found["results"][0]["status"] == "ok"
    assert found["sandbox"] == {"level": "process", "layers": ["own session", "resource limits"]}


def test_without_forks_less_must_be_asked_for_and_each_task_has_a_worker(tmp_path: Path) -> None:
    said = complaint(elsewhere(NO_FORKS, *EVAL, folder=tmp_path), 3)
    assert "cannot be confined where there are no forks" in said
    (tmp_path / "mark.py").write_text(
        "import builtins\nassert not hasattr(builtins, 'mark')\nbuiltins.mark = 1\n" + GOOD.read_text()
    )
    (tmp_path / "loop.py").write_text("while True:\n    pass\n")
    (tmp_path / "exit.py").write_text("import os\nos._exit(0)\n")
    (tmp_path / "raise.py").write_text("raise ValueError('no')\n")
    words = [
        "eval",
        "mark.py",
        "loop.py",
        "exit.py",
        "raise.py",
        str(GOOD),
        *EVAL[2:],
        "--sandbox",
        "process",
    ]
    words += ["--tasks", "2", "--time-limit", "4"]
    results = document(elsewhere(NO_FORKS, *words, folder=tmp_path))["results"]
    assert [one["status"] for one in results] == ["ok", "timeout", "crashed", "failed", "ok"]
    assert results[3]["error"] == "raise.py:1: ValueError: no"
    with_forks = document(elsewhere(OTHER_SYSTEM.format(change="0", here=""), *words, folder=tmp_path))
    assert with_forks["results"][0]["per_task"] == results[0]["per_task"] == results[4]["per_task"]


@wants_an_ordinary_user
def test_an_ordinary_user_has_all_of_it() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own folders are root's alone
        os.chown(folder, 65534, 65534)
        env = environment(SYNTH_CACHE_DIR=f"{folder}/cache", HOME=folder)
        has_all_of_it(ORDINARY, env)


@wants_root
def test_root_without_its_powers_has_all_of_it() -> None:
    has_all_of_it(POWERLESS, environment())


def has_all_of_it(who: list[str], env: dict[str, str]) -> None:
    command = [*who, sys.executable, "-m", "synth", *EVAL]
    finished = subprocess.run(command, cwd="/", env=env, capture_output=True, text=True, check=False)
    assert {"landlock", "seccomp"} <= set(document(finished)["sandbox"]["layers"])
