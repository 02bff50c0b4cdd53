"""How many tasks run side by side: a table measured with `benchmarks/lanes.py`, never timed at run time."""

from dataclasses import replace

from synth.engine.native.codegen.emitter import Shape

WITHOUT_MATRICES = {"float32": ((64, 32),), "float64": ((32, 32), (64, 16))}
"""(largest F, lanes) for programs without matrices."""

WITH_MATRICES = {"float32": ((8, 32), (64, 16)), "float64": ((4, 32), (8, 16), (64, 8))}
"""The same for programs with matrices, which fill the caches sooner."""

BEYOND = {"float32": 16, "float64": 8}
"""Lanes for larger F, where a row is one vector of the processor."""

MATRIX_BYTES = 1 << 29
"""Most memory that the matrices of one group of tasks may take before fewer tasks run side by side."""


def shape_for(features: int, dtype: str, tasks: int, matrices: int) -> Shape:
    """Return the machine for so many tasks of F features and programs with so many matrices."""
    table = (WITH_MATRICES if matrices else WITHOUT_MATRICES)[dtype]
    lanes = next((lanes for largest, lanes in table if features <= largest), BEYOND[dtype])
    while lanes > 4 and lanes // 2 >= tasks:
        lanes //= 2
    shape = Shape(features, lanes, dtype)
    while shape.lanes > 1 and matrices * features**2 * shape.row_bytes > MATRIX_BYTES:
        shape = replace(shape, lanes=shape.lanes // 2)
    return shape
