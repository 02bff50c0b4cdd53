"""Whole searches: the same result with any number of workers, limits, starts, and what is written."""

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

import black
import pytest
from native_programs import program
from recorded import left_behind, rows
from search_helpers import ToyExecutor, by_key, finished, rounds, run, small, with_toys

from synth.engine.native.engine import NativeEngine
from synth.engine.python.engine import PythonEngine
from synth.errors import UsageError
from synth.language.analysis import effective
from synth.language.parser import parse_file
from synth.runs.events import RunStarted
from synth.runs.folder import RunFolder
from synth.search.arrays import pack_lines
from synth.search.coordinator import search
from synth.search.evolution.round import Outcome, Round
from synth.search.executors.native import NativeExecutor
from synth.settings.resolve import resolve
from synth.settings.schema import Config
from synth.tasks.sets import task_set


def kill(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)


def in_bytes(outcome: Outcome) -> dict[str, bytes]:
    arrays = {**outcome.state, **{f"best {name}": array for name, array in pack_lines(outcome.best).items()}}
    return {name: array.tobytes() for name, array in arrays.items()}


def lasting(**settings: object) -> Config:
    """A search with improvements in several rounds."""
    return small(search__islands=3, search__round_candidates=300, limits__candidates=6000, **settings)


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one worker makes of `lasting`."""
    path = tmp_path_factory.mktemp("reference") / "run"
    run(lasting(), path)
    return path


def test_a_run_leaves_improvements(reference: Path) -> None:
    assert len(rows(reference, "SELECT * FROM improvement")) >= 3
    assert len(rows(reference, "SELECT * FROM round")) >= 19
    assert not (reference / "tasks").exists()


def test_two_workers_leave_the_same(reference: Path, tmp_path: Path) -> None:
    run(lasting(run__workers=2), tmp_path / "run")
    assert left_behind(tmp_path / "run") == left_behind(reference)


def test_another_seed_leaves_something_else(reference: Path, tmp_path: Path) -> None:
    run(lasting(seed=1), tmp_path / "run")
    assert left_behind(tmp_path / "run") != left_behind(reference)


def test_the_order_in_which_rounds_end_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    for name, order in {
        "forwards": lambda task: (task.number, task.island),
        "backwards": lambda task: (-task.number, -task.island),
        "mixed": lambda task: (task.number * 7 + task.island * 5) % 11,
    }.items():
        config = lasting()
        with_toys(monkeypatch, config, ToyExecutor(config, order=order))
        run(config, tmp_path / name)
        left.append(left_behind(tmp_path / name))
    assert left[0] == left[1] == left[2]


def test_killed_workers_change_nothing(
    reference: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, kills = NativeExecutor.submit, [1, 4, 9]

    def submit_and_kill(self: NativeExecutor, task: Round) -> None:
        submit(self, task)
        if kills and task.number * 3 + task.island >= kills[0]:
            kills.pop(0)
            victim = self._pool._workers[0].pid
            threading.Timer(0.003, kill, (victim,)).start()

    monkeypatch.setattr(NativeExecutor, "submit", submit_and_kill)
    run(lasting(run__workers=2), tmp_path / "run")
    assert left_behind(tmp_path / "run") == left_behind(reference)
    said = [detail for (detail,) in rows(tmp_path / "run", "SELECT detail FROM event WHERE kind = 'worker'")]
    assert said and all("is repeated" in sentence for sentence in said)


def test_a_round_in_which_a_worker_is_killed_is_played_again(tmp_path: Path) -> None:
    """The handlers of `crashing_handlers` crash in the middle of a round, once."""
    config = small(search__round_candidates=400)
    tasks = task_set("digits", "search", count=3, features=8, train=60, valid=30)
    folder, said = tmp_path / "tasks", list[str]()

    def report(sentence: str) -> None:
        said.append(sentence)
        (folder / "crash").unlink()

    outcomes: list[Outcome] = []
    for crash in (False, True):
        with NativeExecutor(config, [tasks], folder, 1, report, "crashing_handlers") as executor:
            executor.add_tasks("0", 0, tasks)
            if crash:
                (folder / "crash").touch()
            executor.submit(Round("0", 0, 0, {}))
            outcomes.append(executor.next(None)[1])
    assert len(said) == 1 and "was ended by signal 11 (SIGSEGV)" in said[0]
    assert outcomes[0].counts == outcomes[1].counts
    assert in_bytes(outcomes[0]) == in_bytes(outcomes[1])


@pytest.mark.parametrize(
    ("limit", "name"),
    [
        ({"limits__candidates": 250}, "candidates"),
        ({"limits__candidates": "none", "limits__train_steps": 3000}, "train_steps"),
        ({"limits__candidates": "none", "limits__target": 0.6}, "target"),
    ],
)
def test_limits_end_a_run_at_a_round(tmp_path: Path, limit: dict[str, object], name: str) -> None:
    events = run(small(**limit), tmp_path / "run")
    assert finished(events).stopped_by == name
    last = rounds(events)[-1].totals
    before = rounds(events)[-2].totals if len(rounds(events)) > 1 else None
    if name == "candidates":
        assert last.candidates >= 250 and before and before.candidates < 250
    elif name == "train_steps":
        assert last.train_steps >= 3000 and (before is None or before.train_steps < 3000)
    else:
        best = finished(events).best
        assert best and best.select >= 0.6
    assert finished(events).summary["candidates"] == last.candidates


def test_seconds_end_a_run_at_once(tmp_path: Path) -> None:
    """A round of this size would take hours."""
    config = small(search__round_candidates=10**9, limits__seconds=0.2, limits__candidates="none")
    events = run(config, tmp_path / "run")
    assert finished(events).stopped_by == "seconds"
    assert rounds(events) == []
    assert finished(events).best is None


def test_a_shorter_run_is_the_beginning_of_a_longer_one(reference: Path, tmp_path: Path) -> None:
    run(small(search__islands=3, search__round_candidates=300, limits__candidates=2000), tmp_path / "run")
    short, long = (
        rows(path, "SELECT island, round, candidates, train_steps FROM round ORDER BY rounds")
        for path in (tmp_path / "run", reference)
    )
    assert 3 <= len(short) < len(long)
    assert long[: len(short)] == short
    texts, more = (
        rows(path, "SELECT text, raw, search, select_fitness FROM improvement ORDER BY number")
        for path in (tmp_path / "run", reference)
    )
    assert texts and more[: len(texts)] == texts


def test_improvements_are_real_modules(reference: Path) -> None:
    """black leaves them as they are, they parse back equal, and both engines give the recorded figures."""
    select = task_set("digits", "select", count=2, features=8)
    native = NativeEngine(select.tasks)
    with PythonEngine(select.tasks) as python:
        modules = sorted(reference.rglob("*.py"))
        assert len(modules) >= 7
        for module in modules:
            text = module.read_text()
            assert black.format_str(text, mode=black.Mode(line_length=110)) == text
            candidate = parse_file(module).candidate
            number = module.stem
            if module.parent.name == "history":
                assert effective(candidate) == candidate
                raw = parse_file(reference / "raw" / f"{number}.py").candidate
                assert native.per_task(candidate) == native.per_task(raw)
                (recorded,) = rows(
                    reference, f"SELECT select_fitness FROM improvement WHERE number = {int(number)}"
                )
                per_task = [
                    fitness
                    for (fitness,) in rows(
                        reference,
                        f"SELECT fitness FROM task_fitness WHERE program = {int(number)} ORDER BY task",
                    )
                ]
                told, exact = native.evaluate(candidate), python.evaluate(text)
                assert told.fitness == recorded[0]
                assert told.per_task == pytest.approx(per_task, abs=0)
                assert exact.per_task == pytest.approx(per_task, abs=0.002)
    best = rows(reference, "SELECT max(number) FROM improvement")[0][0]
    last = reference / "history" / f"{best:04d}.py"
    assert parse_file(reference / "best.py").candidate == parse_file(last).candidate


def test_restarts_begin_anew_on_tasks_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small(
        data__name="linear",
        data__redraw=True,
        search__experiment_rounds=2,
        limits__candidates=1000,
    )
    executor = with_toys(monkeypatch, config)
    events = run(config, tmp_path / "run")
    by_place = {(task.island, task.number): task for task in executor.submitted}
    for (_, number), task in by_place.items():
        assert bool(task.state) == (number % 2 == 1)
    names = {place: task.tasks for place, task in by_place.items()}
    assert names[0, 0] == names[0, 1] != names[0, 2]
    drawn = {name: {task.name for task in tasks.tasks} for name, tasks in executor.tasks.items()}
    assert all(len(tasks) == 3 for tasks in drawn.values())
    assert len(set.union(*drawn.values())) == 3 * len(drawn)  # none is drawn twice
    assert [event.experiment for event in rounds(events)[:6]] == [0, 0, 0, 0, 1, 1]
    assert rounds(events)[5].totals.experiments == 4


def test_without_redrawing_all_islands_have_the_same_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = small(search__experiment_rounds=2)
    executor = with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    assert {task.tasks for task in executor.submitted} == {"0-0"} == set(executor.tasks)


def test_a_template_is_where_programs_start(tmp_path: Path) -> None:
    events = run(small(search__start="linear", limits__candidates=1), tmp_path / "run")
    best = finished(events).best
    assert best and best.round == 0
    (first,) = [event for event in events if isinstance(event, RunStarted)]
    assert (first.data, first.features, first.workers) == ("digits", 8, 1)


def test_a_file_is_where_programs_start(tmp_path: Path) -> None:
    start = program(predict="m.s1 = np.dot(m.v0, m.v1)", learn="m.v2 = m.s0 * m.v0; m.v1 = m.v1 + m.v2")
    (tmp_path / "mine.py").write_text(start.text())
    config = small(search__start=tmp_path / "mine.py", limits__candidates=1, mutation__probability=0)
    best = finished(run(config, tmp_path / "run")).best
    assert best and best.raw == start


def test_a_start_program_outside_of_the_space_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(program(predict="m.s7 = np.sin(m.s1)").text())
    config = small(search__start=tmp_path / "mine.py")
    with pytest.raises(UsageError, match=r"program\.predict_ops; add it there"):
        run(config, tmp_path / "run")


def test_a_start_program_outside_of_the_language_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def predict(m):\n    m.s1 = sum(m.v0)\n")
    with pytest.raises(UsageError, match=r"mine\.py:2:"):
        run(small(search__start=tmp_path / "mine.py"), tmp_path / "run")


def test_without_a_learner_there_is_no_best(tmp_path: Path) -> None:
    config = small(search__start="empty", limits__candidates=20, search__round_candidates=10)
    end = finished(run(config, tmp_path / "run"))
    assert end.best is None
    assert end.summary["best"] is None
    assert set(end.summary["baselines"]) == {"linear", "neural_net"}
    assert not (tmp_path / "run" / "best.py").exists()


def test_final_figures_use_the_test_split_and_say_so(reference: Path) -> None:
    used = rows(reference, "SELECT program, purpose FROM test_use ORDER BY program")
    assert used == [(name, "final figures") for name in ("best", "linear", "neural_net")]
    figures = dict(rows(reference, "SELECT split, fitness FROM figure WHERE program = 'best'"))
    assert set(figures) == {"search", "select", "report", "test"}
    assert 0.5 < figures["select"] <= 1.0


def test_closing_a_search_early_ends_its_workers(tmp_path: Path) -> None:
    with RunFolder.create(small(limits__candidates="none"), tmp_path / "run") as folder:
        events = search(small(limits__candidates="none"), folder)
        for _ in range(4):
            next(events)
        events.close()
    assert not (tmp_path / "run" / "tasks").exists()
    assert rows(tmp_path / "run", "SELECT count(*) FROM round")[0][0] >= 1


def test_random_search_runs_too(tmp_path: Path) -> None:
    config = small(
        search__method="random", search__start="empty", limits__candidates=2000, search__round_candidates=1000
    )
    events = run(config, tmp_path / "run")
    assert rounds(events)[-1].totals.candidates == 2000


def test_rounds_with_the_python_engine(tmp_path: Path) -> None:
    config = small(
        run__engine="python",
        run__workers=2,
        data__tasks=1,
        data__train=20,
        data__valid=20,
        search__population=3,
        search__round_candidates=8,
        limits__candidates=30,
    )
    events = run(config, tmp_path / "run")
    totals = rounds(events)[-1].totals
    assert totals.evaluated > 0 and totals.train_steps > 0
    best = finished(events).best
    assert best is not None
    with PythonEngine(task_set("digits", "select", count=2, features=8).tasks) as python:
        assert python.evaluate((tmp_path / "run" / "best.py").read_text()).fitness == pytest.approx(
            best.select, abs=0.002
        )


def test_the_python_engine_decides_as_the_native_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same round with either engine leads to the same population."""
    from synth.search.evolution.island import play
    from synth.search.evolution.rules import rules_for
    from synth.search.executors.python import PythonScorer

    config = small(
        data__tasks=1, data__train=20, data__valid=20, search__round_candidates=25, fitness__dtype="float64"
    )
    tasks = task_set("digits", "search", count=1, features=8, train=20, valid=20)
    scorer = PythonScorer(config, tasks)
    with scorer.engine:
        one = play(rules_for(config), scorer, Round("0", 0, 0, {}))
    with NativeExecutor(config, [tasks], tmp_path / "tasks", 1, print) as executor:
        executor.add_tasks("0", 0, tasks)
        executor.submit(Round("0", 0, 0, {}))
        _, other = executor.next(None)
    assert one.state["code"].tobytes() == other.state["code"].tobytes()
    assert one.state["fitness"].tolist() == pytest.approx(other.state["fitness"].tolist(), abs=0.002)
    assert [tip.candidate for tip in one.best] == [tip.candidate for tip in other.best]


def test_toy_scores_are_told_apart() -> None:
    scores = {by_key(program(setup=f"m.s2 = {rate}", predict="m.s1 = m.s2 + m.s2")) for rate in range(1, 20)}
    assert len(scores) == 19


@pytest.mark.long
def test_our_own_search_solves_the_task_of_the_linear_demo(tmp_path: Path) -> None:
    config = resolve("linear_quick", sets=["seed=1014", "run.workers=1"], environment={})
    end = finished(run(config, tmp_path / "run"))
    assert end.stopped_by == "target"
    assert end.best is not None
    assert end.best.select > 0.9999
    assert end.summary["evaluated"] < 20_000
