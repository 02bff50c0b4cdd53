"""The op table, the only module that knows an op.

Parsing, rendering, mutation, both engines, the docs and the tests are derived from it. Ids, names and costs
are those of AutoML-Zero's reference code (its 65 ops); a template is the statement as a Python user writes
it, and numpy's float64 result is what it means. In a template `{a}`, `{b}` and `{out}` stand for addresses
and `{x}`, `{y}`, `{z}` for constants, in the order of `Op.constants`.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

MemoryType = Literal["s", "v", "m"]
"""Scalar, vector (F,) or matrix (F, F)."""

MEMORY_TYPES: tuple[MemoryType, ...] = ("s", "v", "m")
CONSTANT_NAMES = ("x", "y", "z")

Variable = tuple[MemoryType, int]
"""A variable of a program's memory, by type and address."""

LABEL: Variable = ("s", 0)
PREDICTION: Variable = ("s", 1)
FEATURES: Variable = ("v", 0)
READ_ONLY = frozenset({LABEL, FEATURES})
"""Variables that a program reads and never writes."""


@dataclass(frozen=True)
class Constant:
    """What a constant of an op is, and the half-open range from which a fresh one is drawn uniformly."""

    kind: Literal["value", "index", "deviation"]
    low: float
    high: float


VALUE = Constant("value", -1.0, 1.0)
INDEX = Constant("index", 0.0, 1.0)
"""A factor of F: the element is `int(x * F)`, so a program names no fixed F."""
DEVIATION = Constant("deviation", 0.0, 1.0)


@dataclass(frozen=True)
class Op:
    """One op: `cost` is in the units of the reference's train budget."""

    id: int
    name: str
    template: str
    cost: int
    constants: tuple[Constant, ...] = ()

    @cached_property
    def inputs(self) -> tuple[MemoryType, ...]:
        """The memory types of operands a and b."""
        kinds = {slot: kind for kind, slot in re.findall(r"m\.([svm])\{([ab])\}", self.template)}
        return tuple(kinds[slot] for slot in "ab" if slot in kinds)

    @cached_property
    def output(self) -> MemoryType | None:
        """The memory type of the result; None for NO_OP."""
        match = re.match(r"m\.([svm])\{out\}", self.template)
        return match[1] if match else None  # type: ignore[return-value]

    @cached_property
    def partial(self) -> bool:
        """Whether it sets one element and keeps the others."""
        return "{out}[" in self.template

    @cached_property
    def family(self) -> str:
        """What it does whatever the types of its operands: sum, product, minimum, sin, constant and so on."""
        if self.output is None:
            return "nothing"
        expression = self.template.partition(" = ")[2]
        for sign, family in _SIGNS.items():
            if re.search(rf"m\.\w\{{a\}} {re.escape(sign)} m", expression):
                return family
        function = re.match(r"(?:np|m)\.(?:linalg\.|rng\.)?([a-z_]+)\(", expression)
        if function:
            return _FUNCTIONS.get(function[1], function[1])
        return "constant" if self.constants else "reciprocal" if "1.0 /" in expression else "transpose"

    @cached_property
    def draws(self) -> bool:
        """Whether it draws from the random source."""
        return "m.rng" in self.template

    @cached_property
    def bounded(self) -> bool:
        """Whether its constants are the bounds of a uniform draw, which an alteration puts in order."""
        return "m.rng.uniform" in self.template


_SIGNS = {"+": "sum", "-": "difference", "*": "product", "/": "quotient"}

_FUNCTIONS = {
    "dot": "product",
    "outer": "product",
    "matmul": "product",
    "full": "broadcast",
    "broadcast_to": "broadcast",
}
"""Families of numpy functions that are not named after the function."""

