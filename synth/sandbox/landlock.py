"""Landlock: a process gives up, for good, files, ports and signals that it has no business with (Linux).

See Documentation/userspace-api/landlock.rst of the kernel. Calls that are refused return EACCES or EPERM.
"""

import ctypes
import os
import stat
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

from synth.sandbox.system import syscall

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION, _PATH_BENEATH = 1, 1

READ_FILE, READ_DIR = 1 << 2, 1 << 3

# What each version of the kernel's interface can refuse: files, ports (bind, connect), scopes (abstract
# sockets, signals). The newest version known here stands last.
FILES = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
PORTS = {4: 0b11}
SCOPES = {6: 0b11}


def version() -> int:
    """Return the version of the kernel's interface; raise OSError where there is no Landlock."""
    return syscall(CREATE_RULESET, 0, 0, _VERSION)


def restrict(readable: Iterable[Path] = ()) -> None:
    """Refuse this thread, and what it starts, everything but reading beneath the given paths.

    Paths that do not exist are passed over. Needs no_new_privs; raises OSError where there is no Landlock.
    """
    known = version()
    handled = [_latest(rights, known) for rights in (FILES, PORTS, SCOPES)]
    # The attribute grew with the versions; a kernel that knows less of it must be given less.
    size = 8 if known < 4 else 16 if known < 6 else 24
    attribute = ctypes.create_string_buffer(struct.pack("=QQQ", *handled)[:size], size)
    ruleset = syscall(CREATE_RULESET, ctypes.addressof(attribute), size, 0)
    try:
        for path in readable:
            _allow_reading(ruleset, path)
        syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow_reading(ruleset: int, path: Path) -> None:
    if sys.platform != "linux":
        raise OSError(f"no Landlock on {sys.platform}")
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no right
    try:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = struct.pack("=Qi", READ_FILE | READ_DIR if folder else READ_FILE, descriptor)
        buffer = ctypes.create_string_buffer(rule, len(rule))
        syscall(ADD_RULE, ruleset, _PATH_BENEATH, ctypes.addressof(buffer), 0)
    finally:
        os.close(descriptor)


def _latest(rights: dict[int, int], known: int) -> int:
    """Return the rights of the newest version that this kernel knows."""
    return max((bits for since, bits in rights.items() if since <= known), default=0)
