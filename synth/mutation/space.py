"""The space of programs that a search moves in, as its settings state it."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from random import Random

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.flow import LEARN, PREDICT, SETUP
from synth.language.instruction import Instruction
from synth.language.ops import MEMORY_TYPES, OPS, MemoryType, Op
from synth.mutation.constants import Mode
from synth.mutation.edit import Edit
from synth.mutation.fresh import ADDRESS_SETTINGS, Addresses, Fresh
from synth.mutation.vocabulary import Vocabulary

Mutation = Callable[[Candidate, "Space", Random], Edit]
"""A function from a candidate to an edit, by draws from the generator that is handed in."""


@dataclass(frozen=True)
class Bounds:
    """What one function may hold: its ops, and the sizes at which removal and insertion stop.

    There are no ops where no mutation may change it.
    """

    function: int
    name: str
    fresh: Fresh
    ops: Vocabulary
    smallest: int
    largest: int


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
    own: Mapping[str, Mutation] = field(default_factory=dict, compare=False)
    """Those of the kinds that are mutations of one's own, by their references."""
    constants: Mode = "reference"
    frozen: tuple[str, ...] = ()
    """Functions that no mutation changes, so that any op may stand there."""
    families: float = 0.0
    """The probability that a mutation on the data flow draws ops by their families."""
    family_use: Mapping[str, int] = field(default_factory=dict, compare=False)
    """How often good programs use each family of ops: families are drawn in proportion to it."""

    def favouring(self, family_use: Mapping[str, int]) -> "Space":
        """Return the same space with another use of families; what was worked out once is shared."""
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
        bounds = []
        for function, name in enumerate(FUNCTIONS):
            ids = () if name in self.frozen else getattr(self, f"{name}_ops")
            ops = tuple(OPS[op_id] for op_id in ids)
            sizes = getattr(self, f"{name}_min"), getattr(self, f"{name}_max")
            bounds.append(Bounds(function, name, Fresh(ops, self.addresses), Vocabulary(ops), *sizes))
        return tuple(bounds)

    @cached_property
    def mutable(self) -> tuple[Bounds, ...]:
        """The functions that mutations choose from: those with any op allowed."""
        mutable = tuple(bounds for bounds in self.functions if bounds.fresh)
        if not mutable:
            raise UsageError(
                "no function has any op to mutate with; list ids in program.predict_ops"
                + (", or freeze fewer functions" if self.frozen else "")
            )
        return mutable

    @cached_property
    def weight_sums(self) -> tuple[float, ...]:
        """The sums of the weights of the kinds up to each of them."""
        return tuple(accumulate(self.weights or [1.0] * len(self.kinds)))

    # For mutations on the data flow

    @cached_property
    def changeable(self) -> frozenset[int]:
        """The functions that may change, by their index in `FUNCTIONS`."""
        return frozenset(bounds.function for bounds in self.functions if bounds.fresh)

    @cached_property
    def constant_op(self) -> Op | None:
        """The op by which setup may set a scalar to a constant."""
        return next((op for op in self.functions[SETUP].ops.select("s") if op.family == "constant"), None)

    @cached_property
    def parameter_types(self) -> tuple[MemoryType, ...]:
        """The types of memory that predict can read and learn can update by an op of two such operands."""
        predict, learn = self.functions[PREDICT].ops, self.functions[LEARN].ops
        return tuple(
            kind
            for kind in MEMORY_TYPES
            if predict.select(None, kind) and any(op.inputs == (kind, kind) for op in learn.select(kind))
        )

    def refuse(self, candidate: Candidate, what: str = "the start program") -> None:
        """Raise UsageError, with the setting's name, for a program that lies outside of the space.

        A program smaller than the sizes at which removal stops is not an error: it can grow.
        """
        for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
            largest = getattr(self, f"{name}_max")
            if name not in self.frozen and len(body) > largest:
                raise UsageError(
                    f"{name} of {what} has {len(body)} instructions, "
                    f"more than program.{name}_max = {largest}; raise program.{name}_max"
                )
            for statement in body:
                if problem := self.outside(name, statement):
                    raise UsageError(f"{name} of {what} {problem}")

    def outside(self, function: str, statement: Instruction) -> str:
        """Return in words what puts a statement of a function outside of the space; nothing where none does.

        The words go on from the function's name.
        """
        op = statement.op
        if function not in self.frozen and op.id not in getattr(self, f"{function}_ops"):
            return (
                f"holds `{statement.text}`, and op {op.id} ({op.name}) "
                f"is not among program.{function}_ops; add it there"
            )
        for kind, address in statement.variables:
            setting, count = ADDRESS_SETTINGS[kind], self.addresses.counts[kind]
            if address >= count:
                return (
                    f"uses m.{kind}{address}, beyond program.{setting} = "
                    f"{count}; set program.{setting} to at least {address + 1}"
                )
        return ""
