"""Tracing: a statement of the candidate language, evaluated with symbolic values, emits its machine code.

The statement is compiled by Python itself and run in globals where `m` is a symbolic memory, `np` holds
exactly the functions of the op table, and `int` is the index rule. So the text is the only definition of an
op, in this engine too.
"""

from collections.abc import Callable
from functools import partial, partialmethod
from typing import Any

from synth.engine.native.codegen import mathematics
from synth.engine.native.codegen.emitter import DOUBLE, I32, I64, Emitter, Row
from synth.engine.native.codegen.random_draws import TICKS, RandomWords
from synth.engine.native.codegen.symbols import (
    Features,
    Number,
    SymbolicConstant,
    Value,
    constant,
    elementwise,
    scalar,
)


class SymbolicMemory:
    """What `m` is while tracing."""

    F = Features()
    tracer: "Tracer"

    def __init__(self, tracer: "Tracer") -> None:
        object.__setattr__(self, "tracer", tracer)
        object.__setattr__(self, "rng", tracer)

    def __getattr__(self, name: str) -> Value:
        return self.tracer.read(name[0], name[1:])

    def __setattr__(self, name: str, value: Any) -> None:
        self.tracer.assign(name[0], name[1:], value)


class Tracer:
    """Emits statements into one function; `address(kind, name)` gives where an operand lies.

    A tracer is also what `np`, `np.linalg` and `m.rng` are while tracing: its methods are their functions.
    """

    def __init__(
        self,
        emitter: Emitter,
        address: Callable[[str, str], Any],
        scratch: Any,
        constants: dict[str, Any],
        draw: RandomWords | None,
    ) -> None:
        self.e, self.address, self.scratch = emitter, address, scratch
        self.draw: Any = draw
        """Where the random words of a statement come from; None for one that does not draw."""
        self.constants = {name: SymbolicConstant(value) for name, value in constants.items()}
        self.linalg = self

    def trace(self, statement: str) -> None:
        """Emit the code of one statement."""
        exec(
            compile(statement, "<op table>", "exec"),
            {"m": SymbolicMemory(self), "np": self, "int": self.index, **self.constants},
        )

    # Memory

    @property
    def _features(self) -> int:
        return self.e.shape.features

    def _row(self, base: Any, i: Any, j: Any) -> Any:
        """Return where element i of a vector lies, or i, j of a matrix."""
        b = self.e.builder
        index = i if j is None else b.add(b.mul(i, I64(self._features)), j)
        return self.e.row_pointer(base, index)

    def read(self, kind: str, name: str) -> Value:
        """Return an operand."""
        e, base = self.e, self.address(kind, name)
        if kind == "s":
            return scalar(e, e.load(base))
        store = partial(self.store_element, kind, name)
        return Value(e, kind, lambda i, j: e.load(self._row(base, i, j)), source=kind + name, store=store)

    def store_element(self, kind: str, name: str, i: Any, j: Any, value: Row) -> None:
        """Set element i (or i, j) of what lies at an address; the indices are known when the program runs."""
        self.e.store(value, self._row(self.address(kind, name), i, j))

    def index(self, operand: SymbolicConstant) -> Any:
        """Apply the index rule: int(x * F) in float64."""
        b = self.e.builder
        return b.fptosi(b.fmul(operand.value, DOUBLE(float(self._features))), I64)

    def assign(self, kind: str, name: str, value: Any) -> None:
        """Store a value into memory."""
        e, base = self.e, self.address(kind, name)
        if isinstance(value, SymbolicConstant | float):
            value = scalar(self.e, constant(self.e, value))
        if isinstance(value, Drawn):
            value.fill(lambda index, row: e.store(row, e.row_pointer(base, index)))
        elif kind == "s":
            e.store(value.at(None, None), base)
        elif value.crosses:
            self._fill(kind, value, self.scratch)
            size = self._features ** (1 if kind == "v" else 2)
            e.loop(size, lambda i, _: e.store(e.load(e.row_pointer(self.scratch, i)), e.row_pointer(base, i)))
        else:
            self._fill(kind, value, base)

    def _fill(self, kind: str, value: Value, base: Any) -> None:
        e, size = self.e, self._features
        if kind == "v":
            e.loop(size, lambda i, _: e.store(value.at(i, None), e.row_pointer(base, i)))
            return

        def line(i: Any) -> None:
            e.loop(size, lambda j, _: e.store(value.at(i, j), self._row(base, i, j)))

        e.count(I64(0), I64(size), line)

    # Reductions: 4 accumulators by index mod 4, combined (0 + 1) + (2 + 3), in every shape of machine

    def _accumulate(self, size: int, add: Callable[[Row, Any], Row]) -> Row:
        e = self.e
        zero = e.splat(0.0)
        totals = [e.variable(zero) for _ in range(min(4, size))]

        def body(index: Any, lane: int) -> None:
            e.builder.store(add(e.get(totals[lane], zero.type), index), totals[lane])

        e.loop(size, body)
        parts = [e.get(total, zero.type) for total in totals] + [zero] * (4 - len(totals))
        b = e.builder
        return b.fadd(b.fadd(parts[0], parts[1]), b.fadd(parts[2], parts[3]))

    def _elements(self, x: Value, axis: int | None, fixed: Any) -> tuple[int, Callable[[Any], Row]]:
        """Return how many elements are reduced, and the k-th of them."""
        size = self._features
        if x.kind == "v":
            return size, lambda k: x.at(k, None)
        if axis == 1:
            return size, lambda k: x.at(fixed, k)
        if axis == 0:
            return size, lambda k: x.at(k, fixed)
        b = self.e.builder
        return size * size, lambda k: x.at(b.udiv(k, I64(size)), b.urem(k, I64(size)))

    def _reduced(
        self, x: Value, axis: int | None = None, *, reduce: Callable[[Any, int, Callable[[Any], Row]], Row]
    ) -> Value:
        def at(fixed: Any, _: Any) -> Row:
            return reduce(self, *self._elements(x, axis, fixed))

        return scalar(self.e, at(None, None)) if axis is None else Value(self.e, "v", at)

    def _norm(self, size: int, element: Callable[[Any], Row]) -> Row:
        def square(total: Row, k: Any) -> Row:
            x = element(k)
            return self.e.fma(x, x, total)

        return self.e.call("sqrt", self._accumulate(size, square))

    def _mean(self, size: int, element: Callable[[Any], Row]) -> Row:
        b = self.e.builder
        total = self._accumulate(size, lambda total, k: b.fadd(total, element(k)))
        return b.fdiv(total, self.e.splat(float(size)))

    def _std(self, size: int, element: Callable[[Any], Row]) -> Row:
        """Go through the elements twice."""
        b, mean = self.e.builder, self._mean(size, element)

        def square(total: Row, k: Any) -> Row:
            x = b.fsub(element(k), mean)
            return self.e.fma(x, x, total)

        return self.e.call("sqrt", b.fdiv(self._accumulate(size, square), self.e.splat(float(size))))

    norm = partialmethod(_reduced, reduce=_norm)
    mean = partialmethod(_reduced, reduce=_mean)
    std = partialmethod(_reduced, reduce=_std)

    # Products

    def _inner(self, x: Callable[[Any], Row], y: Callable[[Any], Row]) -> Row:
        return self._accumulate(self._features, lambda total, k: self.e.fma(x(k), y(k), total))

    def dot(self, x: Value, y: Value) -> Value:
        """Trace np.dot of two vectors, or of a matrix and a vector."""
        if x.kind == "v":
            return scalar(self.e, self._inner(lambda k: x.at(k, None), lambda k: y.at(k, None)))
        return Value(
            self.e, "v", lambda i, _: self._inner(lambda k: x.at(i, k), lambda k: y.at(k, None)), crosses=True
        )

    def matmul(self, x: Value, y: Value) -> Value:
        """Trace np.matmul."""
        return Value(
            self.e, "m", lambda i, j: self._inner(lambda k: x.at(i, k), lambda k: y.at(k, j)), crosses=True
        )

    def outer(self, x: Value, y: Value) -> Value:
        """Trace np.outer."""
        b = self.e.builder
        return Value(self.e, "m", lambda i, j: b.fmul(x.at(i, None), y.at(j, None)), x, y)

    # Shapes

    def full(self, size: Features, x: Value) -> Value:
        """Trace np.full."""
        return Value(self.e, "v", x.at, x)

    def broadcast_to(self, x: Value, shape: tuple[Features, Features]) -> Value:
        """Trace np.broadcast_to, of a row or of a column."""
        if x.kind == "column":
            return Value(self.e, "m", lambda i, j: x.at(i, None), x)
        return Value(self.e, "m", lambda i, j: x.at(j, None), x)

    # Elementwise functions

    def _map(self, x: Value, *, function: Callable[[Emitter, Row], Row]) -> Value:
        return elementwise(self.e, x.kind, lambda i, j: function(self.e, x.at(i, j)), x)

    abs = partialmethod(_map, function=lambda e, row: e.call("fabs", row))
    sin = partialmethod(_map, function=partial(mathematics.circular, name="sin"))
    cos = partialmethod(_map, function=partial(mathematics.circular, name="cos"))
    tan = partialmethod(_map, function=partial(mathematics.circular, name="tan"))
    arcsin = partialmethod(_map, function=mathematics.arcsin)
    arccos = partialmethod(_map, function=mathematics.arccos)
    arctan = partialmethod(_map, function=mathematics.arctan)
    exp = partialmethod(_map, function=mathematics.exp)
    log = partialmethod(_map, function=mathematics.log)

    def heaviside(self, x: Value, at_zero: float) -> Value:
        """Trace np.heaviside: nan stays nan."""

        def step(e: Emitter, row: Row) -> Row:
            b = e.builder
            above = b.select(b.fcmp_ordered(">", row, e.splat(0.0)), e.splat(1.0), e.splat(0.0))
            level = b.select(b.fcmp_ordered("==", row, e.splat(0.0)), e.splat(at_zero), above)
            return b.select(e.is_nan(row), row, level)

        return self._map(x, function=step)

    def _extreme(self, x: Value, y: Value, *, order: str) -> Value:
        """Return the first operand where it is nan or in order, otherwise the second."""
        e = self.e

        def choose(left: Row, right: Row) -> Row:
            b = e.builder
            first = b.or_(b.fcmp_ordered(order, left, right), e.is_nan(left))
            return b.select(first, left, right)

        return x.combined(y, choose)

    minimum = partialmethod(_extreme, order="<")
    maximum = partialmethod(_extreme, order=">")

    # The random source

    def uniform(self, low: Number, high: Number, size: Any = None) -> "Drawn":
        """Trace m.rng.uniform."""
        e, b = self.e, self.e.builder
        low_row = constant(self.e, low)
        span = b.fsub(constant(self.e, high), low_row)
        span = b.select(b.fcmp_ordered(">", span, e.splat(0.0)), span, e.splat(0.0))

        def rows(words: list[Row]) -> list[Row]:
            return [b.fadd(low_row, b.fmul(span, self.draw.unit(word))) for word in words]

        return Drawn(self, size, rows)

    def normal(self, mean: Number, deviation: Number, size: Any = None) -> "Drawn":
        """Trace m.rng.normal."""
        e, b = self.e, self.e.builder
        mean_row, deviation_row = constant(self.e, mean), constant(self.e, deviation)

        def rows(words: list[Row]) -> list[Row]:
            standard = []
            for first, second in ((0, 1), (2, 3)):
                ticks = self.draw.ticks(words[first])
                square = mathematics.log_of_normal(e, ticks, shift=-TICKS, factor=-2.0)
                radius = e.call("sqrt", square)
                sine, cosine = mathematics.turn(e, words[second])
                standard += [b.fmul(radius, cosine), b.fmul(radius, sine)]
            return [b.fadd(mean_row, b.fmul(deviation_row, row)) for row in standard]

        return Drawn(self, size, rows)


