"""Arrays kept on disk between starts: decoded images and prepared tasks.

An entry is the folder `<cache>/<kind>/<key>/` with one .npy file per array and `meta.json`, which also holds
a checksum of every array. It is written under a temporary name and renamed, so two runs that start at once
each see no entry or a whole one; a damaged entry is removed as soon as it is seen, and then made again.
"""

import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synth.errors import OutputFailed
from synth.tasks.names import CIFAR10_ARCHIVE

KINDS = ("images", "tasks")
DOWNLOADS = "downloads"
META = "meta.json"
UNFINISHED = ".new-"

LOOKS = 3
"""How often a folder is seen without its description before it counts as left over from a removal."""

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Cached:
    """One thing that is kept: what it is, where, and how large in bytes."""

    what: str
    path: Path
    size: int


def folder_named_by(variable: str) -> Path | None:
    """Return the folder that an environment variable names, or None.

    A relative one stays the same when the working directory changes later.
    """
    name = os.environ.get(variable)
    return _absolute(name) if name else None


@lru_cache
def _absolute(name: str) -> Path:
    return Path(name).expanduser().absolute()


def cache_dir() -> Path:
    """Return the folder of everything that can be made or fetched again; it need not exist.

    It is what SYNTH_CACHE_DIR names, or synth's folder in the user's cache.
    """
    if own := folder_named_by("SYNTH_CACHE_DIR"):
        return own
    import platformdirs

    return platformdirs.user_cache_path("synth")


def downloads_dir() -> Path:
    """Return the folder, in the cache, of downloaded data sets."""
    return cache_dir() / DOWNLOADS


def store(
    kind: str, key: str, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]
) -> tuple[str, ...]:
    """Keep arrays and their description (`meta["what"]`, in words); return a notice where that fails."""
    home = cache_dir() / kind
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=UNFINISHED, dir=home, ignore_cleanup_errors=True) as folder:
            unfinished = Path(folder)
            for name, array in arrays.items():
                np.save(unfinished / f"{name}.npy", array, allow_pickle=False)
            (unfinished / META).write_text(json.dumps({**meta, "arrays": _checksums(arrays)}, indent=1))
            _put(unfinished, home / key)
    except OSError as error:
        return (
            f"nothing is kept for the next start, as {home} cannot be written: {error.strerror or error}",
        )
    return ()


def load(kind: str, key: str) -> tuple[dict[str, Any], Arrays] | None:
    """Return what is kept about an entry and its arrays, read-only and memory-mapped, or None.

    An entry that is not whole and undamaged is removed.
    """
    folder = cache_dir() / kind / key
    meta = look(kind, key)
    if meta is None:
        return None
    try:
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in meta["arrays"]
        }
        if _checksums(arrays) != meta["arrays"]:
            raise ValueError("damaged")
    except Exception:  # whatever numpy raises for a damaged header, which it reads as Python
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return meta, arrays


def look(kind: str, key: str) -> dict[str, Any] | None:
    """Return what is kept about an entry, without its arrays and without reading them, or None."""
    folder = cache_dir() / kind / key
    try:
        meta = json.loads((folder / META).read_text())
        return {"what": "", **meta}
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, RecursionError):
        shutil.rmtree(folder, ignore_errors=True)
        return None


def list_cached() -> list[Cached]:
    """Return everything that is kept, downloads included, by kind and then by what it is."""
    entries = [
        Cached(file.name, file, file.stat().st_size)
        for file in _entries(DOWNLOADS)
        if file.is_file()  # unfinished ones too: they can be large
    ]
    for kind in KINDS:
        folders = [(folder, look(kind, folder.name)) for folder in _entries(kind)]
        whole = [Cached(meta["what"], folder, _size(folder)) for folder, meta in folders if meta]
        entries += sorted(whole, key=lambda entry: (entry.what, entry.path))
    return entries


def clear_cache() -> int:
    """Remove everything that is kept, downloads included, and return how many bytes that were.

    Raises OutputFailed when something cannot be removed.
    """
    freed = 0
    try:
        for kind in (*KINDS, DOWNLOADS):
            for entry in _entries(kind):
                freed += _size(entry)
                if entry.is_dir():
                    shutil.rmtree(entry)
                else:
                    entry.unlink()
    except OSError as error:
        raise OutputFailed(
            f"the cache in {cache_dir()} cannot be cleared: {error.strerror or error}"
        ) from error
    return freed


def _entries(kind: str) -> list[Path]:
    """Return the paths in a kind's folder that synth made: anything else there is left alone."""
    paths = sorted((cache_dir() / kind).glob("*"))
    if kind == DOWNLOADS:  # unfinished ones have the names of temporary files
        return [path for path in paths if path.name.startswith((CIFAR10_ARCHIVE, "tmp"))]
    return [path for path in paths if (path / META).is_file() or path.name.startswith(UNFINISHED)]


def _put(unfinished: Path, folder: Path) -> None:
    """Give a finished entry its name, unless another run was quicker."""
    for _ in range(LOOKS):
        try:
            unfinished.rename(folder)
            return
        except OSError:
            if (folder / META).is_file():
                return
    shutil.rmtree(folder, ignore_errors=True)  # left over from a removal that was cut short
    unfinished.rename(folder)


def _checksums(arrays: Mapping[str, NDArray[Any]]) -> dict[str, int]:
    return {
        name: zlib.crc32(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
        for name, array in arrays.items()
    }


def _size(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.iterdir() if file.is_file())
