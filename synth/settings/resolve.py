"""Reading settings: flag > --set > environment > configuration file > preset > default.

A setting is `section.field` of `Config` (or `seed`, `preset`): `--set search.population=50` on the command
line, `SYNTH_SEARCH__POPULATION=50` in the environment, a key of the table `[search]` in a TOML file. A list
may be written with commas, ranges of ids as `56-64`, and None as `none`. Unknown names are errors.
"""

import json
import math
import os
import re
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.settings.checks import check, suggestion
from synth.settings.presets import preset_documents, preset_names
from synth.settings.schema import Config

RESERVED = frozenset({"SYNTH_DATA_DIR", "SYNTH_CACHE_DIR", "SYNTH_RUNS_DIR"})
"""Names in the environment that are no settings."""

FLAGS = {
    "--data": "data.name",
    "--features": "data.features",
    "--start": "search.start",
    "--population": "search.population",
    "--tournament": "search.tournament",
    "--islands": "search.islands",
    "--freeze": "search.freeze",
    "--immigrants": "search.immigrants",
    "--workers": "run.workers",
    "--cluster": "run.cluster",
    "--seed": "seed",
    "--max-seconds": "limits.seconds",
    "--max-candidates": "limits.candidates",
    "--max-train-steps": "limits.train_steps",
    "--target": "limits.target",
    "--engine": "run.engine",
    "--sandbox": "run.sandbox",
}
"""The flags of `synth run` that are settings."""


LARGEST_FILE = 1 << 14
"""Bytes of the largest configuration file; a key of many parts costs memory by the square of its length."""


@dataclass(frozen=True)
class Given:
    """A value as somebody wrote it, and where."""

    value: Any
    source: str


Layer = dict[str, Given]

SECTIONS: dict[str, Any] = {
    name: hint for name, hint in typing.get_type_hints(Config).items() if is_dataclass(hint)
}
HINTS: dict[str, Any] = {
    name: hint for name, hint in typing.get_type_hints(Config).items() if name not in SECTIONS
} | {
    f"{name}.{key}": hint
    for name, section in SECTIONS.items()
    for key, hint in typing.get_type_hints(section).items()
}
"""The type of each setting by its full name."""


