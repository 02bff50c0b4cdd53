"""Writes small data sets in CIFAR-10's official layout, with pickles as Python 2 made them."""

import io
import pickle
import struct
import tarfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

BATCHES = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]


class Python2Pickler(pickle._Pickler):
    """Pickles text as the strings of Python 2, which Python 3 can read and does not write."""

    def save_string(self, text: bytes | str) -> None:
        data = text.encode("latin1") if isinstance(text, str) else text
        short = len(data) < 256
        head = (
            pickle.SHORT_BINSTRING + bytes([len(data)])
            if short
            else pickle.BINSTRING + struct.pack("<i", len(data))
        )
        self.write(head + data)  # type: ignore[attr-defined]
        self.memoize(text)  # type: ignore[attr-defined]

    dispatch: ClassVar[dict[type, Any]] = {**pickle._Pickler.dispatch, bytes: save_string, str: save_string}


def pickle2(value: Any) -> bytes:
    """Pickle a value as Python 2 and a numpy of its time would."""
    out = io.BytesIO()
    Python2Pickler(out, protocol=2).dump(value)
    return out.getvalue().replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")


def batch(name: str, of_class: int = 10, seed: int = 0) -> dict[str, Any]:
    """Return a batch of images whose classes differ in brightness and pattern."""
    random = np.random.RandomState([seed, BATCHES.index(name)])
    labels = random.permutation(np.repeat(np.arange(10), of_class))
    patterns = np.random.RandomState(seed).randint(0, 256, (10, 3072))
    data = (patterns[labels] + random.randint(0, 256, (len(labels), 3072))) // 2
    names = [f"image_{number}.png" for number in range(len(labels))]
    return {
        "batch_label": name,
        "labels": [int(label) for label in labels],
        "data": data.astype(np.uint8),
        "filenames": names,
    }


def write_cifar10(folder: Path, of_class: int = 10, seed: int = 0) -> Path:
    """Write `cifar-10-batches-py` into a folder, with `of_class` images of each class a batch; return it."""
    inner = folder / "cifar-10-batches-py"
    inner.mkdir()
    for name in BATCHES:
        (inner / name).write_bytes(pickle2(batch(name, of_class, seed)))
    return inner


def pack(inner: Path, archive: Path) -> Path:
    """Pack a folder of batches as the official archive is packed."""
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(inner, "cifar-10-batches-py")
    return archive
