"""What a program is made of: what matters, what it remembers from step to step, and how that is updated.

A step is one predict and the learn after it. What a value depends on is followed through memory that merely
delays, up to the program's state: groups of statements that add to their own results of earlier steps.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from synth.language.candidate import Candidate
from synth.language.flow import (
    GIVEN,
    LEARN,
    PREDICT,
    SETUP,
    SQUASHED,
    ZERO,
    Definition,
    Flow,
    statements,
    stays_zero,
)
from synth.language.instruction import Instruction
from synth.language.ops import FEATURES, LABEL, PREDICTION, Op, Variable
from synth.reading.graph import reachable
from synth.reading.webs import split_addresses

ADDITIVE = frozenset({"sum", "difference"})
"""Families of the ops whose results are made of two terms."""
_FADING = frozenset({"sin", "arctan"})
"""Families of ops which, applied to a scalar in each step, let it fade as one over the root of the steps."""
_PASSING = ADDITIVE | _FADING | {"minimum", "maximum"}

Factors = tuple[tuple[Definition, Variable], ...]
"""Statements that scale, each with the variable of its factor."""
Path = tuple[Definition, ...]


@dataclass(frozen=True)
class Term:
    """One of the summands of a statement's result: `sign` times `factors` times the content of a variable."""

    variable: Variable
    reader: Definition
    """The statement that reads the variable."""
    sign: int
    factors: Factors
    path: Path
    """The statements that add and scale it, `reader` last."""


