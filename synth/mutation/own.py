"""Mutations of one's own: functions from a candidate to an edit, of which nothing is believed.

They are looked up when a space is made, so before the sandbox closes. What one does wrong ends the run, as
its author is to know, and a population that a broken edit got into would be worth nothing.
"""

import math
from collections.abc import Iterable
from numbers import Integral
from random import Random
from typing import Any

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.constants import shorten
from synth.language.instruction import Instruction, instruction
from synth.language.ops import OPS
from synth.mutation.edit import Edit, Splice
from synth.mutation.space import Mutation, Space
from synth.plugins import Plugin, is_reference, plugin

LONGEST_REASON = 40
"""Characters of the reason for which an edit is refused, under which refusals are counted."""

ONE_OR_TWO_WORDS = "the reason is a text of one or two words"


def own_mutations(kinds: Iterable[str], folder: str = "") -> dict[str, Mutation]:
    """Return those of the mutations that are one's own, by their references.

    They are looked up in `folder`, or else the current one, before anything installed. Raises UsageError
    where one cannot be imported; the mutations do where the function raises an error, or returns something
    else than an edit within the space.
    """
    return {kind: _checked(plugin(kind, folder)) for kind in kinds if is_reference(kind)}


def _checked(own: Plugin) -> Mutation:
    def mutation(candidate: Candidate, space: Space, random: Random) -> Edit:
        edit = own(candidate, space, random)
        if problem := _problem(edit, candidate, space):
            raise UsageError(f"{own.reference} {problem}")
        assert isinstance(edit, Edit)
        return edit

    return mutation


def _problem(edit: Any, candidate: Candidate, space: Space) -> str:
    """Return in words what is wrong with the edit of a candidate; nothing where all is right.

    Only what the edit adds is looked at, as the candidate lies in the space.
    """
    if not isinstance(edit, Edit):
        return f"returned {_named(edit)}; a mutation returns an Edit"
    refused: Any = edit.refused
    splices: Any = edit.splices
    if not isinstance(refused, str):
        return f"returned an Edit refused for {_named(refused)}; {ONE_OR_TWO_WORDS}"
    if len(refused) > LONGEST_REASON:
        return f"returned an Edit refused for {refused[:LONGEST_REASON]!r}...; {ONE_OR_TWO_WORDS}"
    if not isinstance(splices, tuple):
        return f"returned an Edit of {_named(splices)}; it holds a tuple of Splices"
    sizes: dict[Any, int] = {bounds.function: candidate.size(bounds.function) for bounds in space.mutable}
    for splice in splices:
        if not isinstance(splice, Splice):
            return f"returned an Edit that holds {_named(splice)}; it holds a tuple of Splices"
        parts: tuple[Any, ...] = splice
        function, start, stop, new = parts
        if not isinstance(function, Integral) or function not in sizes:
            functions = ", ".join(f"{one} ({FUNCTIONS[one]})" for one in sizes)
            return f"changes the function {function!r}; those that may change are {functions}"
        size = sizes[function]
        whole = isinstance(start, Integral) and isinstance(stop, Integral)
        if not (whole and 0 <= start <= stop <= size):
            return f"changes the lines {start!r} to {stop!r} of {FUNCTIONS[function]}, which has {size}"
        if not isinstance(new, tuple):
            return f"returned a Splice of {_named(new)}; what is new is a tuple of instructions"
        for statement in new:
            if problem := _outside(statement, FUNCTIONS[function], space):
                return problem
        sizes[function] += len(new) - (stop - start)
    for bounds in space.mutable:
        size, before = sizes[bounds.function], candidate.size(bounds.function)
        setting = f"program.{bounds.name}"
        if before < size > bounds.largest:
            return f"makes {bounds.name} {size} instructions long, more than {setting}_max = {bounds.largest}"
        if before > size < bounds.smallest:
            return (
                f"leaves {size} instructions in {bounds.name}, fewer than {setting}_min = {bounds.smallest}"
            )
    return ""


def _outside(statement: Any, function: str, space: Space) -> str:
    """Return in words what is wrong with a new statement of a function; nothing where all is right."""
    if not isinstance(statement, Instruction):
        return f"returned a Splice with {_named(statement)}; what is new is a tuple of instructions"
    if not _is_whole(statement):
        op = statement.op
        return (
            f"returned an instruction of op {op.id} ({op.name}) that no program can hold; "
            "make it by instruction() or with_operands(), and its constants by rounded()"
        )
    kind, address = statement.target
    if address < space.addresses.first[kind]:
        return f"writes m.{kind}{address}, which programs only read"
    problem = space.outside(function, statement)
    return f"leaves the space: {function} {problem}" if problem else ""


def _is_whole(statement: Instruction) -> bool:
    """Return whether a statement is one of the language: its op, its addresses and its constants."""
    op, constants = statement.op, statement.constants
    if op.output is None or OPS[op.id] is not op or len(constants) != len(op.constants):
        return False
    if any(address < 0 for _, address in statement.variables) or not all(map(math.isfinite, constants)):
        return False
    short = [shorten(value, kind) for value, kind in zip(constants, op.constants, strict=True)]
    return instruction(op, statement.a, statement.b, statement.out, short).packed == statement.packed


def _named(value: Any) -> str:
    """Return a value's type in words."""
    name = type(value).__name__
    return "None" if value is None else f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
