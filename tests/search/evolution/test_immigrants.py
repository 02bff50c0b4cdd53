"""Immigrants: programs from outside that join a search."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from native_programs import program
from recorded import rows
from search_helpers import finished, improvements, run, small, with_toys

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.search.evolution.state import IslandState
from synth.settings.schema import Config

BETTER = program(
    predict="m.s1 = np.dot(m.v0, m.v1)",
    learn="m.s3 = m.s0 - m.s1; m.s4 = m.s2 * m.s3; m.v2 = m.s4 * m.v0; m.v1 = m.v1 + m.v2",
    setup="m.s2 = 0.05",
)


def with_immigrants(folder: Path, **settings: object) -> Config:
    folder.mkdir(exist_ok=True)
    return small(
        search__immigrants=folder,
        search__migration_rounds=2,
        search__start="empty",
        limits__candidates=2000,
        **settings,
    )


def test_modules_that_are_dropped_join_at_the_next_border(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = with_immigrants(tmp_path / "in")
    (tmp_path / "in" / "mine.py").write_text(BETTER.text())
    executor = with_toys(monkeypatch, config)
    run(config, tmp_path / "run")
    joined = {
        (task.number, task.island)
        for task in executor.submitted
        if any(
            one.candidate == BETTER
            for _, one in (IslandState.from_arrays(task.state).immigrants if task.state else ())
        )
    }
    assert {place for place in joined if place[0] == 2} == {(2, 0), (2, 1)}


def test_an_immigrant_can_become_the_best_with_its_lineage(tmp_path: Path) -> None:
    config = with_immigrants(tmp_path / "in")
    (tmp_path / "in" / "mine.py").write_text(BETTER.text())
    events = run(config, tmp_path / "run")
    best = finished(events).best
    assert best is not None and best.select > 0.7
    origins = [step.origin for step in improvements(events)[-1].program.lineage]
    assert origins[:2] == ["immigrant mine.py", "migration"]
    told = [
        json.loads(text)
        for (text,) in rows(tmp_path / "run", "SELECT detail FROM event WHERE kind = 'immigrant'")
    ]
    assert [(event["name"], event["joins"]) for event in told] == [("mine.py", True)]
    assert told[0]["select"] > 0.7


def test_modules_that_cannot_join_are_refused_with_the_reason(tmp_path: Path) -> None:
    config = with_immigrants(tmp_path / "in")
    (tmp_path / "in" / "foreign.py").write_text("def predict(m):\n    m.s1 = sum(m.v0)\n")
    (tmp_path / "in" / "outside.py").write_text(program(predict="m.s2 = np.sin(m.s1)").text())
    (tmp_path / "in" / "dull.py").write_text(program(predict="m.s1 = m.s2 + m.s3").text())
    (tmp_path / "in" / "bytes.py").write_bytes(b"\xff\xfe")
    run(config, tmp_path / "run")
    told = [
        json.loads(text)
        for (text,) in rows(tmp_path / "run", "SELECT detail FROM event WHERE kind = 'immigrant'")
    ]
    reasons = {event["name"]: event["text"] for event in told}
    assert not any(event["joins"] for event in told)
    assert len(told) == 4  # each is looked at once
    assert "foreign.py:2:" in reasons["foreign.py"]
    assert "program.predict_ops" in reasons["outside.py"] and "predict of outside.py" in reasons["outside.py"]
    assert "cannot learn" in reasons["dull.py"]


def test_an_immigrant_keeps_frozen_functions(tmp_path: Path) -> None:
    config = with_immigrants(tmp_path / "in")
    config = replace(config, search=replace(config.search, start="linear", freeze=("predict",)))
    other = Candidate(BETTER.setup, program(predict="m.s1 = np.dot(m.v1, m.v0)").predict, BETTER.learn)
    (tmp_path / "in" / "other.py").write_text(other.text())
    (tmp_path / "in" / "same.py").write_text(BETTER.text())
    run(config, tmp_path / "run")
    told = [
        json.loads(text)
        for (text,) in rows(tmp_path / "run", "SELECT detail FROM event WHERE kind = 'immigrant'")
    ]
    assert [(event["name"], event["joins"]) for event in told] == [("other.py", False), ("same.py", True)]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"search__immigrants": "/nowhere", "search__migration_rounds": 1}, "no such folder"),
        ({"search__immigrants": "/"}, r"search\.migration_rounds"),
    ],
)
def test_wishes_that_cannot_be_met_are_refused(settings: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        small(**settings)
