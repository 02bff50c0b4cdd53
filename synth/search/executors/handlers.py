"""What a native worker does for a search: load machines before the sandbox closes, then play rounds."""

import mmap  # noqa: F401 - numpy maps files with it, and nothing can be imported once the sandbox is closed
import pickle
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from synth.engine.native.batch import Batch
from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.evaluator import Machine
from synth.plugins import check_digests
from synth.search.arrays import unpack_candidates
from synth.search.evolution.island import play
from synth.search.evolution.round import Rules
from synth.search.evolution.rules import rules_for
from synth.search.executors.messages import Frame, Header, answer_frame, read_round
from synth.search.scoring.scorer import NativeScorer
from synth.search.scoring.worker_judge import WorkerJudge
from synth.settings.mixes import by_mix, mix_of
from synth.settings.schema import Config
from synth.tasks.metrics import metric_of


class _Worker:
    """What `initialise` leaves for `handle`; rules and machines are those of each mix of tasks."""

    config: Config
    rules: list[Rules]
    machines: list[Machine]
    judge: WorkerJudge | None
    folder: Path


def initialise(header: Header, arrays: Sequence[NDArray[Any]]) -> None:
    """Load the machines and import functions of one's own; nothing can become executable afterwards."""
    settings, *codes = arrays
    config = _Worker.config = pickle.loads(settings.tobytes())
    check_digests(header["plugins"], config.run.plugins)
    for metric, regression in header["metrics"]:
        metric_of(metric, regression)
    _Worker.rules = [rules_for(one) for one in by_mix(config)]
    machines = [
        Machine(Shape(**shape), code.tobytes()) for shape, code in zip(header["machines"], codes, strict=True)
    ]
    _Worker.machines = [machines[number] for number in header["shapes"]]
    _Worker.folder = Path(header["folder"])
    judging = [machines[number] for number in header["judging"]]
    _Worker.judge = WorkerJudge(config, judging, _Worker.folder) if judging else None


def handle(header: Header, arrays: Sequence[NDArray[Any]]) -> Frame:
    """Play a round, judge its best programs and return its outcome, or answer a question."""
    mix = mix_of(_Worker.config, header["island"])
    scorer = _scorer(header["tasks"], mix)
    if "question" in header:
        (candidate,) = unpack_candidates(dict(zip(("code", "sizes"), arrays, strict=True)))
        before = scorer.train_steps
        value = getattr(scorer, header["question"])(candidate)
        return {
            "value": value,
            "train_steps": scorer.train_steps - before,
            "per_task": list(scorer.per_task),
        }, []
    outcome = play(_Worker.rules[mix], scorer, read_round(header, arrays))
    if _Worker.judge is not None:
        outcome = replace(outcome, selects=[_Worker.judge.fitness(tip.candidate) for tip in outcome.best])
    return answer_frame(outcome)


@lru_cache(8)
def _scorer(name: str, mix: int) -> NativeScorer:
    """Return the scorer for the search tasks of a name, which are of a mix."""
    batch = Batch.load(_Worker.folder / name)
    return NativeScorer(_Worker.rules[mix].config, _Worker.machines[mix], batch)
