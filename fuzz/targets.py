"""What reads input that nobody has looked at, each as a function of bytes that may raise nothing.

Whatever a target raises is a bug: the errors that its reader documents are caught here. The tests in
tests/fuzz, the coverage-guided fuzzer (fuzz/run.py) and the corpus (fuzz/corpus) all come here.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from synth.engine.python.engine import CandidateFailed, _read
from synth.errors import Refusal, UsageError
from synth.language.parser import parse, parse_file
from synth.sandbox.wire import WireError, decode
from synth.search import checkpoint
from synth.settings.resolve import resolve
from synth.settings.schema import FLAGS
from synth.tasks.sources import cache, cifar10, npz
from synth.tasks.sources.pickled import read_batch

FOLDER = Path(tempfile.mkdtemp(prefix="synth-fuzz-"))


def file_of(data: bytes, name: str) -> Path:
    """Write a file for a reader that wants one."""
    path = FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def module(data: bytes) -> None:
    """A candidate module: what parses is written and parsed back to itself."""
    try:
        candidate = parse_file(file_of(data, "module.py")).candidate
    except (Refusal, UsageError):
        return
    assert parse(candidate.text()).candidate == candidate


def config(data: bytes) -> None:
    """A configuration file."""
    try:
        resolve(config_file=file_of(data, "config.toml"), environment={})
    except UsageError:
        return


def settings(data: bytes) -> None:
    """Settings on the command line and in the environment, one a line."""
    lines = data.decode("utf-8", "surrogateescape").replace("\0", "").splitlines()
    sets = [line for line in lines if not line.startswith(("--", "SYNTH_"))]
    pairs = [line.partition("=") for line in lines if line.startswith(("--", "SYNTH_"))]
    flags = {name: value for name, _, value in pairs if name in FLAGS}
    environment = {name: value for name, _, value in pairs if name.startswith("SYNTH_")}
    try:
        resolve(flags=flags, sets=sets, environment=environment)
    except UsageError:
        return


def batch(data: bytes) -> None:
    """A pickled batch of CIFAR-10."""
    try:
        images, labels = read_batch(data, 4, 10)
    except ValueError:
        return
    assert images.shape == (len(labels), 4)
    assert images.dtype == labels.dtype == np.uint8


def packed(data: bytes) -> None:
    """An archive of CIFAR-10."""
    try:
        for name, content in cifar10.batches(file_of(data, "archive.tar.gz")):
            assert name in cifar10.BATCHES
            assert len(content) <= cifar10.LARGEST_BATCH
    except UsageError:
        return


def arrays(data: bytes) -> None:
    """A user's own .npz file."""
    try:
        examples, _ = npz.read(file_of(data, "own.npz"))
    except UsageError:
        return
    assert examples.raw.ndim == 2
    assert len(examples.rows) == len(examples.classes)


def frame(data: bytes) -> None:
    """A frame from a worker."""
    try:
        _, found = decode(data)
    except WireError:
        return
    assert sum(array.nbytes for array in found) <= len(data)


def answer(data: bytes) -> None:
    """What a candidate's process wrote."""
    for stopped_by in (None, "size"):
        try:
            outcome = _read(data, {"code": 0, "stopped_by": stopped_by}, "m.py", (1, 3), 0)
        except CandidateFailed as failure:
            assert failure.result.status in ("failed", "crashed", "rejected")
            assert failure.result.error is not None
            assert len(failure.result.error) <= 400
            assert failure.result.error.isprintable()
        else:
            assert outcome.predictions.shape[1] == 3


def saved(data: bytes) -> None:
    """A checkpoint, as it lies on a disk."""
    file_of(data, "run/checkpoint/000001.npz")
    try:
        checkpoint.load(FOLDER / "run" / "checkpoint")
    except UsageError:
        return


def sealed(data: bytes) -> None:
    """A checkpoint whose digest is right: a line with names and sizes of its members, then these."""
    head, _, rest = data.partition(b"\n")
    members = {}
    for entry in head.decode("latin1").split(","):
        name, _, size = entry.rpartition("=")
        if size.isdecimal() and len(size) < 8 and 0 < len(name) < 200:
            members[name], rest = rest[: int(size)], rest[int(size) :]
    saved(checkpoint.archived(members))


def kept(data: bytes) -> None:
    """An entry of the task cache: its notes, a line end, and its array's file."""
    notes, _, content = data.partition(b"\n")
    entry = Path(cache.cache_dir()) / "tasks" / "fuzz"
    entry.mkdir(parents=True, exist_ok=True)
    (entry / "meta.json").write_bytes(notes)
    (entry / "x.npy").write_bytes(content)
    cache.load("tasks", "fuzz")


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (module, config, settings, batch, packed, arrays, frame, answer, saved, sealed, kept)
}
"""All targets by name; a folder of the corpus has the name of its target."""
