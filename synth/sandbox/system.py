"""The few operating-system calls of the sandbox that Python has no function for (Linux)."""

import ctypes
import functools
import os
import struct
import sys

PR_SET_PDEATHSIG, PR_GET_PDEATHSIG = 1, 2
PR_GET_DUMPABLE, PR_SET_DUMPABLE = 3, 4
PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS = 38, 39


@functools.cache
def libc() -> ctypes.CDLL:
    """Return the C library of this process; raise OSError on other systems than Linux."""
    if sys.platform != "linux":
        raise OSError(f"{sys.platform} has no such thing")
    return ctypes.CDLL(None, use_errno=True)


def syscall(number: int, *arguments: int) -> int:
    """Make a system call with integers and addresses for arguments; raise OSError when it fails."""
    call = libc().syscall
    call.restype = ctypes.c_long
    result: int = call(ctypes.c_long(number), *(ctypes.c_ulong(argument) for argument in arguments))
    return _checked(result)


def prctl(option: int, argument: int = 0) -> int:
    """Call prctl(2); raise OSError when it fails."""
    words = (ctypes.c_ulong(argument), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0))
    return _checked(libc().prctl(ctypes.c_int(option), *words))


def drop_capabilities() -> None:
    """Give up all capabilities of this thread; raise OSError when it fails. See capset(2)."""
    version_3, this_thread = 0x20080522, 0
    header = ctypes.create_string_buffer(struct.pack("=Ii", version_3, this_thread), 8)
    nothing = ctypes.create_string_buffer(24)  # effective, permitted and inheritable, each in two words
    _checked(libc().capset(header, nothing))


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
