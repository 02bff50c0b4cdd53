"""Reading settings: flag > --set > environment > configuration file > preset > default.

A setting is `section.field` of `Config` (or `seed`, `preset`): `--set search.population=50` on the command
line, `SYNTH_SEARCH__POPULATION=50` in the environment, a key of the table `[search]` in a TOML file. A list
may be written with commas, ranges of ids as `56-64`, and None as `none`. Unknown names are errors.
"""

import os
import shlex
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import tomli_w

from synth.errors import UsageError
from synth.plugins import folder_of, is_reference, plugin
from synth.settings.checks import check, suggestion
from synth.settings.presets import preset_documents, preset_names
from synth.settings.schema import FLAGS, HINTS, TENSORBOARD, Config, settings_of
from synth.settings.values import Given, as_text, value_of
from synth.tasks.names import is_arrays, is_table

RESERVED = frozenset({"SYNTH_DATA_DIR", "SYNTH_CACHE_DIR", "SYNTH_RUNS_DIR"})
"""Names in the environment that are not settings."""

LARGEST_FILE = 1 << 14
"""Bytes of the largest configuration file; a key of many parts costs memory by the square of its length."""

SAME_RESULT = ("run.workers", "run.cluster", "run.sandbox", "run.plugins", "run.log")
"""Settings that change nothing in a result."""

Layer = dict[str, Given]


def resolve(
    preset: str | None = None,
    flags: Mapping[str, Any] | None = None,
    sets: Iterable[str] = (),
    config_file: str | Path | None = None,
    environment: Mapping[str, str] | None = None,
    recorded: bool = False,
) -> Config:
    """Return the checked settings of a run.

    `flags` maps names of `FLAGS`, or of Python arguments such as `max_seconds`, to values, None or an empty
    list where a flag was not given. `sets` are texts `section.field=value`, and `environment` is that of the
    process unless given. A `recorded` file is that of a run: what it does not say is the default, as its
    preset may say more by now. Raises UsageError for anything unknown or wrong.
    """
    given = _from_file(Path(config_file)) if config_file is not None else {}
    given |= _from_environment(os.environ if environment is None else environment)
    given |= _from_sets(sets)
    given |= _from_flags(flags or {})
    if preset is not None:
        given["preset"] = Given(preset, "--preset")
    chosen = given.setdefault("preset", Given("quick", "default"))
    if not recorded:
        given = _from_preset(chosen) | given
    return _with_absolute_paths(_checked(given))


def read(path: str | Path) -> Config:
    """Return the settings that `to_toml` wrote to a file; files that they name need not exist any more."""
    return _checked(_from_file(Path(path)), files=False)


def _checked(given: Layer, *, files: bool = True) -> Config:
    config = _build(given)
    check(config, {key: one.source for key, one in given.items()}, files=files)
    return config


def parse(text: str) -> dict[str, Any]:
    """Return the settings of a text that `to_toml` wrote, by their full names, unchecked.

    Raises UsageError for a name that is no longer known, ValueError for what is not TOML.
    """
    return settings_of(_build(_flatten(tomllib.loads(text), "a record")))


def to_toml(config: Config) -> str:
    """Return all settings as a TOML document that `read` reads back to an equal Config."""
    document: dict[str, Any] = {}
    for key, value in settings_of(config).items():
        section, _, name = key.rpartition(".")
        table = document.setdefault(section, {}) if section else document
        table[name] = _plain(value)
    return tomli_w.dumps(document)


def to_command(config: Config, candidates: int | None) -> str:
    """Return the command that repeats a run with these settings up to so many candidates, None for no limit.

    Files are named without their folders.
    """
    preset = settings_of(resolve(config.preset, environment={}))
    flags = {key: flag for flag, key in FLAGS.items()}
    settings = settings_of(config) | {"limits.seconds": None, "limits.candidates": candidates}
    words, sets = ["synth", "run", "--preset", config.preset], []
    for key, value in settings.items():
        if key in ("preset", *SAME_RESULT) or (value == preset[key] and key != "seed"):
            continue
        if key in flags and value is not None:
            words += [flags[key], _argument(value)]
        else:
            sets += ["--set", f"{key}={_argument(value)}"]
    return shlex.join([*words, *sets])