def resolve(
    preset: str | None = None,
    flags: Mapping[str, Any] | None = None,
    sets: Iterable[str] = (),
    config_file: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Config:
    """Return the checked settings of a run.

    `flags` maps names of `FLAGS` to values (None: not given), `sets` are texts `section.field=value`, and
    `environment` is that of the process unless given. Raises UsageError for anything unknown or wrong.
    """
    layers = [
        _from_file(Path(config_file)) if config_file is not None else {},
        _from_environment(os.environ if environment is None else environment),
        _from_sets(sets),
        {FLAGS[flag]: Given(value, flag) for flag, value in (flags or {}).items() if value is not None},
    ]
    given: Layer = {key: value for layer in layers for key, value in layer.items()}
    chosen = (
        Given(preset, "--preset") if preset is not None else given.get("preset", Given("quick", "default"))
    )
    given = {**read_preset(str(chosen.value), chosen.source), **given, "preset": chosen}
    config = _build(given)
    check(config, {key: value.source for key, value in given.items()})
    return _with_absolute_paths(config)


def read(path: str | Path) -> Config:
    """Return the settings that `to_toml` wrote to a file."""
    return resolve(config_file=path, environment={})


def as_text(value: Any) -> str:
    """Return a setting's value as `--set` takes it."""
    if isinstance(value, list | tuple):
        return ",".join(_ranges(value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def to_toml(config: Config) -> str:
    """Return all settings as a TOML document that `read` reads back to an equal Config."""
    top = [f"{name} = {_toml(value)}" for name, value in _items(config) if not is_dataclass(value)]
    tables = [
        "\n".join([f"[{name}]", *(f"{key} = {_toml(value)}" for key, value in _items(section))])
        for name, section in _items(config)
        if is_dataclass(section)
    ]
    return "\n\n".join(["\n".join(top), *tables]) + "\n"


def read_preset(name: str, source: str = "preset") -> Layer:
    """Return what a preset sets, with what the preset that it is based on sets beneath."""
    if name not in preset_names():
        hint = suggestion(name, preset_names()) or f"; there are {', '.join(preset_names())}"
        raise UsageError(f"there is no preset {name!r} (from {source}){hint}")
    layer: Layer = {}
    for owner, document in preset_documents(name):
        layer |= _flatten(document, f"preset {owner}")
    return layer


def _items(section: Any) -> Iterator[tuple[str, Any]]:
    return ((field.name, getattr(section, field.name)) for field in fields(section))


def _build(given: Layer) -> Config:
    """Return the Config of values that somebody gave; the others keep their defaults."""
    values = {key: _coerce(key, value, HINTS[key]) for key, value in given.items()}
    top = {key: value for key, value in values.items() if "." not in key}
    sections = {
        name: section(
            **{key.partition(".")[2]: value for key, value in values.items() if key.startswith(f"{name}.")}
        )
        for name, section in SECTIONS.items()
    }
    return Config(**top, **sections)


def _with_absolute_paths(config: Config) -> Config:
    """Return the settings with files named so that the record of a run holds wherever it is read."""
    name, start = config.data.name, config.search.start
    if name.endswith(".npz"):
        config = replace(config, data=replace(config.data, name=str(Path(name).resolve())))
    if start.endswith(".py"):
        config = replace(config, search=replace(config.search, start=str(Path(start).resolve())))
    immigrants = config.search.immigrants
    if immigrants:
        config = replace(config, search=replace(config.search, immigrants=str(Path(immigrants).resolve())))
    mix = tuple(_OWN_DATA.sub(lambda found: str(Path(found[0]).resolve()), text) for text in config.data.mix)
    return replace(config, data=replace(config.data, mix=mix))


_OWN_DATA = re.compile(r"(?<=name=)\S+\.npz")


def _from_file(path: Path) -> Layer:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise UsageError(f"the configuration file {path} cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_FILE:
        raise UsageError(f"the configuration file {path} is larger than {LARGEST_FILE:,} bytes")
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except ValueError as error:  # also one that is not tomllib's own: a number of too many digits
        raise UsageError(f"the configuration file {path} is not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"the configuration file {path} is nested too deeply") from None
    return _flatten(document, str(path))


def _from_environment(environment: Mapping[str, str]) -> Layer:
    layer: Layer = {}
    for name in sorted(environment):
        if name.startswith("SYNTH_") and name not in RESERVED:
            key = name.removeprefix("SYNTH_").lower().replace("__", ".")
            if key not in HINTS:
                known = ["SYNTH_" + key.upper().replace(".", "__") for key in HINTS]
                raise UsageError(f"the environment variable {name} names no setting{suggestion(name, known)}")
            layer[key] = Given(environment[name], name)
    return layer


def _from_sets(sets: Iterable[str]) -> Layer:
    layer: Layer = {}
    for text in sets:
        key, equals, value = text.partition("=")
        if not equals:
            raise UsageError(f"--set {text} has no value; write --set section.field=value")
        layer[_known(key.strip(), "--set")] = Given(value.strip(), f"--set {key.strip()}")
    return layer


def _flatten(document: dict[str, Any], source: str) -> Layer:
    """Return a TOML document's values by their full names."""
    layer: Layer = {}
    for name, value in document.items():
        if isinstance(value, dict):
            layer |= {_known(f"{name}.{key}", source): Given(item, source) for key, item in value.items()}
        else:
            layer[_known(name, source)] = Given(value, source)
    return layer


def _known(key: str, source: str) -> str:
    if key not in HINTS:
        raise UsageError(f"{source}: there is no setting {key}{suggestion(key, HINTS)}")
    return key


def _coerce(key: str, given: Given, hint: Any) -> Any:
    """Return the value in the setting's type, or raise UsageError that says which type that is."""
    value, options = given.value, typing.get_args(hint)
    if types.NoneType in options:
        if value is None or (isinstance(value, str) and value.lower() == "none"):
            return None
        hint = next(option for option in options if option is not types.NoneType)
        options = typing.get_args(hint)
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        if value in options:
            return value
        wanted = f"one of {', '.join(options)}"
        raise _wrong(key, given, wanted, suggestion(str(value), options))
    if origin is tuple:
        items = _listed(value, options[0]) if isinstance(value, str) else value
        if not isinstance(items, list | tuple):
            raise _wrong(key, given, "a list")
        return tuple(_coerce(key, Given(item, given.source), options[0]) for item in items)
    try:
        return _SCALARS[hint](value)
    except (ValueError, OverflowError):
        raise _wrong(key, given, _WANTED[hint]) from None


def _wrong(key: str, given: Given, wanted: str, hint: str = "") -> UsageError:
    return UsageError(f"{key} (from {given.source}) is {given.value!r}; it must be {wanted}{hint}")


def _listed(text: str, item: type) -> list[str]:
    """Split at commas; a range of numbers such as `56-64` stands for all of them."""
    result: list[str] = []
    for part in filter(None, (part.strip() for part in text.strip("[]() ").split(","))):
        low, dash, high = part.partition("-")
        if item is int and dash and low.isdecimal() and high.isdecimal() and int(high) - int(low) < 1000:
            result += map(str, range(int(low), int(high) + 1))
        else:
            result.append(part)
    return result


def _ranges(values: Iterable[Any]) -> Iterator[str]:
    """The items of a list as `_listed` reads them: three or more numbers in a row become a range."""
    for _, group in groupby(enumerate(values), _start_of_row):
        row = [item for _, item in group]
        if len(row) > 2:
            yield f"{row[0]}-{row[-1]}"
        else:
            yield from map(str, row)


def _start_of_row(item: tuple[int, Any]) -> Any:
    """What numbers in a row share, each with its place; nothing else has it."""
    place, value = item
    return value - place if isinstance(value, int) and value >= 0 else item


def _whole(value: Any) -> int:
    """Return a whole number; `1e6` is one, True is not."""
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or int(value) != value:
        raise ValueError(value)
    return int(value)


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError(value)
    number = float(value)
    if not math.isfinite(number):
        raise ValueError(value)
    return number


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    switches = {"true": True, "yes": True, "on": True, "1": True}
    switches |= {"false": False, "no": False, "off": False, "0": False}
    if not isinstance(value, str) or value.lower() not in switches:
        raise ValueError(value)
    return switches[value.lower()]


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(value)
    return value


_SCALARS: dict[Any, Any] = {int: _whole, float: _number, bool: _switch, str: _text}
_WANTED: dict[Any, str] = {
    int: "a whole number",
    float: "a finite number",
    bool: "true or false",
    str: "a text",
}


def _toml(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return repr(value)
    text = json.dumps("none" if value is None else value, ensure_ascii=False)
    return text.replace("\x7f", "\\u007f")  # the one character that JSON allows and TOML does not
