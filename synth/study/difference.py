"""How two modules differ: their texts, or what the programs do, and their fitness on the same tasks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synth.engine.native.engine import NativeEngine
from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.parser import parse_file
from synth.reading.simplify.align import align
from synth.reading.simplify.passes import normal_form
from synth.standalone.parts import without_model_part
from synth.study.tasks import StudyTasks
from synth.study.text_diff import functions_text, unified_diff


@dataclass(frozen=True)
class Difference:
    """The unified difference of two modules; empty when they are equal."""

    first: str
    second: str
    semantic: bool
    diff: str

    @property
    def equal(self) -> bool:
        """Whether the modules are equal in the sense that was asked for."""
        return not self.diff


def text_difference(first: Path, second: Path) -> Difference:
    """The difference of two files' texts, the constant parts that synth writes left out.

    Raises UsageError for a file that cannot be read.
    """
    one, other = (_text(path) for path in (first, second))
    return Difference(str(first), str(second), False, unified_diff(one, other, str(first), str(second)))


def semantic_difference(first: Path, second: Path) -> Difference:
    """The difference of two programs, simplified, the second written after the first.

    Raises UsageError for a file that cannot be read, Refusal for a module outside the language.
    """
    one, other = (parse_file(path).candidate for path in (first, second))
    before, after = (functions_text(candidate.text()) for candidate in normal_forms(one, other))
    return Difference(str(first), str(second), True, unified_diff(before, after, str(first), str(second)))


def normal_forms(first: Candidate, second: Candidate) -> tuple[Candidate, Candidate]:
    """Both programs in normal form, equal where they are seen to do the same, the second after the first."""
    one, other = normal_form(first), normal_form(second)
    return one, one if one == other else align(other, one)


def fitness_of_both(first: Path, second: Path, chosen: StudyTasks) -> dict[str, Any]:
    """The fitness of two modules on the same tasks, for the JSON document."""
    engine = NativeEngine(chosen.tasks, seed=chosen.seed, epochs=chosen.epochs)
    results = [engine.evaluate(parse_file(path).candidate) for path in (first, second)]
    one, other = (result.per_task or () for result in results)
    return {
        "tasks": chosen.words,
        "metric": chosen.metric,
        "first": results[0].fitness,
        "second": results[1].fitness,
        "difference": (results[1].fitness or 0.0) - (results[0].fitness or 0.0),
        "per_task": [
            {"task": task.name, "first": before, "second": after, "difference": after - before}
            for task, before, after in zip(chosen.tasks, one, other, strict=True)
        ],
    }


def difference_document(found: Difference, fitness: dict[str, Any] | None) -> dict[str, Any]:
    """The JSON document of `synth diff`."""
    return {"schema": 1, **vars(found), "equal": found.equal, "fitness": fitness}


def _text(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"cannot read {path}: it is not UTF-8 text") from None
    return without_model_part(text).rstrip("\n") + "\n"
