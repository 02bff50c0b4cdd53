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
from typing import Any, NoReturn

import numpy as np

from synth.sandbox import confine, landlock, seccomp
from synth.sandbox.fork import run_forked
from synth.sandbox.wire import Arrays, Header

Answer = tuple[Header, Arrays]

state: dict[str, Any] = {}


def initialise(header: Header, arrays: Arrays) -> None:
    state["setup"] = header.get("name")
    state["environment"], state["open"] = sorted(os.environ), _open_descriptors()
    if header.get("fail"):
        raise RuntimeError("no such kernel")
    if header.get("no_landlock"):

        def missing() -> int:
            raise OSError(38, "Function not implemented")

        landlock.version = missing
    if header.get("thread"):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
        time.sleep(0.05)
    if header.get("exit"):
        os._exit(7)


def handle(header: Header, arrays: Arrays) -> Answer:
    answer: Answer = globals()[header["do"]](header, arrays)
    return answer


def echo(header: Header, arrays: Arrays) -> Answer:
    return {"name": state["setup"], **header}, arrays


def at_the_start(header: Header, arrays: Arrays) -> Answer:
    return {"environment": state["environment"], "open": state["open"]}, []


def remember(header: Header, arrays: Arrays) -> Answer:
    """Change the module's state, and say what it was and who is asked."""
    before, state["setup"] = state["setup"], header["name"]
    return {"before": before, "pid": os.getpid(), "parent": os.getppid()}, []


def double(header: Header, arrays: Arrays) -> Answer:
    return {"pid": os.getpid()}, [2 * array for array in arrays]


def attempt(header: Header, arrays: Arrays) -> Answer:
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


def raise_error(header: Header, arrays: Arrays) -> NoReturn:
    raise ValueError("the round is empty")


def sleep(header: Header, arrays: Arrays) -> Answer:
    time.sleep(header["seconds"])
    return {}, []


def die(header: Header, arrays: Arrays) -> NoReturn:
    os._exit(3)


def crash(header: Header, arrays: Arrays) -> None:
    ctypes.string_at(0)


def babble(header: Header, arrays: Arrays) -> Answer:
    """Write something that is no frame to the pipe that answers go through."""
    for descriptor in range(3, 20):
        try:
            os.write(descriptor, b"\xff" * 100)
        except OSError:
            continue
    return {}, []


def unspeakable(header: Header, arrays: Arrays) -> Answer:
    return {"fitness": float("nan")}, []


def prints(header: Header, arrays: Arrays) -> Answer:
    print("hello")
    sys.stderr.write("hello")
    os.write(1, b"hello")
    return {}, []


def layers_one_by_one(header: Header, arrays: Arrays) -> Answer:
    """Apply single layers of a fresh process that has none."""
    confine.forbid_privileges()
    if header["layer"] == "landlock":
        landlock.restrict([Path(path) for path in header["readable"]])
    elif header["layer"] == "limits":
        confine.limit_resources(4 << 30)
    else:
        confine.filter_calls(getattr(seccomp, header["layer"]))
    return attempt(header, arrays)


def candidate_without(header: Header, arrays: Arrays) -> Answer:
    """Attempt expressions in the child of a candidate whose other layer, seccomp, is left out."""
    seccomp.apply = lambda rules: 0
    confine.forbid_privileges()

    def attempts() -> bytes:
        return json.dumps(attempt(header, arrays)[0]).encode()

    return json.loads(run_forked(attempts, "full", 20.0, 10_000).data), []


def code_from(header: Header, arrays: Arrays) -> Answer:
    """Map memory writable, then ask for it to be executable."""
    library = ctypes.CDLL(None, use_errno=True)
    library.mmap.restype = ctypes.c_void_p
    address = library.mmap(None, ctypes.c_size_t(4096), 3, 0x22, -1, 0)
    return {"refused": library.mprotect(ctypes.c_void_p(address), ctypes.c_size_t(4096), 5) != 0}, []


def _open_descriptors() -> list[int]:
    found = []
    for descriptor in range(64):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        found.append(descriptor)
    return found
