"""From a module's text to its candidate: the text is read as Python and matched against the op table.

What is in the language and what is not is decided here and nowhere else; every refusal names line and column.
"""

import ast
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from synth.errors import Refusal, UsageError
from synth.language.candidate import FUNCTIONS, Body, Candidate
from synth.language.constants import FLOAT32_MAX, render_constant, shorten
from synth.language.diagnosis import diagnose
from synth.language.instruction import Instruction, instruction
from synth.language.memory import ADDRESSES
from synth.language.ops import CONSTANT_NAMES, FEATURES, LABEL, READ_ONLY, Constant
from synth.language.patterns import Hole, matched
from synth.language.templates import template_names, template_path
from synth.standalone.parts import MARK, without_parts

LONGEST = 250_000
"""Characters of the longest text that is read; the tree of one takes some 200 MB and a few seconds."""

_RESERVED = {LABEL: "label", FEATURES: "features"}


@dataclass(frozen=True)
class Parsed:
    """A module as read: its candidate, its docstring ("" without one) and notices about rounded constants."""

    candidate: Candidate
    docstring: str
    notices: tuple[str, ...]


def parse_file(path: str | Path) -> Parsed:
    """Parse the module in a file, or the template of this name.

    Raises UsageError where it cannot be read, Refusal where it is not in the language.
    """
    return parse(read_text(path), str(path))


def read_text(path: str | Path) -> str:
    """Return a module's text, by its path or by the name of a template; a file goes before a name.

    Raises UsageError where it cannot be read, Refusal where it is too long or no text.
    """
    is_template = str(path) in template_names() and not Path(path).exists()
    try:
        with open(template_path(str(path)) if is_template else path, "rb") as file:
            data = file.read(4 * LONGEST + 1)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    if len(data) > 4 * LONGEST:  # more characters than LONGEST, whatever they are
        raise _too_long(str(path))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - data.rfind(b"\n", 0, error.start)
        raise Refusal(str(path), line, column, "the file is not UTF-8 text", "save it as UTF-8") from None
    if len(text) > LONGEST:
        raise _too_long(str(path))
    return text


def parse(text: str, path: str = "<text>") -> Parsed:
    """Parse a module's text; raises Refusal, with `path` in front, where it is not in the language."""
    return _Reader(text, path).read()


def candidate_of(text: str, path: str = "<text>") -> Candidate:
    """Return the candidate of a module's text; raises Refusal as `parse` does."""
    return parse(text, path).candidate


