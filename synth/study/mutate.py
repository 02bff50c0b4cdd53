"""Mutating a module's text: what `synth mutate` does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.memory import ADDRESSES
from synth.language.ops import OPS
from synth.language.parser import parse_file, read_text
from synth.mutation.fresh import ADDRESS_SETTINGS
from synth.mutation.kinds import KINDS, draw_mutation, weighted
from synth.mutation.own import own_mutations
from synth.mutation.space import Space
from synth.plugins import is_reference
from synth.reading.rewriting import rewritten
from synth.runs.stated import without_claims
from synth.search.evolution.rules import space_for
from synth.settings.checks import suggestion
from synth.settings.resolve import resolve
from synth.settings.schema import Config
from synth.standalone.parts import own_text, with_own_text

TRIES = 1000
"""How often a mutation that changes nothing is drawn again."""

SPARE = 5
"""Addresses of each type beside a module's own: mutations on the data flow write to new ones."""


@dataclass(frozen=True)
class Mutant:
    """A module before and after, and the mutations that lie between."""

    before: str
    after: str
    kinds: tuple[str, ...]


def mutate_file(
    path: Path, count: int = 1, seed: int = 0, kinds: Sequence[str] = (), preset: str | None = None
) -> Mutant:
    """Return a module with `count` mutations, one after the other, each of which changes the program.

    They are drawn from `kinds`, all alike, or as the preset draws them, quick unless another is given; one's
    own are named as `package.module:function`, and looked up in the current folder first. Ops, addresses and
    sizes are the preset's, or all ops and what the module has and a little more. Raises UsageError for an
    unknown name, for a module outside the preset's space, for a mutation of one's own that cannot be imported
    or is wrong, and when nothing can change; Refusal for a module outside the language.
    """
    parsed = parse_file(path)
    candidate, text = parsed.candidate, read_text(path)
    config = resolve(preset, environment={})
    space = space_for(config) if preset else _space_around(candidate, config)
    space.refuse(candidate)
    for kind in kinds:
        if kind not in KINDS and not is_reference(kind):
            hint = suggestion(kind, KINDS) or f"; there are {', '.join(KINDS)}"
            raise UsageError(f"--kind {kind}: there is no such mutation{hint}")
    if kinds:
        space = replace(space, kinds=tuple(kinds), weights=(), own=own_mutations(kinds))
    random = Random(seed)
    done = []
    for _ in range(count):
        for _ in range(TRIES):
            kind, mutation = draw_mutation(space, random)
            changed = mutation(candidate, space, random).apply(candidate)
            if changed != candidate or set(space.kinds) == {"identity"}:
                break
        else:
            raise UsageError(
                f"{', '.join(space.kinds)} cannot change {path}; try other kinds or another preset"
            )
        candidate = changed
        done.append(kind)
    own = rewritten(without_claims(own_text(text)), candidate)
    return Mutant(text, with_own_text(text, own), tuple(done))


def _space_around(candidate: Candidate, config: Config) -> Space:
    """Return a space of all ops, with room for what the candidate has and a little more.

    Kinds of mutations, and how often each is drawn, are those of the settings.
    """
    from synth.engine.native.codegen.sizes import Sizes

    every = tuple(op.id for op in OPS if op.output)
    sizes = zip(ADDRESS_SETTINGS.values(), Sizes.of(candidate.code), strict=True)
    bounds: dict[str, Any] = {name: min(size + SPARE, ADDRESSES) for name, size in sizes}
    for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
        bounds |= {f"{name}_ops": every, f"{name}_max": len(body) + 10}
    kinds, weights = weighted(config.mutation.kinds)
    return Space(**bounds, kinds=kinds, weights=weights)
