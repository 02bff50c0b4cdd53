"""Mutations of one's own by the real command: the same bytes however it is run, and what is refused."""

from pathlib import Path

import pytest
from command_line import FEW_TASKS, TEMPLATES, called, complaint, synth
from own_functions import own_module
from recorded import left_behind

from synth.settings.resolve import read

MODULE = """
from synth.mutation import Draft, Edit, Splice, below, on_data_flow

@on_data_flow
def exchange(draft: Draft) -> None:
    found = [at for at in draft.live(1, 2) if draft.statement(at).op.family == "difference"]
    at = draft.pick(found)
    draft.replace(at, draft.statement(at).with_operands(*reversed(draft.statement(at).operands)))

def repeat(candidate, space, random):
    bounds = space.mutable[below(random, len(space.mutable))]
    body = candidate.bodies[bounds.function]
    if not body or len(body) + 1 >= bounds.largest:
        return Edit(refused="no room")
    line = below(random, len(body))
    return Edit((Splice(bounds.function, line, line, (body[line],)),))

def wrong(candidate, space, random):
    return candidate
"""

SMALL = [
    *("--preset", "baseline", "--data", "digits", "--features", 8, "--islands", 2, "--max-seconds", 600),
    *("--set", "search.round_candidates=100", "--set", "search.population=20", "--set", "data.train=60"),
    *("--set", "data.valid=30", "--set", "fitness.tuning_trials=0", "--set", "search.start=linear"),
    *FEW_TASKS,
]
MORE, FEWER = 1200, 500


def with_own(module: str, *own: str) -> list[object]:
    kinds = ",".join(["alter_parameter", "insert", "remove", *(f"{module}:{one}" for one in own)])
    return [*SMALL, "--set", f"mutation.kinds={kinds}"]


def test_a_seed_gives_the_same_bytes_however_it_is_run(tmp_path: Path) -> None:
    module = own_module(tmp_path, MODULE)
    arguments = with_own(module, "exchange", "repeat:0.5")
    for name, candidates, workers in (("one", MORE, 1), ("two", MORE, 2), ("broken off", FEWER, 2)):
        more = ["--max-candidates", candidates, "--workers", workers, "--out", name]
        done = synth("run", *arguments, *more, folder=tmp_path)
        assert done.returncode == 0, done.stderr
    assert read(tmp_path / "one" / "config.toml").run.plugins == str(tmp_path.resolve())
    expected = left_behind(tmp_path / "one")
    assert any(name.startswith("raw/") for name in expected)
    assert any(name.startswith("history/") for name in expected)
    assert left_behind(tmp_path / "two") == expected

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    go_on = ["resume", tmp_path / "broken off", "--max-candidates", MORE, "--workers", 1]
    done = synth(*go_on, folder=elsewhere)
    assert done.returncode == 0, done.stderr
    assert left_behind(tmp_path / "broken off") == expected

    file = tmp_path / f"{module}.py"
    file.write_text(file.read_text() + "# changed\n")
    go_on = ["resume", tmp_path / "two", "--max-candidates", MORE + 200]
    said = complaint(synth(*go_on, folder=elsewhere), 2)
    assert f"changed since its checkpoint (then the file of {module}:exchange = " in said
    assert "`--accept config` goes on" in said
    assert left_behind(tmp_path / "two") == expected
    done = synth(*go_on, "--accept", "config", folder=elsewhere)
    assert done.returncode == 0, done.stderr

    file.unlink()
    said = complaint(synth(*go_on, folder=elsewhere), 2)
    assert f"{module}:exchange: there is no module {module} in {tmp_path}, nor one that is installed" in said
    shown = synth("show", tmp_path / "one", folder=elsewhere)
    assert shown.returncode == 0, "it reads what was recorded, and imports nothing"
    assert f"{module}:exchange " in shown.stdout
    assert f"{module}:repeat " in shown.stdout


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("{module}:none", "{module}:none: the module {module} ({file}) has no function none"),
        ("{module}:MODULE:2", "{module}:MODULE: the module {module} ({file}) has no function MODULE"),
        ("{module}_:repeat", "{module}_:repeat: there is no module {module}_ in {folder}, nor one that is"),
        ("{broken}:repeat", "{broken}:repeat cannot be imported: {folder}/{broken}.py:1: ZeroDivisionError"),
        ("{module}:repeat:often", "the weight of {module}:repeat is 'often'; write a number"),
        ("{module}.repeat", "there is no mutation '{module}.repeat' among insert, "),
        ("{module}.py:repeat", "{module}.py:repeat: there is no module {module}.py in "),
        ("{module}.py:repeat", "nor one that is installed; write {module}:repeat"),
    ],
)  # fmt: skip
def test_what_names_no_function_is_refused_before_anything_starts(
    kind: str, said: str, tmp_path: Path
) -> None:
    module, broken = own_module(tmp_path, MODULE), own_module(tmp_path, "1 / 0\n")
    names = {"module": module, "broken": broken, "file": tmp_path / f"{module}.py", "folder": tmp_path}
    setting = f"mutation.kinds={kind.format(**names)}"
    complained = complaint(called("run", "--set", setting, "--out", "run", folder=tmp_path), 2)
    assert complained.startswith("mutation.kinds (from --set mutation.kinds) is (")
    assert said.format(**names) in complained
    assert not (tmp_path / "run").exists()


def test_the_folder_may_be_another_than_the_current_one(tmp_path: Path) -> None:
    (tmp_path / "mutations").mkdir()
    module = own_module(tmp_path / "mutations", MODULE)
    arguments = [*with_own(module, "wrong"), "--set", "run.plugins=mutations", "--out", "run"]
    said = complaint(synth("run", *arguments, folder=tmp_path), 2)
    assert said == f"{module}:wrong returned a Candidate; a mutation returns an Edit"


def test_modules_are_mutated(tmp_path: Path) -> None:
    module = own_module(tmp_path, MODULE)
    linear = TEMPLATES / "linear.py"
    done = called("mutate", linear, "--kind", f"{module}:exchange", folder=tmp_path)
    assert done.returncode == 0
    assert "-    m.s3 = m.s0 - m.s1\n" in done.stdout
    assert "+    m.s3 = m.s1 - m.s0\n" in done.stdout
    assert f"mutations: {module}:exchange" in done.stderr
    for kind, said in (
        (
            f"{module}:none",
            f"{module}:none: the module {module} ({tmp_path / module}.py) has no function none",
        ),
        (f"{module}:wrong", f"{module}:wrong returned a Candidate; a mutation returns an Edit"),
        ("none_such:exchange", "none_such:exchange: there is no module none_such in"),
        ("exchange", "--kind exchange: there is no such mutation"),
    ):
        assert complaint(called("mutate", linear, "--kind", kind, folder=tmp_path), 2).startswith(said)
