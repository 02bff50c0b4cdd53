"""Figures that a run states come out again, from the module alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from search_helpers import run, small

from synth import evaluate, load
from synth.errors import UsageError
from synth.language.templates import template_path
from synth.runs.stated import Conditions, StatedFigure, figures_of, with_figures
from synth.study.export import export
from synth.study.mutate import mutate_file
from synth.study.verify import claims_of, verify
from synth.tasks.sets import task_set


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small run of an unusual kind, so that every condition matters."""
    folder = tmp_path_factory.mktemp("runs") / "run"
    config = small(
        seed=5,
        data__select_train=50,
        data__select_valid=31,
        data__epochs=2,
        data__own_tasks=True,
        data__held_out_classes=[0, 1, 2],
        fitness__combine="median",
        data__select_tasks=4,
    )
    run(config, folder)
    return folder


def replayed(path: Path, test: bool = False, engine: str = "native") -> dict[str, tuple[str, str]]:
    document = verify(path, claims_of(path, test=test), engine=engine, sandbox="process")
    assert all(one["equal"] for one in document["figures"])
    return {one["split"]: (one["stated"], one["replayed"]) for one in document["figures"]}


@pytest.mark.parametrize("engine", ["native", "python"])
def test_a_run_s_modules_are_as_good_as_they_say(found: Path, engine: str) -> None:
    assert list(replayed(found / "best.py", engine=engine)) == ["select"]
    assert list(replayed(found / "tuned.py", engine=engine)) == ["report"]


def test_exports_state_all_figures_and_leave_test_tasks_alone(found: Path, tmp_path: Path) -> None:
    model = tmp_path / "model.py"
    model.write_text(export(found / "best.py"))
    assert list(replayed(model)) == ["search", "select", "report"]
    assert list(replayed(model, test=True)) == ["search", "select", "report", "test"]
    text = export(model, "sklearn")
    assert figures_of(text) == figures_of(model.read_text())
    assert text.index("import itertools") > text.index("# synth verify")


def test_of_an_earlier_improvement_the_selection_figure_is_stated(found: Path) -> None:
    paths = sorted((found / "history").glob("*.py"))
    assert len(paths) > 1
    assert [one.split for one in figures_of(export(paths[0]))] == ["select"]


def test_exports_of_other_modules_carry_what_these_state(found: Path, tmp_path: Path) -> None:
    (tmp_path / "away.py").write_text((found / "tuned.py").read_text())
    statements = figures_of(export(tmp_path / "away.py"))
    assert statements == figures_of((found / "tuned.py").read_text())
    assert len(statements) == 1


def test_a_mutant_states_nothing(found: Path) -> None:
    assert figures_of(mutate_file(found / "best.py").after) == []


def test_draws_are_those_of_the_seed(tmp_path: Path) -> None:
    net, tasks = template_path("neural_net"), task_set("digits", "select", count=2, train=40)
    figures = [evaluate(load(net), tasks, seed=seed).fitness or 0.0 for seed in (0, 3)]
    assert figures[0] != figures[1]
    for seed, fitness in zip((0, 3), figures, strict=True):
        statement = StatedFigure("select", f"{fitness:.4f}", Conditions.of(tasks, seed, 1))
        (tmp_path / "net.py").write_text(with_figures(net.read_text(), [statement]))
        assert list(replayed(tmp_path / "net.py")) == ["select"]


def stating(path: Path, text: str, **conditions: object) -> Path:
    """A module on two digits tasks that states a figure."""
    tasks = task_set("digits", "select", count=2, train=40)
    of = replace(Conditions.of(tasks, 0, 1), **conditions)  # type: ignore[arg-type]
    path.write_text(with_figures(text, [StatedFigure("select", "0.1234", of)]))
    return path


LINEAR = template_path("linear").read_text()


def test_another_figure_is_not_equal(tmp_path: Path) -> None:
    path = stating(tmp_path / "one.py", LINEAR)
    (figure,) = verify(path, claims_of(path))["figures"]
    assert (figure["stated"], figure["equal"], figure["error"]) == ("0.1234", False, None)
    assert float(figure["replayed"]) > 0.9


def test_other_data_are_refused_with_both_digests(tmp_path: Path) -> None:
    path = stating(tmp_path / "one.py", LINEAR, digest="0" * 16)
    actual = task_set("digits", "select", count=2, train=40).digest[:16]
    with pytest.raises(
        UsageError, match=f"digest {'0' * 16}, and those of digits here have {actual}; evaluate"
    ):
        claims_of(path)


def test_own_data_have_to_be_given(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    np.savez(tmp_path / "mine.npz", X=random.normal(size=(60, 5)), y=np.arange(60) % 2)
    tasks = task_set(str(tmp_path / "mine.npz"), "select")
    one = StatedFigure("select", "0.5000", Conditions.of(tasks, 0, 1))
    (tmp_path / "a folder" / "of modules").mkdir(parents=True)
    path = tmp_path / "a folder" / "of modules" / "one.py"
    path.write_text(with_figures(LINEAR, [one]))
    with pytest.raises(UsageError, match=r"states figures on mine\.npz; --data says where that file is"):
        claims_of(path)
    (claim,) = claims_of(path, str(tmp_path / "mine.npz"))
    assert claim.tasks.digest == tasks.digest
    np.savez(tmp_path / "mine.npz", X=random.normal(size=(60, 5)), y=np.arange(60) % 2)
    with pytest.raises(UsageError, match="give the original file by --data, or evaluate"):
        claims_of(path, str(tmp_path / "mine.npz"))


def test_a_module_that_does_not_run_has_no_figure(tmp_path: Path) -> None:
    path = stating(tmp_path / "one.py", LINEAR.replace("np.dot(m.v0, m.v1)", "sum(m.v0)"))
    with pytest.raises(UsageError, match=r"one.py:14:12: sum is not .* --engine python can replay modules"):
        verify(path, claims_of(path))
    path = stating(tmp_path / "two.py", LINEAR.replace("m.s2 = 0.01", "m.s2 = 1 / 0"))
    (figure,) = verify(path, claims_of(path), engine="python", sandbox="process")["figures"]
    assert (figure["replayed"], figure["equal"]) == (None, None)
    assert "two.py" in figure["error"]


def test_the_metric_is_part_of_what_is_stated(tmp_path: Path) -> None:
    path = stating(tmp_path / "one.py", LINEAR)
    path.write_text(path.read_text().replace("metric=accuracy", "metric=rms"))
    with pytest.raises(UsageError, match="the metric rmse is not for digits, which has classes"):
        claims_of(path)
