"""The shapes of statements, derived from the op table: how the parser knows which op a statement is.

A statement and a template have the same shape when their syntax trees differ only in addresses and numbers.
Those are the holes of a shape: a template says what each stands for, a statement what it holds.
Parentheses, comments and spaces leave no trace in a syntax tree.
"""

import ast
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cache

from synth.language.memory import NAME
from synth.language.ops import CONSTANT_NAMES, OPS, Op

_IGNORED = frozenset({"ctx", "kind", "type_comment"})


@dataclass(frozen=True)
class Hole:
    """A part of a statement that holds an address (`kind` s, v or m) or a number (`kind` is "number").

    `name` is an address's annotation without its underscore; a template names its slots that way.
    """

    node: ast.expr
    kind: str
    value: int | float | str
    name: str = ""


@dataclass(frozen=True)
class Pattern:
    """An op's template as a shape: for each hole in order its slot, or the number that must stand there.

    Slots are `a`, `b`, `out` and the names of constants.
    """

    op: Op
    slots: tuple[str | int | float, ...]

    def fits(self, holes: list[Hole]) -> bool:
        """Return whether the numbers that belong to the spelling (`axis=1`, `1.0 / x`) are the template's."""
        return all(map(stands, self.slots, holes))

    def spell(self, holes: list[Hole]) -> str:
        """Return the op's statement with a statement's own addresses and constants."""
        named = {str(slot): hole.value for slot, hole in zip(self.slots, holes, strict=True)}
        return self.op.template.format(**named)


def stands(slot: str | int | float, hole: Hole) -> bool:
    """Return whether a hole's content may stand in a slot: not another number than the spelling's."""
    return isinstance(slot, str) or (hole.value == slot and isinstance(hole.value, (int, type(slot))))


def shape(node: ast.stmt, *, typed: bool = True) -> tuple[Hashable, list[Hole]]:
    """Return the shape of a statement and its holes; without `typed`, one without the types of memory."""
    holes: list[Hole] = []
    return _shape(node, holes, typed), holes


def _shape(node: object, holes: list[Hole], typed: bool) -> Hashable:
    if isinstance(node, list):
        return tuple(_shape(item, holes, typed) for item in node)
    if not isinstance(node, ast.AST):
        return node if isinstance(node, Hashable) else repr(node)
    hole = _hole(node)
    if hole is not None:
        holes.append(hole)
        return hole.kind if typed or hole.kind == "number" else "memory"
    fields = [_shape(value, holes, typed) for name, value in ast.iter_fields(node) if name not in _IGNORED]
    return (type(node).__name__, *fields)


def _hole(node: ast.AST) -> Hole | None:
    match node:
        case ast.Attribute(value=ast.Name(id="m"), attr=attribute):
            parts = NAME.fullmatch(attribute)
            return Hole(node, parts[1], int(parts[2]), attribute[parts.end(2) + 1 :]) if parts else None
        case ast.Constant(value=str(value)):
            return Hole(node, "number", value)
        case ast.Constant() | ast.UnaryOp():
            number = literal(node)
            return None if number is None else Hole(node, "number", number)
    return None


def literal(node: ast.AST) -> int | float | None:
    """Return the number of a literal with any signs; None for any other expression."""
    sign = 1
    while isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        sign = -sign if isinstance(node.op, ast.USub) else sign
        node = node.operand
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value = node.value
        # an integer has no negative zero: -0 is 0
        return -value if sign < 0 else value  # type: ignore[operator, return-value]
    return None


def matched(node: ast.stmt) -> tuple[Pattern | None, list[Hole]]:
    """Return the pattern that a statement fits, None where it fits no op's, and its holes."""
    key, holes = shape(node)
    return next((pattern for pattern in patterns().get(key, ()) if pattern.fits(holes)), None), holes


@cache
def patterns(*, typed: bool = True) -> dict[Hashable, tuple[Pattern, ...]]:
    """Return the patterns of the op table by shape; without `typed`, by shapes without types of memory."""
    table: dict[Hashable, tuple[Pattern, ...]] = {}
    slots = {"a": "0_a", "b": "0_b", "out": "0_out"} | {name: repr(name) for name in CONSTANT_NAMES}
    for op in OPS:
        if op.output is None:
            continue  # `pass` is not an instruction
        (statement,) = ast.parse(op.template.format(**slots)).body
        key, holes = shape(statement, typed=typed)
        pattern = Pattern(op, tuple(hole.name or hole.value for hole in holes))
        table[key] = (*table.get(key, ()), pattern)
    return table
