"""Carry out a notebook as Jupyter does, without it: `notebooks.py NOTEBOOK` stores what its cells print.

All cells run in this process, in a new folder.
"""

import ast
import contextlib
import io
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

Document = dict[str, Any]


def carry_out(notebook: Document) -> None:
    """Run the code cells of a notebook in order, and store in each what it prints and shows."""
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = (cell for cell in notebook["cells"] if cell["cell_type"] == "code")
    for number, cell in enumerate(cells, 1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            value = _run("".join(cell["source"]), names)
        cell["execution_count"] = number
        cell["outputs"] = [*_stream(printed.getvalue()), *_result(value, number)]


def _run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell, and return the value of the expression that it ends in, if it does."""
    tree, last = ast.parse(source), None
    if isinstance(tree.body[-1], ast.Expr):
        last = ast.Expression(tree.body[-1].value)
        del tree.body[-1]
    exec(compile(tree, "<cell>", "exec"), names)
    return eval(compile(last, "<cell>", "eval"), names) if last else None


def _stream(text: str) -> list[Document]:
    if not text:
        return []
    return [{"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}]


def _result(value: Any, number: int) -> list[Document]:
    if value is None:
        return []
    shown = {"text/plain": repr(value)}
    if hasattr(value, "_repr_markdown_"):
        shown = {"text/markdown": value._repr_markdown_()} | shown
    data = {kind: text.splitlines(keepends=True) for kind, text in shown.items()}
    return [{"data": data, "execution_count": number, "metadata": {}, "output_type": "execute_result"}]


if __name__ == "__main__":
    path = Path(sys.argv[1]).resolve()
    found = json.loads(path.read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        carry_out(found)
        os.chdir(path.parent)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
