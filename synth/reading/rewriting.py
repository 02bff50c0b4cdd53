"""A person's module with another program in it: what stays the same stays as the person wrote it.

The program is aligned with the module's own (`simplify.align`). Statements that survive keep their text, with
comments, literals and the names of memory; changed ones keep what did not change; new ones get names of the
same kind. libcst carries what no program holds: docstrings, comments and blank lines.
"""

from collections.abc import Iterator, Mapping

import libcst as cst

from synth.errors import SynthError
from synth.language.analysis import effective
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.constants import render_constant
from synth.language.flow import ENGINES, Definition, statements
from synth.language.instruction import Instruction
from synth.language.memory import ADDRESSES
from synth.language.ops import CONSTANT_NAMES, Variable
from synth.language.parser import candidate_of
from synth.language.syntax import line_of, statements_of, with_statements
from synth.reading.names import spelled
from synth.reading.roles import RoleFinder
from synth.reading.simplify.align import aligned
from synth.reading.simplify.passes import normal_form
from synth.reading.webs import split_addresses
from synth.reading.written import SLOTS, Blocks, address_of, written_statements
from synth.standalone.module_text import importing_numpy

Names = Mapping[Variable, str]
"""The name of each variable in a module, such as `v1_weights`."""


def rewritten(text: str, candidate: Candidate) -> str:
    """Return a module's text, without a standing part, changed as little as it takes to hold a candidate.

    The text parses to a program that does what the candidate does; it uses the module's addresses as far as
    that is possible. Raises Refusal for a text outside of the language, and SynthError where it finds no text
    of which that is proven, which would be a bug.
    """
    before, same = candidate_of(text), normal_form(candidate)
    if candidate == before:
        return text
    rewriter = _Rewriter(cst.parse_module(text), before, candidate)
    for changed in (*map(rewriter.text, rewriter.ways_to_name()), rewriter.plain(candidate)):
        if normal_form(candidate_of(changed)) == same:
            return changed
    raise SynthError("a program could not be written into its module; this is a bug of synth")


class _Rewriter:
    """Writes the statements of one program into the module of another."""

    def __init__(self, module: cst.Module, before: Candidate, after: Candidate) -> None:
        self.module, self.written = module, written_statements(module)
        before, split = split_addresses(before), split_addresses(after)
        self.before = dict(statements(before))
        self.after, self.matches, new = aligned(split, before)
        self.given: dict[Variable, Variable] = {}
        """The address that each variable has in the candidate."""
        for one, other in zip(split, after, strict=True):
            self.given |= zip((new[variable] for variable in one.variables), other.variables, strict=True)

    def ways_to_name(self) -> Iterator[Names]:
        """Yield names for all variables: with the module's own, and with an address for each meaning."""
        own: dict[Variable, str] = {}
        for at, written in self.written.items():
            for slot, variable in _slots(self.before[at]).items():
                own.setdefault(variable, written.names[slot])
        yield self._with_new(own)
        one_meaning = {
            (kind, number): f"{kind}{number}{name.removeprefix(address_of(name))}"
            for (kind, number), name in own.items()
        }
        if one_meaning != own:
            yield self._with_new(one_meaning)

    def _with_new(self, own: Names) -> Names:
        """Return the names with those of new variables: free addresses, and roles where others have names.

        A new variable keeps the address that it has in the candidate, if that is free.
        """
        names = {variable: _plain(variable) for variable in ENGINES} | dict(own)
        taken = {address_of(name) for written in self.written.values() for name in written.names.values()}
        taken |= set(map(address_of, names.values()))
        named = any(name != address_of(name) for name in own.values())
        roles: Names = RoleFinder(effective(self.after)).named if named else {}
        for statement in self.after:
            for variable in statement.variables:
                if variable not in names:
                    every = [_plain((variable[0], number)) for number in range(ADDRESSES)]
                    wanted = (_plain(self.given[variable]), *every)
                    address = next((one for one in wanted if one not in taken), every[-1])
                    taken.add(address)
                    names[variable] = f"{address}_{roles[variable]}" if variable in roles else address
        return names

    def text(self, names: Names) -> str:
        """Return the module's text with the new program, its memory so named."""
        module = self.module
        for function, name in enumerate(FUNCTIONS):
            blocks = Blocks({at: one for at, one in self.written.items() if at.function == function})
            lines = list(blocks.placed(self._lines(function, names)))
            if list(map(id, lines)) != list(map(id, statements_of(module, name))):
                module = with_statements(module, name, lines)
        return _with_import(module.code, self.after)

    def plain(self, candidate: Candidate) -> str:
        """Return the module's text with the statements of a candidate as they are."""
        module = self.module
        for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
            module = with_statements(module, name, [line_of(statement.text) for statement in body])
        return _with_import(module.code, candidate)

    def _lines(self, function: int, names: Names) -> list[tuple[cst.SimpleStatementLine, Definition | None]]:
        """Return the lines of a function, each with the statement of the module that it was."""
        lines = []
        for number, statement in enumerate(self.after.bodies[function]):
            was = self.matches.get(Definition(function, number))
            same_op = was is not None and self.before[was].op == statement.op
            line = (
                self.written[was].with_texts(self._changes(was, statement, names))
                if was is not None and same_op
                else line_of(spelled(statement, names))
            )
            lines.append((line, was))
        return lines

    def _changes(self, was: Definition, statement: Instruction, names: Names) -> dict[str, str]:
        """Return what becomes different in the holes of a statement, by slot."""
        written, before = self.written[was], self.before[was]
        old, new = _slots(before), _slots(statement)
        texts = {
            slot: names[variable]
            for slot, variable in new.items()
            if variable != old[slot] or address_of(written.names[slot]) != address_of(names[variable])
        }
        constants = zip(CONSTANT_NAMES, before.constants, statement.constants, strict=False)
        return texts | {slot: render_constant(value) for slot, one, value in constants if value != one}


def _with_import(text: str, candidate: Candidate) -> str:
    """Return a module's text that imports numpy if its program needs that."""
    return importing_numpy(text) if any("np." in one.text for one in candidate) else text


def _plain(variable: Variable) -> str:
    """Return a variable's name without an annotation."""
    return f"{variable[0]}{variable[1]}"


def _slots(statement: Instruction) -> dict[str, Variable]:
    """Return a statement's variables by slot."""
    return dict(zip(SLOTS, statement.operands, strict=False)) | {"out": statement.target}
