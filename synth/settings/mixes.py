"""Which tasks an island searches on: islands take the mixes of `data.mix` in turn."""

import shlex
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from synth.errors import UsageError
from synth.settings.schema import Config, DataConfig, Mix

SIZES = tuple(field.name for field in fields(Mix) if field.name != "name")


def read_mix(text: str) -> Mix:
    """Return the mix of a text such as `name=digits train=800`, or `same`, in which nothing differs.

    Raises UsageError for a word that says nothing, ValueError for a text whose quotes do not close.
    """
    changes: dict[str, Any] = {}
    for word in shlex.split(text):
        name, _, value = word.partition("=")
        if name == "name" and value:
            changes[name] = value
        elif name in SIZES and value.isdecimal() and int(value) >= 1:
            changes[name] = int(value)
        elif word != "same":
            raise UsageError(
                f"data.mix holds {text!r}, and {word!r} says nothing; words are same, name=DATA and "
                f"{', '.join(f'{size}=N' for size in SIZES)}"
            )
    return Mix(**changes)


def by_mix(config: Config) -> tuple[Config, ...]:
    """Return the settings as they hold for the islands of each mix.

    A mix with another data set has that set's default sizes where it does not name its own, except for
    `features`.
    """
    return tuple(_with_mix(config, mix) for mix in config.data.mix or (Mix(),))


def mix_of(config: Config, island: int) -> int:
    """Return the number of the mix that an island searches on."""
    return island % max(1, len(config.data.mix))


def tasks_name(mix: int, draw: int) -> str:
    """Return what coordinator and workers call one draw of the search tasks of a mix."""
    return f"{mix}-{draw}"


def settled(config: Config, data: Sequence[DataConfig]) -> Config:
    """Return the settings with the sizes of each mix written out, as its tasks have them."""
    if not config.data.mix:
        return replace(config, data=data[0])
    mix = tuple(Mix(**{field.name: getattr(one, field.name) for field in fields(Mix)}) for one in data)
    return replace(config, data=replace(config.data, mix=mix))


def _with_mix(config: Config, mix: Mix) -> Config:
    data = replace(config.data, mix=())
    changes = {key: value for key, value in vars(mix).items() if value is not None}
    if changes.get("name", data.name) != data.name:
        data = replace(data, tasks=None, train=None, valid=None)
    return replace(config, data=replace(data, **changes))