class Structure:
    """The structure of a candidate; statements are named by where they stand in it.

    `candidate` is the one given, with one address for each meaning, and `given` leads from its variables to
    those of the given one. `live` are the statements that may change a prediction.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = split_addresses(candidate)
        self.flow = Flow(self.candidate)
        everything = dict(statements(self.candidate))
        self.given: dict[Variable, Variable] = {}
        for old, new in zip(candidate, everything.values(), strict=True):
            self.given |= zip(new.variables, old.variables, strict=True)
        live = reachable(
            self.flow.prediction & everything.keys(), lambda at: self.flow.sources(at) & everything.keys()
        )
        self.live: dict[Definition, Instruction] = {at: everything[at] for at in sorted(live)}
        self.writers: dict[Variable, list[Definition]] = {}
        self.readers: dict[Variable, list[Definition]] = {}
        for definition, statement in self.live.items():
            self.writers.setdefault(statement.target, []).append(definition)
            for variable in statement.operands:
                self.readers.setdefault(variable, []).append(definition)

    @cached_property
    def groups(self) -> tuple[frozenset[Definition], ...]:
        """The groups of live statements that add to their own earlier results, scale or fade them, in order.

        They are the strongly connected components of what `_summed` gives, without single statements that
        do not read their own result. Programs are small, so all that each statement reaches is compared.
        """
        reached = {at: reachable(self._summed(at), self._summed) for at in self.live}
        groups = (
            frozenset(other for other in reached[at] if at in reached[other])
            for at in self.live
            if at in reached[at]
        )
        return tuple(dict.fromkeys(groups))

    def group_of(self, definition: Definition) -> frozenset[Definition]:
        """Return the group that a statement belongs to; an empty one for a statement that keeps nothing."""
        return next((group for group in self.groups if definition in group), frozenset())

    def targets_of(self, group: Iterable[Definition]) -> set[Variable]:
        """Return where the statements store."""
        return {self.live[definition].target for definition in group}

    def _summed(self, definition: Definition) -> Iterator[Definition]:
        """Yield the statements whose results a sum, a difference, a scaling or a choice passes on."""
        op = self.live[definition].op
        for variable, sources in self.reads(definition):
            squashed = variable == PREDICTION and SQUASHED in sources
            if (op.family in _PASSING or (_scales(op) and variable[0] == op.output)) and not squashed:
                yield from sources & self.live.keys()

    def reads(self, definition: Definition) -> list[tuple[Variable, frozenset[Definition]]]:
        """Return what a statement reads, with the definitions that may reach it."""
        return list(zip(self.live[definition].operands, self.flow.reaching[definition], strict=True))

    def carried(self, reader: Definition, source: Definition) -> bool:
        """Return whether what is read comes from an earlier step (or from setup)."""
        return (
            source == ZERO
            or source.function == SETUP != reader.function
            or (source.function == LEARN and reader.function == PREDICT)
            or (source.function == reader.function and source.line >= reader.line)
        )

    def behind(self, *starts: Definition, within_step: bool = False) -> frozenset[Definition]:
        """Return statements and those that their results are made of, up to the program's state.

        Reading a state of which the reader is not part ends there; its own group is followed within the step
        alone, as is everything when only the step counts.
        """

        def followed(reader: Definition) -> Iterator[Definition]:
            own = self.group_of(reader)
            for source in frozenset().union(*self.flow.reaching[reader]) & self.live.keys():
                group = self.group_of(source)
                ends = (group or within_step) and self.carried(reader, source)
                if group in (frozenset(), own) and not ends:
                    yield source

        return frozenset(reachable(self.live.keys() & starts, followed))

    def inputs(self, definitions: Iterable[Definition]) -> set[Variable]:
        """Return which of label, prediction and features (as given by the engine) these statements read."""
        return {
            variable
            for definition in definitions
            for variable, sources in self.reads(definition)
            if (variable in (LABEL, FEATURES) and GIVEN in sources)
            or (variable == PREDICTION and SQUASHED in sources)
        }

    def touched(self, definitions: Iterable[Definition]) -> list[frozenset[Definition]]:
        """Return the groups of state that these statements read, in order."""
        sources = {source for at in definitions for _, sources in self.reads(at) for source in sources}
        return [group for group in self.groups if not group.isdisjoint(sources)]

    def is_zero(self, variable: Variable) -> bool:
        """Return whether a variable that is read is never written, by a program or by the engine."""
        return stays_zero(variable, self.writers)

    def is_constant(self, variable: Variable) -> bool:
        """Return whether only setup writes a variable."""
        writers = self.writers.get(variable, [])
        return bool(writers) and all(writer.function == SETUP for writer in writers)

    def terms(self, definition: Definition) -> list[Term]:
        """Return the result of a statement as a sum of terms, as far as sums and scalings go in the step."""
        own = self.group_of(definition)

        def expand(at: Definition, sign: int, factors: Factors, path: Path) -> Iterator[Term]:
            reads = self.reads(at)
            for slot, own_sign, own_factors in self._parts(at, own):
                variable, sources = reads[slot]
                so_far = sign * own_sign, (*factors, *own_factors), (*path, at)
                source = next(iter(sources))
                if len(sources) == 1 and self._goes_on(at, source, own):
                    yield from expand(source, *so_far)
                else:
                    yield Term(variable, at, *so_far)

        return list(expand(definition, 1, (), ()))

    def _parts(self, at: Definition, own: frozenset[Definition]) -> list[tuple[int, int, Factors]]:
        """Return the operands that a statement's result is a sum of, each with its sign and its factor.

        A scalar scales the other operand: of two scalars the one that does not carry the state.
        """
        op, reads = self.live[at].op, self.reads(at)
        if op.family in ADDITIVE:
            return [(0, 1, ()), (1, 1 if op.family == "sum" else -1, ())]
        if op.family in _FADING and at in own:
            return [(0, 1, ())]
        sides = [
            slot
            for slot, (variable, sources) in enumerate(reads)
            if variable[0] == op.output and (variable[0] != "s" or not own.isdisjoint(sources))
        ]
        return [(sides[0], 1, ((at, reads[1 - sides[0]][0]),))] if _scales(op) and len(sides) == 1 else []

    def _goes_on(self, reader: Definition, source: Definition, own: frozenset[Definition]) -> bool:
        """Return whether an expansion goes on: to a statement of the same step that can be taken apart."""
        return (
            source in self.live
            and not self.carried(reader, source)
            and self.group_of(source) in (frozenset(), own)
            and bool(self._parts(source, own))
        )


def _scales(op: Op) -> bool:
    """Return whether an op multiplies by a scalar."""
    return op.family == "product" and "s" in op.inputs
