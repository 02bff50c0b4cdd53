"""Presets: the settings of `synth run` for a purpose, one TOML file each.

A preset has a `description`, may be `based_on` another, and otherwise reads like any configuration file.
"""

from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent


def preset_names() -> tuple[str, ...]:
    """Return the names of the presets, in alphabetical order."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.toml")))


def preset_description(name: str) -> str:
    """Return the sentence that says what a preset is for."""
    return str(_document(name)["description"])


def preset_documents(name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the preset's settings as (name, document), after those of the presets that it is based on."""
    document = _document(name)
    del document["description"]
    below = document.pop("based_on", None)
    return [*(preset_documents(below) if below else []), (name, document)]


def _document(name: str) -> dict[str, Any]:
    import tomllib  # not for `synth --help`

    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
