"""What travels between the coordinator and workers: headers in JSON's types, and arrays."""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.engine.native.codegen.emitter import Shape
from synth.language.candidate import Candidate
from synth.runs.events import Counts
from synth.search.arrays import (
    Arrays,
    pack_candidates,
    pack_lines,
    pack_texts,
    unpack_candidates,
    unpack_lines,
    unpack_texts,
)
from synth.search.evolution.round import Barred, Outcome, Round
from synth.settings.resolve import digests
from synth.settings.schema import Config
from synth.tasks.task import TaskSet

Header = dict[str, Any]
Frame = tuple[Header, list[NDArray[Any]]]


def setup_frame(
    config: Config,
    codes: Mapping[Shape, bytes],
    shapes: Sequence[Shape],
    judging: Sequence[Shape],
    folder: Path,
    task_sets: Sequence[TaskSet],
) -> Frame:
    """Return what `initialise` is given: settings, machines, the shape of each mix, and where batches lie.

    With them go the digests of functions of one's own, which it checks, and how tasks are scored.
    `judging` are the shapes of `worker_judge.judging_shapes`, or none where workers do not judge. The first
    array is the pickled settings: workers trust the coordinator, though not the other way round.
    """
    header = {
        "machines": [asdict(shape) for shape in codes],
        "shapes": [list(codes).index(shape) for shape in shapes],
        "judging": [list(codes).index(shape) for shape in judging],
        "folder": str(folder),
        "plugins": digests(config),
        "metrics": [[tasks.metric, tasks.regression] for tasks in task_sets],
    }
    return header, [np.frombuffer(content, np.uint8) for content in (pickle.dumps(config), *codes.values())]


def round_frame(round_: Round) -> Frame:
    """Return what `handle` is given to play a round."""
    header = {
        "tasks": round_.tasks,
        "island": round_.island,
        "number": round_.number,
        "state": list(round_.state),
        "barred": list(round_.barred),
    }
    return header, list(round_.state.values())


def read_round(header: Header, arrays: Sequence[NDArray[Any]]) -> Round:
    """Return the round that `round_frame` described."""
    state = dict(zip(header["state"], arrays, strict=True))
    return Round(header["tasks"], header["island"], header["number"], state, tuple(header["barred"]))


def question_frame(round_: Round, question: str, candidate: Candidate) -> Frame:
    """Return what `handle` is given to score one program: by which method of a scorer."""
    header = {"tasks": round_.tasks, "island": round_.island, "question": question}
    return header, list(pack_candidates([candidate]).values())


def answer_frame(outcome: Outcome) -> Frame:
    """Return what `handle` answers when a round is played."""
    state, barred = outcome.state, outcome.barred
    others: Arrays = {
        **pack_lines(outcome.best),
        "barred_keys": np.array([one.key for one in barred], np.uint64),
        "barred_reasons": pack_texts(one.reason for one in barred),
        **pack_candidates((one.candidate for one in barred), "barred_"),
    }
    header = {
        "counts": asdict(outcome.counts),
        "mutations": outcome.mutations,
        "state": list(state),
        "others": list(others),
        "selects": outcome.selects,
    }
    return header, [*state.values(), *others.values()]


def read_answer(header: Header, arrays: Sequence[NDArray[Any]]) -> Outcome:
    """Return the outcome that `answer_frame` described."""
    size = len(header["state"])
    others: Arrays = dict(zip(header["others"], arrays[size:], strict=True))
    barred = zip(
        others["barred_keys"].tolist(),
        unpack_texts(others["barred_reasons"]),
        unpack_candidates(others, "barred_"),
        strict=True,
    )
    return Outcome(
        dict(zip(header["state"], arrays[:size], strict=True)),
        Counts(**header["counts"]),
        header["mutations"],
        [tip for tip in unpack_lines(others) if tip is not None],
        [Barred(*one) for one in barred],
        header["selects"],
    )
