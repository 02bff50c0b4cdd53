"""The lockstep machine as an LLVM module: a kernel for each op, a dispatch loop, and the procedure."""

from typing import Any

from llvmlite import ir

from synth.engine.native.codegen import examination
from synth.engine.native.codegen.emitter import DOUBLE, I32, I64, POINTER, Emitter, Shape
from synth.engine.native.codegen.fields import Record
from synth.engine.native.codegen.job import Job
from synth.engine.native.codegen.procedure import Procedure
from synth.engine.native.codegen.random_draws import RandomWords
from synth.engine.native.codegen.tracer import Tracer
from synth.language.instruction import FIRST_CONSTANT, SIZE, WORDS
from synth.language.ops import CONSTANT_NAMES, OPS, Op

_KERNEL = ir.FunctionType(ir.VoidType(), [POINTER, POINTER, POINTER, POINTER])


def build(shape: Shape) -> ir.Module:
    """Return the module of a machine: entry points `evaluate(job)`, `examine(record)` and
    `run(memory, scratch, code, length, job)`.
    """
    module = ir.Module(name=f"synth_{shape.features}_{shape.lanes}_{shape.dtype}")
    kernels = [_kernel(module, shape, op) for op in OPS]
    table = ir.GlobalVariable(module, ir.ArrayType(POINTER, len(OPS)), "kernels")
    table.linkage, table.global_constant = "internal", True
    table.initializer = ir.Constant(table.value_type, [kernel.bitcast(POINTER) for kernel in kernels])
    run = _run(module, shape, table)

    def call(procedure: Procedure, name: str) -> None:
        code = [procedure.job.read(name), procedure.job.read(f"{name}_length")]
        procedure.b.call(run, [procedure.memory, procedure.scratch, *code, procedure.job.address])

    Procedure(module, shape, call).emit()
    examination.emit(module)
    return module


def _kernel(module: ir.Module, shape: Shape, op: Op) -> ir.Function:
    """Emit one op: kernel(memory, scratch, instruction, job)."""
    e = Emitter(module, shape, op.name.lower(), _KERNEL.args, unaliased=3)
    b = e.builder
    memory, scratch, instruction, address_of_job = e.function.args
    job = Record(b, Job, address_of_job)

    def address(kind: str, name: str) -> Any:
        index = b.zext(e.read(instruction, I64(WORDS[name]), I32), I64)
        if kind == "s":
            return e.row_pointer(memory, index)
        start = job.read("vectors" if kind == "v" else "matrices")
        size = shape.features if kind == "v" else shape.features**2
        return e.row_pointer(memory, b.add(start, b.mul(index, I64(size))))

    def ordinal() -> Any:
        """Read how many draws of the function came before, and count this one."""
        before = job.read("draws")
        job.write("draws", b.add(before, I64(1)))
        return b.trunc(before, I32)

    if op.output is not None:
        draw = RandomWords(e, job, ordinal()) if op.draws else None
        constants = {
            name: e.read(instruction, I64(FIRST_CONSTANT + number), DOUBLE)
            for number, name in enumerate(CONSTANT_NAMES[: len(op.constants)])
        }
        text = op.template.format(a="a", b="b", out="out", **{name: name for name in CONSTANT_NAMES})
        Tracer(e, address, scratch, constants, draw).trace(text)
    e.finish()
    return e.function


def _run(module: ir.Module, shape: Shape, table: ir.GlobalVariable) -> ir.Function:
    """Emit the dispatch loop: run(memory, scratch, code, length, job)."""
    e = Emitter(module, shape, "run", [POINTER, POINTER, POINTER, I64, POINTER])
    b = e.builder
    memory, scratch, code, length, job = e.function.args

    def step(index: Any) -> None:
        instruction = b.gep(code, [b.mul(index, I64(SIZE))], source_etype=ir.IntType(8))
        op = b.zext(b.load(instruction, typ=I32), I64)
        kernel = b.load(b.gep(table, [I64(0), op], source_etype=table.value_type), typ=POINTER)
        b.call(_KernelPointer(kernel), [memory, scratch, instruction, job])

    Record(b, Job, job).write("draws", I64(0))
    e.count(I64(0), length, step)
    e.finish()
    return e.function


class _KernelPointer:
    """A pointer that llvmlite's `call` accepts (its own pointers carry no function type)."""

    function_type = ftype = _KERNEL

    def __init__(self, pointer: Any) -> None:
        self.get_reference, self.type = pointer.get_reference, pointer.type
