"""How large a program's memory is."""

from dataclasses import dataclass

from synth.engine.native.codegen.emitter import Shape


@dataclass(frozen=True)
class Sizes:
    """How many scalars, vectors and matrices a memory holds."""

    scalars: int
    vectors: int
    matrices: int

    def joined(self, other: "Sizes") -> "Sizes":
        """Large enough for both."""
        return Sizes(
            max(self.scalars, other.scalars),
            max(self.vectors, other.vectors),
            max(self.matrices, other.matrices),
        )

    def rows(self, shape: Shape) -> int:
        """Rows of a memory."""
        return shape.rows(self.scalars, self.vectors, self.matrices)

    def scratch_rows(self, shape: Shape) -> int:
        """Rows of a result that must not overwrite its operands: the largest that there can be."""
        return shape.features ** (2 if self.matrices else 1)

    def working_memory(self, shape: Shape, uneven: bool) -> int:
        """Bytes of what an evaluator works with; `uneven`: the tasks have different numbers of examples."""
        memories = 2 if uneven else 1  # a second one for lanes set aside
        return (memories * self.rows(shape) + self.scratch_rows(shape)) * shape.row_bytes
