"""Simplification with proof: every pass is tried on tasks, and refused where a fitness changes."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from synth.engine.native.engine import NativeEngine
from synth.engine.python.engine import PythonEngine
from synth.engine.result import Result
from synth.errors import SynthError
from synth.language.candidate import Candidate
from synth.language.flow import statements
from synth.reading.edits import edited
from synth.reading.simplify.passes import DROP_DRAWS, PASSES, normal_form
from synth.settings.schema import Level
from synth.statistics import ERRORS, mean_and_error
from synth.tasks.task import Task

PYTHON_TASKS = 2
"""Tasks on which the python engine, which is slow, looks as well."""
PYTHON_EXAMPLES = 500
"""Most examples of such a task, to train on and to be scored on."""
SEEDS = 20
"""Seeds over which programs are compared that draw other numbers."""

Evaluate = Callable[[Candidate], Result]


@dataclass(frozen=True)
class Step:
    """What became of one pass."""

    name: str
    what: str
    outcome: Literal["kept", "nothing to do", "refused"]
    statements: int
    """How many statements the program has afterwards."""
    why: str = ""
    """Why it was refused, or what is to be known of it."""


@dataclass(frozen=True)
class Simplified:
    """A candidate before and after, and the steps between."""

    before: Candidate
    after: Candidate
    steps: tuple[Step, ...]
    fitness_before: float
    fitness: float
    """Mean fitness on all tasks; equal unless something was pruned or other numbers are drawn."""
    confirmed: bool
    """Whether the python engine could run the programs, and so has its part in the proof."""


class Proof:
    """Tells whether programs have equal fitness, to the last bit.

    The native engine looks at every task, the python engine at the first `PYTHON_TASKS`, cut to
    `PYTHON_EXAMPLES`.
    """

    def __init__(
        self, tasks: Sequence[Task], seed: int = 0, epochs: int = 1, sandbox: Level = "full"
    ) -> None:
        self.tasks, self.seed, self.epochs, self.sandbox = tasks, seed, epochs, sandbox
        self._engine = self._native(seed)

    def _native(self, seed: int) -> NativeEngine:
        return NativeEngine(self.tasks, seed=seed, epochs=self.epochs)

    @contextmanager
    def of(self, candidate: Candidate) -> Iterator["_Equality"]:
        """Give the test of equality with a candidate."""
        few = [task.first(PYTHON_EXAMPLES, PYTHON_EXAMPLES) for task in self.tasks[:PYTHON_TASKS]]
        with PythonEngine(few, seed=self.seed, epochs=self.epochs, sandbox=self.sandbox) as python:
            engines: dict[str, Evaluate] = {
                "native": self._engine.evaluate,
                "python": lambda program: python.evaluate(program.text()),
            }
            yield _Equality(engines, candidate)

    def fitness(self, candidate: Candidate) -> float:
        """Return the mean fitness by the native engine."""
        return self._engine.evaluate(candidate).fitness or 0.0

    def over_seeds(self, one: Candidate, other: Candidate) -> tuple[float, float]:
        """Return the mean difference in fitness of two programs over seeds, and its standard error."""
        differences = []
        for engine in map(self._native, range(SEEDS)):
            before, after = (engine.evaluate(candidate).fitness or 0.0 for candidate in (one, other))
            differences.append(after - before)
        return mean_and_error(differences)


class _Equality:
    """Compares programs with one, on the tasks of each engine."""

    def __init__(self, engines: dict[str, Evaluate], candidate: Candidate) -> None:
        self._engines = engines
        self._before = {name: evaluate(candidate) for name, evaluate in engines.items()}
        self.confirmed = self._before["python"].status == "ok"

    def differs(self, candidate: Candidate) -> str:
        """Say where a program's fitness differs; nothing where it is equal."""
        for engine, evaluate in self._engines.items():
            before, after = self._before[engine], evaluate(candidate)
            if (after.status, after.per_task) != (before.status, before.per_task):
                return _where(before, after, engine)
        return ""


