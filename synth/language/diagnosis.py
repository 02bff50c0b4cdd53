"""What is wrong with a statement that is not an instruction, and what would be right.

Everything said here about ops comes from the op table, by way of `patterns`.
"""

import ast
import re
from functools import cache
from typing import NamedTuple

from synth.errors import closest
from synth.language.memory import ADDRESSES, NAME
from synth.language.ops import MEMORY_TYPES, OPS
from synth.language.patterns import patterns, shape, stands


class Finding(NamedTuple):
    """A node at fault, what is wrong with it, and what would be right."""

    node: ast.expr | ast.stmt
    what: str
    right: str


_MANUAL = "write one operation on memory, such as m.s3 = m.s1 + m.s2 (`synth ops` lists them all)"

_STATEMENTS: dict[type[ast.stmt], str] = {
    **dict.fromkeys((ast.If, ast.Match), "a program has no conditions"),
    **dict.fromkeys((ast.For, ast.While, ast.AsyncFor), "a program has no loops"),
    **dict.fromkeys((ast.Import, ast.ImportFrom), "a function imports nothing"),
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), "a function defines nothing"),
    ast.Return: "a function returns nothing; results stay in memory",
}


def diagnose(statement: ast.stmt) -> Finding:
    """Return what is wrong with a statement whose shape is in no pattern, or whose numbers fit none."""
    match statement:
        case ast.AugAssign(target=target, op=operator, value=value):
            # the operator's spelling is what lies between the two operands
            sign = ast.unparse(ast.BinOp(ast.Name("x"), operator, ast.Name("x")))[1:-1].strip()
            name, what = _short(target), _short(value)
            return Finding(
                statement, f"{sign}= is not in the language", f"write it out: {name} = {name} {sign} {what}"
            )
        case ast.AnnAssign(target=target):
            return Finding(statement, "a statement has no type annotation", f"write {_short(target)} = ...")
        case ast.Assign(targets=[target], value=value):
            return _diagnose_assignment(statement, target, value)
        case ast.Assign(targets=[_, second, *_]):
            return Finding(second, "a statement has several targets", "write one statement for each")
    what = _STATEMENTS.get(type(statement), f"this is not an assignment to memory: {_short(statement)}")
    return Finding(statement, what, _MANUAL)


def _diagnose_assignment(statement: ast.Assign, target: ast.expr, value: ast.expr) -> Finding:
    if isinstance(target, (ast.Tuple, ast.List)):
        return Finding(target, "a statement has several targets", "write one statement for each")
    if isinstance(target, ast.Name):
        return Finding(
            target,
            f"{target.id} is a name of its own; a program has only its memory",
            f"store into memory, such as m.s3 = {_short(value)}",
        )
    return (
        _wrong_name(statement)
        or _wrong_types(statement)
        or _wrong_function(statement)
        or Finding(value, f"this is not one instruction: {_short(statement)}", _nearest(statement))
    )


def _wrong_name(statement: ast.Assign) -> Finding | None:
    """Say which name is neither memory nor numpy's."""
    for node in ast.walk(statement):
        match node:
            case ast.Attribute(value=ast.Name(id="m"), attr=attribute):
                if not NAME.fullmatch(attribute) and attribute not in ("F", "rng"):
                    right = "use " + ", ".join(
                        f"m.{kind}0 to m.{kind}{ADDRESSES - 1}" for kind in MEMORY_TYPES
                    )
                    return Finding(node, f"memory has no m.{attribute}", right)
            case ast.Attribute(value=ast.Name(id="np"), attr="inf" | "nan" | "infty" | "NaN" | "Inf" as name):
                return Finding(node, f"np.{name} is not finite", "constants are finite numbers, such as 0.5")
            case ast.Name(id=name) | ast.Attribute(value=ast.Name(id=name)) if name not in ("m", "np", "int"):
                return Finding(
                    node,
                    f"{_short(node)} is not in the language",
                    _suggestion(_short(node)) or "a statement uses m, np and numbers only",
                )
    return None


def _wrong_types(statement: ast.Assign) -> Finding | None:
    """Say which types or fixed numbers an op takes whose spelling this is but for them."""
    key, holes = shape(statement)
    same = patterns().get(key, ())
    near = same or patterns(typed=False).get(shape(statement, typed=False)[0], ())
    if not near:
        return None
    right = "write " + " or ".join(pattern.spell(holes) for pattern in near)
    if same:  # the types are right, so a number that belongs to the spelling is not
        wrong = next(hole for slot, hole in zip(same[0].slots, holes, strict=True) if not stands(slot, hole))
        return Finding(wrong.node, f"{_short(wrong.node)} cannot stand here", right)
    operands = ", ".join(f"m.{hole.kind}{hole.value}" for hole in holes if hole.kind != "number")
    return Finding(statement, f"no op has these types: {operands}", right)


@cache
def _functions() -> dict[str, str]:
    """Return the dotted names that templates call, each with a template that calls it."""
    functions: dict[str, str] = {}
    for group in patterns().values():
        for pattern in group:
            for name in re.findall(r"\b(?:np|m\.rng)(?:\.[a-z_]+)+", pattern.op.template):
                functions.setdefault(name, _example(pattern.op.template))
    return functions


def _wrong_function(statement: ast.Assign) -> Finding | None:
    """Say which function of numpy or of the random source is not in the language, or is called otherwise."""
    calls = [node for node in ast.walk(statement.value) if isinstance(node, (ast.Call, ast.Attribute))]
    for node in calls:
        name = _short(node.func if isinstance(node, ast.Call) else node)
        known = any(f"{function}.".startswith(f"{name}.") for function in _functions())
        if re.fullmatch(r"(np|m\.rng)(\.\w+)+", name) and not known:
            return Finding(
                node,
                f"{name} is not in the language",
                _suggestion(name) or "`synth ops` lists the functions that are",
            )
    return None


def _suggestion(name: str) -> str:
    """Return a question after the nearest function of the language; empty where none is near."""
    leaves = {known.rpartition(".")[2]: known for known in _functions()}
    near = closest(name.rpartition(".")[2], leaves, 0.66)
    if not near:
        return ""
    known = leaves[near]
    return f"did you mean {known}, as in {_functions()[known]}?"


def _nearest(statement: ast.Assign) -> str:
    """Return what would be right where no op has this form."""
    called = statement.value.func if isinstance(statement.value, ast.Call) else None
    operations = sum(isinstance(node, (ast.BinOp, ast.Call)) for node in ast.walk(statement.value))
    if isinstance(statement.targets[0], ast.Subscript):
        return "write one element as in " + " or ".join(_example(op.template) for op in OPS if op.partial)
    if operations > 1 and (called is None or _short(called) not in _functions()):
        return "write one operation in each statement, with a result of its own"
    if called is None and any(isinstance(node, ast.Constant) for node in ast.walk(statement.value)):
        return "put the number into memory first, such as m.s2 = 0.5"
    if called is not None and _short(called) in _functions():
        return f"write it as in {_functions()[_short(called)]}"
    return _MANUAL


def _example(template: str) -> str:
    return template.format(a=1, b=2, out=3, x=0.5, y=0.5, z=0.5)


def _short(node: ast.AST, limit: int = 60) -> str:
    """Return a node's text on one line, cut where it is long."""
    try:
        text = " ".join(ast.unparse(node).split())
    except (ValueError, RecursionError):
        return "..."
    return text if len(text) <= limit else text[: limit - 3] + "..."
