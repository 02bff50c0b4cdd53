"""Confine the calling process: one function for each layer, and a report of what is in force.

A worker calls `begin` when it starts, imports and loads all that it needs, and calls `close` before it sees
the first candidate. The child that runs a candidate's own code calls `close_candidate`. None of this can be
undone.
"""

import contextlib
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from synth.errors import SandboxUnavailable
from synth.sandbox import landlock, seccomp, system
from synth.settings.schema import Level

EXPOSURE = {
    "process": "with --sandbox process, a module's code can reach every file and network that you can",
    "off": "with --sandbox off, nothing but the time limit holds a module's code back",
}
"""The warning for a user who asks for less."""

Profile = Literal["native", "python"]
"""What a worker runs: op-table code (uses what layers there are), or any Python code (fails closed)."""

DESCRIPTORS = 256
"""The most open descriptors of a worker."""


@dataclass(frozen=True)
class Layer:
    """One layer of the sandbox: whether it is in force, and how or why not."""

    name: str
    in_force: bool
    detail: str


def begin(level: Level, parent: int, memory: int) -> list[Layer]:
    """Take the layers that need not wait for imports; `parent` is the process to die with.

    `memory` is the most address space in bytes.
    """
    layers = [_tried("parent death", lambda: die_with_parent(parent)), _tried("own session", own_session)]
    if level == "off":
        return layers
    return [
        *layers,
        _tried("no dumps", forbid_dumps),
        _tried("no new privileges", forbid_privileges),
        _tried("resource limits", lambda: limit_resources(memory)),
    ]


def close(level: Level, profile: Profile, readable: Sequence[Path] = ()) -> list[Layer]:
    """Shut the sandbox for good: call it when everything is imported and loaded.

    A native worker keeps reading the Python installation and the paths in `readable`. In the profile
    `python` at the level `full` a layer that is missing raises SandboxUnavailable.
    """
    if level == "off":
        return []
    if profile == "native":
        _set_limit("NPROC", 0)
    layers = [_tried("no capabilities", drop_capabilities)]
    if level != "full":
        return layers
    files = [*installation(), *readable]
    rules = seccomp.NATIVE if profile == "native" else seccomp.FORKER
    return [
        *layers,
        _tried("landlock", lambda: restrict_files(files)),
        _tried("seccomp", lambda: filter_calls(rules)),
    ]


def close_candidate(level: Level, parent: int, seconds: float) -> None:
    """Confine a freshly forked child that is about to run code that nobody has seen.

    It dies with `parent`, starts no process, and uses at most `seconds` of processor time; at the level
    `full` it can name no file and may only compute and write to open descriptors. Raises OSError when that
    level is not available.
    """
    if level == "full":
        die_with_parent(parent)
    else:
        stay_with(parent)
    if level == "off":
        return
    _set_limit("NPROC", 0)
    _set_limit("CPU", int(seconds) + 2)
    if level == "full":
        landlock.restrict()
        seccomp.apply(seccomp.CANDIDATE)


def require(layers: Iterable[Layer]) -> None:
    """Raise SandboxUnavailable, naming them, where layers are not in force."""
    if missing := [layer for layer in layers if not layer.in_force]:
        reasons = dict.fromkeys(layer.detail for layer in missing)
        raise SandboxUnavailable(
            f"{_named(missing)} not available here ({'; '.join(reasons)}); --sandbox process keeps limits "
            "and time-outs but lets code reach files and network, --sandbox off keeps only the time-outs"
        )


def shortfall(layers: Iterable[Layer]) -> tuple[str, ...]:
    """Return a notice for the user about the layers that native workers do without, if any."""
    missing = [layer for layer in layers if not layer.in_force]
    return (f"{_named(missing)} not available here; the workers go without",) if missing else ()


def _named(layers: Sequence[Layer]) -> str:
    names = [f"'{layer.name}'" for layer in layers]
    if len(names) == 1:
        return f"the sandbox layer {names[0]} is"
    return f"the sandbox layers {', '.join(names[:-1])} and {names[-1]} are"


def die_with_parent(parent: int) -> str:
    """Have the kernel kill this process when its parent ends, and end at once if it has ended already."""
    if sys.platform == "linux":
        import signal

        system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
    if sys.platform != "linux":
        raise OSError("ends when its pipe closes, not at once")
    return "killed by the kernel"


def stay_with(parent: int) -> None:
    """Die with the parent as far as this system can; end at once if it has ended already."""
    with contextlib.suppress(OSError):
        die_with_parent(parent)


def own_session() -> str:
    """Make sure that this process leads a session of its own (its starter sees to that)."""
    if sys.platform == "win32":
        raise OSError("this system has no sessions")
    if os.getsid(0) != os.getpid():
        raise OSError("shares its starter's")
    return "no terminal, no signals from one"


def forbid_dumps() -> str:
    """Keep other processes of the user from reading this one's memory, and the kernel from dumping it."""
    system.prctl(system.PR_SET_DUMPABLE, 0)
    return "not dumpable, not traceable"


def forbid_privileges() -> str:
    """Gain no privileges from any program, ever; the condition for Landlock and seccomp."""
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
    return "set-user-id programs have no effect"


def drop_capabilities() -> str:
    """Keep nothing of what sets root apart but the ownership of files."""
    system.drop_capabilities()
    return "not even root's"


def limit_resources(memory: int) -> str:
    """Limit address space, and allow no file to grow, no core file, few descriptors."""
    if sys.platform == "win32":
        raise OSError("this system has no resource limits")
    with contextlib.suppress(OSError):  # where memory is short, this process is the first to go
        Path("/proc/self/oom_score_adj").write_text("1000")
    for name, value in (("AS", memory), ("FSIZE", 0), ("CORE", 0), ("NOFILE", DESCRIPTORS)):
        _set_limit(name, value)
    return f"{memory / 2**30:.3g} GiB of address space, files of 0 bytes, {DESCRIPTORS} descriptors"


def restrict_files(readable: Sequence[Path]) -> str:
    """Leave nothing of the file system but reading beneath some paths, and no network (interface 4)."""
    version = landlock.version()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise OSError(f"{threads} threads are running, and it binds only one")
    landlock.restrict(readable)
    return f"interface {version}; may read {len(readable)} places, nothing else"


def filter_calls(rules: seccomp.Filter) -> str:
    """Leave only the system calls of a filter."""
    return f"{seccomp.apply(rules)} instructions, {len(rules.allowed) + len(rules.without)} calls allowed"


def installation() -> list[Path]:
    """Return where Python, its packages, this package and the system's libraries lie: what imports read."""
    import numpy as np

    python = (sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values())
    packages = (str(Path(__file__).parents[1]), str(Path(np.__file__).parents[1]))
    libraries = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache")
    devices = ("/dev/null", "/dev/urandom")
    paths = {Path(path).resolve() for path in (*python, *packages, *libraries, *devices)}
    return sorted(paths - {Path("/")})


def _tried(name: str, apply: Callable[[], str]) -> Layer:
    """Apply a layer and report it."""
    try:
        return Layer(name, True, apply())
    except OSError as error:
        return Layer(name, False, error.strerror or str(error))


def _set_limit(name: str, value: int) -> None:
    """Set a resource limit, soft and hard, where the system has it; never raise it."""
    if sys.platform == "win32":
        return
    import resource

    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:
        return
    hard = resource.getrlimit(which)[1]
    allowed = value if hard == resource.RLIM_INFINITY else min(value, hard)
    try:
        resource.setrlimit(which, (allowed, allowed))
    except ValueError as error:  # how Python says that the system refuses
        raise OSError(str(error)) from error
