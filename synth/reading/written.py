"""The statements of a module as a person wrote them: their text, hole by hole, and their comments."""

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import libcst as cst

from synth.language.candidate import FUNCTIONS
from synth.language.flow import Definition
from synth.language.memory import NAME
from synth.language.patterns import Hole, matched
from synth.language.syntax import line_of, statements_of

Head = Sequence[cst.EmptyLine]
"""Blank lines and comments above a statement."""


@dataclass(frozen=True)
class Written:
    """A statement of the language as it stands in a module."""

    line: cst.SimpleStatementLine
    """With the comments above and beside it."""
    code: str
    """The statement alone."""
    holes: Mapping[str, Hole]
    """What it holds in each of its op's slots."""

    @classmethod
    def of(cls, module: cst.Module, line: cst.SimpleStatementLine) -> "Written":
        """Read a line of a module that is in the language."""
        code = module.code_for_node(line.body[0])
        pattern, holes = matched(ast.parse(code).body[0])
        slots = pattern.slots if pattern else ()
        return cls(line, code, {str(slot): hole for slot, hole in zip(slots, holes, strict=True)})

    @property
    def names(self) -> dict[str, str]:
        """The names of memory by slot, such as `v1_weights`."""
        return {slot: cast(ast.Attribute, self.holes[slot].node).attr for slot in self.holes if slot in SLOTS}

    def with_texts(self, texts: Mapping[str, str]) -> cst.SimpleStatementLine:
        """Return the line with other texts in some of its holes, a name of memory without its `m.`.

        A comment beside it stays, unless the statement stores elsewhere.
        """
        if not texts:
            return self.line
        code = self.code.encode()
        for slot in sorted(texts, key=self._span, reverse=True):
            start, stop = self._span(slot)
            prefix = "m." if slot in SLOTS else ""
            code = code[:start] + (prefix + texts[slot]).encode() + code[stop:]
        new = self.line.with_changes(body=line_of(code.decode()).body)
        return new.with_changes(trailing_whitespace=cst.TrailingWhitespace()) if "out" in texts else new

    def _span(self, slot: str) -> tuple[int, int]:
        """Return where a hole lies among the bytes of the code."""
        node = self.holes[slot].node
        starts = [0, *(at + 1 for at, byte in enumerate(self.code.encode()) if byte == ord("\n"))]
        stop = starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)
        return starts[node.lineno - 1] + node.col_offset, stop


SLOTS = ("a", "b", "out")
"""The slots of an op that hold memory."""


def written_statements(module: cst.Module) -> dict[Definition, Written]:
    """Return the statements of a module in the language, in order."""
    return {
        Definition(function, number): Written.of(module, line)
        for function, name in enumerate(FUNCTIONS)
        for number, line in enumerate(statements_of(module, name))
    }


def address_of(name: str) -> str:
    """Return a name of memory without its annotation: `v1` of `v1_weights`."""
    match = NAME.fullmatch(name)
    assert match, f"{name} is no name of memory"
    return match[1] + match[2]


class Blocks:
    """The blocks of a function: statements with the comments and blank lines above the first of them.

    A block keeps its head as long as one of its statements is there.
    """

    def __init__(self, statements: Mapping[Definition, Written]) -> None:
        self._blocks: dict[Definition, int] = {}
        self._heads: dict[int, Head] = {}
        for at, written in statements.items():
            if written.line.leading_lines or not self._heads:
                self._heads[len(self._heads)] = written.line.leading_lines
            self._blocks[at] = len(self._heads) - 1
        self._first = next(iter(self._heads.values()), ())

    def placed(
        self, lines: Sequence[tuple[cst.SimpleStatementLine, Definition | None]]
    ) -> Iterator[cst.SimpleStatementLine]:
        """Yield lines with their heads; each comes with the statement that it was, None for a new one.

        New lines right above what was the first of its block begin the block.
        """
        heads, new, at_start = dict(self._heads), list[cst.SimpleStatementLine](), True
        for line, was in lines:
            new.append(line)
            if was is None:
                continue
            head = heads.pop(self._blocks[was], ())
            if at_start and head is not self._first:
                head = _without_blanks(head)
            yield from map(_with_head, new, (head, *[()] * (len(new) - 1)))
            new, at_start = [], False
        yield from new


def _without_blanks(head: Head) -> Head:
    """Return a head without the blank lines that it begins with."""
    first = next((number for number, line in enumerate(head) if line.comment), len(head))
    return head[first:]


def _with_head(line: cst.SimpleStatementLine, head: Head) -> cst.SimpleStatementLine:
    same = line.leading_lines is head or not (line.leading_lines or head)
    return line if same else line.with_changes(leading_lines=head)
