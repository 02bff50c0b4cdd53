"""The rooms of the package, as `make lint` enforces them, are those that the documentation shows."""

import tomllib
from itertools import chain

from command_line import ROOT


def layers() -> list[list[str]]:
    """The rooms of the import contract from the top down, those of one layer together."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = project["tool"]["importlinter"]["contracts"][0]
    assert contract["containers"] == ["synth"]
    return [layer.split(" | ") for layer in contract["layers"]]


def test_the_design_page_shows_the_layers_of_the_contract() -> None:
    page = (ROOT / "docs" / "design.md").read_text(encoding="utf-8")
    block = page.partition("## The rooms")[2].split("```")[1].strip()
    shown = [line.partition("  ")[0].split(", ") for line in block.splitlines()]
    assert list(chain(*shown)) == list(chain(*layers()))


def test_tests_lie_in_folders_of_the_rooms() -> None:
    rooms = {name for layer in layers() for name in layer}
    across = {"abuse", "faults", "fuzz", "helpers"}
    folders = {path.parent.name for path in (ROOT / "tests").glob("*/*.py")}
    assert folders - across <= rooms
    packages = {path.parent.name for path in (ROOT / "synth").glob("*/__init__.py")}
    assert packages <= rooms
