"""Which layer of the sandbox stops which abuse, found by switching layers off: a script, not a test.

Writes the table of docs/abuse.md, and counts it in SECURITY.md. Without its layers abuse does what it can, so
the script starts itself in namespaces of its own and refuses to run as root. Takes most of an hour for all
groups.

    python tests/abuse/layers.py [GROUP or GROUP/MODULE...]
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path[:0] = [str(HERE), str(ROOT / "tests" / "helpers"), str(ROOT)]

from running import Abuse, abuses, run  # noqa: E402
from world import World  # noqa: E402

LAYERS = {
    "seccomp": "import synth.sandbox.seccomp as s; s.apply = lambda rules: 0",
    "landlock": "import synth.sandbox.landlock as l; l.restrict = lambda *paths: 0",
    "limits": "import synth.sandbox.confine as c; c._set_limit = lambda name, value: None",
    "no dumps": "import synth.sandbox.confine as c; c.forbid_dumps = lambda: str()",
    "clean start": "import os; os.environ.update(options['environment'])",
    "clock": "import synth.sandbox.fork as f; f.monotonic = lambda: 0.0",
}
"""How each layer is switched off in a worker, before it takes it."""

DESIGN = {
    "answers": "the engine checks every answer",
    "endings": "a process for each task",
    "exceptions": "a process for each task; short printable errors",
    "floods": "standard descriptors lead nowhere; answers have a largest size",
    "python": "a process for each task",
    "signals/handle_everything": "no process can ignore its end",
    "signals/kill_group": "a worker that dies is replaced",
    "signals/kill_itself": "a process for each task",
    "signals/kill_parent": "a worker that dies is replaced",
    "environment/arguments": "a process for each task",
    "files/read_standard_input": "standard descriptors lead nowhere",
    "files/use_descriptors": "a process for each task, without descriptors",
    "memory": "the system's own limits; a process for each task",
    "time": "the command's own clock",
}
"""What stops the abuse of a category when all the layers above are off, or leaves it nothing to gain."""

GROUPS = {
    "answers": "forged, broken and oversized answers",
    "code": "raw machine code and system calls that change what runs",
    "endings": "exits, crashes and exceptions that mean something elsewhere",
    "environment": "the environment, the parent's `/proc`, inherited descriptors",
    "exceptions": "exceptions that are enormous, loop, or harm when they are shown",
    "files": "reading, listing, changing and writing files outside",
    "floods": "floods on standard streams, descriptors and the answer channel",
    "memory": "100 GB at once and gradually, shared and locked memory",
    "network": "TCP, UDP and Unix sockets",
    "processes": "forks, programs, threads, tracing, kernel objects",
    "python": "changed numpy, builtins, random state, memory attributes",
    "signals": "signals to parent, command and siblings, and ignoring them",
    "time": "endless loops in Python and in C, endings that take their time",
}
"""What a folder of modules attempts."""

SYSTEM, SEVERAL, NONE = "the system's own permissions", "several together", "none of these"

BEGIN, END = "<!-- table -->\n", "<!-- end -->"
"""What stands around the tables."""

_COMMAND = """
import os, sys
import synth.sandbox.process as process
from synth.sandbox.worker import BOOT
process.BOOT = BOOT.replace("from synth.sandbox.worker", {patches!r} + "; from synth.sandbox.worker")
start = process._start
process._start = lambda options: start({{**options, "environment": dict(os.environ)}})
from synth.cli import main
sys.exit(main())
"""

_CONTAINED = "SYNTH_ABUSE_CONTAINED"
_UNSHARE = ("unshare", "--user", "--map-current-user", "--pid", "--fork", "--mount-proc", "--ipc", "--uts")


def stopped(abuse: Abuse, off: Sequence[str]) -> bool:
    """Whether an abuse comes to nothing without some layers: the command as it is, but for these."""
    patches = "; ".join(LAYERS[layer] for layer in off) or "pass"
    command = [sys.executable, "-c", _COMMAND.format(patches=patches)]
    limit = "2" if abuse.name.startswith("time/") else "5"
    with World() as world:
        try:
            outcome = run(
                world, [(abuse.name, abuse.text)], "--time-limit", limit, command=command, patience=60.0
            )
        except (AssertionError, ValueError, subprocess.TimeoutExpired):
            return False  # the command itself did not survive
    same = all(good == outcome.good[0] and good["status"] == "ok" for good in outcome.good)
    status = outcome.results[0]["status"]  # a module that has its way may wait there, as one that forks does
    got_through = status in ("ok", "timeout") and status != abuse.expected[0]
    return same and not got_through and not outcome.changes


def row(abuse: Abuse) -> str:
    """One line of the table."""
    if stopped(abuse, list(LAYERS)):
        by = DESIGN.get(abuse.name) or DESIGN.get(abuse.path.parent.name, SYSTEM)
        return f"| {abuse.name} | {abuse.about} | | {by} |"
    needed = [layer for layer in LAYERS if not stopped(abuse, [layer])]
    alone = [layer for layer in LAYERS if stopped(abuse, [other for other in LAYERS if other != layer])]
    words = ", ".join(f"**{layer}**" if layer in needed else layer for layer in alone)
    return f"| {abuse.name} | {abuse.about} | {words or SEVERAL} | |"


def write(rows: dict[str, str]) -> None:
    """Put rows, by name, into the table of docs/abuse.md, where others stay; count it in SECURITY.md."""
    page = ROOT / "docs" / "abuse.md"
    there = {line.split("|")[1].strip(): line for line in _between(page).splitlines()[2:]}
    known = {abuse.name for abuse in abuses()}
    found = {name: line for name, line in sorted((there | rows).items()) if name in known}
    head = ["| module | what it attempts | stopped by each of | or else by |", "|--|--|--|--|"]
    _replace(page, [*head, *found.values()])
    _replace(ROOT / "SECURITY.md", counted(found))


def counted(rows: dict[str, str]) -> list[str]:
    """The lines of the table of groups."""
    stopping = {name: _stopping(line) for name, line in rows.items()}
    used = {word.strip("*") for words in stopping.values() for word in words}
    columns = [name for name in (*LAYERS, SEVERAL, NONE) if name in used]
    lines = [
        "| group | modules |" + "".join(f" {name} |" for name in columns),
        "|--" * (2 + len(columns)) + "|",
    ]
    for group, about in GROUPS.items():
        words = [word for name in rows if name.startswith(f"{group}/") for word in stopping[name]]
        line = f"| *{group}*: {about} | {sum(name.startswith(f'{group}/') for name in rows)} |"
        for name in columns:
            alone, needed = words.count(name), words.count(f"**{name}**")
            line += f" {alone + needed or ''}{f' (**{needed}**)' if needed else ''} |"
        lines.append(line)
    return lines


def _stopping(line: str) -> list[str]:
    """The layers of a line, bold ones with their stars."""
    return [word.strip() for word in line.split("|")[3].split(",") if word.strip()] or [NONE]


def _between(path: Path) -> str:
    return path.read_text().partition(BEGIN)[2].partition(END)[0]


def _replace(path: Path, lines: list[str]) -> None:
    """Put a table between the marks of a page."""
    head, _, rest = path.read_text().partition(BEGIN)
    table = "\n".join([*lines, END])
    path.write_text(f"{head}{BEGIN}{table}{rest.partition(END)[2]}")


def main() -> None:
    """Try everything, and write the tables."""
    if os.getuid() == 0:
        sys.exit("run this as an ordinary user: without its layers, abuse does what its user can")
    if _CONTAINED not in os.environ:
        sys.exit(
            subprocess.call([*_UNSHARE, sys.executable, *sys.argv], env=os.environ | {_CONTAINED: "yes"})
        )
    del os.environ[_CONTAINED]
    rows = {}
    for abuse in abuses():
        if not sys.argv[1:] or {abuse.name, abuse.name.partition("/")[0]} & {*sys.argv[1:]}:
            rows[abuse.name] = row(abuse)
            print(rows[abuse.name], flush=True)
    write(rows)


if __name__ == "__main__":
    main()
