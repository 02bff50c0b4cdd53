"""How the equations of a function come about: which values get a symbol, and in which order they stand.

Equations are read from top to bottom, and an arrow replaces what a symbol stands for. So a value may be
written where it is used only if nothing that it reads is replaced in between.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from synth.language.flow import Definition
from synth.language.instruction import Instruction
from synth.language.ops import Variable
from synth.reading.equations.expressions import Apply, Expression, Symbol, is_number

Content = Variable | Definition
"""A value: what a variable holds when the function begins, or the result of a statement."""

_WRITTEN_ONCE = frozenset({"sum", "minimum", "maximum"})
"""Families of ops that need an operand once when it is given twice, as in 2 x."""


@dataclass(frozen=True)
class Derived:
    """An equation of a function: its symbol, what that is, and the statements behind it, its own last."""

    symbol: Symbol
    expression: Expression
    statements: tuple[Definition, ...]

    @property
    def at(self) -> Definition:
        """The statement that stores the result."""
        return self.statements[-1]


class Derivation:
    """The equations of one function, `body` in the order of the program.

    `given` says what each variable stands for when the function begins, and `wanted` which variables are
    read after it has ended.
    """

    def __init__(
        self,
        body: Mapping[Definition, Instruction],
        given: Mapping[Variable, Expression],
        wanted: Collection[Variable],
    ) -> None:
        self.body, self.given = body, given
        self.reads = contents(body)
        self._final = {statement.target: at for at, statement in body.items()}
        uses = Counter(one for at in body for one in self._uses(at))
        self._named = {
            at
            for at, statement in body.items()
            if statement.op.draws
            or (self._final[statement.target] == at and statement.target in wanted)
            or (uses[at] > 1 and not is_number(statement))
        }
        self.equations = self._derive()

    def _uses(self, at: Definition) -> Collection[Content]:
        once = self.body[at].op.family in _WRITTEN_ONCE
        return set(self.reads[at]) if once else self.reads[at]

    def _derive(self) -> list[Derived]:
        """Name values until there is an order in which none is read after it was replaced."""
        while True:
            needs = {at: self._needs(at) for at in self.body if at in self._named}
            for at in needs:
                for writer in self._replaced_by(at):
                    needs[writer].add(at)
            order = _sorted(needs)
            if len(order) == len(needs):
                return [self._equation(at) for at in order]
            self._named.add(next(part for at in needs if at not in order for part in self._too_late(at)))

    def _parts(self, at: Definition) -> Iterator[Definition]:
        """Yield the statements that an equation is made of, its own last."""
        for one in self.reads[at]:
            if isinstance(one, Definition) and one not in self._named:
                yield from self._parts(one)
        yield at

    def _needs(self, at: Definition) -> set[Definition]:
        """Return the equations whose symbols an equation reads."""
        return {
            one
            for part in self._parts(at)
            for one in self.reads[part]
            if isinstance(one, Definition) and one in self._named
        }

    def _replaced_by(self, at: Definition) -> Iterator[Definition]:
        """Yield the other equations that replace what this one reads."""
        yield from (writer for part in self._parts(at) for writer in self._writers(part) if writer != at)

    def _writers(self, part: Definition) -> Iterator[Definition]:
        """Yield the equations that replace what a statement reads from before the function."""
        for one in self.reads[part]:
            if not isinstance(one, Definition) and self.given[one] == Symbol(one):
                writer = self._final.get(one)
                if writer in self._named and writer is not None:
                    yield writer

    def _too_late(self, at: Definition) -> Iterator[Definition]:
        """Yield the parts of an equation that read what the program has replaced where it stands."""
        for part in self._parts(at):
            if any(part < writer < at for writer in self._writers(part)):
                yield part

    def _equation(self, at: Definition) -> Derived:
        return Derived(self._symbol(at), self._expression(at), tuple(self._parts(at)))

    def _symbol(self, at: Definition) -> Symbol:
        """Return the symbol of a statement's result: a variable's last one is its own, others have primes."""
        variable = self.body[at].target
        named = [one for one in self.body if one in self._named and self.body[one].target == variable]
        taken = self.given.get(variable) == Symbol(variable)
        last = self._final[variable] if taken else named[-1]
        return Symbol(variable, 0 if at == last else named.index(at) + 1)

    def _expression(self, at: Definition) -> Expression:
        return Apply(self.body[at].op, tuple(map(self._read, self.reads[at])), self.body[at].constants)

    def _read(self, content: Content) -> Expression:
        if not isinstance(content, Definition):
            return self.given[content]
        return self._symbol(content) if content in self._named else self._expression(content)


def contents(body: Mapping[Definition, Instruction]) -> dict[Definition, tuple[Content, ...]]:
    """Return what each statement reads, after its operands the array of which it sets one element."""
    latest: dict[Variable, Definition] = {}
    found: dict[Definition, tuple[Content, ...]] = {}
    for at, statement in body.items():
        kept = (statement.target,) if statement.op.partial else ()
        found[at] = tuple(latest.get(one, one) for one in (*statement.operands, *kept))
        latest[statement.target] = at
    return found


def _sorted(needs: Mapping[Definition, set[Definition]]) -> list[Definition]:
    """Return the equations, each after those that it needs, as far as there is such an order."""
    order: dict[Definition, None] = {}
    while ready := [at for at in needs if at not in order and needs[at] <= order.keys()]:
        order[ready[0]] = None
    return list(order)
