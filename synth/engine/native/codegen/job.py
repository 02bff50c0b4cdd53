"""The record by which Python and the machine speak: one evaluation of one program on one group of tasks."""

import ctypes

from synth.engine.native.codegen.fields import ADDRESS, CODE, NUMBER


class Job(ctypes.Structure):
    """The record, filled in by `evaluator.py`; pointers are addresses."""

    _fields_ = [
        ("memory", ADDRESS),
        ("scratch", ADDRESS),
        ("saved", ADDRESS),  # rows of a memory, for lanes with fewer examples than others
        ("rows", NUMBER),
        ("vectors", NUMBER),  # row at which the vectors begin
        ("matrices", NUMBER),
        ("setup", CODE),
        ("setup_length", NUMBER),
        ("predict", CODE),
        ("predict_length", NUMBER),
        ("learn", CODE),
        ("learn_length", NUMBER),
        ("train_features", ADDRESS),  # rows (examples, F)
        ("train_labels", ADDRESS),  # rows (examples,)
        ("valid_features", ADDRESS),
        ("valid_labels", ADDRESS),
        ("train_counts", ADDRESS),  # i32 a lane
        ("valid_counts", ADDRESS),
        ("train_most", NUMBER),  # the largest count
        ("valid_most", NUMBER),
        ("order", ADDRESS),  # i32 (epochs - 1, examples, lanes)
        ("order_stride", NUMBER),  # examples of one epoch in `order`
        ("epochs", NUMBER),
        ("live", ADDRESS),  # i32 a lane: whether it holds a task
        ("tasks", ADDRESS),  # i32 a lane: the task's number, for the random source
        ("examples", ADDRESS),  # i32 a lane: the example's number, for the random source
        ("seed", NUMBER),
        ("phase", NUMBER),
        ("draws", NUMBER),  # of the function that runs, so far; for the random source
        ("regression", NUMBER),  # 0: classes, scored by accuracy; 1: numbers, scored by rms
        ("errors", ADDRESS),  # rows (train_most + valid_most,) or null
        ("predictions", ADDRESS),  # rows (epochs, valid_most): s1 for another metric, or null
        ("fitness", ADDRESS),  # double a lane
        ("train_steps", NUMBER),
    ]
