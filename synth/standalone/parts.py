"""The standing parts of modules that synth writes: `from best import Model` works wherever numpy is.

They are the same text, to the byte, in every module, and the parser skips them, also as they once were. The
code is in `model_source.py` and, for modules that are estimators of scikit-learn too, in `sklearn_source.py`.
Modules on torch tensors and those that take the columns of a table, which have left the language, have their
parts from `torch_source.py` and `table_source.py`.
"""

from collections.abc import Collection
from hashlib import sha256
from pathlib import Path
from typing import Literal

from synth.standalone.earlier import EARLIER
from synth.standalone.module_text import importing_numpy, numpy_line, with_plain_ends

PartName = Literal["model", "sklearn"]

MARK = "# From here on the text is the same"
"""Begins the first line of each standing part."""


def split_source(source: str) -> tuple[str, str]:
    """Return what stands in a source before its standing part, and the part with its empty lines."""
    start, mark, end = source.partition("\n\n" + MARK)
    return start, mark + end


def _read(name: str) -> tuple[str, str]:
    return split_source(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def _first_import(start: str) -> int:
    """Return where the imports of a source begin."""
    return start.index("\nimport ") + 1


_, MODEL_PART = _read("model_source.py")
"""Follows the three functions; begins with the two empty lines that set it off from them."""

_start, SKLEARN_PART = _read("sklearn_source.py")
"""Follows `MODEL_PART` in modules of the style sklearn."""

SKLEARN_IMPORTS = "".join(
    line for line in _start.splitlines(keepends=True) if line.startswith("from sklearn")
)
"""Follows the import of numpy in modules of the style sklearn."""

STANDARD_IMPORTS = _start[_first_import(_start) : _start.index("import numpy")]
"""Goes before the import of numpy in modules of the style sklearn."""

_start, TORCH_PART = _read("torch_source.py")
"""Follows the three functions in modules of the style torch."""

TORCH_IMPORTS = _start[_first_import(_start) : _start.index("\n\ndef ")]
"""Goes before the three functions in modules of the style torch."""

_start, TABLE_PART = _read("table_source.py")
"""Follows `SKLEARN_PART` in modules that take the raw columns of a table, which have left the language."""

TABLE_IMPORTS = _start[_start.index("import pandas") :].rstrip("\n") + "\n"
"""Goes with `SKLEARN_IMPORTS` in these."""


def digest(part: str) -> tuple[int, str]:
    """Return how many lines a part has, and their sha256; empty lines around it do not count."""
    inside = part.strip("\n")
    return inside.count("\n") + 1, sha256(inside.encode()).hexdigest()


PARTS: dict[tuple[int, str], PartName] = {
    **dict.fromkeys(EARLIER["model"], "model"),
    **dict.fromkeys(EARLIER["sklearn"], "sklearn"),
    digest(MODEL_PART): "model",
    digest(SKLEARN_PART): "sklearn",
}
"""The part of each digest: those of today and all that ever were."""


def with_model(own: str) -> str:
    """Return a module's own text with the class `Model`, and the import of numpy that it needs."""
    return importing_numpy(own).rstrip("\n") + "\n" + MODEL_PART


def with_sklearn(text: str) -> str:
    """Return the text of a module that ends in `MODEL_PART` with the estimators and their imports."""
    lines, numpy = text.split("\n"), numpy_line(text) or 0
    lines[numpy] = f"{STANDARD_IMPORTS}{lines[numpy]}\n{SKLEARN_IMPORTS.rstrip()}"
    return "\n".join(lines) + SKLEARN_PART


def with_table(text: str, ending: str) -> str:
    """Return the text of a module with estimators that takes the columns of a table, by this ending."""
    pandas, *others = TABLE_IMPORTS.splitlines(keepends=True)
    imports = [pandas, *sorted([*SKLEARN_IMPORTS.splitlines(keepends=True), *others])]
    return text.replace(SKLEARN_IMPORTS, "".join(imports), 1) + TABLE_PART + ending


def parts_of(text: str) -> dict[PartName, slice]:
    """Return which standing parts a text with plain ends holds, of today or earlier, and their lines."""
    lines = text.split("\n")
    found: dict[PartName, slice] = {}
    for start in (number for number, line in enumerate(lines) if line.startswith(MARK)):
        for size in {count for count, _ in PARTS}:
            part = PARTS.get(digest("\n".join(lines[start : start + size])))
            if part:
                found.setdefault(part, slice(start, start + size))
    return found


def _imports(parts: Collection[PartName]) -> tuple[str, ...]:
    """Return the imports that come with the standing parts of a module, beside that of numpy."""
    return (SKLEARN_IMPORTS, STANDARD_IMPORTS) if "sklearn" in parts else ()


def without_parts(text: str) -> str:
    """Return a module's text, with plain ends, with empty lines in place of standing parts and their imports.

    So every other line keeps its number.
    """
    text = with_plain_ends(text)
    lines, parts = text.split("\n"), parts_of(text)
    for part in parts.values():
        lines[part] = [""] * len(lines[part])
    text = "\n".join(lines)
    for imports in _imports(parts):
        text = text.replace(imports, "\n" * imports.count("\n"), 1)
    return text


def own_text(text: str) -> str:
    """Return a module's text, with plain ends, without standing parts and their imports."""
    text = with_plain_ends(text)
    lines, parts = text.split("\n"), parts_of(text)
    for part in sorted(parts.values(), key=lambda one: one.start, reverse=True):
        del lines[part]
    own = "\n".join(lines)
    for imports in _imports(parts):
        own = own.replace(imports, "", 1)
    return own.rstrip("\n") + "\n" if parts else own


def with_own_text(text: str, own: str) -> str:
    """Return a module's text with another own text before its standing parts, which become those of today."""
    parts = parts_of(with_plain_ends(text))
    new = with_model(own) if "model" in parts else own
    new = with_sklearn(new) if "sklearn" in parts else new
    return new.replace("\n", "\r\n") if "\r\n" in text else new
