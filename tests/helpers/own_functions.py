"""Modules of functions of one's own, each under a name that no other test imports."""

import itertools
from pathlib import Path
from textwrap import dedent

_numbers = itertools.count(1)


def own_module(folder: Path, text: str) -> str:
    """Write a module, and return its name."""
    name = f"own_functions_{next(_numbers)}"
    (folder / f"{name}.py").write_text(dedent(text))
    return name
