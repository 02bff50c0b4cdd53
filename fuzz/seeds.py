"""Input of each target that is as it should be, for the fuzzers to damage."""

import gzip
import io
import pickle
import tarfile
import tempfile
from pathlib import Path

import numpy as np

from synth.language.parser import candidate_of
from synth.language.templates import template_names, template_path
from synth.runs.events import Counts, Program
from synth.runs.lineage import Ancestor
from synth.sandbox.wire import encode
from synth.search import checkpoint
from synth.search.checkpoint import Identity, Point
from synth.search.evolution.state import Individual, IslandState
from synth.settings.presets import preset_names
from synth.settings.resolve import resolve, to_toml
from synth.standalone.parts import with_model
from synth.tasks.sources import cache


def modules() -> list[bytes]:
    """The templates, and one with the part that makes it a model."""
    texts = [template_path(name).read_bytes() for name in template_names()]
    return [*texts, with_model(candidate_of(texts[1].decode()).text()).encode()]


def configs() -> list[bytes]:
    """The presets."""
    return [to_toml(resolve(name, environment={})).encode() for name in preset_names()]


def settings() -> list[bytes]:
    """Settings in all three spellings."""
    return [
        b"search.population=50\nprogram.setup_ops=56-64\n--seed=3\nSYNTH_DATA__NAME=digits\nlimits.target=none"
    ]


def batches() -> list[bytes]:
    """Small batches, by several versions of pickle."""
    values = {"data": np.arange(12, dtype=np.uint8).reshape(3, 4), "labels": [1, 2, 9], "filenames": ["a"]}
    return [pickle.dumps(values, protocol=protocol) for protocol in (2, 3, 4)]


def archives() -> list[bytes]:
    """An archive with one batch and another file, packed and with the tar beneath."""
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w", format=tarfile.PAX_FORMAT) as writer:
        for name in ("data_batch_1", "größe" * 40):
            info = tarfile.TarInfo(f"cifar-10-batches-py/{name}")
            info.size = 600
            writer.addfile(info, io.BytesIO(bytes(600)))
    return [gzip.compress(tar.getvalue(), mtime=0), gzip.compress(tar.getvalue(), 0, mtime=0)]


def arrays() -> list[bytes]:
    """Classes and a regression, packed and not."""
    x, y = np.arange(40.0).reshape(20, 2), np.arange(20) % 2
    found = []
    for save in (np.savez, np.savez_compressed):
        for labels in (y, y + 0.5, np.array(["a", "b"] * 10)):
            file = io.BytesIO()
            save(file, X=x, y=labels)
            found.append(file.getvalue())
    return found


def frames() -> list[bytes]:
    """A candidate's answers, good and bad."""
    return [
        encode({"status": "ok"}, [np.zeros((1, 3)), np.zeros(0)]),
        encode({"status": "failed", "error": "m.py:1: ValueError"}),
    ]


def checkpoints() -> list[bytes]:
    """A checkpoint of two islands with a best program."""
    text = template_path("linear").read_text(encoding="utf-8")
    candidate = candidate_of(text)
    line = Ancestor(None, "start", 0, 0.5, 0, 0, candidate)
    state = IslandState([Individual(candidate, 0.5, 7, True, line)] * 3, seen={7: None})
    best = Program(1, candidate, text, len(candidate), candidate, 0.5, 0.6, (0.6,), 0, 0, 0, (line,))
    inputs = (state.to_arrays(), state.to_arrays())
    counts = {"scale": {"evaluated": 3, "seen": 1}}
    point = Point(1, 0, inputs, Counts(experiments=2), best, (7,), (), 0, 1.5, mutations=counts)
    identity = Identity("seed = 0\n", "0" * 64, {"search": "1", "select": "2"})
    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), point, identity)
        return [(Path(folder) / "000001.npz").read_bytes()]


def sealed() -> list[bytes]:
    """The same in the form of the target `sealed`."""
    import zipfile

    with zipfile.ZipFile(io.BytesIO(checkpoints()[0])) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    head = ",".join(f"{name}={len(data)}" for name, data in members.items())
    return [head.encode() + b"\n" + b"".join(members.values())]


def kept() -> list[bytes]:
    """An entry of the cache."""
    cache.store("tasks", "seed", {"x": np.arange(6.0)}, {"what": "x"})
    entry = cache.cache_dir() / "tasks" / "seed"
    notes = b"".join((entry / "meta.json").read_bytes().split(b"\n"))
    return [notes + b"\n" + (entry / "x.npy").read_bytes()]


SEEDS = {
    "module": modules,
    "config": configs,
    "settings": settings,
    "batch": batches,
    "packed": archives,
    "arrays": arrays,
    "frame": frames,
    "answer": frames,
    "saved": checkpoints,
    "sealed": sealed,
    "kept": kept,
}
"""For each target what gives its seeds."""