@dataclass
class _Reader:
    text: str
    path: str
    notices: list[str] = field(default_factory=list)

    def read(self) -> Parsed:
        bodies: dict[str, Body] = {}
        try:
            tree = self._tree()
            for statement in _after_docstring(tree):
                if not isinstance(statement, ast.Import) or ast.unparse(statement) != "import numpy as np":
                    function = self._function(statement, bodies)
                    bodies[function.name] = self._body(function)
        except (RecursionError, MemoryError):
            self.refuse(1, 1, "expressions are nested too deeply", "a statement is one operation")
        for name in FUNCTIONS:
            if name not in bodies:
                last = self.text.count("\n") + 1
                self.refuse(
                    last, 1, f"there is no function {name}", f"add def {name}(m): with its statements or pass"
                )
        candidate = Candidate(*(bodies[name] for name in FUNCTIONS))
        return Parsed(candidate, ast.get_docstring(tree) or "", tuple(self.notices))

    def refuse(self, line: int, column: int, what: str, right: str) -> NoReturn:
        raise Refusal(self.path, line, column, what, right) from None

    def refuse_at(self, node: ast.stmt | ast.expr, what: str, right: str) -> NoReturn:
        self.refuse(*self._position(node), what, right)

    def _position(self, node: ast.stmt | ast.expr) -> tuple[int, int]:
        """Return line and column from 1; Python counts a column in bytes."""
        line = self.text.split("\n")[node.lineno - 1]
        return node.lineno, len(line.encode()[: node.col_offset].decode(errors="ignore")) + 1

    def _tree(self) -> ast.Module:
        """Read the text as Python, without standing parts."""
        if len(self.text) > LONGEST:
            raise _too_long(self.path)
        self.text = without_parts(self.text)
        null = self.text.find("\0")
        if null >= 0:
            line = self.text.count("\n", 0, null) + 1
            self.refuse(line, null - self.text.rfind("\n", 0, null), "there is a null byte", "remove it")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # odd escapes in a docstring are no business of ours
                return ast.parse(self.text)
        except SyntaxError as error:
            what = f"this is not Python: {error.msg.partition(': ')[0]}"
            self.refuse(error.lineno or 1, error.offset or 1, what, "a candidate is a Python module")
        except ValueError as error:  # what cannot be encoded: half of a surrogate pair
            self.refuse(1, 1, f"this is not text: {error}", "save the file as UTF-8")

    def _function(self, statement: ast.stmt, seen: dict[str, Body]) -> ast.FunctionDef:
        """Return the statement as one of the three functions, its head checked."""
        only = "a module holds import numpy as np, setup(m), predict(m) and learn(m)"
        match statement:
            case ast.Import() | ast.ImportFrom():
                anew = ", or the module anew with synth export" if MARK in self.text else ""  # a changed part
                self.refuse_at(statement, "only numpy can be imported", f"write import numpy as np{anew}")
            case ast.ClassDef(name=name):
                self.refuse_at(
                    statement,
                    f"class {name} is not in a standing part that synth writes",
                    "remove it, or write the module anew with synth export",
                )
            case ast.FunctionDef(name=name) if name in FUNCTIONS:
                pass
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                self.refuse_at(statement, f"{name} is not in the language", only)
            case _:
                self.refuse_at(statement, "this statement stands outside of the functions", only)
        if statement.name in seen:
            self.refuse_at(statement, f"{statement.name} is defined twice", "keep one of the two")
        if statement.decorator_list or not _takes_memory(statement):
            self.refuse_at(
                statement, f"{statement.name} has another signature", f"write def {statement.name}(m):"
            )
        return statement

    def _body(self, function: ast.FunctionDef) -> Body:
        statements = _after_docstring(function)
        return tuple(self._instruction(line) for line in statements if not isinstance(line, ast.Pass))

    def _instruction(self, statement: ast.stmt) -> Instruction:
        pattern, holes = matched(statement)
        for hole in holes:
            if hole.kind == "number" and not isinstance(hole.value, str) and abs(hole.value) > FLOAT32_MAX:
                self.refuse_at(
                    hole.node,
                    "this constant is too large",
                    f"a constant lies between -{FLOAT32_MAX} and {FLOAT32_MAX}",
                )
        if pattern is None:
            self.refuse_at(*diagnose(statement))
        filled = dict(zip(pattern.slots, holes, strict=True))
        self._check_target(filled["out"])
        constants = [
            self._constant(filled[name], constant)
            for name, constant in zip(CONSTANT_NAMES, pattern.op.constants, strict=False)
        ]
        addresses = {slot: int(filled[slot].value) for slot in ("a", "b", "out") if slot in filled}
        return instruction(pattern.op, **addresses, constants=constants)

    def _check_target(self, hole: Hole) -> None:
        variable = (hole.kind, int(hole.value))
        if variable in READ_ONLY:
            self.refuse_at(
                hole.node,
                f"m.{hole.kind}{hole.value} is the {_RESERVED[variable]}, which no program may change",
                f"write to m.{hole.kind}1 to m.{hole.kind}{ADDRESSES - 1}",
            )

    def _constant(self, hole: Hole, constant: Constant) -> float:
        if isinstance(hole.value, str):
            self.refuse_at(hole.node, "there is text where a number belongs", "write a number, such as 0.5")
        value = float(hole.value)
        if constant.kind == "index" and not 0 <= value < 1:
            self.refuse_at(
                hole.node,
                f"the index factor {value!r} is outside [0, 1)",
                "the element is int(factor * m.F)",
            )
        if constant.kind == "deviation" and value < 0:
            self.refuse_at(
                hole.node, f"the standard deviation {value!r} is negative", "write one of 0.0 or more"
            )
        short = shorten(value, constant)
        if short != value:
            line, column = self._position(hole.node)
            self.notices.append(
                f"{self.path}:{line}:{column}: the constant {value!r} is rounded to {render_constant(short)}"
            )
        return short


def _too_long(path: str) -> Refusal:
    return Refusal(
        path, 1, 1, f"the text is longer than {LONGEST:,} characters", "a candidate is a short module"
    )


def _after_docstring(node: ast.Module | ast.FunctionDef) -> list[ast.stmt]:
    return node.body if ast.get_docstring(node) is None else node.body[1:]


def _takes_memory(function: ast.FunctionDef) -> bool:
    """Return whether the only parameter is `m`, annotated or not."""
    names = function.args
    plain = not (names.posonlyargs or names.kwonlyargs or names.vararg or names.kwarg or names.defaults)
    return plain and [argument.arg for argument in names.args] == ["m"]
