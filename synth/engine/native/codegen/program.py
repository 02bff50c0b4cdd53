"""A program as straight-line machine code, for evaluations long enough to repay its compilation.

The same tracer writes it as the machine's kernels, from the program's own statements; so every number has the
same bits. Where matrices are too large for the caches, a matrix that is only an intermediate result (an outer
product that is added to the weights) is not written to memory but computed where it is used.
"""

from functools import partial
from typing import Any

from llvmlite import ir

from synth.engine.native.codegen.emitter import I32, I64, POINTER, Emitter, Shape
from synth.engine.native.codegen.fields import Record
from synth.engine.native.codegen.job import Job
from synth.engine.native.codegen.procedure import Procedure
from synth.engine.native.codegen.random_draws import RandomWords
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.codegen.symbols import Value
from synth.engine.native.codegen.tracer import Tracer
from synth.language.analysis import needed_after
from synth.language.candidate import FUNCTIONS, Body, Candidate
from synth.language.instruction import variable_bit

DEFERRED_FEATURES = 128
"""From this F on, matrices are left uncomputed until they are used."""

DEFERRED_LOADS = 6
"""A value that takes more loads an element is stored at once."""


def build_program(shape: Shape, candidate: Candidate) -> ir.Module:
    """Return the module of one program; its entry point is `evaluate(job)`, which reads no code fields."""
    module, sizes = ir.Module(name="synth_program"), Sizes.of(candidate.code)
    functions = {
        name: _function(module, shape, name, body, sizes, needed)
        for name, body, needed in zip(FUNCTIONS, candidate.bodies, needed_after(candidate), strict=True)
    }

    def call(procedure: Procedure, name: str) -> None:
        arguments = [procedure.memory, procedure.scratch, procedure.job.address]
        procedure.b.call(functions[name], arguments)

    Procedure(module, shape, call).emit()
    return module


def _function(
    module: ir.Module, shape: Shape, name: str, body: Body, sizes: Sizes, needed: int
) -> ir.Function:
    e = Emitter(module, shape, name, [POINTER, POINTER, POINTER], unaliased=2)
    memory, scratch, address_of_job = e.function.args
    job = Record(e.builder, Job, address_of_job)
    tracer = _ProgramTracer(e, memory, scratch, sizes)
    ordinal = 0
    for statement in body:
        tracer.draw = RandomWords(e, job, I32(ordinal)) if statement.op.draws else None
        ordinal += statement.op.draws
        tracer.trace(statement.text)
    tracer.finish(needed)
    e.finish()
    return e.function


class _ProgramTracer(Tracer):
    """A tracer whose addresses are known, and which defers large matrices."""

    def __init__(self, e: Emitter, memory: Any, scratch: Any, sizes: Sizes) -> None:
        features = e.shape.features
        starts = sizes.starts(features)

        def address(kind: str, name: str) -> Any:
            row = starts[kind] + int(name) * features ** "svm".index(kind)
            return e.row_pointer(memory, I64(row))

        super().__init__(e, address, scratch, {}, None)
        self._deferred: dict[str, Value] = {}

    def read(self, kind: str, name: str) -> Value:
        """Return an operand; a deferred one is computed where it is used."""
        return self._deferred.get(kind + name) or super().read(kind, name)

    def assign(self, kind: str, name: str, value: Any) -> None:
        """Store a value or keep it for later; what waits and depends on the old content is stored first."""
        target = kind + name
        self._store_dependents(target)
        if self._can_wait(kind, value) and target not in value.sources:
            value.store = partial(self.store_element, kind, name)
            self._deferred[target] = value
            return
        self._deferred.pop(target, None)
        super().assign(kind, name, value)

    def store_element(self, kind: str, name: str, i: Any, j: Any, value: Any) -> None:
        """Set one element, of an operand that is in memory by then."""
        if kind + name in self._deferred:
            self._store(kind + name)
        self._store_dependents(kind + name)
        super().store_element(kind, name, i, j, value)

    def finish(self, needed: int) -> None:
        """Store what is deferred and read after the function (a mask of addresses)."""
        for name in list(self._deferred):
            if variable_bit(name[0], int(name[1:])) & needed:
                self._store(name)

    def _can_wait(self, kind: str, value: Any) -> bool:
        return (
            kind == "m"
            and self.e.shape.features >= DEFERRED_FEATURES
            and isinstance(value, Value)
            and not value.crosses
            and value.loads <= DEFERRED_LOADS
        )

    def _store_dependents(self, changing: str) -> None:
        """Store every deferred matrix, other than the one that changes, that is computed from it."""
        for name in [n for n, kept in self._deferred.items() if n != changing and changing in kept.sources]:
            self._store(name)

    def _store(self, name: str) -> None:
        super().assign(name[0], name[1:], self._deferred.pop(name))
