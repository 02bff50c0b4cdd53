"""Reads the pickled batches of CIFAR-10 without running anything that a pickle may ask for.

A pickle is a program for a stack machine. The one here knows the steps that batches are made of, builds plain
values and, for the three names with which numpy arrays are pickled, inert stand-ins that are then read as
bytes. Python's own machine will not do: a pickle of a few bytes can make it take all memory.
"""

import pickletools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_STEPS = 1_000_000
"""Steps of the longest pickle that is read; an official batch has some 50,000."""


class _Pickled:
    """Stands for an object of a pickle: keeps what it would have been made from."""

    def __init__(self, arguments: object) -> None:
        self.arguments = arguments
        self.state: object = None


class _Array(_Pickled):
    """Stands for a numpy array."""


class _Dtype(_Pickled):
    """Stands for a numpy dtype."""


_NAMES: dict[tuple[object, object], type[_Pickled]] = {
    ("numpy.core.multiarray", "_reconstruct"): _Array,
    ("numpy._core.multiarray", "_reconstruct"): _Array,
    ("numpy", "ndarray"): _Pickled,
    ("numpy", "dtype"): _Dtype,
}


def read_batch(content: bytes, pixels: int, classes: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return the images (n, pixels) and labels (n,) of a pickled batch, both uint8.

    Text may be that of Python 2 or 3. Raises ValueError, saying why, for anything that is not such a batch.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # odd escapes in a text are no business of ours
            batch = _Machine().run(content)
    except ValueError:
        raise
    except (IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise ValueError("its steps do not fit together") from error
    if not isinstance(batch, dict):
        raise ValueError("it holds no dictionary")
    entries = {key.decode("latin1") if isinstance(key, bytes) else key: value for key, value in batch.items()}
    images = _images(entries.get("data"), pixels)
    labels = entries.get("labels")
    if not isinstance(labels, list) or not all(
        type(label) is int and 0 <= label < classes for label in labels
    ):
        raise ValueError(f"its labels are no list of numbers from 0 to {classes - 1}")
    if len(labels) != len(images) or not labels:
        raise ValueError(f"it has {len(images)} images and {len(labels)} labels")
    return images, np.array(labels, dtype=np.uint8)


class _Machine:
    """The stack machine of pickles, as far as batches need it; see Lib/pickletools.py for each step."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.marks: list[int] = []
        self.memo: dict[int, Any] = {}

    def run(self, content: bytes) -> object:
        """Return the value that a pickle describes; ValueError where it needs more than batches do."""
        for count, (step, argument, _) in enumerate(pickletools.genops(content)):
            if count >= MOST_STEPS:
                raise ValueError(f"it takes more than {MOST_STEPS:,} steps to read")
            if step.name == "STOP":
                return self.stack.pop()
            if step.name in _CONSTANTS:
                self.stack.append(_CONSTANTS[step.name](argument))
            elif step.name in _STEPS:
                _STEPS[step.name](self, argument)
            else:
                raise ValueError(f"it takes the step {step.name}, which no batch needs")
        raise ValueError("it has no end")

    def marked(self) -> list[Any]:
        """Take what lies above the last mark."""
        at = self.marks.pop()
        found = self.stack[at:]
        del self.stack[at:]
        return found

    def taken(self, count: int) -> tuple[Any, ...]:
        """Take so many values."""
        if len(self.stack) < count:
            raise IndexError
        found = tuple(self.stack[-count:])
        del self.stack[-count:]
        return found

    def append(self, values: list[Any]) -> None:
        """Add to the list on top."""
        self._top(list).extend(values)

    def set_items(self, pairs: list[Any]) -> None:
        """Add keys and values, which take turns, to the dictionary on top."""
        target = self._top(dict)
        for key, value in zip(pairs[::2], pairs[1::2], strict=True):
            if type(key) not in (bytes, str, int):
                raise ValueError("it has a key that is not text")
            target[key] = value

    def find(self, module: object, name: object) -> None:
        """Put the stand-in for a name on the stack."""
        if (module, name) not in _NAMES:
            raise ValueError(f"it asks for {module}.{name}, which no batch needs")
        self.stack.append(_NAMES[module, name])

    def reduce(self) -> None:
        """Make a stand-in of its class and arguments."""
        kind, arguments = self.taken(2)
        if kind not in _NAMES.values():
            raise ValueError("it calls something that is not a function")
        self.stack.append(kind(arguments))

    def build(self) -> None:
        """Give a stand-in its state."""
        (state,) = self.taken(1)
        if not isinstance(self.stack[-1], _Pickled):
            raise ValueError("it gives a state to what has none")
        self.stack[-1].state = state

    def remember(self, place: int | None) -> None:
        """Keep the value on top for later."""
        self.memo[len(self.memo) if place is None else place] = self.stack[-1]

    def _top(self, kind: type) -> Any:
        if not isinstance(self.stack[-1], kind):
            raise TypeError
        return self.stack[-1]


def _bytes(text: str) -> bytes:
    """Return the string of a Python 2, which pickletools decodes."""
    return text.encode("latin1")


_CONSTANTS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"), lambda value: value),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"), lambda value: value),
    **dict.fromkeys(("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"), lambda value: value),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING"), _bytes),
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_DICT": lambda _: {},
    "EMPTY_LIST": lambda _: [],
    "EMPTY_TUPLE": lambda _: (),
}
"""Steps that put a value on the stack, made of their argument."""


def _dict(machine: _Machine, _: object) -> None:
    pairs = machine.marked()
    machine.stack.append({})
    machine.set_items(pairs)


_STEPS: dict[str, Callable[[_Machine, Any], object]] = {
    "PROTO": lambda machine, _: None,
    "FRAME": lambda machine, _: None,
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.marked())),
    "TUPLE1": lambda machine, _: machine.stack.append(machine.taken(1)),
    "TUPLE2": lambda machine, _: machine.stack.append(machine.taken(2)),
    "TUPLE3": lambda machine, _: machine.stack.append(machine.taken(3)),
    "LIST": lambda machine, _: machine.stack.append(machine.marked()),
    "DICT": _dict,
    "APPEND": lambda machine, _: machine.append(list(machine.taken(1))),
    "APPENDS": lambda machine, _: machine.append(machine.marked()),
    "SETITEM": lambda machine, _: machine.set_items(list(machine.taken(2))),
    "SETITEMS": lambda machine, _: machine.set_items(machine.marked()),
    "GLOBAL": lambda machine, name: machine.find(*name.split(" ", 1)),
    "STACK_GLOBAL": lambda machine, _: machine.find(*machine.taken(2)),
    "REDUCE": lambda machine, _: machine.reduce(),
    "BUILD": lambda machine, _: machine.build(),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT", "MEMOIZE"), _Machine.remember),
    **dict.fromkeys(
        ("GET", "BINGET", "LONG_BINGET"), lambda machine, place: machine.stack.append(machine.memo[place])
    ),
}
"""Steps that do more."""


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
            raise ValueError(f"its data are no array of bytes with {pixels} columns")
