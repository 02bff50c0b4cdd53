"""How two modules differ: their texts, or what the programs do, and their fitness on the same tasks."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from synth.engine.native.engine import NativeEngine
from synth.language.parser import parse_file, read_text
from synth.reading.simplify.align import align
from synth.reading.simplify.passes import normal_form
from synth.standalone.parts import without_parts
from synth.study.tasks import StudyTasks
from synth.study.text_diff import functions_text, unified_diff


def difference(first: Path, second: Path, semantic: bool = False) -> str:
    """Return the unified diff of two files, without the standing parts that synth writes; empty if equal.

    With `semantic` it is that of the two programs, simplified, the second written after the first. Raises
    UsageError for a file that cannot be read, Refusal for one that is no text or, with `semantic`, outside
    the language.
    """
    before, after = _simplified(first, second) if semantic else map(_text, (first, second))
    return unified_diff(before, after, str(first), str(second))


def _text(path: Path) -> str:
    return without_parts(read_text(path)).rstrip("\n") + "\n"


def _simplified(first: Path, second: Path) -> Iterator[str]:
    one, other = (normal_form(parse_file(path).candidate) for path in (first, second))
    yield functions_text(one.text())
    yield functions_text((one if one == other else align(other, one)).text())


def fitness_of_both(first: Path, second: Path, chosen: StudyTasks) -> dict[str, Any]:
    """Return the fitness of two modules on the same tasks, for the JSON document."""
    engine = NativeEngine(chosen.tasks, seed=chosen.seed, epochs=chosen.epochs)
    results = [engine.evaluate(parse_file(path).candidate) for path in (first, second)]
    one, other = (result.per_task or () for result in results)
    return {
        "tasks": chosen.words,
        "metric": chosen.metric,
        "scale": chosen.scale,
        "first": results[0].fitness,
        "second": results[1].fitness,
        "difference": (results[1].fitness or 0.0) - (results[0].fitness or 0.0),
        "per_task": [
            {"task": task.name, "first": before, "second": after, "difference": after - before}
            for task, before, after in zip(chosen.tasks, one, other, strict=True)
        ],
    }


def difference_document(
    first: Path, second: Path, semantic: bool, diff: str, fitness: dict[str, Any] | None
) -> dict[str, Any]:
    """Return the JSON document of `synth diff`."""
    modules = {"first": str(first), "second": str(second), "semantic": semantic}
    return {"schema": 1, **modules, "diff": diff, "equal": not diff, "fitness": fitness}
