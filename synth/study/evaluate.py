"""Evaluating modules: `synth.load`, `synth.evaluate`, and what `synth eval` and `synth check` print.

A bad module is never an error here but a status of its result; wrong arguments and missing files are.
"""

import ast
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synth.engine.result import Result
from synth.errors import Refusal, UsageError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.parser import parse, parse_file, read_text
from synth.runs.files import SETTINGS
from synth.runs.record import run_around
from synth.sandbox.confine import EXPOSURE, Layer
from synth.settings.resolve import read
from synth.settings.schema import Dtype, EngineName, Level
from synth.standalone.parts import without_parts
from synth.tasks.task import Task, TaskSet

if TYPE_CHECKING:
    from synth.engine.native.engine import NativeEngine

ANNOUNCED_MEMORY = 1 << 28
"""Bytes of working memory from which on a program's need is announced."""


@dataclass(frozen=True)
class Module:
    """A module's text that is Python but not in the candidate language: only the python engine tries it."""

    text: str
    path: str
    refusal: str
    """Why it is not in the language, with file, line and column."""


Evaluate = Callable[["Candidate | Module"], Result]
"""Trains and scores a module; never raises for what it does."""


def load(path: str | Path) -> Candidate | Module:
    """Return the candidate in a file, or the module as it is when it is outside the language.

    Raises UsageError when the file cannot be read, Refusal when it is not even Python.
    """
    text = read_text(path)
    try:
        return parse(text, str(path)).candidate
    except Refusal as refusal:
        try:
            with warnings.catch_warnings(action="ignore"):
                ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise refusal from None
        return Module(text, str(path), str(refusal))


def load_all(paths: Sequence[Path], engine: str) -> list["Candidate | Module | Refusal"]:
    """Return what is in each file, for the python engine unread, and refusals where nothing is.

    Raises UsageError when a file cannot be read.
    """
    modules: list[Candidate | Module | Refusal] = []
    for path in paths:
        try:
            modules.append(_unread(path) if engine == "python" else load(path))
        except Refusal as refusal:
            modules.append(refusal)
    return modules


def other_data(paths: Iterable[Path], name: str) -> Iterator[str]:
    """Yield a notice for each module that belongs to a run on other data than those of a name."""
    for path in paths:
        folder = run_around([path])
        data = read(folder / SETTINGS).data.name if folder else name
        if Path(data).name != name:
            where = f"belongs to a run on {Path(data).name}, and is evaluated on {name}"
            yield f"{path} {where}; --data {data} evaluates it there"


def evaluate(
    candidate: Candidate | Module | str,
    tasks: TaskSet | Sequence[Task],
    engine: EngineName = "native",
    dtype: Dtype = "float64",
    seed: int = 0,
    epochs: int = 1,
    time_limit: float = 60,
    sandbox: Level = "full",
) -> Result:
    """Train and score a candidate on tasks, and return its fitness (mean over tasks) and that on each.

    `candidate` may also be a module's text. It never raises for a bad candidate; `Result.status` says what
    became of it. Raises UsageError for wrong arguments, SandboxUnavailable when the python engine cannot
    confine code here.
    """
    module = _read(candidate, "<text>") if isinstance(candidate, str) else candidate
    with evaluator(tasks, engine, dtype, seed, epochs, time_limit, sandbox) as (run, _):
        return run(module)


@contextmanager
def evaluator(
    tasks: TaskSet | Sequence[Task],
    engine: str = "native",
    dtype: str = "float64",
    seed: int = 0,
    epochs: int = 1,
    time_limit: float = 60,
    sandbox: Level = "full",
    announce: Callable[[str], None] = lambda sentence: None,
) -> Iterator[tuple[Evaluate, tuple[Layer, ...]]]:
    """Yield a function that evaluates one module after the other, and what confines the modules' own code.

    Arguments are as in `evaluate`; `announce` gets what a user should know beforehand, such as a large need
    of memory.
    """
    own = tasks if isinstance(tasks, TaskSet) else TaskSet.of(tasks)
    if engine not in ("native", "python") or dtype not in ("float32", "float64"):
        raise UsageError(
            f"the engine is native or python and the dtype float32 or float64, not {engine}, {dtype}"
        )
    if epochs < 1 or not time_limit > 0:
        raise UsageError("epochs must be at least 1 and the time limit more than 0 seconds")
    if engine == "native":
        from synth.engine.native.engine import NativeEngine

        make_engine = partial(NativeEngine, own.tasks, dtype=dtype, seed=seed, epochs=epochs)
        yield _Native(make_engine, time_limit, announce).evaluate, ()  # runs none of the modules' own code
        return
    if dtype == "float32":
        raise UsageError("the python engine is float64; float32 needs the native engine")
    from synth.engine.python.engine import PythonEngine

    if sandbox in EXPOSURE:
        announce(EXPOSURE[sandbox])
    with PythonEngine(own.tasks, seed=seed, epochs=epochs, time_limit=time_limit, sandbox=sandbox) as python:

        def by_python(module: Candidate | Module) -> Result:
            if isinstance(module, Module):
                return python.evaluate(module.text, module.path)
            return python.evaluate(module.text())

        yield by_python, python.layers


