"""Searches with mutations of one's own: real workers, the same bytes, and an end in a sentence."""

from pathlib import Path

import pytest
from own_functions import own_module
from recorded import left_behind
from search_helpers import finished, interrupted, run, small

from synth.api import resume
from synth.errors import UsageError
from synth.runs.record import Record
from synth.search.executors import native
from synth.search.executors.ray.actor import RayWorker
from synth.search.executors.self_test import package_digest
from synth.search.scoring.judge import Judge
from synth.settings.resolve import digests, read
from synth.settings.schema import Config

REPEAT = """
from synth.mutation import Edit, Splice, below

def repeat(candidate, space, random):
    bounds = space.mutable[below(random, len(space.mutable))]
    body = candidate.bodies[bounds.function]
    if not body or len(body) + 1 >= bounds.largest:
        return Edit(refused="no room")
    line = below(random, len(body))
    return Edit((Splice(bounds.function, line, line, (body[line],)),))
"""


def with_own(folder: Path, text: str, **settings: object) -> tuple[Config, str]:
    """The settings of a small search with a mutation `repeat` of one's own, and its reference."""
    reference = f"{own_module(folder, text)}:repeat"
    kinds = ["alter_parameter", "insert", f"{reference}:2"]
    return small(mutation__kinds=kinds, run__plugins=folder, **settings), reference


@pytest.mark.parametrize("engine", ["native", "python"])
def test_what_a_mutation_raises_ends_the_run_in_a_sentence(engine: str, tmp_path: Path) -> None:
    text = "def repeat(candidate, space, random):\n    return 1 / 0\n"
    config, reference = with_own(tmp_path, text, run__engine=engine, search__round_candidates=5)
    file = tmp_path / f"{reference.partition(':')[0]}.py"
    with pytest.raises(UsageError) as ended:
        run(config, tmp_path / "run")
    assert str(ended.value) == f"{reference} failed: {file}:2: ZeroDivisionError: division by zero"


def test_an_edit_outside_of_the_space_ends_the_run_in_a_sentence(tmp_path: Path) -> None:
    text = REPEAT.replace(
        "(body[line],)", "(body[line].with_target(('s', 99)),) if bounds.function == 2 else ()"
    )
    config, reference = with_own(tmp_path, text)
    with pytest.raises(
        UsageError, match=rf"^{reference} leaves the space: learn uses m\.[sv]99, beyond program"
    ):
        run(config, tmp_path / "run")


def test_a_worker_that_would_import_another_file_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is where the file changes while a run goes on, and a worker that died is replaced."""
    config, reference = with_own(tmp_path, REPEAT)
    start = native.NativeExecutor.submit

    def changing(*arguments: object) -> None:
        (tmp_path / f"{reference.partition(':')[0]}.py").write_text(REPEAT + "# another\n")
        executor = arguments[0]
        for worker in executor._pool._workers.values():  # type: ignore[attr-defined]
            worker.kill()
        start(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(native.NativeExecutor, "submit", changing)
    with pytest.raises(UsageError, match=rf"^{reference}: .* is not the file that the run goes by; put that"):
        run(config, tmp_path / "run")


def test_counts_and_what_is_granted_name_the_reference(tmp_path: Path) -> None:
    config, reference = with_own(tmp_path, REPEAT)
    end = finished(run(config, tmp_path / "run"))
    counts = Record.read(tmp_path / "run").facts["mutations"]
    assert set(counts) == {"start", "alter_parameter", "insert", reference}
    assert counts[reference]["no room"] > 0
    assert sum(counts[reference].values()) > sum(counts["insert"].values())
    assert any(reference in granted for granted in end.summary["assumed"])


def test_a_record_is_read_where_the_module_is_gone(tmp_path: Path) -> None:
    config, reference = with_own(tmp_path, REPEAT)
    interrupted(config, tmp_path / "run")
    (tmp_path / f"{reference.partition(':')[0]}.py").unlink()
    assert f"{reference}:2" in read(tmp_path / "run" / "config.toml").mutation.kinds


def test_a_resumption_with_another_file_is_refused_unless_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, reference = with_own(tmp_path, REPEAT)
    interrupted(config, tmp_path / "run")
    then = digests(config)[reference]
    before = left_behind(tmp_path / "run")
    monkeypatch.setattr("synth.search.resumption.digests", lambda config: {reference: "0" * 64})
    said = rf"settings of .* changed .*\(then the file of {reference} = {then}, now 0+\); `--accept config`"
    with pytest.raises(UsageError, match=said):
        resume(tmp_path / "run")
    assert left_behind(tmp_path / "run") == before
    resume(tmp_path / "run", accept=["config"])


def test_a_node_with_another_file_or_none_is_refused(tmp_path: Path) -> None:
    config, reference = with_own(tmp_path, REPEAT)
    judge = Judge(config)

    def answer(reference: str, digest: str) -> object:
        worker = RayWorker(judge.config, (judge.search_sets, judge.select_tasks))
        return worker.start(package_digest(), {reference: digest}, ())

    assert "is not the file that the run goes by; put that one in its place" in str(
        answer(reference, "0" * 64)
    )
    assert f"there is no module nowhere_on_a_node in {tmp_path}" in str(
        answer("nowhere_on_a_node:repeat", "0" * 64)
    )
    assert "computes other bits" in str(answer(reference, digests(config)[reference])), (
        "it is not what is wrong"
    )
