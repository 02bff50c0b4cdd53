"""What a program does and what each part is worth: ablation, recognised techniques, perturbed constants."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean, stdev
from typing import Any

from synth.engine.native.engine import NativeEngine
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.constants import shorten
from synth.language.flow import PREDICT, Definition, statements
from synth.language.instruction import instruction
from synth.language.ops import CONSTANT_NAMES
from synth.reading.edits import edited
from synth.reading.equations.equations import equations_of
from synth.reading.equations.listing import equations_document
from synth.reading.graph import reachable
from synth.reading.roles import RoleFinder, describe_blocks
from synth.reading.structure import Structure
from synth.study.tasks import StudyTasks

Say = Callable[[str], None]


@dataclass(frozen=True)
class Loss:
    """The loss of fitness: the mean over tasks and its standard error."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Loss":
        """Return the mean and its standard error; none for a single task."""
        error = stdev(values) / math.sqrt(len(values)) if len(values) > 1 else 0.0
        return cls(fmean(values), error)


@dataclass(frozen=True)
class NumberedStatement:
    """A statement by its function and its number there, from 1."""

    function: str
    number: int
    text: str


@dataclass(frozen=True)
class StatementFinding:
    """What is lost without a statement. One that is not live cannot change a prediction."""

    statement: NumberedStatement
    live: bool
    loss: Loss


@dataclass(frozen=True)
class PartFinding:
    """A technique or a block, and what is lost without it (None where it cannot be taken out)."""

    name: str
    what: str
    statements: tuple[NumberedStatement, ...]
    loss: Loss | None


@dataclass(frozen=True)
class ConstantFinding:
    """What is lost when a constant is half or twice as large."""

    statement: NumberedStatement
    name: str
    value: float
    halved: Loss
    doubled: Loss


@dataclass(frozen=True)
class EstimatorEvaluation:
    """How an estimator's evaluation differs from the search's for a program."""

    same: bool
    """Whether both give the same predictions."""
    carried: tuple[str, ...]
    """Memory by which a predict hands something to the next one."""
    draws: bool
    """Whether predictions draw random numbers."""
    text: str


@dataclass(frozen=True)
class Explanation:
    """What a program does, and what its parts are worth."""

    fitness: Loss
    """Mean fitness and its standard error over tasks."""
    techniques: tuple[PartFinding, ...]
    blocks: tuple[PartFinding, ...]
    statements: tuple[StatementFinding, ...]
    constants: tuple[ConstantFinding, ...]
    evaluation: EstimatorEvaluation
    equations: dict[str, Any]
    """As the JSON document has them."""


def explain(candidate: Candidate, chosen: StudyTasks, say: Say = lambda sentence: None) -> Explanation:
    """Take a program apart and measure on the tasks, with the native engine in float64, what is lost."""
    return _Explainer(candidate, chosen, say).explanation()


