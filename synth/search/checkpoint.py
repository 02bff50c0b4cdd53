"""Checkpoints: everything that a search needs to go on, in one file that is whole or not there.

A checkpoint is a zip archive, an .npz with one JSON document beside the arrays; its comment, with which the
file ends, is the sha256 of every byte before. The checkpoint before is kept, in case a disk loses the last.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from synth.errors import UsageError
from synth.language.memory import ADDRESSES
from synth.runs.events import Counts, Program
from synth.runs.files import write_atomically
from synth.runs.store import NOTHING
from synth.search.arrays import (
    Arrays,
    check_code,
    pack_candidates,
    pack_lines,
    unpack_candidates,
    unpack_lines,
)
from synth.search.evolution.state import IslandState

KEPT = 2
"""Checkpoints that stay."""

MOST_ISLANDS = 10_000
"""Islands of the largest search that can go on."""

_DOCUMENT = "search.json"
_DIGEST_LENGTH = 64
_NAME = re.compile(r"(\d+)\.npz")


class _Damaged(Exception):
    """A file that is not a whole checkpoint; the message says why."""


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

    def rounds_of(self, island: int) -> int:
        """How many rounds of an island were looked at."""
        return self.number + (island < self.island)


@dataclass(frozen=True)
class Identity:
    """What a search depends on beside its state: settings as TOML, digests of op table and task data."""

    config: str
    ops: str
    data: Mapping[str, str]


def save(folder: Path, point: Point, identity: Identity) -> None:
    """Write a checkpoint; the one before stays, older ones go. Raises OutputFailed."""
    numbers = _numbers(folder)
    number = numbers[-1] + 1 if numbers else 1
    write_atomically(_path(folder, number), _encoded(point, identity), within=folder.parent)
    for old in numbers:
        if old <= number - KEPT:
            with suppress(OSError):
                _path(folder, old).unlink()


def load(folder: Path) -> tuple[Point, Identity, str]:
    """The last whole checkpoint of a folder, what it belongs to, and a notice if a later one is damaged.

    Raises UsageError when there is none.
    """
    reasons: list[str] = []
    for number in reversed(_numbers(folder)):
        path = _path(folder, number)
        try:
            return *_decoded(path.read_bytes()), "; ".join(reasons)
        except OSError as error:
            reasons.append(f"{path} cannot be read: {error.strerror}")
        except _Damaged as error:
            reasons.append(f"{path} is damaged: {error}")
    if reasons:
        raise UsageError(f"no checkpoint of this run can be used: {'; '.join(reasons)}")
    raise UsageError(f"{folder.parent} has no checkpoint to go on from")


def exists(folder: Path) -> bool:
    """Whether a folder holds any checkpoint, whole or not."""
    return bool(_numbers(folder))


def _numbers(folder: Path) -> list[int]:
    found = (_NAME.fullmatch(path.name) for path in folder.glob("*.npz")) if folder.is_dir() else ()
    return sorted(int(match[1]) for match in found if match)


def _path(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.npz"


def _encoded(point: Point, identity: Identity) -> bytes:
    document: dict[str, Any] = {
        "identity": asdict(identity),
        "number": point.number,
        "island": point.island,
        "islands": len(point.inputs),
        "totals": asdict(point.totals),
        "taken": point.taken,
        "events": point.events,
        "seconds": point.seconds,
        "seal": point.seal,
        "mutations": point.mutations,
        "best": _facts(point.best) if point.best else None,
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
            np.lib.format.write_array(buffer, np.ascontiguousarray(array), allow_pickle=False)
            members[f"{group}/{name}.npy"] = buffer.getvalue()
    return archived(members)


def archived(members: Mapping[str, bytes]) -> bytes:
    """The archive that holds these members, with the digest of its bytes as its comment."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.comment = bytes(_DIGEST_LENGTH)
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    body = whole.getvalue()[:-_DIGEST_LENGTH]
    return body + _digest(body)


