"""Modules as text: what stands below a docstring, wherever that is, and the import of numpy."""

import ast

import pytest

from synth.standalone.module_text import (
    below_docstring,
    docstring_source,
    importing_numpy,
    numpy_line,
    with_docstring,
)

MODULES = [
    '"""Doc."""\n\nimport numpy as np\n\nx = 1\n',
    '"""Doc."""; import numpy as np\nx = 1\n',
    '# """Doc."""\n"""Doc."""\nimport numpy as np\nx = 1\n',
    "'Doc.'\nx = 1\nimport numpy as np\n",
    'u"""Dœc.\n\nsecond: import numpy as np\n"""\nimport numpy as np\nx = 1\n',
    "x = 1\n",
    "#!/usr/bin/env python\n# import numpy as np\nx = 1\n",
    '"""A page\x0cbreak."""\nx = 1\n',
]


@pytest.mark.parametrize("text", MODULES)
def test_lines_go_below_the_docstring(text: str) -> None:
    new = below_docstring(text, "note = 2\n")
    before, after = ast.parse(text), ast.parse(new)
    assert ast.get_docstring(after) == ast.get_docstring(before)
    added = bool(docstring_source(text))
    assert ast.unparse(after.body[added]) == "note = 2"
    assert len(after.body) == len(before.body) + 1
    assert new.startswith("#!") == text.startswith("#!")


@pytest.mark.parametrize("text", MODULES)
def test_docstrings_are_replaced(text: str) -> None:
    after = ast.parse(with_docstring(text, '"""Another."""'))
    assert ast.get_docstring(after) == "Another."
    assert len(after.body) == len(ast.parse(text).body) + (not docstring_source(text))


@pytest.mark.parametrize("text", MODULES)
def test_numpy_is_imported_once(text: str) -> None:
    new = importing_numpy(text)
    assert (new == text) == (numpy_line(text) is not None)
    imports = [one for one in ast.parse(new).body if isinstance(one, ast.Import)]
    assert [ast.unparse(one) for one in imports] == ["import numpy as np"]
    assert numpy_line(new) is not None
