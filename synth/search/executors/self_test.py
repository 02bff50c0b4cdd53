"""Whether another machine computes the same bits: a digest of what fixed programs do on a run's own tasks."""

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.templates import template_names, template_path
from synth.mutation.kinds import random_candidate
from synth.mutation.space import Space
from synth.search.evolution.rules import template

PROGRAMS = 32
"""Random programs of the test, beside the templates."""

_SIZES = (4, 6, 8)
"""Their statements in setup, predict and learn."""


def programs(space: Space) -> list[Candidate]:
    """Return templates that lie in a space, and random programs: the same wherever the space is the same."""
    templates = []
    for candidate in map(template, template_names()):
        with suppress(UsageError):
            space.refuse(candidate)
            templates.append(candidate)
    setup, predict, learn = (
        size if bounds.fresh else 0 for bounds, size in zip(space.functions, _SIZES, strict=True)
    )
    random = Random("synth self-test")
    return templates + [random_candidate(space, (setup, predict, learn), random) for _ in range(PROGRAMS)]


def digest(space: Space, *questions: Callable[[Candidate], float | int]) -> str:
    """Return the digest of the answers to each question about each program."""
    answers = [question(candidate) for candidate in programs(space) for question in questions]
    return hashlib.sha256(repr(answers).encode()).hexdigest()


@cache
def package_digest() -> str:
    """Return the digest of synth's source and templates; machines with the same one run the same search."""
    root = Path(__file__).resolve().parents[2]
    sources = {path.relative_to(root).as_posix(): path for path in root.rglob("*.py")}
    sources |= {f"templates/{name}.py": template_path(name) for name in template_names()}
    sha256 = hashlib.sha256()
    for name, path in sorted(sources.items()):
        sha256.update(f"{name}\n".encode() + path.read_bytes())
    return sha256.hexdigest()
