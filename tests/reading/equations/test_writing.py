"""What is written means the expression: read with the usual precedence, it has the same value."""

import random

import numpy as np
from formulas import Formula
from hypothesis import given
from hypothesis import strategies as st
from mathematics import F, value
from thorough import examples as tried

from synth.language.ops import OPS, MemoryType, Variable
from synth.reading.equations.expressions import Apply, Expression, Number, Symbol
from synth.reading.equations.writing import Unicode

LETTERS: dict[Variable, str] = {
    ("s", 2): "a", ("s", 3): "b", ("v", 1): "u1", ("v", 2): "w", ("m", 0): "M", ("m", 1): "K2"
}  # fmt: skip
WRITE = Unicode(LETTERS)
COMPOSED = [op for op in OPS if op.inputs]


def tree(draw: random.Random, kind: MemoryType, depth: int) -> Expression:
    """A random expression of a type, over all ops that have operands."""
    leaves: list[Expression] = [Symbol(variable) for variable in LETTERS if variable[0] == kind]
    if kind == "s":
        leaves += [Number("s", draw.choice([1.0, 2.0, -1.0, -0.25, 1e-7, 3e20]))]
    if depth == 0:
        return draw.choice(leaves)
    if draw.random() < 0.15:
        return draw.choice(leaves)
    op = draw.choice([op for op in COMPOSED if op.output == kind])
    return Apply(op, tuple(tree(draw, one, depth - 1) for one in op.inputs))


def worth(seed: int, whole: dict[Symbol, np.ndarray]) -> None:
    generator = np.random.default_rng(seed)
    for variable in LETTERS:
        shape = {"s": (), "v": (F,), "m": (F, F)}[variable[0]]
        whole[Symbol(variable)] = generator.integers(1, 4, shape) * generator.choice([-1.0, 1.0], shape)


@tried(2000)
@given(st.integers(0, 1 << 32))
def test_a_reader_finds_the_same_value(seed: int) -> None:
    draw = random.Random(seed)
    expression = tree(draw, draw.choice(["s", "v", "m"]), draw.randint(1, 4))
    known: dict[Symbol, np.ndarray] = {}
    worth(seed, known)
    expected = value(expression, known)
    text = WRITE.expression(expression)
    if not np.all(np.isfinite(expected)):
        return
    columns = {WRITE.symbol(one): held[:, None] if held.ndim == 1 else held for one, held in known.items()}
    with np.errstate(all="ignore"):
        found = Formula(text, columns, F).value()
    if expected.ndim == 1:
        expected = expected[:, None]
    np.testing.assert_allclose(
        np.broadcast_to(found, expected.shape), expected, rtol=1e-6, atol=1e-9, err_msg=text
    )
