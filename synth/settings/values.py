"""The values of settings: read from texts and TOML documents, and written as texts.

It is written by hand, as importing pydantic takes 0.25 s of processor time (pydantic-settings 0.45 s), half
as much as all of `synth --help`, and neither says where a value came from.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin

from synth.errors import UsageError
from synth.settings.checks import suggestion
from synth.settings.mixes import read_mix
from synth.settings.schema import Mix


@dataclass(frozen=True)
class Given:
    """A value as it was written, and where."""

    value: Any
    source: str


def value_of(key: str, given: Given, hint: Any) -> Any:
    """Return the value in the type of its setting; raise UsageError where it is not of it."""
    value, options = given.value, get_args(hint)
    if get_origin(hint) is Annotated:
        return value_of(key, given, options[0])
    if NoneType in options:
        return None if str(value).lower() == "none" else value_of(key, given, options[0])
    if get_origin(hint) is Literal:
        if value not in options:
            raise _wrong(key, given, f"one of {', '.join(options)}{suggestion(str(value), options)}")
        return value
    if get_origin(hint) is tuple:
        items = _items(value, options[0]) if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise _wrong(key, given, "a list")
        return tuple(value_of(key, Given(item, given.source), options[0]) for item in items)
    read, wanted = _KINDS[hint]
    if hint is str and not isinstance(value, str):
        raise _wrong(key, given, wanted)
    try:
        return read(str(value))
    except (ValueError, OverflowError, KeyError):
        raise _wrong(key, given, wanted) from None


def as_text(value: Any) -> str:
    """Return a setting's value as `--set` takes it: numbers in a row as a range, a mapping as `key:value`."""
    if isinstance(value, Mapping):
        value = [f"{key}:{item}" for key, item in value.items()]
    if isinstance(value, list | tuple):
        return ",".join(_ranges(value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def _wrong(key: str, given: Given, wanted: str) -> UsageError:
    return UsageError(f"{key} (from {given.source}) is {given.value!r}; it must be {wanted}")


def _whole(text: str) -> int:
    """Return a whole number; `1e6` is one."""
    number = float(text)
    if not number.is_integer():
        raise ValueError(text)
    return int(number) if abs(number) < 2**53 else int(text)


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


_SWITCHES = {
    **dict.fromkeys(("true", "yes", "on", "1"), True),
    **dict.fromkeys(("false", "no", "off", "0"), False),
}

_KINDS: dict[type, tuple[Callable[[str], Any], str]] = {
    int: (_whole, "a whole number"),
    float: (_finite, "a finite number"),
    bool: (lambda text: _SWITCHES[text.lower()], "true or false"),
    str: (str, "a text"),
    Mix: (read_mix, "a text of words such as name=digits and train=800"),
}
"""How a text is read as each type, and what such a value is called."""


def _items(text: str, kind: type) -> list[str]:
    """Split at commas; a range of numbers such as `56-64` stands for all of them."""
    items: list[str] = []
    for part in filter(None, (part.strip() for part in text.strip("[]() ").split(","))):
        low, dash, high = part.partition("-")
        if kind is int and dash and low.isdecimal() and high.isdecimal() and int(high) - int(low) < 1000:
            items += map(str, range(int(low), int(high) + 1))
        else:
            items.append(part)
    return items


def _ranges(values: Iterable[Any]) -> Iterator[str]:
    """Give the items of a list as `_items` reads them."""
    # Numbers in a row have the same distance from their indices; a text is a group of its own.
    for _, group in groupby(
        enumerate(values), lambda pair: pair[1] - pair[0] if type(pair[1]) is int else pair
    ):
        row = [value for _, value in group]
        if len(row) > 2:
            yield f"{row[0]}-{row[-1]}"
        else:
            yield from map(str, row)
