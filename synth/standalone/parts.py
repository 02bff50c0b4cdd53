"""The constant ends of modules that synth writes: `from best import Model` works wherever numpy is.

They are the same text, to the byte, in every module, and the parser skips them. The code is in
`model_source.py` and, for modules that are scikit-learn estimators as well, in `sklearn_source.py`. Modules
on torch tensors, which are not in the language any more, end in that of `torch_source.py`.
"""

from pathlib import Path

_MARK = "\n\n# From here on the text is the same"


def _read(name: str) -> tuple[str, str]:
    """Return the part of a source that is copied, and what stands before it."""
    start, mark, end = Path(__file__).with_name(name).read_text(encoding="utf-8").partition(_MARK)
    return mark + end, start


MODEL_PART, _ = _read("model_source.py")
"""Follows the three functions; begins with the two empty lines that set it off from them."""

NUMPY_IMPORT = "import numpy as np\n"

SKLEARN_PART, _start = _read("sklearn_source.py")
"""Follows `MODEL_PART` in modules of the style sklearn."""

SKLEARN_IMPORTS = "".join(
    line for line in _start.splitlines(keepends=True) if line.startswith("from sklearn")
)
"""Follows the import of numpy in modules of the style sklearn."""

_STANDARD_IMPORTS = "import itertools\nimport numbers\n\n"
"""Goes before the import of numpy in modules of the style sklearn."""

TORCH_PART, _ = _read("torch_source.py")
"""Follows the three functions in modules of the style torch."""

TORCH_IMPORTS = "import math\nimport warnings\n\nimport torch\n"
"""Goes before the three functions in modules of the style torch."""


def with_sklearn(text: str) -> str:
    """Return the text of a module that ends in `MODEL_PART` with the estimators and their imports."""
    imports = _STANDARD_IMPORTS + NUMPY_IMPORT + SKLEARN_IMPORTS
    return text.replace(NUMPY_IMPORT, imports, 1) + SKLEARN_PART


def without_model_part(text: str) -> str:
    """Return the text with empty lines in place of the parts, so that every other line keeps its number."""
    for part in (MODEL_PART.rstrip("\n"), SKLEARN_PART.rstrip("\n"), SKLEARN_IMPORTS, _STANDARD_IMPORTS):
        text = text.replace(part, "\n" * part.count("\n"), 1)
    return text


def own_text(text: str) -> str:
    """Return the text without the parts and their imports: what is the module's own."""
    for part in (MODEL_PART.rstrip("\n"), SKLEARN_PART.rstrip("\n"), SKLEARN_IMPORTS, _STANDARD_IMPORTS):
        text = text.replace(part, "", 1)
    return text


def with_own_text(text: str, own: str) -> str:
    """Return the text of a module with another own text before its parts."""
    if MODEL_PART.rstrip("\n") in text:
        own = own.rstrip("\n") + "\n" + MODEL_PART
    return with_sklearn(own) if SKLEARN_PART.rstrip("\n") in text else own
