"""Handlers of the workers in these tests: they do, inside the worker, what a request says."""

import ctypes
import json
import mmap
import os
import socket
import sys
import threading
import time
from pathlib import Path

import numpy as np

from synth.sandbox import confine, landlock, seccomp
from synth.sandbox.fork import run_forked

state = {}


def initialise(header, arrays):
    state["setup"] = header.get("name")
    if header.get("fail"):
        raise RuntimeError("no such kernel")
    if header.get("no_landlock"):

        def missing():
            raise OSError(38, "Function not implemented")

        landlock.version = missing
    if header.get("thread"):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        time.sleep(0.05)
    if header.get("exit"):
        os._exit(7)
    return {"environment": sorted(os.environ), "open": _open_descriptors()}, arrays


def handle(header, arrays):
    return globals()[header["do"]](header, arrays)


def echo(header, arrays):
    return {"name": state["setup"], **header}, arrays


def remember(header, arrays):
    """Change the module's state, and say what it was and who is asked."""
    before, state["setup"] = state["setup"], header["name"]
    return {"before": before, "pid": os.getpid(), "parent": os.getppid()}, []


def read_descriptor(header, arrays):
    return {"content": os.pread(header["number"], 100, 0).decode()}, []


def double(header, arrays):
    return {"pid": os.getpid()}, [2 * array for array in arrays]


def attempt(header, arrays):
    """Say how an expression fails: the name of the exception, or an empty text."""
    names = {"os": os, "mmap": mmap, "socket": socket, "np": np, "Path": Path, "threading": threading}
    answers = []
    for text in header["texts"]:
        try:
            eval(text, names)
            answers.append("")
        except BaseException as error:
            answers.append(type(error).__name__)
    return {"answers": answers}, []


def raise_error(header, arrays):
    raise ValueError("the round is empty")


def sleep(header, arrays):
    time.sleep(header["seconds"])
    return {}, []


def die(header, arrays):
    os._exit(3)


def crash(header, arrays):
    ctypes.string_at(0)


def babble(header, arrays):
    """Write something that is no frame to the pipe that answers go through."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\xff" * 100)
        except OSError:
            continue
    return {}, []


def unspeakable(header, arrays):
    return {"fitness": float("nan")}, []


def prints(header, arrays):
    print("hello")
    sys.stderr.write("hello")
    os.write(1, b"hello")
    return {}, []


def layers_one_by_one(header, arrays):
    """Apply single layers of a fresh process that has none."""
    confine.forbid_privileges()
    if header["layer"] == "landlock":
        landlock.restrict([Path(path) for path in header["readable"]])
    elif header["layer"] == "limits":
        confine.limit_resources(4 << 30)
    else:
        confine.filter_calls(getattr(seccomp, header["layer"]))
    return attempt(header, arrays)


def candidate_without(header, arrays):
    """Attempt expressions in the child of a candidate whose other layer, seccomp, is left out."""
    seccomp.apply = lambda rules: 0
    confine.forbid_privileges()

    def attempts():
        return json.dumps(attempt(header, arrays)[0]).encode()

    return json.loads(run_forked(attempts, "full", 20.0, 10_000).data), []


def code_from(header, arrays):
    """Map memory writable, then ask for it to be executable."""
    library = ctypes.CDLL(None, use_errno=True)
    library.mmap.restype = ctypes.c_void_p
    address = library.mmap(None, ctypes.c_size_t(4096), 3, 0x22, -1, 0)
    return {"refused": library.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 5) != 0}, []


def _open_descriptors():
    found = []
    for descriptor in range(64):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.append(descriptor)
    return found
