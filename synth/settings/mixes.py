"""Which tasks an island searches on: islands take the mixes of `data.mix` in turn.

A mix is a text of words `setting=value`, in which some settings of `data` differ: `name=digits train=800`.
"""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from synth.errors import UsageError
from synth.settings.schema import Config, DataConfig

SAME = "same"
"""The mix in which nothing differs."""

SIZES = ("features", "tasks", "train", "valid", "epochs")


def mixes(config: Config) -> tuple[DataConfig, ...]:
    """The settings of each mix; those of `data` where there is none.

    A mix with another data set has that set's default sizes where it does not name its own, except for
    `features`. Raises UsageError for a word that is none.
    """
    return tuple(_read(text, config.data) for text in config.data.mix) or (config.data,)


def mix_of(config: Config, island: int) -> int:
    """The number of the mix that an island searches on."""
    return island % max(1, len(config.data.mix))


def tasks_name(mix: int, draw: int) -> str:
    """What search tasks of a mix, of one draw of them, are called between coordinator and workers."""
    return f"{mix}-{draw}"


def with_mix(config: Config, number: int) -> Config:
    """The settings as they hold for the islands of a mix."""
    return replace(config, data=mixes(config)[number])


def settled(config: Config, found: Sequence[DataConfig]) -> Config:
    """The settings with every size of each mix written out, as they were found."""
    if not config.data.mix:
        return replace(config, data=found[0])
    texts = (
        " ".join([shlex.quote(f"name={data.name}"), *(f"{size}={getattr(data, size)}" for size in SIZES)])
        for data in found
    )
    return replace(config, data=replace(config.data, mix=tuple(texts)))


def _read(text: str, data: DataConfig) -> DataConfig:
    changes: dict[str, Any] = {}
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"data.mix holds {text!r}, which cannot be read: {error}") from None
    for word in words:
        if word == SAME:
            continue
        name, _, value = word.partition("=")
        if name == "name" and value:
            changes[name] = value
        elif name in SIZES and value.isdecimal() and int(value) >= 1:
            changes[name] = int(value)
        else:
            raise UsageError(
                f"data.mix holds {text!r}, and {word!r} says nothing; words are {SAME}, name=DATA and "
                f"{', '.join(f'{size}=N' for size in SIZES)}"
            )
    if changes.get("name", data.name) != data.name:
        changes = {"tasks": None, "train": None, "valid": None, **changes}
    return replace(data, **changes, mix=())