class _Explainer:
    def __init__(self, candidate: Candidate, chosen: StudyTasks, say: Say) -> None:
        self.candidate, self.say = candidate, say
        self.statements = dict(statements(candidate))
        self.finder = RoleFinder(candidate)
        self._engine = NativeEngine(chosen.tasks, seed=chosen.seed, epochs=chosen.epochs)
        self._figures = self._engine.per_task(candidate)

    def _loss(self, variant: Candidate) -> Loss:
        figures = self._engine.per_task(variant)
        return Loss.of([before - after for before, after in zip(self._figures, figures, strict=True)])

    def _without(self, gone: Iterable[Definition]) -> Loss:
        return self._loss(edited(self.candidate, dict.fromkeys(gone)))

    def _line(self, at: Definition) -> NumberedStatement:
        return NumberedStatement(FUNCTIONS[at.function], at.line + 1, self.statements[at].text)

    def _lines(self, definitions: Iterable[Definition]) -> tuple[NumberedStatement, ...]:
        return tuple(map(self._line, sorted(definitions)))

    def explanation(self) -> Explanation:
        """Return all findings, saying which are next."""
        findings: dict[str, Any] = {}
        for name, find in (
            ("techniques", self._techniques),
            ("statements", self._statements),
            ("blocks", self._blocks),
            ("constants", self._constants),
        ):
            self.say(f"{name} ...")
            findings[name] = tuple(find())
        evaluation = evaluation_of(self.finder.learner)
        equations = equations_document(equations_of(self.candidate))
        fitness = Loss.of(self._figures)
        return Explanation(fitness, evaluation=evaluation, equations=equations, **findings)

    def _techniques(self) -> Iterator[PartFinding]:
        split = self.finder.learner.candidate
        for technique in self.finder.techniques:
            variant = technique.without(split)
            loss = self._loss(variant) if variant is not None else None
            yield PartFinding(technique.name, technique.what, self._lines(technique.statements), loss)

    def _statements(self) -> Iterator[StatementFinding]:
        for at, statement in self.statements.items():
            live = at in self.finder.learner.live
            # Without a draw, later ones would draw other numbers even if nothing reads it.
            loss = self._without([at]) if live or statement.op.draws else Loss(0.0, 0.0)
            yield StatementFinding(self._line(at), live, loss)

    def _blocks(self) -> Iterator[PartFinding]:
        titles = describe_blocks(self.finder)
        blocks: list[list[Definition]] = []
        for at in self.statements:
            if at in titles:
                blocks.append([])
            blocks[-1].append(at)
        for block in blocks:
            if not self.finder.learner.live.keys().isdisjoint(block):
                name = FUNCTIONS[block[0].function]
                yield PartFinding(name, titles[block[0]], self._lines(block), self._without(block))

    def _constants(self) -> Iterator[ConstantFinding]:
        for at in self.finder.learner.live:
            statement = self.statements[at]
            constants = zip(CONSTANT_NAMES, statement.op.constants, statement.constants, strict=False)
            for slot, (name, constant, value) in enumerate(constants):
                if constant.kind != "index" and value != 0.0:
                    halved, doubled = (self._scaled(at, slot, factor) for factor in (0.5, 2.0))
                    yield ConstantFinding(self._line(at), name, value, halved, doubled)

    def _scaled(self, at: Definition, slot: int, factor: float) -> Loss:
        """Return what is lost when a constant of a statement is multiplied by a factor."""
        statement = self.statements[at]
        values = list(statement.constants)
        values[slot] = shorten(values[slot] * factor, statement.op.constants[slot])
        scaled = instruction(statement.op, 0, 0, statement.out, values)
        return self._loss(edited(self.candidate, {at: scaled}))


def evaluation_of(structure: Structure) -> EstimatorEvaluation:
    """Say how predictions of an estimator differ from those that the search scores."""
    flow = structure.flow

    def made_of(at: Definition) -> set[Definition]:
        # through predict alone: after training there is no learn
        return {source for source in flow.sources(at) if source.function == PREDICT}

    predicting = reachable((at for at in flow.prediction if at.function == PREDICT), made_of)
    carried: dict[str, None] = {}
    for reader in sorted(predicting):
        reads = structure.reads(reader)
        if reader in flow.kept:
            reads.append((structure.live[reader].target, flow.kept[reader]))
        for value, sources in reads:
            if any(source.function == PREDICT and source.line >= reader.line for source in sources):
                kind, address = structure.given[value]
                carried[f"m.{kind}{address}"] = None
    draws = any(structure.live[at].op.draws for at in predicting)
    same = not carried and not draws
    words = [
        "In the search, memory goes on from one validation example to the next; an estimator "
        "(Model, EvolvedClassifier) restores it for every row to what a first prediction after fit left."
    ]
    if same:
        words.append("For this program both are the same: predict reads nothing that it wrote itself before.")
    if carried:
        names = ", ".join(carried)
        words.append(
            f"For this program that makes a difference: predict reads {names}, which the predict before "
            "has written, so its predictions in the search depend on the order of the examples."
        )
    if draws:
        words.append(
            "Predictions draw random numbers: others for every example in the search, the same for every "
            "row in an estimator."
        )
    return EstimatorEvaluation(same, tuple(carried), draws, " ".join(words))


def explain_document(module: str, explanation: Explanation, chosen: StudyTasks) -> dict[str, object]:
    """Return the JSON document of `synth explain`."""
    tasks = {"count": len(chosen.tasks), "what": chosen.words}
    measure = {"metric": chosen.metric, "scale": chosen.scale}
    return {"schema": 1, "module": module, **measure, "tasks": tasks, **asdict(explanation)}