# fmt: off
OPS: tuple[Op, ...] = (
    Op(0, "NO_OP", "pass", 3013921),
    Op(1, "SCALAR_SUM", "m.s{out} = m.s{a} + m.s{b}", 4703759),
    Op(2, "SCALAR_DIFF", "m.s{out} = m.s{a} - m.s{b}", 5102027),
    Op(3, "SCALAR_PRODUCT", "m.s{out} = m.s{a} * m.s{b}", 4418347),
    Op(4, "SCALAR_DIVISION", "m.s{out} = m.s{a} / m.s{b}", 3963916),
    Op(5, "SCALAR_ABS", "m.s{out} = np.abs(m.s{a})", 3684352),
    Op(6, "SCALAR_RECIPROCAL", "m.s{out} = 1.0 / m.s{a}", 4212086),
    Op(7, "SCALAR_SIN", "m.s{out} = np.sin(m.s{a})", 7538523),
    Op(8, "SCALAR_COS", "m.s{out} = np.cos(m.s{a})", 7452807),
    Op(9, "SCALAR_TAN", "m.s{out} = np.tan(m.s{a})", 7583203),
    Op(10, "SCALAR_ARCSIN", "m.s{out} = np.arcsin(m.s{a})", 9145616),
    Op(11, "SCALAR_ARCCOS", "m.s{out} = np.arccos(m.s{a})", 7673039),
    Op(12, "SCALAR_ARCTAN", "m.s{out} = np.arctan(m.s{a})", 9273978),
    Op(13, "SCALAR_EXP", "m.s{out} = np.exp(m.s{a})", 11755929),
    Op(14, "SCALAR_LOG", "m.s{out} = np.log(m.s{a})", 11627725),
    Op(15, "SCALAR_HEAVYSIDE", "m.s{out} = np.heaviside(m.s{a}, 1.0)", 4057075),
    Op(16, "VECTOR_HEAVYSIDE", "m.v{out} = np.heaviside(m.v{a}, 0.0)", 3965743),
    Op(17, "MATRIX_HEAVYSIDE", "m.m{out} = np.heaviside(m.m{a}, 0.0)", 6728311),
    Op(18, "SCALAR_VECTOR_PRODUCT", "m.v{out} = m.s{a} * m.v{b}", 3705015),
    Op(19, "SCALAR_BROADCAST", "m.v{out} = np.full(m.F, m.s{a})", 4165814),
    Op(20, "VECTOR_RECIPROCAL", "m.v{out} = 1.0 / m.v{a}", 6311851),
    Op(21, "VECTOR_NORM", "m.s{out} = np.linalg.norm(m.v{a})", 4810562),
    Op(22, "VECTOR_ABS", "m.v{out} = np.abs(m.v{a})", 3713533),
    Op(23, "VECTOR_SUM", "m.v{out} = m.v{a} + m.v{b}", 4701519),
    Op(24, "VECTOR_DIFF", "m.v{out} = m.v{a} - m.v{b}", 4165747),
    Op(25, "VECTOR_PRODUCT", "m.v{out} = m.v{a} * m.v{b}", 4504555),
    Op(26, "VECTOR_DIVISION", "m.v{out} = m.v{a} / m.v{b}", 4556237),
    Op(27, "VECTOR_INNER_PRODUCT", "m.s{out} = np.dot(m.v{a}, m.v{b})", 4294617),
    Op(28, "VECTOR_OUTER_PRODUCT", "m.m{out} = np.outer(m.v{a}, m.v{b})", 9833707),
    Op(29, "SCALAR_MATRIX_PRODUCT", "m.m{out} = m.s{a} * m.m{b}", 5986302),
    Op(30, "MATRIX_RECIPROCAL", "m.m{out} = 1.0 / m.m{a}", 24336141),
    Op(31, "MATRIX_VECTOR_PRODUCT", "m.v{out} = np.dot(m.m{a}, m.v{b})", 9310002),
    Op(32, "VECTOR_COLUMN_BROADCAST", "m.m{out} = np.broadcast_to(m.v{a}[:, None], (m.F, m.F))", 10993088),
    Op(33, "VECTOR_ROW_BROADCAST", "m.m{out} = np.broadcast_to(m.v{a}, (m.F, m.F))", 11087322),
    Op(34, "MATRIX_NORM", "m.s{out} = np.linalg.norm(m.m{a})", 6422746),
    Op(35, "MATRIX_COLUMN_NORM", "m.v{out} = np.linalg.norm(m.m{a}, axis=0)", 6682187),
    Op(36, "MATRIX_ROW_NORM", "m.v{out} = np.linalg.norm(m.m{a}, axis=1)", 13351123),
    Op(37, "MATRIX_TRANSPOSE", "m.m{out} = m.m{a}.T", 9394756),
    Op(38, "MATRIX_ABS", "m.m{out} = np.abs(m.m{a})", 4630926),
    Op(39, "MATRIX_SUM", "m.m{out} = m.m{a} + m.m{b}", 5579381),
    Op(40, "MATRIX_DIFF", "m.m{out} = m.m{a} - m.m{b}", 5429452),
    Op(41, "MATRIX_PRODUCT", "m.m{out} = m.m{a} * m.m{b}", 5475227),
    Op(42, "MATRIX_DIVISION", "m.m{out} = m.m{a} / m.m{b}", 18234378),
    Op(43, "MATRIX_MATRIX_PRODUCT", "m.m{out} = np.matmul(m.m{a}, m.m{b})", 14516296),
    Op(44, "SCALAR_MIN", "m.s{out} = np.minimum(m.s{a}, m.s{b})", 3677265),
    Op(45, "VECTOR_MIN", "m.v{out} = np.minimum(m.v{a}, m.v{b})", 3989956),
    Op(46, "MATRIX_MIN", "m.m{out} = np.minimum(m.m{a}, m.m{b})", 5457728),
    Op(47, "SCALAR_MAX", "m.s{out} = np.maximum(m.s{a}, m.s{b})", 4573695),
    Op(48, "VECTOR_MAX", "m.v{out} = np.maximum(m.v{a}, m.v{b})", 3974229),
    Op(49, "MATRIX_MAX", "m.m{out} = np.maximum(m.m{a}, m.m{b})", 5840952),
    Op(50, "VECTOR_MEAN", "m.s{out} = np.mean(m.v{a})", 4280443),
    Op(51, "MATRIX_MEAN", "m.s{out} = np.mean(m.m{a})", 4595196),
    Op(52, "MATRIX_ROW_MEAN", "m.v{out} = np.mean(m.m{a}, axis=1)", 9763956),
    Op(53, "MATRIX_ROW_ST_DEV", "m.v{out} = np.std(m.m{a}, axis=1)", 16766477),
    Op(54, "VECTOR_ST_DEV", "m.s{out} = np.std(m.v{a})", 5585730),
    Op(55, "MATRIX_ST_DEV", "m.s{out} = np.std(m.m{a})", 10640216),
    Op(56, "SCALAR_CONST_SET", "m.s{out} = {x}", 3691108, (VALUE,)),
    Op(57, "VECTOR_CONST_SET", "m.v{out}[int({x} * m.F)] = {y}", 3991421, (INDEX, VALUE)),
    Op(58, "MATRIX_CONST_SET", "m.m{out}[int({x} * m.F), int({y} * m.F)] = {z}", 3693035, (INDEX, INDEX, VALUE)),
    Op(59, "SCALAR_UNIFORM_SET", "m.s{out} = m.rng.uniform({x}, {y})", 26610704, (VALUE, VALUE)),
    Op(60, "VECTOR_UNIFORM_SET", "m.v{out} = m.rng.uniform({x}, {y}, m.F)", 57817372, (VALUE, VALUE)),
    Op(61, "MATRIX_UNIFORM_SET", "m.m{out} = m.rng.uniform({x}, {y}, (m.F, m.F))", 208339446, (VALUE, VALUE)),
    Op(62, "SCALAR_GAUSSIAN_SET", "m.s{out} = m.rng.normal({x}, {y})", 20775635, (VALUE, DEVIATION)),
    Op(63, "VECTOR_GAUSSIAN_SET", "m.v{out} = m.rng.normal({x}, {y}, m.F)", 77483018, (VALUE, DEVIATION)),
    Op(64, "MATRIX_GAUSSIAN_SET", "m.m{out} = m.rng.normal({x}, {y}, (m.F, m.F))", 277690384, (VALUE, DEVIATION)),
)
# fmt: on

if [op.id for op in OPS] != list(range(len(OPS))):
    raise AssertionError("an op's id is its index in the table")

NO_OP = OPS[0]

SCALAR_CONST_SET = next(op for op in OPS if op.family == "constant" and op.output == "s")

ELEMENTWISE_PRODUCTS = frozenset(op.id for op in OPS if op.family == "product" and " * " in op.template)
"""Ids of the ops that multiply each element by the one of the same index, or by a scalar; those of the other
products are sums of such products (single ones for the outer product)."""

COMMUTATIVE = frozenset(
    op.id
    for op in OPS
    if len({*op.inputs}) == 1
    and (op.family == "sum" or op.id in ELEMENTWISE_PRODUCTS or (op.family, op.output) == ("product", "s"))
)
"""Ids of the ops in which exchanging a and b leaves every bit (the minimum of 0.0 and -0.0 does not)."""
