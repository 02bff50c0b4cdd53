"""The programs of a run: which are best, which are worth their length, where the best comes from."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from synth.errors import UsageError
from synth.language.analysis import cost, live_only
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.parser import parse_file
from synth.language.templates import template_names
from synth.reading.equations.equations import equations_of
from synth.reading.equations.listing import equations_document
from synth.reading.simplify.align import align
from synth.reading.simplify.passes import normal_form
from synth.runs.events import Program
from synth.runs.folder import shown
from synth.runs.record import Improvement, Record, RecordedAncestor, find_run, run_called
from synth.search.evolution.rules import template
from synth.study.text_diff import unified_diff

UNIT = "linear"
"""The template whose train step has the cost 1."""


def show_document(record: Record) -> dict[str, Any]:
    """Return the JSON document of `synth show`, with the programs in the order of the run."""
    facts, totals = record.facts, record.totals
    front = pareto_front(record.improvements)
    return {
        "schema": 1,
        "run": str(record.folder),
        "finished": record.finished,
        "stopped_by": facts.get("stopped_by"),
        "data": facts.get("data"),
        "features": facts.get("features"),
        "metric": facts.get("metric"),
        "scale": facts.get("scale"),
        "seconds": totals.get("seconds"),
        "candidates": totals.get("candidates", 0),
        "train_steps": totals.get("train_steps", 0),
        "obstacle": record.obstacle,
        "cost_unit": UNIT,
        "programs": [
            _program(one, before, front)
            for before, one in zip((None, *record.improvements), record.improvements, strict=False)
        ],
        "front": front,
        "figures": {name: dict(figures) for name, figures in record.figures.items()},
        "lineage": list(_lineage(record)),
        "equations": equations_document(equations_of(record.best.candidate)) if record.best else None,
        "mutations": facts.get("mutations", {}),
        "cluster": facts.get("cluster"),
    }


@dataclass(frozen=True)
class ShownProgram:
    """A program, and what it is called: a module's path, or the run that it is the best of."""

    name: str
    candidate: Candidate


def is_module(name: str) -> bool:
    """Return whether a name is that of a module, and not of a run."""
    return name.endswith(".py") and not Path(name).is_dir()


def program_of(name: str | None, announce: Callable[[str], None]) -> ShownProgram:
    """Return the program of a module, or the best one of a run; without a name of the latest run.

    `announce` gets a notice for constants that were rounded. Raises UsageError where there is none, Refusal
    for a module that is not in the language.
    """
    if name is not None and (is_module(name) or (name in template_names() and not run_called(name))):
        parsed = parse_file(name)
        for notice in parsed.notices:
            announce(notice)
        return ShownProgram(name, parsed.candidate)
    record = Record.read(find_run(name))
    if record.best is None:
        raise UsageError(f"the run {record.folder} has no program that learns, so there are no equations yet")
    return ShownProgram(f"the best program of {shown(record.folder.absolute())}", record.best.candidate)


def math_document(program: ShownProgram) -> dict[str, Any]:
    """Return the JSON document of `synth show --math`."""
    equations = equations_document(equations_of(program.candidate))
    return {"schema": 1, "program": program.name, "equations": equations}


def step_cost(candidate: Candidate) -> float:
    """Return the cost of a train step, in units of the linear program's."""
    return _absolute(candidate) / _unit()


def length(candidate: Candidate) -> int:
    """Return how many statements may reach a prediction."""
    return len(live_only(candidate))


def pareto_front(programs: Sequence[Improvement | Program]) -> list[int]:
    """Return the numbers of the programs that no other beats in fitness and length, the shortest first."""
    points = [(length(one.candidate), one.select, one.number) for one in programs]
    return [
        number
        for size, fitness, number in sorted(points, key=lambda point: (point[0], -point[1]))
        if not any(
            other <= size and value >= fitness and (other, value) != (size, fitness)
            for other, value, _ in points
        )
    ]


def _absolute(candidate: Candidate) -> int:
    return cost(candidate, 1) - cost(candidate, 0)


@cache
def _unit() -> int:
    return _absolute(template(UNIT))


def _program(one: Improvement, before: Improvement | None, front: list[int]) -> dict[str, Any]:
    sizes = {name: len(body) for name, body in zip(FUNCTIONS, one.candidate.bodies, strict=True)}
    return {
        "number": one.number,
        "parent": one.parent,
        "select": one.select,
        "gain": one.select - before.select if before else None,
        "search": one.search,
        "statements": sizes,
        "length": length(one.candidate),
        "cost": step_cost(one.candidate),
        "on_front": one.number in front,
        "island": one.island,
        "round": one.round,
        "seconds": one.seconds,
        "text": one.text,
    }


def _lineage(record: Record) -> Iterator[dict[str, Any]]:
    """Yield the steps of the best program's line of descent, or the improvements if no line was recorded."""
    steps: Sequence[RecordedAncestor | Improvement] = record.descent or record.improvements
    before: RecordedAncestor | Improvement | None = None
    form, aligned = Candidate(), Candidate()
    for step in steps:
        old_form, old_aligned = form, aligned
        form = normal_form(step.candidate)
        # Each is aligned with the one before, so that addresses stay the same along the line.
        aligned = old_aligned if form == old_form else align(form, old_aligned)
        yield {
            "origin": step.origin if isinstance(step, RecordedAncestor) else f"improvement {step.number}",
            "edits": step.edits if isinstance(step, RecordedAncestor) else None,
            "search": step.search,
            "gain": step.search - before.search if before else None,
            "island": step.island,
            "round": step.round,
            "changes": _changes(old_aligned, aligned),
        }
        before = step


def _changes(before: Candidate, after: Candidate) -> list[str]:
    """Return the statements that were added and removed, in effect: `+ learn m.v1 = ...`."""
    changes = []
    for name, old, new in zip(FUNCTIONS, before.bodies, after.bodies, strict=True):
        was, now = ("".join(f"{statement.text}\n" for statement in body) for body in (old, new))
        lines = unified_diff(was, now, "", "", context=0).splitlines()[2:]
        changes += [f"{line[0]} {name:7} {line[1:]}" for line in lines if line[0] in "+-"]
    return changes