SIDE_BY_SIDE = 2
"""Blocks of random words that are computed together: of one, each round waits for the round before."""


class Drawn:
    """Random elements, four for each block of words."""

    def __init__(self, tracer: Tracer, size: Any, rows: Callable[[list[Row]], list[Row]]) -> None:
        self.tracer, self.rows = tracer, rows
        features = tracer.e.shape.features
        self.size = 1 if size is None else features if isinstance(size, Features) else features**2

    def fill(self, store: Callable[[Any, Row], None]) -> None:
        """Call `store(index, row)` for every element."""
        e = self.tracer.e

        def blocks(number: Any, count: int, used: int) -> None:
            first = e.builder.shl(number, I64(2))
            words = self.tracer.draw.words(e.builder.trunc(number, I32), count)
            rows = [row for at in range(0, len(words), 4) for row in self.rows(words[at : at + 4])]
            for offset in range(used):
                store(e.builder.add(first, I64(offset)), rows[offset])

        whole = self.size // SIDE_BY_SIDE // 4 * SIDE_BY_SIDE
        if whole:
            full = 4 * SIDE_BY_SIDE
            e.count(I64(0), I64(whole), lambda number: blocks(number, SIDE_BY_SIDE, full), step=SIDE_BY_SIDE)
        if rest := self.size - 4 * whole:
            blocks(I64(whole), -(-rest // 4), rest)
