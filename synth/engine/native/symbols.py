"""The symbolic values that statements are evaluated with while they are traced."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from synth.engine.native.emitter import DOUBLE, Row

if TYPE_CHECKING:
    from synth.engine.native.tracer import Tracer

At = Callable[[Any, Any], Row]


class Value:
    """A symbolic scalar, vector or matrix: `at(i, j)` emits the row of one element.

    `sources` are the memory addresses that it is computed from, `loads` how many rows one element takes.
    `crosses` says that an element may depend on other elements of the operands, so that a result must not
    overwrite an operand while it is being computed.
    """

    def __init__(
        self, tracer: "Tracer", kind: str, at: At, *operands: "Value", source: str = "", crosses: bool = False
    ) -> None:
        self.tracer, self.kind, self.at, self.crosses = tracer, kind, at, crosses
        self.sources: frozenset[str] = frozenset([source] if source else []).union(
            *(one.sources for one in operands)
        )
        self.loads: int = 1 if source else sum(one.loads for one in operands)

    def _with(self, other: Any, apply: Callable[[Row, Row], Row], swap: bool = False) -> "Value":
        tracer = self.tracer
        right = other if isinstance(other, Value) else tracer.scalar(tracer.e.splat(float(other)))
        left = self
        if swap:
            left, right = right, left
        kind = max(left.kind, right.kind, key="svm".index)
        return tracer.elementwise(kind, lambda i, j: apply(left.at(i, j), right.at(i, j)), left, right)

    def __add__(self, other: Any) -> "Value":
        return self._with(other, self.tracer.e.builder.fadd)

    def __sub__(self, other: Any) -> "Value":
        return self._with(other, self.tracer.e.builder.fsub)

    def __mul__(self, other: Any) -> "Value":
        return self._with(other, self.tracer.e.builder.fmul)

    def __truediv__(self, other: Any) -> "Value":
        return self._with(other, self.tracer.e.builder.fdiv)

    def __rtruediv__(self, other: Any) -> "Value":
        return self._with(other, self.tracer.e.builder.fdiv, swap=True)

    @property
    def T(self) -> "Value":
        """The transpose."""
        return Value(self.tracer, "m", lambda i, j: self.at(j, i), self, crosses=True)

    def __getitem__(self, key: tuple[slice, None]) -> "Value":
        """`v[:, None]`: a column."""
        return Value(self.tracer, "column", self.at, self)

    def __setitem__(self, key: Any, value: "Operand") -> None:
        """Set one element of the memory that this value was read from."""
        i, j = key if isinstance(key, tuple) else (key, None)
        self.tracer.store_element(self, i, j, self.tracer.constant(value))


class Operand:
    """A constant of the instruction, known when the program runs; `times_features` is for `x * m.F`."""

    def __init__(self, value: Any, times_features: bool = False) -> None:
        self.value, self.times_features = value, times_features

    def __mul__(self, other: Any) -> "Operand":
        return Operand(self.value, times_features=True)


class Features:
    """`m.F`."""

    def __rmul__(self, other: float) -> Operand:
        """`0.37 * m.F`, where the constant is part of the text."""
        return Operand(DOUBLE(other), times_features=True)


class Memory:
    """What `m` is while tracing."""

    F = Features()

    def __init__(self, tracer: "Tracer") -> None:
        object.__setattr__(self, "tracer", tracer)
        object.__setattr__(self, "rng", tracer)

    def __getattr__(self, name: str) -> Value:
        tracer: Tracer = object.__getattribute__(self, "tracer")
        return tracer.read(name[0], name[1:])

    def __setattr__(self, name: str, value: Any) -> None:
        tracer: Tracer = object.__getattribute__(self, "tracer")
        tracer.assign(name[0], name[1:], value)
