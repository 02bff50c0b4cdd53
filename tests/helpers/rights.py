"""What the user who runs the tests may do here; tests that want more are left out, each by its name."""

import functools
import os
import subprocess
import sys
import tempfile

import pytest
from command_line import environment


def is_root() -> bool:
    """Whether this is root, of a system that has one."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


@functools.cache
def may_mount() -> bool:
    """Whether small file systems may be mounted: root often may, unless in a container."""
    if not is_root():
        return False
    with tempfile.TemporaryDirectory() as place:
        mount = ["mount", "-t", "tmpfs", "-o", "size=100k", "synth-test", place]
        if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
            return False
        subprocess.run(["umount", place], check=True)
    return True


wants_root = pytest.mark.wants(is_root, "only root may do what it does")
wants_mounts = pytest.mark.wants(may_mount, "no file system may be mounted here")

POWERLESS = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
"""Starts a command for root as for anybody else: what is forbidden to its files' owner is so for it."""

ORDINARY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
"""Starts a command for root as an ordinary user."""


@functools.cache
def may_be_ordinary() -> bool:
    """Whether root may start the command as an ordinary user, who must be able to read the installation."""
    if not is_root():
        return False
    twice = "import subprocess as s, sys; s.run([sys.executable, '-c', 'import synth.cli'], check=True)"
    trial = [*ORDINARY, sys.executable, "-c", twice]
    return subprocess.run(trial, cwd="/", env=environment(), capture_output=True, check=False).returncode == 0


wants_an_ordinary_user = pytest.mark.wants(
    may_be_ordinary, "root can start no ordinary user who reads this installation"
)
