"""seccomp: the list of system calls that a process may still make, as a hand-assembled BPF program (Linux).

Everything off the list returns EPERM. See seccomp(2) and linux/filter.h. A filter cannot be taken back, and
a second one can only refuse more.
"""

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from synth.sandbox.system import syscall

# The numbers of the calls used below: (x86_64, aarch64); None where an architecture has no such call.
NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "access": (21, None),
    "brk": (12, 214),
    "clock_getres": (229, 114),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "clone": (56, 220),
    "clone3": (435, 435),
    "close": (3, 57),
    "close_range": (436, 436),
    "dup": (32, 23),
    "dup2": (33, None),
    "dup3": (292, 24),
    "exit": (60, 93),
    "exit_group": (231, 94),
    "faccessat": (269, 48),
    "fcntl": (72, 25),
    "fstat": (5, 80),
    "futex": (202, 98),
    "getcpu": (309, 168),
    "getcwd": (79, 17),
    "getdents64": (217, 61),
    "getegid": (108, 177),
    "geteuid": (107, 175),
    "getgid": (104, 176),
    "getpid": (39, 172),
    "getppid": (110, 173),
    "getrandom": (318, 278),
    "getrlimit": (97, 163),
    "getrusage": (98, 165),
    "gettid": (186, 178),
    "gettimeofday": (96, 169),
    "getuid": (102, 174),
    "kill": (62, 129),
    "landlock_create_ruleset": (444, 444),
    "landlock_restrict_self": (446, 446),
    "lseek": (8, 62),
    "madvise": (28, 233),
    "membarrier": (324, 283),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "mremap": (25, 216),
    "munmap": (11, 215),
    "nanosleep": (35, 101),
    "newfstatat": (262, 79),
    "openat": (257, 56),
    "pipe2": (293, 59),
    "poll": (7, None),
    "ppoll": (271, 73),
    "prctl": (157, 167),
    "pread64": (17, 67),
    "prlimit64": (302, 261),
    "read": (0, 63),
    "readlink": (89, None),
    "readlinkat": (267, 78),
    "readv": (19, 65),
    "restart_syscall": (219, 128),
    "rseq": (334, 293),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_getaffinity": (204, 123),
    "sched_yield": (24, 124),
    "seccomp": (317, 277),
    "set_robust_list": (273, 99),
    "setrlimit": (160, 164),
    "sigaltstack": (131, 132),
    "stat": (4, None),
    "statx": (332, 291),
    "sysinfo": (99, 179),
    "time": (201, None),
    "times": (100, 153),
    "uname": (63, 160),
    "wait4": (61, 260),
    "write": (1, 64),
    "writev": (20, 66),
}

# The architecture as BPF sees it (linux/audit.h), and its column in the table above.
ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

_PROT_EXEC = 0x4
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
# fork() asks for these alone, beside the signal in the low byte: CLONE_CHILD_SETTID and CLONE_CHILD_CLEARTID.
_NO_FORK = 0xFFFFFFFF & ~(0x01000000 | 0x00200000 | 0xFF)


@dataclass(frozen=True)
class Filter:
    """Calls that are allowed, and calls that are when an argument has none of some bits: (index, bits)."""

    allowed: frozenset[str]
    without: Mapping[str, tuple[int, int]]


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# What computing takes, and answering over an open descriptor: no file, process or socket is named.
_COMPUTE = _names(
    "brk clock_getres clock_gettime clock_nanosleep close exit exit_group fstat futex getcpu getegid geteuid"
    " getgid getpid getppid getrandom getrlimit getrusage gettid gettimeofday getuid lseek membarrier"
    " mremap munmap nanosleep poll ppoll read readv restart_syscall rseq rt_sigaction rt_sigprocmask"
    " rt_sigreturn sched_getaffinity sched_yield set_robust_list sigaltstack sysinfo time times uname write"
    " writev"
)
_READ_FILES = _names(
    "access faccessat fcntl getcwd getdents64 newfstatat pread64 readlink readlinkat stat statx"
)
_COMPUTE_WITHOUT = {
    "madvise": (2, 0xFFFFFFFF & ~0x1F),  # the advice from 100 on lets root declare memory broken
    "mmap": (2, _PROT_EXEC),
    "mprotect": (2, _PROT_EXEC),
}
_FORK_AND_CONFINE = _names(
    "close_range dup dup2 dup3 fcntl kill landlock_create_ruleset landlock_restrict_self"
    " pipe2 prctl pread64 prlimit64 seccomp setrlimit wait4"
)

NATIVE = Filter(_COMPUTE | _READ_FILES, _COMPUTE_WITHOUT | {"openat": (2, _WRITING)})
"""A worker that runs op-table code: computes, and reads the files that Landlock leaves it."""

FORKER = Filter(_COMPUTE | _FORK_AND_CONFINE, _COMPUTE_WITHOUT | {"clone": (0, _NO_FORK)})
"""The worker of the python engine: forks a child for each candidate, which confines itself further."""

CANDIDATE = Filter(_COMPUTE, _COMPUTE_WITHOUT)
"""The child that runs a candidate's own Python code."""


def assemble(rules: Filter, machine: str) -> bytes:
    """Return the BPF program of a filter for a machine (`x86_64`, `aarch64`); KeyError for another."""
    numbers = _numbers(machine)
    load, equal, at_least, any_bit, give = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, missing = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS

    program = [
        (load, 0, 0, 4),
        (equal, 1, 0, ARCHITECTURES[machine][0]),
        (give, 0, 0, refuse),
        (load, 0, 0, 0),
    ]
    if machine == "x86_64":  # the x32 calls share the architecture and have numbers of their own
        program += [(at_least, 0, 1, 0x40000000), (give, 0, 0, refuse)]
    # When clone3, whose flags a filter cannot see, seems to be missing, the C library falls back to clone.
    program += [(equal, 0, 1, numbers["clone3"]), (give, 0, 0, missing)]
    for name in sorted(rules.allowed & numbers.keys()):
        program += [(equal, 0, 1, numbers[name]), (give, 0, 0, allow)]
    for name, (argument, bits) in sorted(rules.without.items()):
        low_word = 16 + 8 * argument
        program += [
            (equal, 0, 4, numbers[name]),
            (load, 0, 0, low_word),
            (any_bit, 0, 1, bits),
            (give, 0, 0, refuse),
            (give, 0, 0, allow),
        ]
    program.append((give, 0, 0, refuse))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)


def apply(rules: Filter) -> int:
    """Put a filter in force for all threads of this process, for good; return its number of instructions.

    Needs no_new_privs. Raises OSError where the system or the machine has no seccomp filters.
    """
    machine = platform.machine()
    if sys.platform != "linux" or machine not in ARCHITECTURES or sys.maxsize < 2**32:
        raise OSError(errno.ENOSYS, f"no filter for {sys.platform} on {machine}")
    program = assemble(rules, machine)
    buffer = ctypes.create_string_buffer(program, len(program))
    count = len(program) // 8
    header = struct.pack("@HP", count, ctypes.addressof(buffer))
    pointer = ctypes.create_string_buffer(header, len(header))
    set_filter, all_threads = 1, 1
    refusing_thread = syscall(
        _numbers(machine)["seccomp"], set_filter, all_threads, ctypes.addressof(pointer)
    )
    if refusing_thread:
        raise OSError(errno.EBUSY, f"thread {refusing_thread} could not be confined")
    return count


def _numbers(machine: str) -> dict[str, int]:
    """Return the numbers of the calls that a machine has."""
    column = ARCHITECTURES[machine][1]
    return {name: number for name, columns in NUMBERS.items() if (number := columns[column]) is not None}
