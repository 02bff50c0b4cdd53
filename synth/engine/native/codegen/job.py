"""The record by which Python and the machine speak: one evaluation of one program on one group of tasks."""

import ctypes

from synth.engine.native.codegen.emitter import I64, POINTER
from synth.engine.native.codegen.record import Layout

JOB = Layout(
    (
        ("memory", POINTER),
        ("scratch", POINTER),
        ("saved", POINTER),  # rows of a memory, for lanes with fewer examples than others
        ("rows", I64),
        ("vectors", I64),  # row at which the vectors begin
        ("matrices", I64),
        ("setup", POINTER),
        ("setup_length", I64),
        ("predict", POINTER),
        ("predict_length", I64),
        ("learn", POINTER),
        ("learn_length", I64),
        ("train_features", POINTER),  # rows (examples, F)
        ("train_labels", POINTER),  # rows (examples,)
        ("valid_features", POINTER),
        ("valid_labels", POINTER),
        ("train_counts", POINTER),  # i32 a lane
        ("valid_counts", POINTER),
        ("train_most", I64),  # the largest count
        ("valid_most", I64),
        ("order", POINTER),  # i32 (epochs - 1, examples, lanes)
        ("order_stride", I64),  # examples of one epoch in `order`
        ("epochs", I64),
        ("live", POINTER),  # i32 a lane: whether it holds a task
        ("tasks", POINTER),  # i32 a lane: the task's number, for the random source
        ("examples", POINTER),  # i32 a lane: the example's number, for the random source
        ("seed", I64),
        ("phase", I64),
        ("draws", I64),  # of the function that runs, so far; for the random source
        ("regression", I64),  # 0: accuracy, 1: rms
        ("errors", POINTER),  # rows (train_most + valid_most,) or null
        ("fitness", POINTER),  # double a lane
        ("train_steps", I64),
    )
)


class Job(ctypes.Structure):
    """The record, filled in by `evaluator.py`; pointers are addresses."""

    _fields_ = JOB.ctypes()
