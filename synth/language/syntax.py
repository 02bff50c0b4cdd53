"""Candidates as libcst trees: one statement node per instruction, shared by all modules that contain it.

Nodes are immutable, so sharing is safe; a change replaces a function's body along the known path from the
module and leaves every other node as it is. Nothing here visits a tree.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import cast

import libcst as cst

from synth.language.instruction import Instruction


def statements_of(module: cst.Module, function: str) -> list[cst.SimpleStatementLine]:
    """Return the instructions of a function as lines of one statement each, with their comments.

    A docstring and `pass` are no instructions.
    """
    block = _block(_function(module, function)[1])
    lines = cast(Iterable[cst.SimpleStatementLine], block.body)
    return [one for line in lines for one in _separate(line) if isinstance(one.body[0], cst.Assign)]


def _block(definition: cst.FunctionDef) -> cst.IndentedBlock:
    """Return the body of a function as a block, also where it stands behind the colon."""
    body = definition.body
    if isinstance(body, cst.IndentedBlock):
        return body
    suite = cast(cst.SimpleStatementSuite, body)
    return cst.IndentedBlock(
        [cst.SimpleStatementLine(suite.body, trailing_whitespace=suite.trailing_whitespace)]
    )


def _separate(line: cst.SimpleStatementLine) -> list[cst.SimpleStatementLine]:
    """Return a line for each statement of a line; the comment at its end goes with the last."""
    if len(line.body) == 1:
        return [line]
    first, *others = [
        cst.SimpleStatementLine([one.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)]) for one in line.body
    ]
    lines = [first.with_changes(leading_lines=line.leading_lines), *others]
    lines[-1] = lines[-1].with_changes(trailing_whitespace=line.trailing_whitespace)
    return lines


def with_statements(
    module: cst.Module, function: str, lines: Iterable[cst.SimpleStatementLine]
) -> cst.Module:
    """Return the module with other instructions in a function; its docstring and last comments stay.

    Comments above a `pass` that goes stand above the first instruction.
    """
    index, definition = _function(module, function)
    block, lines = _block(definition), list(lines)
    old = cast(Iterable[cst.SimpleStatementLine], block.body)
    above = [head for one in old if isinstance(one.body[0], cst.Pass) for head in one.leading_lines]
    if lines and above:
        lines[0] = lines[0].with_changes(leading_lines=[*above, *lines[0].leading_lines])
    kept = [one for line in block.body[:1] for one in _separate(cast(cst.SimpleStatementLine, line))[:1]]
    kept = kept if definition.get_docstring() is not None else []
    body = (*kept, *lines) or (line_of("pass"),)
    changed = definition.with_changes(body=block.with_changes(body=body))
    return module.with_changes(body=(*module.body[:index], changed, *module.body[index + 1 :]))


def _function(module: cst.Module, name: str) -> tuple[int, cst.FunctionDef]:
    """Return a function of a module, and the index of its definition."""
    return next(
        (index, statement)
        for index, statement in enumerate(module.body)
        if isinstance(statement, cst.FunctionDef) and statement.name.value == name
    )


def splice(
    module: cst.Module, function: str, start: int, stop: int, new: Iterable[Instruction]
) -> cst.Module:
    """Return the module with the statements `start` to `stop` of a function replaced by new instructions.

    Comments of statements that are replaced go with them.
    """
    lines = statements_of(module, function)
    return with_statements(
        module, function, (*lines[:start], *(line_of(one.text) for one in new), *lines[stop:])
    )


@lru_cache(1 << 13)
def line_of(text: str) -> cst.SimpleStatementLine:
    """Return a statement's text as a line, the same node for the same text."""
    return cast(cst.SimpleStatementLine, cst.parse_statement(text + "\n"))
