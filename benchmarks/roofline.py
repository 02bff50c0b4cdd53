"""How near the machine comes to what the processor can do: prints the table of docs/speed.md.

    python benchmarks/roofline.py

The floor of a train step is what its rows cost if nothing else did: two vector operations, two loads and one
store of a full vector a cycle from the first cache (half of that from the second). The length of a cycle is
measured with a chain of dependent additions.
"""

import ctypes
from time import process_time as clock

import llvmlite.binding as llvm
from llvmlite import ir

from synth.engine.native.codegen.emitter import Shape
from synth.engine.native.codegen.sizes import Sizes
from synth.engine.native.compiler import target_machine
from synth.engine.native.lanes import shape_for
from synth.language.candidate import Candidate
from synth.language.instruction import Instruction
from synth.search.evolution.rules import template
from synth.study.bench import FEATURES, PROGRAMS, nanoseconds_per_train_step

VECTOR_BYTES = 64
FIRST_CACHE = 48 << 10
SIGMOID_OPERATIONS = 30
"""Vector operations of the sigmoid and the error check, about."""


def cycle_nanoseconds() -> float:
    """The length of a cycle, from a chain of a thousand million dependent additions of whole numbers."""
    word = ir.IntType(64)
    module = ir.Module()
    function = ir.Function(module, ir.FunctionType(word, [word, word]), "chain")
    start, loop, end = (function.append_basic_block(name) for name in ("start", "loop", "end"))
    builder = ir.IRBuilder(start)
    builder.branch(loop)
    builder.position_at_end(loop)
    index, total = builder.phi(word), builder.phi(word)
    step = total
    for _ in range(16):  # an addition and an exclusive or, which no optimizer folds into one
        step = builder.xor(builder.add(step, function.args[1]), index)
    following = builder.add(index, word(1))
    for phi, first, later in ((index, word(0), following), (total, word(1), step)):
        phi.add_incoming(first, start)
        phi.add_incoming(later, loop)
    builder.cbranch(builder.icmp_unsigned("<", following, function.args[0]), loop, end)
    builder.position_at_end(end)
    builder.ret(step)
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(str(module)), target_machine())
    engine.finalize_object()
    chain = ctypes.CFUNCTYPE(ctypes.c_uint64, ctypes.c_uint64, ctypes.c_uint64)(
        engine.get_function_address("chain")
    )
    count = 3_000_000
    best = min(_seconds(lambda: chain(count, 3)) for _ in range(5))
    return best / (count * 32) * 1e9


def _seconds(action: object) -> float:
    start = clock()
    action()  # type: ignore[operator]
    return clock() - start


def rows(statement: Instruction, features: int) -> tuple[int, int, int]:
    """Vector operations, loads and stores of a statement, in rows of lanes."""
    size = {"s": 1, "v": features, "m": features**2}
    op = statement.op
    inputs = [size[kind] for kind in op.inputs]
    output = size[op.output or "s"]
    work = max([*inputs, output])
    return work, sum(inputs), 1 if op.partial else output


def floor_nanoseconds(program: Candidate, shape: Shape, cycle: float) -> float:
    """The least time of a train step of one task."""
    work, loads, stores = SIGMOID_OPERATIONS, shape.features, shape.features  # the features are copied
    for statement in (*program.predict, *program.learn):
        counts = rows(statement, shape.features)
        work, loads, stores = work + counts[0], loads + counts[1], stores + counts[2]
    held = Sizes.of(program.code).rows(shape.features) * shape.row_bytes
    slower = 1 if held <= FIRST_CACHE else 2
    cycles = max(work / 2, loads / 2 * slower, stores * slower)
    vectors = max(1.0, shape.row_bytes / VECTOR_BYTES)
    return cycles * vectors * cycle / shape.lanes


def main() -> None:
    """Print the table."""
    cycle = cycle_nanoseconds()
    print(f"a cycle takes {cycle:.3f} ns\n")
    print("| program | F | lanes | memory, KiB | floor, ns | reached, ns | share |\n|--|--|--|--|--|--|--|")
    for name in PROGRAMS:
        program = template(name)
        for features in FEATURES:
            shape = shape_for(features, "float32", 1 << 10, Sizes.of(program.code).matrices)
            floor = floor_nanoseconds(program, shape, cycle)
            reached = nanoseconds_per_train_step(program, features, "float32")
            held = Sizes.of(program.code).rows(shape.features) * shape.row_bytes / 1024
            print(
                f"| {name} | {features} | {shape.lanes} | {held:.0f} | {floor:.2f} | {reached:.2f} "
                f"| {floor / reached:.0%} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
