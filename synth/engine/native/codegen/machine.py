"""The lockstep machine as an LLVM module: a kernel for each op, a dispatch loop, and the procedure."""

from typing import Any

from llvmlite import ir

from synth.engine.native.codegen import examination
from synth.engine.native.codegen.emitter import DOUBLE, I32, I64, POINTER, Emitter, Shape
from synth.engine.native.codegen.fields import field_pointer, read_field
from synth.engine.native.codegen.job import Job
from synth.engine.native.codegen.procedure import Procedure
from synth.engine.native.codegen.random_draws import RandomWords
from synth.engine.native.codegen.tracer import Tracer
from synth.language.instruction import FIRST_CONSTANT, SIZE, WORDS
from synth.language.ops import CONSTANT_NAMES, OPS, Op

_KERNEL = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, POINTER, POINTER])


def build(shape: Shape) -> ir.Module:
    """The module of a machine: entry points `evaluate(job)`, `examine(record)` and
    `run(memory, scratch, code, length, job)`.
    """
    module = ir.Module(name=f"synth_{shape.features}_{shape.lanes}_{shape.dtype}")
    kernels = [_kernel(module, shape, op) for op in OPS]
    table = ir.GlobalVariable(module, ir.ArrayType(POINTER, len(OPS)), "kernels")
    table.linkage, table.global_constant = "internal", True
    table.initializer = ir.Constant(table.value_type, [kernel.bitcast(POINTER) for kernel in kernels])
    run = _run(module, shape, table)

    def call(procedure: Procedure, name: str) -> None:
        code = [procedure.field(name), procedure.field(f"{name}_length")]
        procedure.b.call(run, [procedure.memory, procedure.scratch, *code, procedure.job])

    Procedure(module, shape, call).emit()
    examination.emit(module)
    return module


def _kernel(module: ir.Module, shape: Shape, op: Op) -> ir.Function:
    """One op: kernel(memory, scratch, instruction, job)."""
    function = ir.Function(module, _KERNEL, op.name.lower())
    function.linkage = "internal"
    memory, scratch, instruction, job = function.args
    for pointer in (memory, scratch, instruction):
        pointer.add_attribute("noalias")
    e = Emitter(module, shape, function)
    b = e.builder

    def word(name: str) -> Any:
        return b.load(b.gep(instruction, [I64(WORDS[name])], source_etype=I32), typ=I32)

    def address(kind: str, name: str) -> Any:
        index = b.zext(word(name), I64)
        if kind == "s":
            return e.row_pointer(memory, index)
        start = read_field(b, Job, job, "vectors" if kind == "v" else "matrices")
        size = shape.features if kind == "v" else shape.features**2
        return e.row_pointer(memory, b.add(start, b.mul(index, I64(size))))

    def constant(position: int) -> Any:
        pointer = b.gep(instruction, [I64(FIRST_CONSTANT + position)], source_etype=DOUBLE)
        return b.load(pointer, typ=DOUBLE)

    def ordinal() -> Any:
        """How many draws of the function came before; counts this one."""
        before = read_field(b, Job, job, "draws")
        b.store(b.add(before, I64(1)), field_pointer(b, Job, job, "draws"))
        return b.trunc(before, I32)

    if op.output is not None:
        names = CONSTANT_NAMES[: len(op.constants)]
        draw = RandomWords(e, job, ordinal()) if op.draws else None
        constants = {name: constant(position) for position, name in enumerate(names)}
        text = op.template.format(a="a", b="b", out="out", **{name: name for name in CONSTANT_NAMES})
        Tracer(e, address, scratch, constants, draw).trace(text)
    e.finish()
    return function


def _run(module: ir.Module, shape: Shape, table: ir.GlobalVariable) -> ir.Function:
    """The dispatch loop: run(memory, scratch, code, length, job)."""
    signature = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, POINTER, I64, POINTER])
    function = ir.Function(module, signature, "run")
    memory, scratch, code, length, job = function.args
    e = Emitter(module, shape, function)
    b = e.builder

    def step(index: Any) -> None:
        instruction = b.gep(code, [b.mul(index, I64(SIZE))], source_etype=ir.IntType(8))
        op = b.load(instruction, typ=I32)
        entry = b.gep(table, [I64(0), b.zext(op, I64)], source_etype=table.value_type)
        kernel = b.load(entry, typ=POINTER)
        b.call(_KernelPointer(kernel), [memory, scratch, instruction, job])

    b.store(I64(0), field_pointer(b, Job, job, "draws"))
    e.count(I64(0), length, step)
    e.finish()
    return function


class _KernelPointer:
    """A pointer that llvmlite's `call` accepts (its own pointers carry no function type)."""

    function_type = ftype = _KERNEL

    def __init__(self, pointer: Any) -> None:
        self.get_reference, self.type = pointer.get_reference, pointer.type
