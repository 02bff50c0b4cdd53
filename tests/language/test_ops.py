"""The op table: what is derived from the templates."""

from collections import defaultdict

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
