"""Modules as text: their docstring, what stands below it, and their import of numpy."""

import ast

NUMPY_IMPORT = "import numpy as np\n"


def with_plain_ends(text: str) -> str:
    """Return a text without a byte order mark, its lines ended as Python reads them."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def docstring_source(text: str) -> str:
    """Return a module's docstring as it stands there, with its quotes; nothing without one."""
    span = _span(text)
    return text[slice(*span)] if span else ""


def with_docstring(text: str, source: str) -> str:
    """Return a module's text with another docstring, given with its quotes."""
    span = _span(text)
    return text[: span[0]] + source + text[span[1] :] if span else f"{source}\n\n{text}"


def below_docstring(text: str, lines: str) -> str:
    """Return a module's text with these lines below its docstring, or else below the comments at its top."""
    span = _span(text)
    if not span:
        above = text.splitlines(keepends=True)
        count = next((n for n, line in enumerate(above) if not line.startswith("#")), len(above))
        return (
            "".join(above[:count]) + "\n" * bool(count) + f"{lines}\n" + "".join(above[count:]).lstrip("\n")
        )
    rest = text[span[1] :]
    if rest.lstrip(" \t").startswith(";"):  # another statement in the same line
        rest = "\n\n" + rest.lstrip(" \t;")
    return f"{text[: span[1]]}\n\n{lines}{rest.removeprefix(chr(10))}"


def importing_numpy(text: str) -> str:
    """Return a module's text that imports numpy as np."""
    if numpy_line(text) is not None:
        return text
    return below_docstring(text, NUMPY_IMPORT if docstring_source(text) else f"{NUMPY_IMPORT}\n")


def numpy_line(text: str) -> int | None:
    """Return the number, from 0, of the line in which a module imports numpy; None where it does not."""
    imports = (one for one in ast.parse(text).body if isinstance(one, ast.Import))
    return next((one.lineno - 1 for one in imports if ast.unparse(one) == NUMPY_IMPORT.rstrip()), None)


def _span(text: str) -> tuple[int, int] | None:
    """Return where a module's docstring begins and ends."""
    tree = ast.parse(text)
    if ast.get_docstring(tree) is None:
        return None
    node, lines = tree.body[0], [f"{line}\n" for line in text.split("\n")]

    def position(line: int, column: int) -> int:
        return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())

    stop = node.end_lineno or node.lineno, node.end_col_offset or 0
    return position(node.lineno, node.col_offset), position(*stop)
