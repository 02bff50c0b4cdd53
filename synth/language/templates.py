"""The programs to start from, which lie at the top of a checkout and inside the installed package."""

from pathlib import Path

from synth.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent.parent


def _folder() -> Path:
    inside = _PACKAGE / "templates"
    return inside if inside.is_dir() else _PACKAGE.parent / "templates"


def template_names() -> tuple[str, ...]:
    """Return the names of all templates."""
    return tuple(sorted(path.stem for path in _folder().glob("*.py")))


def template_path(name: str) -> Path:
    """Return where a template's module lies."""
    if name not in template_names():
        raise UsageError(f"there is no template {name!r}; there are {', '.join(template_names())}")
    return _folder() / f"{name}.py"
