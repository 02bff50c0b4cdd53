"""Run a program on a kernel that lacks something: without.py JSON COMMAND...

The JSON is a list of [call number, argument index or null, argument value, errno]; such calls fail, in the
program and in all that it starts, as they do on an older kernel or in a container that forbids them.
"""

import json
import os
import platform
import struct
import sys
from typing import Any

from synth.sandbox import seccomp, system

LOAD, EQUAL, GIVE = 0x20, 0x15, 0x06
ALLOW, REFUSE = 0x7FFF0000, 0x00050000


def program(refused: list[list[Any]]) -> bytes:
    """Return the filter that allows everything but these calls."""
    steps = [
        (LOAD, 0, 0, 4),
        (EQUAL, 1, 0, seccomp.ARCHITECTURES[platform.machine()][0]),
        (GIVE, 0, 0, ALLOW),
    ]
    for number, argument, value, error in refused:
        give = (GIVE, 0, 0, REFUSE | error)
        steps.append((LOAD, 0, 0, 0))
        if argument is None:
            steps += [(EQUAL, 0, 1, number), give]
        else:
            steps += [(EQUAL, 0, 3, number), (LOAD, 0, 0, 16 + 8 * argument), (EQUAL, 0, 1, value), give]
    steps.append((GIVE, 0, 0, ALLOW))
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


if __name__ == "__main__":
    refused = json.loads(sys.argv[1])
    seccomp.assemble = lambda rules, machine: program(refused)
    system.prctl(system.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.apply(seccomp.CANDIDATE)
    os.execv(sys.argv[2], sys.argv[2:])
