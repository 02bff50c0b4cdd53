"""What is shown of a run, finished or going on."""

import io
from pathlib import Path

import pytest
from report_runs import LINEAR, SLOW, events, open_run, recorded_run
from rich.console import Console

from synth.language.candidate import Candidate
from synth.report.terminal.show import OUTCOMES, show_result
from synth.runs.events import Improved
from synth.runs.lineage import Ancestor
from synth.runs.record import Improvement, Record
from synth.study.show import length, pareto_front, show_document


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return recorded_run(tmp_path_factory.mktemp("shown") / "run")


def improvement(number: int, select: float, candidate: Candidate) -> Improvement:
    text = candidate.text()
    return Improvement(
        number=number,
        parent=None,
        island=0,
        round=0,
        experiment=0,
        seconds=0.0,
        search=select,
        select=select,
        text=text,
        raw=text,
        select_per_task=(),
    )


def test_programs_and_front_of_a_finished_run(run: Path) -> None:
    document = show_document(Record.read(run))
    assert document["finished"]
    assert document["stopped_by"] == "seconds"
    assert [one["number"] for one in document["programs"]] == [1, 2, 3]
    assert [one["select"] for one in document["programs"]] == [0.61, 0.74, 0.94]
    assert document["programs"][0]["gain"] is None
    assert document["programs"][2]["gain"] == pytest.approx(0.2)
    assert document["programs"][1]["statements"] == {"setup": 1, "predict": 1, "learn": 4}
    assert document["programs"][1]["cost"] == 1.0
    assert document["front"] == [1, 2, 3]
    assert document["figures"]["best"]["test"] == 0.95


def test_a_run_that_goes_on(tmp_path: Path) -> None:
    with open_run(tmp_path / "run") as folder:
        early = show_document(Record.read(folder.path))
        assert (early["finished"], early["programs"], early["lineage"], early["data"]) == (
            False,
            [],
            [],
            None,
        )
        for event in events()[:5]:
            folder.record(event)
        later = show_document(Record.read(folder.path))
    assert not later["finished"]
    assert len(later["programs"]) == 1
    assert later["candidates"] > 0
    show_result(early, 10)
    show_result(later, 10)


def test_mutations_at_80_columns_break_no_word(run: Path) -> None:
    outcomes = {"rejected": 46_000, "seen": 1, "cached": 84, "hurdled": 9, "evaluated": 952_000, "raced": 7}
    refused = {"no op": 137, "no room": 12, "nothing to change": 83}
    kinds = ("add_parameter", "update_constant", "insert_or_remove", "valid")
    document = show_document(Record.read(run)) | {
        "mutations": {name: outcomes | {"improved": 4} | refused for name in kinds}
    }
    console = Console(file=io.StringIO(), width=80, highlight=False)
    console.print(show_result(document, 10))
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]  # type: ignore[attr-defined]
    start = next(number for number, line in enumerate(lines) if line.startswith("mutation"))
    assert lines[start].split() == ["mutation", "drawn", *OUTCOMES]
    assert " ".join(lines[start + 1].split()) == "add parameter 998 k 46.0 k 1 84 9 952 k 7 4"
    assert "add parameter      137 no op, 12 no room, 83 nothing to change" in lines
    assert "update constant" in "".join(line[:16] for line in lines)


def test_the_front_holds_what_nothing_beats_in_both() -> None:
    short, long = SLOW, LINEAR
    assert length(short) < length(long)
    padded = Candidate(short.setup, short.predict, (*short.learn, *long.predict))  # with a dead statement
    assert length(padded) == length(short)
    programs = [
        improvement(1, 0.6, short),
        improvement(2, 0.6, long),
        improvement(3, 0.7, long),
        improvement(4, 0.7, long),
        improvement(5, 0.65, padded),
    ]
    assert pareto_front(programs) == [5, 3, 4]


def test_without_a_line_of_descent_the_improvements_are_the_lineage(run: Path) -> None:
    lineage = show_document(Record.read(run))["lineage"]
    assert [step["origin"] for step in lineage] == ["improvement 1", "improvement 2", "improvement 3"]
    assert "+ learn   m.s4 = m.s2 * m.s3" in lineage[1]["changes"]


def test_the_lineage_tells_each_step_with_its_mutation_gain_and_change(tmp_path: Path) -> None:
    start = Ancestor(None, "start", 0, 0.5, 0, 0, Candidate())
    first = Ancestor(start, "insert", 12, 0.6, 0, 1, SLOW)
    last = Ancestor(first, "alter_parameter", 3, 0.7, 1, 4, LINEAR)
    with open_run(tmp_path / "run") as folder:
        begin, improved = events()[:2]
        folder.record(begin)
        assert isinstance(improved, Improved)
        program = improved.program
        object.__setattr__(program, "lineage", last.chain())
        folder.record(improved)
    lineage = show_document(Record.read(tmp_path / "run"))["lineage"]
    assert [(step["origin"], step["edits"]) for step in lineage] == [
        ("start", 0),
        ("insert", 12),
        ("alter_parameter", 3),
    ]
    assert [step["gain"] for step in lineage] == [None, pytest.approx(0.1), pytest.approx(0.1)]
    assert lineage[0]["changes"] == []
    assert lineage[2]["changes"] == [
        "+ setup   m.s3 = 0.01",
        "- learn   m.v2 = m.s2 * m.v0",
        "+ learn   m.s4 = m.s2 * m.s3",
        "+ learn   m.v2 = m.s4 * m.v0",
    ]
