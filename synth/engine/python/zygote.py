"""The handlers of the python engine's worker, which forks a keeper and a child for each evaluation.

The worker has a single thread and knows no task: they lie in a file that has no name, without any validation
label, and the keeper (see `worker.py`) reads the one that is asked for. So the process that runs a candidate
was never told about another task, whose train examples may be this one's validation examples. What a
candidate may import is imported here, before the sandbox closes: the child can open no file.
"""

import gc
import importlib
import io
import os
import sys
from typing import Any, cast

import numpy as np

from synth.engine.python.module import described, load
from synth.engine.python.procedure import Outcome, run_task
from synth.sandbox.fork import FORKS, run_forked
from synth.sandbox.wire import Arrays, Header, decode, write_frame
from synth.settings.schema import Level

PRELOADED = (
    "abc array bisect cmath collections collections.abc contextlib copy dataclasses decimal enum fractions"
    " functools heapq io itertools json math numbers operator os pathlib random re socket statistics string"
    " struct sys textwrap threading time types typing warnings zlib numpy.fft numpy.lib.stride_tricks"
    " numpy.linalg numpy.ma numpy.polynomial numpy.random"
)
"""The modules that a candidate can import."""

_state: dict[str, Any] = {}


def initialise(header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
    """Take note of where the tasks lie: for each its metric, and the start and length of its frame in `file`.

    A task's frame holds its train features, train labels, validation features and orders, which are (epochs,
    n): the order of the train examples in each epoch. Without forks, take these of the only task, `metric`.
    """
    for name in PRELOADED.split():
        importlib.import_module(name)
    _state["level"], _state["seed"] = header["level"], header["seed"]
    if FORKS:
        _state["tasks"] = header["tasks"]
        # A low number: the child closes no descriptor above the limit.
        _state["file"] = os.dup(header["file"])
        os.close(header["file"])
    else:
        _state["task"] = header["metric"], arrays
    np.ones((2, 2)) @ np.ones(
        (2, 2)
    )  # the linear algebra library allocates its buffers once, not in each child
    gc.collect()
    gc.freeze()  # the child writes to no page of ours only to count references
    return {}, []


def handle(header: Header, arrays: Arrays) -> tuple[Header, Arrays]:
    """Evaluate a module on one task in a child; answer the child's bytes, unread, and how it ended.

    The header holds `text`, `path`, `task`, `seconds`, `size` (the most bytes), and `first`: None, or how
    many train and validation examples to use, with all errors recorded.
    """
    level: Level = _state["level"]
    task = None if header["text"] is None else _read_task(header["task"])
    ending = run_forked(lambda: _evaluated(header, task), level, header["seconds"], header["size"])
    answer = {"code": ending.code, "stopped_by": ending.stopped_by}
    return answer, [np.frombuffer(ending.data, dtype=np.uint8)]


def _read_task(number: int) -> tuple[str, Arrays]:
    """Read the metric and arrays of a task, and not a byte of any other."""
    if sys.platform == "win32" or not FORKS:
        return cast(tuple[str, Arrays], _state["task"])
    metric, start, length = _state["tasks"][number]
    parts = []
    while length:
        parts.append(os.pread(_state["file"], min(length, 1 << 30), start))
        start, length = start + len(parts[-1]), length - len(parts[-1])
    return metric, decode(b"".join(parts))[1]


def _evaluated(header: Header, task: tuple[str, Arrays] | None) -> bytes:
    """Run a module on a task and return the frame that says what it did (in the child)."""
    if task is None:  # a trial of the confinement alone
        return _frame({"status": "ok"}, [])
    path, first = header["path"], header["first"]
    metric, (features, labels, valid, order) = task
    orders = order.tolist() if first is None else None
    if first is not None:
        features, labels, valid = features[:first], labels[:first], valid[:first]
    try:
        outcome: Outcome = run_task(
            load(header["text"], path),
            features,
            labels,
            valid,
            metric=metric,
            seed=_state["seed"],
            task=header["task"],
            orders=orders,
            record=first or 0,
        )
    except BaseException as error:
        try:
            status, sentence = described(error, path)
        except BaseException:
            status, sentence = "failed", f"{path}: it raised what cannot be described"
        return _frame({"status": status, "error": sentence}, [])
    return _frame({"status": "ok"}, [outcome.predictions, outcome.train_errors])


def _frame(header: Header, arrays: Arrays) -> bytes:
    stream = io.BytesIO()
    write_frame(stream, header, arrays)
    return stream.getvalue()