def _unread(path: str | Path) -> Module:
    """Return a file's text, without standing parts, for the python engine: only the sandbox parses it."""
    return Module(without_parts(read_text(path)), str(path), "")


def _read(text: str, path: str) -> Candidate | Module:
    try:
        return parse(text, path).candidate
    except Refusal as refusal:
        return Module(text, path, str(refusal))


class _Native:
    """Evaluates with the native engine in a thread, which is left behind when its time is up."""

    def __init__(
        self, make_engine: "Callable[[], NativeEngine]", time_limit: float, announce: Callable[[str], None]
    ) -> None:
        self._make_engine, self._engine = make_engine, make_engine()
        self._time_limit, self._announce = time_limit, announce

    def evaluate(self, module: Candidate | Module) -> Result:
        if isinstance(module, Module):
            why = f"{module.refusal}; only the python engine tries modules outside of the language"
            return Result("rejected", None, None, why)
        memory = self._engine.working_memory(module)
        if memory >= ANNOUNCED_MEMORY:
            self._announce(f"the program's working memory is {memory / 1e9:.1f} GB")
        future: Future[Result] = Future()
        threading.Thread(target=_complete, args=(future, self._engine, module), daemon=True).start()
        try:
            return future.result(self._time_limit)
        except TimeoutError:
            self._engine = self._make_engine()  # The other one is still in use.
            return Result("timeout", None, None, f"not done after {self._time_limit:g} seconds")
        except MemoryError:
            sentence = f"its working memory of {memory / 1e9:.1f} GB is not available"
            return Result("crashed", None, None, sentence)


def _complete(future: "Future[Result]", engine: "NativeEngine", candidate: Candidate) -> None:
    try:
        future.set_result(engine.evaluate(candidate))
    except BaseException as error:
        future.set_exception(error)


def evaluate_modules(
    paths: Sequence[Path],
    modules: Sequence["Candidate | Module | Refusal"],
    tasks: TaskSet,
    *,
    engine: str,
    dtype: str,
    sandbox: Level,
    **options: Any,
) -> dict[str, Any]:
    """Return the JSON document of `synth eval` for modules and their paths; options as in `evaluator`."""
    results = []
    with evaluator(tasks, engine, dtype, sandbox=sandbox, **options) as (run, layers):
        for path, module in zip(paths, modules, strict=True):
            if isinstance(module, Refusal):
                result = Result("rejected", None, None, str(module))
            else:
                result = run(module)
            results.append({"module": str(path), **asdict(result)})
    in_force = {"level": sandbox, "layers": [layer.name for layer in layers if layer.in_force]}
    return {
        "schema": 1,
        "engine": engine,
        "dtype": dtype,
        "metric": tasks.metric,
        "scale": tasks.scale,
        "sandbox": in_force if engine == "python" else None,
        "results": results,
    }


def check_module(path: Path) -> dict[str, Any]:
    """Return what `synth check` says of a module; raises UsageError when it cannot be read."""
    from synth.language.rejection import can_learn

    try:
        parsed = parse_file(path)
    except Refusal as refusal:
        return {"module": str(path), "status": "refused", "error": str(refusal)}
    counts = {name: len(body) for name, body in zip(FUNCTIONS, parsed.candidate.bodies, strict=True)}
    return {
        "module": str(path),
        "status": "ok",
        "error": None,
        "instructions": counts,
        "can_learn": can_learn(parsed.candidate),
        "notices": list(parsed.notices),
    }
