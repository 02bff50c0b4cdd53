"""The mutations of AutoML-Zero's reference code, with its exact rules, and one of its paper.

A function to change is chosen uniformly from those with any op allowed, before its size is looked at, so an
edit may be empty. All draws come from the generator that is handed in.
"""

from random import Random

from synth.language.candidate import Candidate
from synth.language.instruction import Instruction, instruction
from synth.mutation.chance import below
from synth.mutation.constants import CHANGES, one_changed
from synth.mutation.edit import Edit, Splice
from synth.mutation.space import Bounds, Space


def insert(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Insert a fresh instruction at a uniform position; nothing at one below the largest size or above."""
    bounds, size = _function(candidate, space, random)
    if size >= bounds.largest - 1:
        return Edit()
    return Edit((_insertion(bounds, size, random),))


def remove(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Delete a uniform instruction; nothing at the smallest size or below."""
    bounds, size = _function(candidate, space, random)
    if size <= bounds.smallest:
        return Edit()
    return Edit((_removal(bounds, size, random),))


def trade(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Insert a fresh instruction, then delete a uniform one, perhaps the new one."""
    bounds, size = _function(candidate, space, random)
    return Edit((_insertion(bounds, size, random), _removal(bounds, size + 1, random)))


def randomize_instruction(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Replace a uniform instruction by a fresh one."""
    bounds, size = _function(candidate, space, random)
    if not size:
        return Edit()
    line = below(random, size)
    return Edit((Splice(bounds.function, line, line + 1, bounds.fresh.draw(random)),))


def alter_parameter(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Redraw (an address) or change (a constant) one parameter of a uniform instruction."""
    bounds, size = _function(candidate, space, random)
    if not size:
        return Edit()
    line = below(random, size)
    new = altered(candidate.statement(bounds.function, line), space, random)
    return Edit((Splice(bounds.function, line, line + 1, (new,)),))


def randomize_function(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Replace every instruction of one function by a fresh one."""
    bounds, size = _function(candidate, space, random)
    return Edit((_renewal(bounds, size, random),))


def randomize_program(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Replace every instruction of every function that has ops allowed by a fresh one."""
    return Edit(tuple(_renewal(bounds, candidate.size(bounds.function), random) for bounds in space.mutable))


def identity(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Change nothing."""
    return Edit()


def insert_or_remove(candidate: Candidate, space: Space, random: Random) -> Edit:
    """Insert or, twice as likely, remove: the paper's mutation of size."""
    return (insert if below(random, 3) == 0 else remove)(candidate, space, random)


def _function(candidate: Candidate, space: Space, random: Random) -> tuple[Bounds, int]:
    """Draw a function to change, uniformly from those with any op allowed; return it with its size."""
    bounds = space.mutable[below(random, len(space.mutable))]
    return bounds, candidate.size(bounds.function)


def _insertion(bounds: Bounds, size: int, random: Random) -> Splice:
    new = bounds.fresh.draw(random)
    line = below(random, size + 1)
    return Splice(bounds.function, line, line, new)


def _removal(bounds: Bounds, size: int, random: Random) -> Splice:
    line = below(random, size)
    return Splice(bounds.function, line, line + 1)


def _renewal(bounds: Bounds, size: int, random: Random) -> Splice:
    return Splice(bounds.function, 0, size, bounds.fresh.draw(random, size))


def altered(old: Instruction, space: Space, random: Random) -> Instruction:
    """Return the instruction with one parameter changed: an input, the output or the constants.

    An address is redrawn uniformly, perhaps as it was.
    """
    addresses, inputs = space.addresses, old.op.inputs
    choice = below(random, len(inputs) + (2 if old.constants else 1))
    if choice > len(inputs):
        return one_changed(old, random, CHANGES[space.constants])
    if choice == len(inputs):
        kind, _ = old.target
        first = addresses.first[kind]
        return old.with_target((kind, first + below(random, addresses.counts[kind] - first)))
    address = below(random, addresses.counts[inputs[choice]])
    a, b = (address, old.b) if choice == 0 else (old.a, address)
    return instruction(old.op, a, b, old.out)
