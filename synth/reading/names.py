"""Modules for people: memory named after its roles (`m.v1_weights` is `m.v1`), a comment for each block."""

from synth.language.candidate import Candidate, module_text
from synth.language.flow import statements
from synth.language.instruction import Instruction
from synth.language.ops import Variable
from synth.reading.roles import RoleFinder, describe_blocks

WIDEST = 88
"""Columns into which black fits a statement with its indentation."""


def named_text(candidate: Candidate, docstring: str = "", *, model: bool = False) -> str:
    """Return the text of a candidate with names and comments, which parses back to it; black changes nothing.

    Expects what `simplify` leaves: one address for each meaning, no dead statements but quiet draws.
    """
    finder = RoleFinder(candidate)
    titles = describe_blocks(finder)
    bodies: list[list[str]] = [[], [], []]
    for at, statement in statements(candidate):
        lines = bodies[at.function]
        if at in titles:
            lines += ["", f"# {titles[at]}"] if lines else [f"# {titles[at]}"]
        lines.append(_spelled(statement, finder.named))
    return module_text(bodies, docstring, model=model)


def _spelled(statement: Instruction, roles: dict[Variable, str]) -> str:
    """Return the statement with its memory named; without names where a line would become too long."""

    def name(variable: Variable) -> str:
        role = roles.get(variable)
        return f"{variable[1]}_{role}" if role else str(variable[1])

    slots = dict(zip("ab", map(name, statement.operands), strict=False))
    text = statement.spell(out=name(statement.target), **slots)
    return text if len(text) + 4 <= WIDEST else statement.text
