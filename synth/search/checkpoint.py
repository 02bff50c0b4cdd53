"""Checkpoints: everything that a search needs to go on, in one file that is whole or not there.

A checkpoint is a zip archive, an .npz with one JSON document beside the arrays; its comment, with which the
file ends, is the sha256 of every byte before. The checkpoint before is kept, in case a disk loses the last.
"""

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synth.errors import UsageError
from synth.runs.events import Counts, Program
from synth.runs.files import write_atomically
from synth.runs.store import NOTHING, Mark
from synth.search.arrays import (
    Arrays,
    pack_candidates,
    pack_lines,
    unpack_candidates,
    unpack_lines,
)
from synth.search.evolution.state import IslandState

MOST_ISLANDS = 10_000
"""Islands of the largest search that can go on."""

_DOCUMENT = "search.json"
_DIGEST_LENGTH = 64

_POINT = ("number", "island", "taken", "events", "seconds", "seal", "mutations")
"""Fields of a `Point` that stand in the document as they are."""
_BEST = ("number", "text", "length", "search", "select", "select_per_task", "island", "round", "experiment")
"""Facts about the best program; its code and lineage are arrays."""


@dataclass(frozen=True)
class Point:
    """A search between two rounds."""

    number: int
    """The round that is looked at next, and its island."""
    island: int
    inputs: tuple[Arrays, ...]
    """The states from which each island's next rounds follow."""
    totals: Counts
    best: Program | None
    judged: tuple[int, ...]
    """Keys of the programs that were judged, in order."""
    taken: tuple[str, ...]
    """Digests of the immigrants that were looked at."""
    events: int
    """The last row of the store's events."""
    seconds: float
    seal: str = NOTHING
    """Of what the store held then, see `Store.seal`."""
    mutations: dict[str, dict[str, int]] = field(default_factory=dict)
    """What became of the children of each kind of mutation."""

    @property
    def mark(self) -> Mark:
        """Return how far the run had come, for its store."""
        return {
            "number": self.number,
            "island": self.island,
            "improvements": self.best.number if self.best else 0,
            "events": self.events,
        }


@dataclass(frozen=True)
class Identity:
    """What a search depends on beside its state: settings as TOML, digests of op table and task data."""

    config: str
    ops: str
    data: Mapping[str, str]


def save(folder: Path, point: Point, identity: Identity) -> None:
    """Write a checkpoint; the one before stays, older ones go. Raises OutputFailed."""
    numbers = _numbers(folder)
    number = max(numbers, default=0) + 1
    write_atomically(_path(folder, number), _encoded(point, identity), within=folder.parent)
    for old in numbers[:-1]:
        with suppress(OSError):
            _path(folder, old).unlink()


def load(folder: Path) -> tuple[Point, Identity, str]:
    """Return the last whole checkpoint, what it belongs to, and a notice if a later one is damaged.

    Raises UsageError when there is none.
    """
    reasons: list[str] = []
    for number in reversed(_numbers(folder)):
        path = _path(folder, number)
        try:
            return *_decoded(path.read_bytes()), "; ".join(reasons)
        except OSError as error:
            reasons.append(f"{path} cannot be read: {error.strerror}")
        except ValueError as error:
            reasons.append(f"{path} is damaged: {error}")
    if reasons:
        raise UsageError(f"no checkpoint of this run can be used: {'; '.join(reasons)}")
    raise UsageError(f"{folder.parent} has no checkpoint to go on from")


def _numbers(folder: Path) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob("*.npz") if path.stem.isdecimal())


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.npz"


def _encoded(point: Point, identity: Identity) -> bytes:
    document: dict[str, Any] = {
        **{name: getattr(point, name) for name in _POINT},
        "identity": asdict(identity),
        "islands": len(point.inputs),
        "totals": asdict(point.totals),
        "best": {name: getattr(point.best, name) for name in _BEST} if point.best else None,
    }
    groups: dict[str, Arrays] = {f"island{island}": state for island, state in enumerate(point.inputs)}
    groups["judged"] = {"keys": np.array(point.judged, np.uint64)}
    if point.best:
        groups["best"] = {
            **pack_candidates([point.best.candidate, point.best.raw]),
            **pack_lines(point.best.lineage[-1:]),
        }
    members = {_DOCUMENT: json.dumps(document, allow_nan=False).encode()}
    for group, arrays in groups.items():
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.save(buffer, array, allow_pickle=False)
            members[f"{group}/{name}.npy"] = buffer.getvalue()
    return archived(members)


def archived(members: Mapping[str, bytes]) -> bytes:
    """Return the archive that holds these members, with the digest of its bytes as its comment."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.comment = bytes(_DIGEST_LENGTH)
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    body = whole.getvalue()[:-_DIGEST_LENGTH]
    return body + _digest(body)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _decoded(data: bytes) -> tuple[Point, Identity]:
    """Return what `_encoded` was given. Raises ValueError for anything else."""
    if _digest(data[:-_DIGEST_LENGTH]) != data[-_DIGEST_LENGTH:]:
        raise ValueError("its digest is wrong")
    try:
        return _understood(data)
    except UsageError:
        raise
    except Exception as error:  # the digest says that it is whole, not that a search wrote it
        raise ValueError(f"no search wrote it ({type(error).__name__}: {error})") from None


def _understood(data: bytes) -> tuple[Point, Identity]:
    """Return what an archive says. Raises whatever comes up where it does not fit together."""
    groups: dict[str, Arrays] = {}
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        document = json.loads(archive[_DOCUMENT])
        if "mutations" not in document:
            raise UsageError(
                "the run's checkpoint was written by an earlier synth 0.1.0 (commit a48147b reads it); its "
                "modules can begin a new run with --start"
            )
        if not 0 <= document["island"] < document["islands"] <= MOST_ISLANDS:
            raise ValueError(f"it has {document['islands']} islands")
        for name in archive.files:
            group, _, array = name.partition("/")
            groups.setdefault(group, {})[array] = archive[name]
    inputs = tuple(groups.get(f"island{island}", {}) for island in range(document["islands"]))
    for state in filter(None, inputs):
        IslandState.from_arrays(state)  # raises where something is missing
    facts = {name: document[name] for name in _POINT} | {"taken": tuple(document["taken"])}
    best = _program(document["best"], groups["best"]) if document["best"] else None
    judged = tuple(groups["judged"]["keys"].tolist())
    point = Point(inputs=inputs, totals=Counts(**document["totals"]), best=best, judged=judged, **facts)
    return point, Identity(**document["identity"])


def _program(facts: Mapping[str, Any], arrays: Arrays) -> Program:
    candidate, raw = unpack_candidates(arrays)
    (tip,) = unpack_lines(arrays) or (None,)
    before = {"text": candidate.text(), "length": len(candidate)}  # what earlier versions did not write
    facts = {**before, **facts, "select_per_task": tuple(facts["select_per_task"])}
    return Program(**facts, candidate=candidate, raw=raw, lineage=tip.chain() if tip else ())
