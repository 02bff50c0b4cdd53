"""Modules for people: memory named after its roles (`m.v1_weights` is `m.v1`), a comment for each block."""

from collections.abc import Callable, Mapping

from synth.language.candidate import Candidate, module_text
from synth.language.flow import statements
from synth.language.instruction import Instruction
from synth.language.ops import Variable
from synth.reading.roles import RoleFinder, describe_blocks

INDENT, WIDEST = 4, 88
"""Columns into which black fits a statement with its indentation."""


def named_text(candidate: Candidate) -> str:
    """Return the text of a candidate with names and comments, which parses back to it; black changes nothing.

    Expects what `simplify` leaves: one address for each meaning, no dead statements but quiet draws.
    """
    finder = RoleFinder(candidate)
    titles = describe_blocks(finder)
    roles, bodies = finder.named, list[list[str]]([[], [], []])
    names = {one: _name(one, roles.get(one, "")) for statement in candidate for one in statement.variables}
    for at, statement in statements(candidate):
        lines = bodies[at.function]
        if at in titles:
            lines += ["", f"# {titles[at]}"] if lines else [f"# {titles[at]}"]
        lines.append(spelled(statement, names))
    return module_text(bodies)


def _name(variable: Variable, role: str) -> str:
    kind, address = variable
    return f"{kind}{address}_{role}" if role else f"{kind}{address}"


def spelled(statement: Instruction, names: Mapping[Variable, str]) -> str:
    """Return a statement with its memory named, as `v1_weights`; with addresses alone in a long line."""

    def text(name: Callable[[Variable], str]) -> str:
        slots = dict(zip("ab", map(name, statement.operands), strict=False))
        return statement.spell(out=name(statement.target), **slots)

    named = text(lambda variable: names[variable][1:])
    plain = text(lambda variable: names[variable].partition("_")[0][1:])
    return named if len(named) + INDENT <= WIDEST else plain
