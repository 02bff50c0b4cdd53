"""CIFAR-10 in its official python layout: located, downloaded, read without running pickled code.

A. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009;
https://www.cs.toronto.edu/~kriz/cifar.html
"""

import hashlib
import os
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from synth.errors import DownloadFailed, UsageError
from synth.tasks.names import CIFAR10, CIFAR10_ARCHIVE
from synth.tasks.pairs import ClassRows, Examples
from synth.tasks.sources import cache
from synth.tasks.sources.pickled import read_batch

if TYPE_CHECKING:
    from synth.tasks.sources.download import Progress

URL = f"https://www.cs.toronto.edu/~kriz/{CIFAR10_ARCHIVE}"
ARCHIVE_MD5 = "c58f30108f718f92721af3b95e74349a"
FOLDER = "cifar-10-batches-py"

BATCHES = {
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}
"""The files of images, with the md5 of the official ones. The last holds the test images."""

LARGEST_BATCH = 1 << 25
"""Larger files (the official ones have 31 MB) are not read into memory."""

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
PIXELS = 3072


@dataclass(frozen=True)
class Cifar10:
    """A copy of the data set: where it lies, the sha256 of what it holds, and notices about it."""

    path: Path
    key: str
    digest: str
    notices: tuple[str, ...]

    def read(self) -> Examples:
        """Return the images as examples, memory-mapped where they could be kept. Raises UsageError."""
        meta, arrays = cache.load("images", self.key) or _decode(self.path, self.key)[:2]
        train = meta["train"]
        of_class = [np.flatnonzero(arrays["labels"] == c) for c in range(len(CLASSES))]
        rows = [ClassRows(r[r < train], np.empty(0, dtype=np.intp), r[r >= train]) for r in of_class]
        return Examples(CIFAR10, arrays["images"], CLASSES, tuple(rows))


def find(data_dir: Path | None = None) -> Path | None:
    """Return the folder of batches, or the archive, of the CIFAR-10 that is at hand, or None.

    Looks where `data_dir` says and nowhere else, or in what SYNTH_DATA_DIR names and then in the cache.
    Raises UsageError where `data_dir` holds none.
    """
    if data_dir is not None:
        path = _within(data_dir)
        if path is None:
            raise UsageError(
                f"{data_dir} holds no CIFAR-10; it should contain the folder {FOLDER} or the file "
                f"{CIFAR10_ARCHIVE}"
            )
        return path
    named = cache.folder_named_by("SYNTH_DATA_DIR")
    return (_within(named) if named else None) or _within(cache.downloads_dir())


def download(progress: "Progress | None" = None, url: str = URL, md5: str = ARCHIVE_MD5) -> Path:
    """Download the archive into the cache, unless it is there, and return its path.

    Raises DownloadFailed, naming how to bring the data by hand, and OutputFailed.
    """
    from synth.tasks.sources.download import fetch

    try:
        return fetch(url, cache.downloads_dir() / CIFAR10_ARCHIVE, md5, progress)
    except DownloadFailed as error:
        raise DownloadFailed(
            f"{error}; --data-dir or SYNTH_DATA_DIR can name the folder of a copy that was brought by hand"
        ) from error


def describe(path: Path) -> Cifar10:
    """Return what is known of the copy at a path that `find` returned, reading it if that was never done.

    Raises UsageError for a copy that is damaged or not whole.
    """
    key = _key(path)
    meta = cache.look("images", key)
    notices: tuple[str, ...] = ()
    if not meta or not {"digest", "official", "train"} <= meta.keys():
        meta, _, notices = _decode(path, key)
    if not meta["official"]:
        copy = f"the CIFAR-10 in {path} is not the official copy (other checksums), so figures may differ"
        notices = (copy, *notices)
    return Cifar10(path, key, meta["digest"], notices)


def _within(path: Path) -> Path | None:
    """Return the folder of batches or the archive that a path is or holds, or None; never raises."""
    if os.path.isfile(path):
        return path
    for folder in (path / FOLDER, path):
        if any(os.path.isfile(folder / name) for name in BATCHES):
            return folder
    archive = path / CIFAR10_ARCHIVE
    return archive if os.path.isfile(archive) else None


def _key(path: Path) -> str:
    """Return a name for a copy that changes when its files do, without reading them."""
    files = [path] if path.is_file() else [path / name for name in BATCHES]
    _check_complete(path, [file.name for file in files if not os.path.isfile(file)])
    states = [(str(file.resolve()), file.stat().st_size, file.stat().st_mtime_ns) for file in files]
    return hashlib.sha256(repr(states).encode()).hexdigest()[:32]


def _decode(path: Path, key: str) -> tuple[dict[str, Any], cache.Arrays, tuple[str, ...]]:
    """Read a copy and keep it in the cache; return its description, its arrays and notices.

    The arrays are `images` (n, 3072), training images first, and `labels` (n,); the description has `train`,
    the number of training images.
    """
    read: dict[str, tuple[NDArray[np.uint8], NDArray[np.uint8]]] = {}
    official = True
    for name, content in batches(path):
        official &= hashlib.md5(content, usedforsecurity=False).hexdigest() == BATCHES[name]
        try:
            read[name] = read_batch(content, PIXELS, len(CLASSES))
        except ValueError as error:
            raise _broken(path, f"{name} is damaged ({error})") from error
    _check_complete(path, [name for name in BATCHES if name not in read])
    images, labels = (np.concatenate([read[name][part] for name in BATCHES]) for part in (0, 1))
    digest = hashlib.sha256(images.data)
    digest.update(labels.data)
    meta: dict[str, Any] = {
        "what": f"cifar10 images from {path}",
        "digest": digest.hexdigest(),
        "official": official,
        "train": len(images) - len(read["test_batch"][0]),
    }
    arrays = {"images": images, "labels": labels}
    return meta, arrays, cache.store("images", key, arrays, meta)


def batches(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each batch in a folder or tar.gz archive; nothing is unpacked on disk.

    Raises UsageError for what cannot be read or is too large to be a batch.
    """
    if not path.is_file():
        for name in BATCHES:
            try:
                _check_size(path, name, (path / name).stat().st_size)
                yield name, (path / name).read_bytes()
            except OSError as error:
                raise _broken(path, f"{name} cannot be read ({error.strerror})") from error
        return
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                name = member.name.rpartition("/")[2]
                if name in BATCHES and (file := archive.extractfile(member)):
                    _check_size(path, name, member.size)
                    yield name, file.read()
    except UsageError:
        raise
    except Exception as error:  # tarfile meets numbers and texts that make no sense with whatever they raise
        raise _broken(path, f"it is not a whole tar.gz archive ({error or type(error).__name__})") from error


def _check_size(path: Path, name: str, size: int) -> None:
    if size > LARGEST_BATCH:
        raise _broken(path, f"{name} is too large for a batch of CIFAR-10")


def _check_complete(path: Path, missing: list[str]) -> None:
    if missing:
        raise _broken(path, f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing")


def _broken(path: Path, what: str) -> UsageError:
    return UsageError(f"the CIFAR-10 in {path} cannot be used: {what}; put a whole copy there")
