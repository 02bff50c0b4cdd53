"""Mutating a module's text: what `synth mutate` does."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

from synth.errors import UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.ops import OPS
from synth.language.parser import parse_file
from synth.language.syntax import module_of
from synth.mutation.kinds import KINDS
from synth.mutation.space import Space
from synth.search.evolution.rules import space_for
from synth.settings.checks import suggestion
from synth.settings.resolve import resolve
from synth.standalone.parts import parts_of

TRIES = 1000
"""How often a mutation that changes nothing is drawn again."""


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

    They are drawn from `kinds`, or from the preset's; ops, addresses and sizes are the preset's, or all ops
    and what the module has and a little more. Raises UsageError for an unknown name, for a module outside
    the preset's space, and when nothing can change; Refusal for a module outside the language.
    """
    parsed = parse_file(path)
    candidate, text = parsed.candidate, path.read_text(encoding="utf-8")
    space = space_for(resolve(preset, environment={})) if preset else _space_around(candidate)
    space.refuse(candidate)
    for kind in kinds:
        if kind not in KINDS:
            hint = suggestion(kind, KINDS) or f"; there are {', '.join(KINDS)}"
            raise UsageError(f"--kind {kind}: there is no such mutation{hint}")
    space = replace(space, kinds=tuple(kinds) or space.kinds)
    random = Random(seed)
    docstring = parsed.docstring
    if docstring.startswith("Evolved by synth"):  # its figures will not be true any more
        docstring = "A mutant of a program evolved by synth."
    module = module_of(candidate, docstring, model="model" in parts_of(text))
    done = []
    for _ in range(count):
        for _ in range(TRIES):
            kind = random.choice(space.kinds)
            edit = KINDS[kind](candidate, space, random)
            changed = edit.apply(candidate)
            if changed != candidate or set(space.kinds) == {"identity"}:
                break
        else:
            raise UsageError(
                f"{', '.join(space.kinds)} cannot change {path}; try other kinds or another preset"
            )
        candidate, module = changed, edit.apply_to_module(module)
        done.append(kind)
    return Mutant(text, module.code, tuple(done))


def _space_around(candidate: Candidate) -> Space:
    """Return a space of all ops, with room for what the candidate has and a little more."""
    from synth.engine.native.codegen.sizes import Sizes

    scalars, vectors, matrices = Sizes.of(candidate.code)
    every = tuple(op.id for op in OPS if op.output)
    bounds: dict[str, Any] = {}
    for name, body in zip(FUNCTIONS, candidate.bodies, strict=True):
        bounds |= {f"{name}_ops": every, f"{name}_max": len(body) + 10}
    kinds = ("insert", "remove", "trade", "randomize_instruction", "alter_parameter")
    return Space(max(scalars, 5), max(vectors, 5), max(matrices, 2), **bounds, kinds=kinds)
