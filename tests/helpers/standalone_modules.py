"""Modules that stand alone, as a user's Python would import them."""

from types import ModuleType


def executed(text: str) -> ModuleType:
    """A module called `best` with this text."""
    module = ModuleType("best")
    exec(text, module.__dict__)
    return module