def _where(before: Result, after: Result, engine: str) -> str:
    pairs = list(zip(before.per_task or (), after.per_task or (), strict=False))
    changes = [new - old for old, new in pairs if new != old]
    if not changes:
        return f"the {engine} engine says {after.status} instead of {before.status}"
    largest = max(changes, key=abs)
    where = f"{len(changes)} of {len(pairs)} tasks ({engine} engine)"
    return f"fitness would change on {where}, by {largest:+.4f} at most"


def simplify(
    candidate: Candidate, proof: Proof, *, prune: float | None = None, drop_draws: bool = False
) -> Simplified:
    """Simplify a candidate, pass after pass, as long as its fitness stays equal by a proof.

    With `prune` statements go too without which at most so much mean fitness is lost in all. With
    `drop_draws` draws without effect go too, which changes what later ones draw: then fitness must be equal
    on average over seeds.
    """
    before = candidate
    with proof.of(candidate) as equality:
        candidate, steps = proven(candidate, equality.differs)
        confirmed = equality.confirmed
    if prune is not None:
        candidate, step = _prune(candidate, proof, prune)
        steps.append(step)
    if drop_draws:
        candidate, step = _drop_draws(candidate, proof)
        steps.append(step)
    figures = proof.fitness(before), proof.fitness(candidate)
    return Simplified(before, candidate, tuple(steps), *figures, confirmed)


def proven(candidate: Candidate, differs: Callable[[Candidate], str]) -> tuple[Candidate, list[Step]]:
    """Return what the passes make of a candidate, and what became of each.

    `differs` says where the fitness of a program differs from the candidate's, nothing where it is equal.
    """
    steps = []
    for one in PASSES:
        simpler = one.run(candidate)
        why = differs(simpler) if simpler != candidate else ""
        if why and one.exact:
            raise SynthError(f"the pass {one.name} changed the program: {why}; this is a bug of synth")
        candidate, step = _tried(one.name, one.what, candidate, simpler, why, refused=bool(why))
        steps.append(step)
    return candidate, steps


def _tried(
    name: str, what: str, before: Candidate, after: Candidate, why: str, *, refused: bool
) -> tuple[Candidate, Step]:
    """Return the program that a pass leaves, and what became of the pass."""
    if before == after:
        return before, Step(name, what, "nothing to do", len(before))
    kept = before if refused else after
    return kept, Step(name, what, "refused" if refused else "kept", len(kept), why)


def _prune(candidate: Candidate, proof: Proof, most: float) -> tuple[Candidate, Step]:
    """Remove statements that are worth little on these tasks, the last ones tried first."""
    fitness = proof.fitness(candidate)

    def dispensable(smaller: Candidate) -> bool:
        return fitness - proof.fitness(smaller) <= most

    pruned, before = candidate, None
    while pruned != before:
        before = pruned
        for at in reversed([definition for definition, _ in statements(pruned)]):
            smaller = edited(pruned, {at: None})
            pruned = smaller if dispensable(smaller) else pruned
        pruned = normal_form(pruned)
        for one in PASSES:
            smaller = one.run(pruned)
            pruned = smaller if one.exact or dispensable(smaller) else pruned
    gone = len(candidate) - len(pruned)
    what = f"statements are removed that are worth at most {most:g} in all"
    why = f"{gone} went, mean fitness changed by {proof.fitness(pruned) - fitness:+.4f}"
    return _tried("prune", what, candidate, pruned if gone else candidate, why, refused=False)


def _drop_draws(candidate: Candidate, proof: Proof) -> tuple[Candidate, Step]:
    """Return the candidate without draws that have no effect, if fitness is equal on average."""
    smaller, why, differs = DROP_DRAWS.run(candidate), "", False
    if smaller != candidate:
        mean, error = proof.over_seeds(candidate, smaller)
        why = f"the random numbers changed: over {SEEDS} seeds fitness differs by {mean:+.4f} +- {error:.4f}"
        differs = abs(mean) > ERRORS * error
    return _tried(DROP_DRAWS.name, DROP_DRAWS.what, candidate, smaller, why, refused=differs)
