"""What of the sandbox is in force on this machine, measured by trying it."""

import tempfile

from synth.errors import SynthError
from synth.sandbox.confine import Layer, Profile
from synth.sandbox.process import Worker
from synth.settings.schema import Level

_MODULE = "synth.sandbox.probe"


def doctor(level: Level = "full") -> list[Layer]:
    """Return the layers of a worker, and for both kinds of code whether what it must not do is refused."""
    setup = {"folder": tempfile.gettempdir()}
    try:
        with Worker(_MODULE, "native", level=level) as worker:
            worker.start(setup)
            layers = [*worker.layers, *_attempts(worker, "native", level)]
    except SynthError as error:
        return [Layer("worker", False, str(error))]
    try:
        with Worker(_MODULE, "python", level=level) as worker:
            worker.start(setup)
            layers += _attempts(worker, "python", level)
    except SynthError as error:
        layers.append(Layer("python engine", False, str(error)))
    return layers


def _attempts(worker: Worker, profile: Profile, level: Level) -> list[Layer]:
    """Let a worker try what must be refused."""
    answer, _ = worker.request({"forked": profile == "python", "level": level}, timeout=30.0)
    return [
        Layer(f"{profile} code cannot {what}", bool(refusal), str(refusal) or "it can")
        for what, refusal in answer.items()
    ]