def _facts(best: Program) -> dict[str, Any]:
    """What is known of the best program beside its text and lineage."""
    names = ("number", "search", "select", "select_per_task", "island", "round", "experiment")
    return {name: getattr(best, name) for name in names}


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).hexdigest().encode()


def _decoded(data: bytes) -> tuple[Point, Identity]:
    """What `_encoded` was given; raises _Damaged for anything else."""
    if _digest(data[:-_DIGEST_LENGTH]) != data[-_DIGEST_LENGTH:]:
        raise _Damaged("its digest is wrong")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if any(info.compress_type != zipfile.ZIP_STORED for info in archive.infolist()):
                raise _Damaged("it is compressed, which no checkpoint is")
            members = {name: archive.read(name) for name in archive.namelist()}
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OSError, NotImplementedError) as error:
        raise _Damaged(f"it is not a whole archive ({str(error) or type(error).__name__})") from None
    try:
        return _understood(members)
    except UsageError:
        raise
    except Exception as error:  # the digest says that it is whole, not that a search wrote it
        raise _Damaged(f"no search wrote it ({type(error).__name__}: {error})") from None


def _understood(members: dict[str, bytes]) -> tuple[Point, Identity]:
    """What the members of an archive say; raises whatever does not fit together."""
    document = json.loads(members.pop(_DOCUMENT))
    if isinstance(document, dict) and "mutations" not in document:
        raise UsageError(
            "the run's checkpoint was written by an earlier synth 0.1.0 (commit a48147b reads it); its "
            "modules can begin a new run with --start"
        )
    _check_facts(document)
    groups: dict[str, Arrays] = {f"island{island}": {} for island in range(document["islands"])}
    for name, content in members.items():
        group, _, array = name.removesuffix(".npy").partition("/")
        groups.setdefault(group, {})[array] = np.load(io.BytesIO(content), allow_pickle=False)
    for arrays in groups.values():
        for name in arrays.keys() & {"code", "line_code"}:
            check_code(arrays[name], dict.fromkeys(("s", "v", "m"), ADDRESSES))
    for island in range(document["islands"]):
        if groups[f"island{island}"]:
            IslandState.from_arrays(groups[f"island{island}"])
    best = None
    if document["best"]:
        best = _program(document["best"], groups["best"])
    point = Point(
        document["number"],
        document["island"],
        tuple(groups[f"island{island}"] for island in range(document["islands"])),
        Counts(**document["totals"]),
        best,
        tuple(groups["judged"]["keys"].tolist()),
        tuple(document["taken"]),
        document["events"],
        document["seconds"],
        document["seal"],
        document["mutations"],
    )
    return point, Identity(**document["identity"])


def _check_facts(document: object) -> None:
    """Raise ValueError for a document whose facts are of other kinds than `_encoded` writes."""
    match document:
        case {
            "identity": {"config": str(), "ops": str(), "data": dict()},
            "number": int(number),
            "island": int(island),
            "islands": int(islands),
            "totals": dict(totals),
            "taken": list(taken),
            "events": int(events),
            "seconds": int() | float() as seconds,
            "seal": str(),
            "mutations": dict(mutations),
            "best": dict() | None,
        } if (
            min(number, events, seconds) >= 0
            and 0 <= island < islands <= MOST_ISLANDS
            and all(isinstance(count, int) for count in totals.values())
            and all(isinstance(digest, str) for digest in taken)
            and all(isinstance(count, int) for counts in mutations.values() for count in counts.values())
        ):
            return
    raise ValueError("its facts are of other kinds")


def _program(facts: Mapping[str, Any], arrays: Arrays) -> Program:
    candidate, raw = unpack_candidates(arrays)
    (tip,) = unpack_lines(arrays) or (None,)
    lineage = tip.chain() if tip else ()
    per_task = tuple(facts["select_per_task"])
    return Program(**{**facts, "select_per_task": per_task}, candidate=candidate, raw=raw, lineage=lineage)
