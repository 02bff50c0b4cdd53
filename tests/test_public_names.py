"""The Python interface: what `import synth` gives, and that a bad candidate is a status and no error."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_line import TEMPLATES

import synth
from synth.errors import Refusal, UsageError

LINEAR = TEMPLATES / "linear.py"


def task(features: int = 3) -> synth.Task:
    random = np.random.default_rng(0)
    rows = random.normal(size=(300, features))
    labels = (rows[:, 0] > 0).astype(float)
    return synth.Task(rows[:200], labels[:200], rows[200:], labels[200:])


def test_every_public_name_is_there() -> None:
    for name in synth.__all__:
        assert getattr(synth, name) is not None
        assert name in dir(synth)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        synth.nothing  # noqa: B018


def test_load_and_evaluate() -> None:
    candidate = synth.load(LINEAR)
    assert isinstance(candidate, synth.Candidate)
    result = synth.evaluate(candidate, [task(), task()])
    assert result.status == "ok"
    assert result.error is None
    assert result.fitness is not None
    assert result.per_task is not None
    assert result.fitness > 0.8
    assert len(result.per_task) == 2
    assert synth.evaluate(candidate.text(), [task()]).fitness == result.per_task[0]


def test_equations_are_printed_and_shown() -> None:
    equations = synth.equations(synth.load(LINEAR))
    assert "    w ← w + η (y − p) x   weights\n" in str(equations)
    assert r"\mathbf{w} &\leftarrow \mathbf{w} + " in equations._repr_markdown_()
    module = synth.Module("", "mine.py", "mine.py:2:5: no statement of the language")
    with pytest.raises(UsageError, match=r"in the language: mine\.py:2:5"):
        synth.equations(module)


def test_modules_outside_the_language(tmp_path: Path) -> None:
    path = tmp_path / "free.py"
    path.write_text(
        "def setup(m):\n    m.v1 = [0.0] * m.F\n"
        "def predict(m):\n    m.s1 = m.v0 @ m.v1\n"
        "def learn(m):\n    m.v1 = m.v1 + 0.1 * (m.s0 - m.s1) * m.v0\n"
    )
    module = synth.load(path)
    assert isinstance(module, synth.Module)
    assert module.refusal.startswith(f"{path}:2:")
    native = synth.evaluate(module, [task()])
    assert (native.status, native.fitness, native.per_task) == ("rejected", None, None)
    python = synth.evaluate(module, [task()], engine="python")
    assert python.status == "ok", python.error
    assert python.fitness is not None
    assert python.fitness > 0.8


def test_text_that_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("def setup(m:\n")
    with pytest.raises(Refusal, match=r"broken\.py:1:"):
        synth.load(tmp_path / "broken.py")
    for engine in ("native", "python"):
        assert synth.evaluate("def setup(m:\n", [task()], engine=engine).status == "rejected"


def test_a_native_evaluation_ends_with_its_time() -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(20_000, 64))
    slow = synth.Task(rows, (rows[:, 0] > 0).astype(float), rows[:10], (rows[:10, 0] > 0).astype(float))
    text = (
        "def setup(m):\n    pass\n"
        "def predict(m):\n    m.m1 = np.matmul(m.m1, m.m1)\n"
        "def learn(m):\n    pass\n"
    )
    result = synth.evaluate(text, [slow], time_limit=0.2)
    assert result.status == "timeout"
    assert result.error == "not done after 0.2 seconds"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"engine": "cuda"}, "native or python"),
        ({"dtype": "float16"}, "float32 or float64"),
        ({"engine": "python", "dtype": "float32"}, "float32 needs the native engine"),
        ({"epochs": 0}, "at least 1"),
        ({"time_limit": 0}, "more than 0 seconds"),
    ],
)
def test_wrong_arguments(options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        synth.evaluate("", [task()], **options)


def test_run(tmp_path: Path) -> None:
    run = synth.run(
        data="digits",
        max_candidates=1000,
        workers=1,
        out=tmp_path / "run",
        settings={
            "search.round_candidates": 500,
            "data.tasks": 10,
            "data.test_tasks": 2,
            "mutation.kinds": ["insert", "alter_parameter"],
        },
    )
    assert run.folder == tmp_path / "run"
    assert run.stopped_by == "candidates"
    assert not run.target_missed
    assert run.best is None or synth.load(run.folder / "best.py") == run.best
    with pytest.raises(UsageError, match="exists already"):
        synth.run(data="digits", out=tmp_path / "run")
    with pytest.raises(UsageError, match="no flag --max-secs; did you mean --max-seconds"):
        synth.run(max_secs=3)
