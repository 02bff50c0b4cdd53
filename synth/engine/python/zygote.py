"""The handlers of the python engine's worker, which forks a keeper and a child for each evaluation.

The worker has a single thread and knows no task: a request brings the one that is asked for, without any
validation label, and it is the keeper that reads it (see `worker.py`). So the process that runs a candidate
never saw another task, whose train examples may be this one's validation examples. What a
candidate may import is imported here, before the sandbox closes: the child can open no file.
"""

import gc
import importlib

import numpy as np

from synth.engine.python.module import described, load
from synth.engine.python.procedure import run_task
from synth.sandbox.fork import run_forked
from synth.sandbox.wire import Arrays, Header, encode

PRELOADED = (
    "abc array bisect cmath collections collections.abc contextlib copy dataclasses decimal enum fractions"
    " functools heapq io itertools json math numbers operator os pathlib random re socket statistics string"
    " struct sys textwrap threading time types typing warnings zlib numpy.fft numpy.lib.stride_tricks"
    " numpy.linalg numpy.ma numpy.polynomial numpy.random"
)
"""The modules that a candidate can import."""


def initialise(header: Header, arrays: Arrays) -> None:
    """Import what candidates may import, and leave children little to allocate or copy."""
    for name in PRELOADED.split():
        importlib.import_module(name)
    square = np.ones((2, 2))
    square @ square  # the linear algebra library allocates its buffers once, not in each child
    gc.collect()
    gc.freeze()  # the child writes to no page of ours only to count references


def handle(header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
    """Evaluate a module on one task in a child; answer the child's bytes, unread, and how it ended.

    The header holds `text` (None to try nothing but the confinement), `path`, `level`, `seconds`, `size` (the
    most bytes), and `task`, `seed`, `regression` and `record` as `run_task` takes them; the arrays are the
    train features, the train labels, the validation features, and the orders: (epochs, n), that of the train
    examples in each epoch.
    """
    ending = run_forked(
        lambda: _evaluated(header, arrays), header["level"], header["seconds"], header["size"]
    )
    data = np.frombuffer(ending.data, dtype=np.uint8)
    return {"code": ending.code, "stopped_by": ending.stopped_by}, [data]


def _evaluated(header: Header, arrays: Arrays) -> bytes:
    """Run a module on a task and return the frame that says what it did (in the child)."""
    if header["text"] is None:
        return encode({"status": "ok"})
    features, labels, valid, orders = arrays
    try:
        outcome = run_task(
            load(header["text"], header["path"]),
            features,
            labels,
            valid,
            regression=header["regression"],
            seed=header["seed"],
            task=header["task"],
            orders=orders.tolist(),
            record=header["record"],
        )
    except BaseException as error:
        try:
            status, sentence = described(error, header["path"])
        except BaseException:
            status, sentence = "failed", f"{header['path']}: it raised what cannot be described"
        return encode({"status": status, "error": sentence})
    return encode({"status": "ok"}, [outcome.predictions, outcome.train_errors])