def _argument(value: Any) -> str:
    """Return a setting as the command line takes it, a file without its folders."""
    text = as_text(value)
    return Path(text).name if _is_file(text) else text


def _plain(value: Any) -> Any:
    """Return a value as a TOML document holds it: numbers of ops are one text, which takes one line."""
    if isinstance(value, tuple) and not any(isinstance(item, int) for item in value):
        return [str(item) for item in value]
    return as_text(value) if value is None or isinstance(value, tuple) else value


def _build(given: Layer) -> Config:
    """Return the settings with these values; the others keep their defaults."""
    changes: dict[str, dict[str, Any]] = {}
    for key, one in given.items():
        section, _, name = key.rpartition(".")
        changes.setdefault(section, {})[name] = value_of(key, one, HINTS[key])
    config = Config(**changes.pop("", {}))
    sections = {name: replace(getattr(config, name), **values) for name, values in changes.items()}
    return replace(config, **sections)


def _with_absolute_paths(config: Config) -> Config:
    """Return the settings with files named so that the record of a run holds wherever it is read."""
    data, search = config.data, config.search
    mix = tuple(replace(one, name=one.name and _absolute(one.name)) for one in data.mix)
    immigrants = search.immigrants and str(Path(search.immigrants).resolve())
    plugins = str(folder_of(config.run.plugins)) if references(config) else ""
    log = config.run.log and f"{TENSORBOARD}{folder_of(config.run.log.removeprefix(TENSORBOARD))}"
    return replace(
        config,
        run=replace(config.run, plugins=plugins, log=log),
        data=replace(data, name=_absolute(data.name), mix=mix),
        search=replace(search, start=_absolute(search.start), immigrants=immigrants),
    )


def references(config: Config) -> tuple[str, ...]:
    """Return the functions of one's own that the settings name, as `package.module:function`."""
    from synth.mutation.kinds import weighted

    names = (config.data.metric, *weighted(config.mutation.kinds)[0])
    return tuple(name for name in names if is_reference(name))


def digests(config: Config) -> dict[str, str]:
    """Return the digest of each function of one's own that the settings name, by its reference.

    Raises UsageError for one that cannot be imported.
    """
    return {name: plugin(name, config.run.plugins).digest for name in references(config)}


def import_metric(config: Config) -> None:
    """Import a run's metric, where it is one's own, so that its reference means it in this process.

    Raises UsageError where that is not possible.
    """
    if is_reference(config.data.metric):
        plugin(config.data.metric, config.run.plugins)


def _absolute(name: str) -> str:
    """Return the whole path of a file; any other name as it is."""
    return str(Path(name).expanduser().resolve()) if _is_file(name) else name


def _is_file(name: str) -> bool:
    return is_arrays(name) or is_table(name) or name.endswith(".py")


def _from_preset(preset: Given) -> Layer:
    """Return what a preset sets, over what the preset that it is based on sets."""
    name = str(preset.value)
    if name not in preset_names():
        hint = suggestion(name, preset_names()) or f"; there are {', '.join(preset_names())}"
        raise UsageError(f"there is no preset {name!r} (from {preset.source}){hint}")
    layer: Layer = {}
    for owner, document in preset_documents(name):
        layer |= _flatten(document, f"preset {owner}")
    return layer


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
    known = {"SYNTH_" + key.upper().replace(".", "__"): key for key in HINTS}
    names = [name for name in sorted(environment) if name.startswith("SYNTH_") and name not in RESERVED]
    for name in names:
        if name not in known:
            raise UsageError(f"the environment variable {name} names no setting{suggestion(name, known)}")
    return {known[name]: Given(environment[name], name) for name in names}


def _from_flags(flags: Mapping[str, Any]) -> Layer:
    layer: Layer = {}
    for name, value in flags.items():
        flag = "--" + name.removeprefix("--").replace("_", "-")
        if flag not in FLAGS:
            raise UsageError(f"there is no flag {flag}{suggestion(flag, FLAGS)}; see `synth run --help`")
        if value is not None and value != []:
            layer[FLAGS[flag]] = Given(value, flag)
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
