"""Reads the pickled batches of CIFAR-10 without running anything that a pickle may ask for.

Python's unpickler makes plain values of them and, for the names with which numpy arrays are pickled, inert
stand-ins that are then read as bytes; a pickle that asks for any other name is refused.
"""

import io
import pickle
import pickletools
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _Pickled:
    """Stands for an object of a pickle: keeps what it would have been made from."""

    def __init__(self, *arguments: object) -> None:
        self.arguments = arguments
        self.state: object = None

    def __setstate__(self, state: object) -> None:
        self.state = state


class _Array(_Pickled):
    """Stands for a numpy array."""


class _Dtype(_Pickled):
    """Stands for a numpy dtype."""


_NAMES = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Pickled,
    ("numpy", "dtype"): _Dtype,
}


MOST_TUPLES = 1000
"""Tuples of the largest batch; one of CIFAR-10's has half a dozen."""


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        """Return the stand-in for a name."""
        if (module, name) not in _NAMES:
            raise ValueError(f"it asks for {module}.{name}, which no batch needs")
        return _NAMES[module, name]


def read_batch(content: bytes, pixels: int, classes: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (n, pixels) and labels (n,) of a pickled batch, both uint8.

    Text may be that of Python 2 or 3. Raises ValueError, saying why, for anything that is not such a batch.
    """
    try:
        _check_lengths(content)
        batch = _Unpickler(io.BytesIO(content), encoding="bytes").load()
    except Exception as error:  # the documentation of pickle promises no kind of error
        raise ValueError(str(error) or type(error).__name__) from error
    if not isinstance(batch, dict):
        raise ValueError("it holds no dictionary")
    images = _images(batch.get("data", batch.get(b"data")), pixels)
    labels = batch.get("labels", batch.get(b"labels"))
    if not isinstance(labels, list) or not all(
        type(label) is int and 0 <= label < classes for label in labels
    ):
        raise ValueError(f"its labels are not a list of numbers from 0 to {classes - 1}")
    if len(labels) != len(images) or not labels:
        raise ValueError(f"it has {len(images)} images and {len(labels)} labels")
    return images, np.array(labels, dtype=np.uint8)


def _check_lengths(content: bytes) -> None:
    """Raise ValueError for values longer than the pickle, too large a memo, and too many tuples.

    The unpickler allocates what a pickle announces, before it looks whether that is there. And the hash of a
    tuple in a tuple, and so on, many deep, ends the interpreter.
    """
    tuples = 0
    for step, argument, _ in pickletools.genops(content):
        tuples += "TUPLE" in step.name
        if tuples > MOST_TUPLES:
            raise ValueError(f"it holds more than {MOST_TUPLES:,} tuples")
        if "PUT" in step.name and argument is not None and argument > len(content):
            raise ValueError(f"it remembers {argument:,} values")


def _images(array: object, pixels: int) -> NDArray[np.uint8]:
    """Return what a pickled array stands for, if it is uint8 and (n, pixels)."""
    match array:
        case _Array(
            state=(
                int(),
                (int(n), int(columns)),
                _Dtype(arguments=("u1" | b"u1", *_)),
                fortran,
                bytes(data),
            )
        ) if columns == pixels and len(data) == n * columns:
            shaped = np.frombuffer(data, dtype=np.uint8)
            return shaped.reshape((columns, n)).T.copy() if fortran else shaped.reshape((n, columns))
        case _:
            raise ValueError(f"its data are not an array of bytes with {pixels} columns")
