"""The op table: what is derived from the templates, and that no other module knows an op by its number."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

import synth
from synth.language.ops import COMMUTATIVE, ELEMENTWISE_PRODUCTS, OPS, SCALAR_CONST_SET

FAMILIES = {
    "nothing": "NO_OP",
    "sum": "SCALAR_SUM VECTOR_SUM MATRIX_SUM",
    "difference": "SCALAR_DIFF VECTOR_DIFF MATRIX_DIFF",
    "product": (
        "SCALAR_PRODUCT SCALAR_VECTOR_PRODUCT VECTOR_PRODUCT VECTOR_INNER_PRODUCT VECTOR_OUTER_PRODUCT "
        "SCALAR_MATRIX_PRODUCT MATRIX_VECTOR_PRODUCT MATRIX_PRODUCT MATRIX_MATRIX_PRODUCT"
    ),
    "quotient": "SCALAR_DIVISION VECTOR_DIVISION MATRIX_DIVISION",
    "reciprocal": "SCALAR_RECIPROCAL VECTOR_RECIPROCAL MATRIX_RECIPROCAL",
    "abs": "SCALAR_ABS VECTOR_ABS MATRIX_ABS",
    "sin": "SCALAR_SIN",
    "cos": "SCALAR_COS",
    "tan": "SCALAR_TAN",
    "arcsin": "SCALAR_ARCSIN",
    "arccos": "SCALAR_ARCCOS",
    "arctan": "SCALAR_ARCTAN",
    "exp": "SCALAR_EXP",
    "log": "SCALAR_LOG",
    "heaviside": "SCALAR_HEAVYSIDE VECTOR_HEAVYSIDE MATRIX_HEAVYSIDE",
    "broadcast": "SCALAR_BROADCAST VECTOR_COLUMN_BROADCAST VECTOR_ROW_BROADCAST",
    "norm": "VECTOR_NORM MATRIX_NORM MATRIX_COLUMN_NORM MATRIX_ROW_NORM",
    "transpose": "MATRIX_TRANSPOSE",
    "minimum": "SCALAR_MIN VECTOR_MIN MATRIX_MIN",
    "maximum": "SCALAR_MAX VECTOR_MAX MATRIX_MAX",
    "mean": "VECTOR_MEAN MATRIX_MEAN MATRIX_ROW_MEAN",
    "std": "VECTOR_ST_DEV MATRIX_ST_DEV MATRIX_ROW_ST_DEV",
    "constant": "SCALAR_CONST_SET VECTOR_CONST_SET MATRIX_CONST_SET",
    "uniform": "SCALAR_UNIFORM_SET VECTOR_UNIFORM_SET MATRIX_UNIFORM_SET",
    "normal": "SCALAR_GAUSSIAN_SET VECTOR_GAUSSIAN_SET MATRIX_GAUSSIAN_SET",
}


def test_each_op_belongs_to_its_family() -> None:
    found = defaultdict(set)
    for op in OPS:
        found[op.family].add(op.name)
    assert found == {family: set(names.split()) for family, names in FAMILIES.items()}


def test_ops_that_are_told_apart_within_a_family() -> None:
    assert SCALAR_CONST_SET.name == "SCALAR_CONST_SET"
    assert {OPS[op].name for op in ELEMENTWISE_PRODUCTS} == {
        "SCALAR_PRODUCT",
        "SCALAR_VECTOR_PRODUCT",
        "VECTOR_PRODUCT",
        "SCALAR_MATRIX_PRODUCT",
        "MATRIX_PRODUCT",
    }
    assert {OPS[op].name for op in COMMUTATIVE} == {
        *FAMILIES["sum"].split(),
        "SCALAR_PRODUCT",
        "VECTOR_PRODUCT",
        "VECTOR_INNER_PRODUCT",
        "MATRIX_PRODUCT",
    }


Constants = dict[str, set[int | str]]
"""Numbers and texts in what constants of modules stand for, by their names."""


def literals(node: ast.AST, constants: Constants) -> Iterator[int | str]:
    """The integers and texts that an expression is made of as a set, or a tuple, of op ids or families is."""
    match node:
        case ast.Constant(value=value) if type(value) in (int, str):
            yield value  # type: ignore[misc]
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield from constants.get(name, ())
        case ast.Tuple() | ast.List() | ast.Set() | ast.BinOp():
            for part in ast.iter_child_nodes(node):
                yield from literals(part, constants)
        case ast.Call(func=ast.Name(id="frozenset" | "set" | "tuple" | "range"), args=arguments):
            for part in arguments:
                yield from literals(part, constants)


def constants_of(trees: list[ast.Module]) -> Constants:
    found: Constants = defaultdict(set)
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for name in ast.walk(target):
                    if isinstance(name, ast.Name) and name.id.isupper():
                        found[name.id].update(literals(node.value, found))
    return found


def stands_for(node: ast.AST, *names: str) -> bool:
    """Whether an expression is a variable, an attribute or a field of one of these names."""
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=name)):
            return name in names
    return False


def bare_ids(tree: ast.Module, constants: Constants) -> list[str]:
    """Where a module knows ops by their numbers, or by a family that is none."""
    found = []
    for node in ast.walk(tree):
        wrong = False
        match node:
            case ast.Set(elts=elements):
                wrong = all(isinstance(one, ast.Constant) and type(one.value) is int for one in elements)
            case ast.Subscript(value=ast.Name(id="OPS"), slice=number):
                wrong = any(type(value) is int for value in literals(number, constants))
            case ast.Match(subject=subject) if stands_for(subject, "id", "op", "op_id"):
                cases = (one.value for one in ast.walk(node) if isinstance(one, ast.MatchValue))
                wrong = any(type(value) is int for one in cases for value in literals(one, constants))
            case ast.Compare():
                sides = [node.left, *node.comparators]
                values = {value for side in sides for value in literals(side, constants)}
                if any(stands_for(side, "id", "op", "op_id") for side in sides):
                    wrong = any(type(value) is int for value in values)
                if any(stands_for(side, "family") for side in sides):
                    wrong = wrong or not values <= FAMILIES.keys()
        if wrong:
            found.append(f"{node.lineno}: {ast.unparse(node)}")  # type: ignore[attr-defined]
    return found


def test_no_module_knows_an_op_by_its_number() -> None:
    trees = {
        path: ast.parse(path.read_text())
        for path in sorted(Path(synth.__file__).parent.rglob("*.py"))
        if path.parts[-2:] != ("language", "ops.py")
    }
    constants = constants_of(list(trees.values()))
    assert {path: found for path, tree in trees.items() if (found := bare_ids(tree, constants))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "op.id == 27",
        "if statement.op.id in (3, 25, 41): pass",
        "op_id in frozenset(range(7, 15))",
        "1 <= op_id < len(OPS)",
        "rows['op'] > 0",
        "_NORMS = frozenset({21, 34, 35, 36})",
        "_EXP, _STEP = 13, 15\nop == _EXP",
        "STEPS: Ids = (15, 16)\nfound = op.id not in structure.STEPS | MORE",
        "maximum = OPS[47]",
        "match op.id:\n    case 13: pass",
        "op.family == 'plus'",
        "ADDING = frozenset({'sum', 'plus'})\nop.family in ADDING",
    ],
)
def test_numbers_of_ops_are_found(code: str) -> None:
    tree = ast.parse(code)
    assert bare_ids(tree, constants_of([tree]))


@pytest.mark.parametrize(
    "code",
    [
        "op.family == 'sum' and op.id in COMMUTATIVE",
        "ADDITIVE = frozenset({'sum', 'difference'})\nop.family in ADDITIVE | {'maximum'}",
        "NO_OP.id < op_id < len(OPS)",
        "OPS[op_id]",
        "len(op.inputs) == 2",
        "SIZES = (4, 8)\nsize in SIZES",
    ],
)
def test_other_numbers_are_left_alone(code: str) -> None:
    tree = ast.parse(code)
    assert not bare_ids(tree, constants_of([tree]))
