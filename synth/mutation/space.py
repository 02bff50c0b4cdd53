"""The space of programs that a search moves in, as its settings state it."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.flow import SETUP
from synth.language.ops import MEMORY_TYPES, OPS, MemoryType, Op, Place
from synth.mutation.alter import Mode
from synth.mutation.fresh import ADDRESS_SETTINGS, Addresses, Fresh


@dataclass(frozen=True)
class Bounds:
    """What one function may hold: fresh instructions, and the sizes at which removal and insertion stop."""

    name: str
    fresh: Fresh
    smallest: int
    largest: int


class Vocabulary:
    """The ops of one function, by what they give and what they read."""

    def __init__(self, ops: tuple[Op, ...]) -> None:
        self._found: dict[tuple[MemoryType | None, MemoryType | None], tuple[Op, ...]] = {
            (output, one): tuple(
                op for op in ops if output in (None, op.output) and (one is None or one in op.inputs)
            )
            for output in (None, *MEMORY_TYPES)
            for one in (None, *MEMORY_TYPES)
        }

    def that(self, output: MemoryType | None, reads: Place | None) -> tuple[Op, ...]:
        """The ops that give a value of a type, and can read a place; None for any and for nothing."""
        return self._found[output, reads[0] if reads else None]


@dataclass(frozen=True)
class Space:
    """Addresses, op ids and sizes of the three functions, and how a child differs from its parent.

    The fields up to `learn_max` are the settings `program.*` of the same names, the others `mutation.kinds`
    (names of mutations, each with its `weights`), `mutation.families` and `mutation.constants` (how a
    constant changes: by the reference's exp(N(0, 1)) steps, or the paper's factor of U[0.5, 2]).
    """

    scalars: int
    vectors: int
    matrices: int
    setup_ops: tuple[int, ...]
    predict_ops: tuple[int, ...]
    learn_ops: tuple[int, ...]
    setup_min: int = 0
    setup_max: int = 7
    predict_min: int = 0
    predict_max: int = 11
    learn_min: int = 0
    learn_max: int = 23
    kinds: tuple[str, ...] = ("alter_parameter", "randomize_function", "insert", "remove")
    weights: tuple[float, ...] = ()
    """How often each kind is drawn, as numbers in proportion; all alike where there are none."""
    constants: Mode = "reference"
    frozen: tuple[str, ...] = ()
    """Functions that no mutation changes, so that any op may stand there."""
    families: float = 0.0
    """The probability that a mutation on the data flow draws ops by their families."""
    family_use: Mapping[str, int] = field(default_factory=dict, compare=False)
    """How often good programs use each family of ops: families are drawn in proportion to it."""

    def favouring(self, family_use: Mapping[str, int]) -> "Space":
        """The same space with another use of families; what was worked out once is shared."""
        other = copy(self)
        object.__setattr__(other, "family_use", family_use)
        return other

    @cached_property
    def addresses(self) -> Addresses:
        """For each type of memory, how many addresses a program reads, and which it writes."""
        return Addresses({kind: getattr(self, name) for kind, name in ADDRESS_SETTINGS.items()})

    @cached_property
    def functions(self) -> tuple[Bounds, ...]:
        """What setup, predict and learn may hold."""
        return tuple(
            Bounds(
                name,
                Fresh(
                    tuple(OPS[op_id] for op_id in self._ops(name)),
                    self.addresses,
                ),
                getattr(self, f"{name}_min"),
                getattr(self, f"{name}_max"),
            )
            for name in FUNCTIONS
        )

    def _ops(self, name: str) -> tuple[int, ...]:
        """The ids that mutations draw from for a function."""
        ops: tuple[int, ...] = getattr(self, f"{name}_ops")
        return () if name in self.frozen else ops

    @cached_property
    def mutable(self) -> tuple[Bounds, ...]:
        """The functions that mutations choose from: those with any op allowed."""
        found = tuple(bounds for bounds in self.functions if bounds.fresh)
        if not found:
            raise UsageError(
                "no function has any op to mutate with; list ids in program.predict_ops"
                + (", or freeze fewer functions" if self.frozen else "")
            )
        return found

    @cached_property
    def weight_sums(self) -> tuple[float, ...]:
        """The sums of the weights of the kinds up to each of them."""
        return tuple(accumulate(self.weights or [1.0] * len(self.kinds)))

    # For mutations on the data flow

    @cached_property
    def changeable(self) -> frozenset[int]:
        """The places in `FUNCTIONS` of the functions that may change."""
        return frozenset(place for place, bounds in enumerate(self.functions) if bounds.fresh)

    @cached_property
    def vocabulary(self) -> tuple["Vocabulary", ...]:
        """The ops of setup, predict and learn."""
        return tuple(Vocabulary(tuple(OPS[op_id] for op_id in self._ops(name))) for name in FUNCTIONS)

    @cached_property
    def constant_op(self) -> Op | None:
        """The op by which setup may set a scalar to a constant."""
        found = (op for op in self.vocabulary[SETUP].that("s", None) if op.family == "constant")
        return next(found, None)

    @cached_property
    def parameter_types(self) -> tuple[MemoryType, ...]:
        """The types of memory that predict can read and learn can update by an op of two such operands."""
        _, predict, learn = self.vocabulary
        return tuple(
            kind
            for kind in MEMORY_TYPES
            if predict.that(None, (kind, 0))
            and any(op.inputs == (kind, kind) for op in learn.that(kind, None))
        )

    def refuse(self, candidate: Candidate, what: str = "the start program") -> None:
        """Raise UsageError, with the setting's name, for a program that lies outside of the space.

        A program smaller than the sizes at which removal stops is not an error: it can grow.
        """
        for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
            allowed = getattr(self, f"{name}_ops")
            largest = getattr(self, f"{name}_max")
            if name not in self.frozen and len(body) > largest:
                raise UsageError(
                    f"{name} of {what} has {len(body)} instructions, "
                    f"more than program.{name}_max = {largest}; raise program.{name}_max"
                )
            for instruction in body:
                op = instruction.op
                if name not in self.frozen and op.id not in allowed:
                    raise UsageError(
                        f"{name} of {what} holds `{instruction.text}`, and op {op.id} ({op.name}) "
                        f"is not among program.{name}_ops; add it there"
                    )
                operands = [*zip(op.inputs, (instruction.a, instruction.b), strict=False)]
                if op.output is not None:
                    operands.append((op.output, instruction.out))
                for kind, address in operands:
                    setting, count = ADDRESS_SETTINGS[kind], self.addresses.counts[kind]
                    if address >= count:
                        raise UsageError(
                            f"{name} of {what} uses m.{kind}{address}, beyond program.{setting} = "
                            f"{count}; set program.{setting} to at least {address + 1}"
                        )
