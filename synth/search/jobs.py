"""What a native worker does for a search: load machines before the sandbox closes, then play rounds."""

import mmap  # noqa: F401 - numpy maps files with it, and nothing can be imported once the sandbox is closed
from collections.abc import Mapping, Sequence
from dataclasses import asdict, is_dataclass, replace
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from synth.config import Config
from synth.engine.native.batch import Batch
from synth.engine.native.emitter import Shape
from synth.engine.native.evaluator import Machine
from synth.engine.native.lowering import lower
from synth.language.candidate import Candidate
from synth.search.arrays import Arrays, pack_candidates, pack_texts, unpack_candidates, unpack_texts
from synth.search.island import play
from synth.search.judging import WorkerJudge
from synth.search.lineage import pack_lines, unpack_lines
from synth.search.mixes import mix_of, mixes, with_mix
from synth.search.round import Barred, Outcome, Round, Rules, Statistics
from synth.search.rules import rules_for
from synth.search.scoring import NativeScorer

Header = dict[str, Any]
Frame = tuple[Header, list[NDArray[Any]]]


class _Worker:
    """What `initialise` leaves for `handle`; rules and machines are those of each mix of tasks."""

    config: Config
    rules: list[Rules]
    machines: list[Machine]
    judge: WorkerJudge | None
    folder: Path
    scorers: "LRUCache[str, NativeScorer]" = LRUCache(8)


def setup_frame(
    config: Config,
    codes: Mapping[Shape, bytes],
    shapes: Sequence[Shape],
    judging: Sequence[Shape],
    folder: Path,
) -> Frame:
    """What `initialise` is given: settings, machines, the shape of each mix, and where batches lie.

    `judging` are the shapes of `judging.judging_shapes`, or none where workers do not judge.
    """
    header = {
        "config": asdict(config),
        "machines": [asdict(shape) for shape in codes],
        "shapes": [list(codes).index(shape) for shape in shapes],
        "judging": [list(codes).index(shape) for shape in judging],
        "folder": str(folder),
    }
    return header, [np.frombuffer(code, np.uint8) for code in codes.values()]


def initialise(header: Header, arrays: Sequence[NDArray[Any]]) -> Frame:
    """Load the machines; nothing can become executable afterwards."""
    config = _Worker.config = _config(header["config"])
    _Worker.rules = [rules_for(with_mix(config, mix)) for mix in range(len(mixes(config)))]
    machines = [
        Machine(Shape(**shape), code.tobytes())
        for shape, code in zip(header["machines"], arrays, strict=True)
    ]
    _Worker.machines = [machines[number] for number in header["shapes"]]
    _Worker.folder = Path(header["folder"])
    judging = [machines[number] for number in header["judging"]]
    _Worker.judge = WorkerJudge(config, judging, _Worker.folder) if judging else None
    return {}, []


def _config(document: dict[str, Any]) -> Config:
    """The settings from their `asdict` form, in which JSON has turned tuples into lists."""
    values: dict[str, Any] = {}
    for name, hint in get_type_hints(Config).items():
        value = document[name]
        if is_dataclass(hint):
            section = {key: tuple(item) if isinstance(item, list) else item for key, item in value.items()}
            values[name] = hint(**section)  # type: ignore[operator]
        else:
            values[name] = value
    return Config(**values)


def round_frame(task: Round) -> Frame:
    """What `handle` is given to play a round."""
    header = {
        "tasks": task.tasks,
        "island": task.island,
        "number": task.number,
        "state": list(task.state),
        "barred": list(task.barred),
    }
    return header, list(task.state.values())


def read_round(header: Header, arrays: Sequence[NDArray[Any]]) -> Round:
    """The round that `round_frame` described."""
    state = dict(zip(header["state"], arrays, strict=True))
    return Round(header["tasks"], header["island"], header["number"], state, tuple(header["barred"]))


def question_frame(task: Round, question: str, candidate: Candidate) -> Frame:
    """What `handle` is given to score one program: by which method of a scorer."""
    header = {"tasks": task.tasks, "island": task.island, "question": question}
    return header, list(pack_candidates([candidate]).values())


def handle(header: Header, arrays: Sequence[NDArray[Any]]) -> Frame:
    """Play a round, judge its best programs and return its outcome, or answer a question."""
    mix = mix_of(_Worker.config, header["island"])
    scorer = _scorer(header["tasks"], mix)
    if "question" in header:
        (candidate,) = unpack_candidates(dict(zip(("code", "sizes"), arrays, strict=True)))
        before = scorer.train_steps
        value = getattr(scorer, header["question"])(lower(candidate))
        return {"value": value, "train_steps": scorer.train_steps - before}, []
    outcome = play(_Worker.rules[mix], scorer, read_round(header, arrays))
    if _Worker.judge is not None:
        outcome = replace(outcome, selects=[_Worker.judge.fitness(tip.candidate) for tip in outcome.best])
    return answer_frame(outcome)


def _scorer(name: str, mix: int) -> NativeScorer:
    found = _Worker.scorers.get(name)
    if found is None:
        batch = Batch.load(_Worker.folder / name)
        config = _Worker.rules[mix].config
        found = _Worker.scorers[name] = NativeScorer(config, _Worker.machines[mix], batch)
    return found


def answer_frame(outcome: Outcome) -> Frame:
    """What `handle` answers when a round is played."""
    state, barred = outcome.state, outcome.barred
    others: Arrays = {
        **pack_lines(outcome.best),
        "barred_keys": np.array([one.key for one in barred], np.uint64),
        "barred_reasons": pack_texts(one.reason for one in barred),
        **pack_candidates((one.candidate for one in barred), "barred_"),
    }
    header = {
        "statistics": asdict(outcome.statistics),
        "state": list(state),
        "others": list(others),
        "selects": outcome.selects,
    }
    return header, [*state.values(), *others.values()]


def read_answer(header: Header, arrays: Sequence[NDArray[Any]]) -> Outcome:
    """The outcome that `answer_frame` described."""
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
        Statistics(**header["statistics"]),
        [tip for tip in unpack_lines(others) if tip is not None],
        [Barred(*one) for one in barred],
        header["selects"],
    )
