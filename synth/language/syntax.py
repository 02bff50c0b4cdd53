"""Candidates as libcst trees: one statement node per instruction, shared by all modules that contain it.

Nodes are immutable, so sharing is safe; a change splices a function's body along the known path from the
module and leaves every other node as it is. Nothing here visits a tree.
"""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import cast

import libcst as cst

from synth.language.candidate import FUNCTIONS, Candidate, docstring_line
from synth.language.instruction import Instruction


def module_of(candidate: Candidate, docstring: str = "", *, model: bool = False) -> cst.Module:
    """Return the libcst module of a candidate: its `.code` is `candidate.text(docstring, model)`."""
    skeleton = _skeleton(model)
    module = skeleton.with_changes(
        body=(_statement(f'"""{docstring_line(docstring)}"""'), *skeleton.body[1:])
    )
    for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
        module = splice(module, name, 0, 0, body)
    return module


def splice(
    module: cst.Module, function: str, start: int, stop: int, new: Iterable[Instruction]
) -> cst.Module:
    """Return the module with the statements `start` to `stop` of a function replaced by new instructions.

    The module must have the form that `module_of` gives: a statement for each instruction, `pass` for none.
    """
    index, definition = next(
        (index, statement)
        for index, statement in enumerate(module.body)
        if isinstance(statement, cst.FunctionDef) and statement.name.value == function
    )
    block = cast(cst.IndentedBlock, definition.body)
    lines = () if _is_pass(block.body[0]) else tuple(block.body)
    lines = (*lines[:start], *(_statement(one.text) for one in new), *lines[stop:])
    changed = definition.with_changes(body=block.with_changes(body=lines or (_statement("pass"),)))
    return module.with_changes(body=(*module.body[:index], changed, *module.body[index + 1 :]))


@lru_cache(1 << 13)
def _statement(text: str) -> cst.SimpleStatementLine:
    return cast(cst.SimpleStatementLine, cst.parse_statement(text + "\n"))


def _is_pass(line: cst.BaseStatement | cst.BaseSmallStatement) -> bool:
    return isinstance(line, cst.SimpleStatementLine) and isinstance(line.body[0], cst.Pass)


@cache
def _skeleton(model: bool) -> cst.Module:
    return cst.parse_module(Candidate().text(model=model))
