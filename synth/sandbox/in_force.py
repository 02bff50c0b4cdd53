"""What of the sandbox is in force on this machine, measured by trying it."""

import tempfile

from synth.errors import SynthError
from synth.sandbox.confine import Layer, Profile
from synth.sandbox.process import Worker
from synth.settings.schema import Level

_WHO: dict[Profile, str] = {"native": "worker", "python": "python engine"}


def doctor(level: Level = "full") -> list[Layer]:
    """Return the layers of a worker, and for both kinds of code whether what it must not do is refused."""
    layers: list[Layer] = []
    for profile, who in _WHO.items():
        try:
            with Worker("synth.sandbox.probe", profile, level=level) as worker:
                worker.start({})
                question = {"forked": profile == "python", "level": level, "folder": tempfile.gettempdir()}
                refusals, _ = worker.request(question, timeout=30.0)
        except SynthError as error:
            layers.append(Layer(who, False, str(error)))
            continue
        if profile == "native":
            layers += worker.layers
        layers += [
            Layer(f"{profile} code cannot {what}", bool(refusal), refusal or "it can")
            for what, refusal in refusals.items()
        ]
    return layers
