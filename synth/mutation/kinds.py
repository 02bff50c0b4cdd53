"""All mutations of synth in one visible list, and drawing from it and from one's own."""

import math
from bisect import bisect
from collections.abc import Sequence
from random import Random

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.mutation import data_flow, reference
from synth.mutation.space import Mutation, Space
from synth.plugins import is_reference

KINDS: dict[str, Mutation] = {
    # AutoML-Zero's
    "insert": reference.insert,
    "remove": reference.remove,
    "trade": reference.trade,
    "randomize_instruction": reference.randomize_instruction,
    "alter_parameter": reference.alter_parameter,
    "randomize_function": reference.randomize_function,
    "randomize_program": reference.randomize_program,
    "identity": reference.identity,
    "insert_or_remove": reference.insert_or_remove,
    # on the data flow
    "change_constant": data_flow.change_constant,
    "rewire": data_flow.rewire,
    "replace_op": data_flow.replace_op,
    "insert_chain": data_flow.insert_chain,
    "add_parameter": data_flow.add_parameter,
    "update_constant": data_flow.update_constant,
    "scale": data_flow.scale,
    "split": data_flow.split,
    "duplicate": data_flow.duplicate,
    "bypass": data_flow.bypass,
    "initialise": data_flow.initialise,
    "swap": data_flow.swap,
}
"""All mutations by name."""

DATA_FLOW = frozenset(name for name, mutation in KINDS.items() if mutation.__module__ == data_flow.__name__)
"""The names of those on the data flow."""


def weighted(kinds: Sequence[str]) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Return the names and weights of mutations that are written `name` or `name:weight`.

    The name of one's own is its reference, `package.module:function`. Raises ValueError for a weight that is
    not a positive number.
    """
    names, weights = [], []
    for kind in map(str.strip, kinds):
        name, colon, weight = kind.rpartition(":")
        if not colon or (is_reference(kind) and not _is_number(weight)):
            name, weight = kind, "1"
        if not _is_number(weight):
            raise ValueError(f"the weight of {name} is {weight!r}; write a number, as in {name}:0.5")
        weights.append(float(weight))
        if not 0.0 < weights[-1] < math.inf:
            raise ValueError(f"the weight of {name} is {weight}; it must be more than 0")
        names.append(name.strip())
    return tuple(names), tuple(weights)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def draw_mutation(space: Space, random: Random) -> tuple[str, Mutation]:
    """Draw one of the space's kinds by their weights; return its name and the mutation."""
    name = space.kinds[bisect(space.weight_sums, random.random() * space.weight_sums[-1])]
    return name, KINDS.get(name) or space.own[name]


def random_candidate(space: Space, sizes: tuple[int, int, int], random: Random) -> Candidate:
    """Draw a candidate of fresh instructions, with functions of exactly these sizes."""
    bodies = []
    for bounds, size in zip(space.functions, sizes, strict=True):
        if size and not bounds.fresh:
            raise UsageError(f"a random start with {bounds.name} needs ids in program.{bounds.name}_ops")
        bodies.append(bounds.fresh.draw(random, size))
    return Candidate(*bodies)
