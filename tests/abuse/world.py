"""What surrounds a command that runs abuse: canaries, listeners, a sibling, and a watch with hard limits."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

MARK = "a-secret-that-nobody-may-read"
IPC_KEY = 0x53594E54
"""The key under which abuse makes what outlives a process."""

PROCESSES = 3
"""Processes of a worker: itself, the keeper, the child that runs a candidate."""
MOST_PROCESSES = 24
"""With more, the watch ends them all: the sandbox has failed, and the machine is not to pay for it."""
MOST_MEMORY = 8 << 30
"""Bytes that they may use together before the watch ends them."""


class World:
    """A folder with canaries, listeners and a sibling process; a context manager."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self.most_processes = self.most_memory = 0
        self._listeners: dict[str, socket.socket] = {}

    def __enter__(self) -> Self:
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="synth-abuse-")))
        self.folder, self.modules = folder / "canaries", folder / "modules"
        self.folder.mkdir()
        self.modules.mkdir()
        (self.folder / "secret").write_text(MARK)
        script = self.folder / "script"
        script.write_text(f"#!/bin/sh\ntouch {self.folder}/executed\n")
        script.chmod(0o755)
        unix, abstract = str(folder / "socket"), f"\0synth-abuse-{os.getpid()}"
        self._listen("tcp", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0))
        self._listen("udp", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0))
        self._listen("unix", socket.AF_UNIX, socket.SOCK_STREAM, unix)
        self._listen("abstract", socket.AF_UNIX, socket.SOCK_STREAM, abstract)
        self.sibling = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        self._stack.callback(self.sibling.wait)
        self._stack.callback(self.sibling.kill)
        self._before = self._canaries()
        self._there_before = {*_written()}
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def values(self, synth: int) -> dict[str, Any]:
        """What the modules are told: where everything is, and the process number of the command."""
        import sklearn

        import synth as package

        digits = Path(sklearn.__path__[0]) / "datasets" / "data" / "digits.csv.gz"
        return {
            "FOLDER": str(self.folder),
            "SECRET": str(self.folder / "secret"),
            "SCRIPT": str(self.folder / "script"),
            "TEACHERS": str(Path(package.__path__[0]) / "tasks" / "teachers.py"),
            "DIGITS": str(digits),
            "TCP": self._listeners["tcp"].getsockname()[1],
            "UDP": self._listeners["udp"].getsockname()[1],
            "UNIX": self._listeners["unix"].getsockname(),
            "ABSTRACT": self._listeners["abstract"].getsockname(),
            "SYNTH": synth,
            "SIBLING": self.sibling.pid,
            "MARK": MARK[:5] + MARK[5:],
        }

    @contextlib.contextmanager
    def watching(self, synth: int) -> Iterator[None]:
        """Watch the workers of a command, and end them when they get out of hand."""
        done = threading.Event()
        thread = threading.Thread(target=self._watch, args=(synth, done))
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _watch(self, synth: int, done: threading.Event) -> None:
        while not done.wait(0.01):
            found = workers(synth)
            memory = sum(resident(pid) for pid in found)
            self.most_processes = max(self.most_processes, len(found))
            self.most_memory = max(self.most_memory, memory)
            if len(found) > MOST_PROCESSES or memory > MOST_MEMORY:
                end(found)

    def changes(self, synth: int) -> list[str]:
        """Everything that is not as it was before the command ran: best nothing."""
        found = []
        if left := _until_gone(synth):
            found.append(f"processes are left: {left}")
            end(left)
        if self.most_processes > PROCESSES:
            found.append(f"there were {self.most_processes} processes at once")
        if self.most_memory > MOST_MEMORY:
            found.append(f"{self.most_memory} bytes of memory were in use")
        now = self._canaries()
        found += [
            f"{name} changed" for name in now.keys() | self._before if now.get(name) != self._before.get(name)
        ]
        found += [f"the {name} listener heard something" for name in self._listeners if self._heard(name)]
        if self.sibling.poll() is not None:
            found.append("the sibling is dead")
        for path in [Path("/dev/shm/synth-abuse"), *Path("/tmp").glob("abuse-wrote-*")]:
            if path.exists():
                path.unlink()
                found.append(f"{path} is left")
        for kind, option in (("shm", "-M"), ("msg", "-Q"), ("sem", "-S")):
            with contextlib.suppress(OSError):
                lines = Path(f"/proc/sysvipc/{kind}").read_text().splitlines()[1:]
                if any(int(line.split()[0]) == IPC_KEY for line in lines):
                    subprocess.run(["ipcrm", option, str(IPC_KEY)], check=False)
                    found.append(f"{kind} of System V is left")
        return found

    def _listen(self, name: str, family: int, kind: int, place: Any) -> None:
        listener = self._stack.enter_context(socket.socket(family, kind))
        listener.bind(place)
        if kind == socket.SOCK_STREAM:
            listener.listen()
        listener.setblocking(False)
        self._listeners[name] = listener

    def _heard(self, name: str) -> bool:
        listener = self._listeners[name]
        try:
            if listener.type == socket.SOCK_STREAM:
                listener.accept()[0].close()
            else:
                listener.recv(1)
        except BlockingIOError:
            return False
        return True

    def _canaries(self) -> dict[str, Any]:
        """The names in the folder, with content, owner, mode and times."""
        found: dict[str, Any] = {}
        for path in [self.folder, *self.folder.iterdir()]:
            state = path.lstat()
            content = path.read_bytes() if path.is_file() else None
            about = (state.st_mode, state.st_uid, state.st_gid, state.st_nlink, state.st_mtime_ns, content)
            found[path.name] = (*about, os.listxattr(path, follow_symlinks=False))
        return found


def _written() -> list[Path]:
    """What modules of abuse write where everybody can."""
    return [*Path("/tmp").glob("abuse-wrote-*")]


def workers(synth: int) -> list[int]:
    """The processes that a command's workers are, or came from them, wherever they have gone since."""
    mark = f'"parent": {synth},'.encode()
    found = []
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if mark in Path(entry.path, "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found


def resident(pid: int) -> int:
    """Bytes of memory that a process uses."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def end(pids: list[int]) -> None:
    """End processes at once."""
    for pid in pids:
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _until_gone(synth: int) -> list[int]:
    """Wait a little for a command's workers to be gone; return those that are not."""
    deadline = time.monotonic() + 10
    while (left := workers(synth)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return left
