"""The parser skips the standing parts of today and all that modules ever had, and nothing else."""

import subprocess
from pathlib import Path

import pytest
from command_line import ROOT

from synth.errors import Refusal
from synth.language.parser import candidate_of, parse
from synth.language.templates import template_path
from synth.standalone.parts import (
    MODEL_PART,
    PARTS,
    SKLEARN_IMPORTS,
    SKLEARN_PART,
    STANDARD_IMPORTS,
    PartName,
    digest,
    own_text,
    parts_of,
    split_source,
    with_sklearn,
    without_parts,
)

LINEAR = template_path("linear").read_text(encoding="utf-8")

EARLIER = Path(__file__).with_name("golden") / "earlier.txt"
"""A module as synth once wrote it, of the style sklearn, with the standing parts of then."""


def test_what_follows_the_algorithm_is_short() -> None:
    assert MODEL_PART.strip("\n").count("\n") + 1 <= 150


def git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout if done.returncode == 0 else ""


@pytest.mark.parametrize("name", ["model", "sklearn"])
def test_every_part_that_ever_was_is_known(name: PartName) -> None:
    """Rebuilds the table from the history of the repository; without one, only today's is looked at."""
    assert PARTS[digest(MODEL_PART if name == "model" else SKLEARN_PART)] == name
    for room in ("language", "standalone"):
        path = f"synth/{room}/{name}_source.py"
        for commit in git("log", "--format=%h", "--", path).split():
            start, part = split_source(git("show", f"{commit}:{path}"))
            if part:
                assert PARTS.get(digest(part)) == name, f"add {digest(part)} to earlier.py ({commit})"
                imports = [line for line in start.splitlines() if line.startswith("from sklearn")]
                assert name == "model" or imports == SKLEARN_IMPORTS.splitlines()


def test_a_module_with_an_earlier_part_is_read() -> None:
    text = EARLIER.read_text(encoding="utf-8")
    assert MODEL_PART not in text
    assert list(parts_of(text)) == ["model", "sklearn"]
    assert candidate_of(text) == candidate_of(LINEAR)
    with pytest.raises(Refusal, match=f":{text.count(chr(10)) + 1}:1: this statement stands outside"):
        parse(text + "x = 1\n")
    with pytest.raises(Refusal, match=r"class _Random is not in a standing part that synth writes"):
        parse(text.replace("epochs: int = 1", "epochs: int = 2", 1))
    with pytest.raises(
        Refusal, match=r"only numpy can be imported; .*, or the module anew with synth export"
    ):
        parse(text.replace("epochs: int = 1", "epochs: int = 2"))


@pytest.mark.parametrize("text", [LINEAR + MODEL_PART, with_sklearn(LINEAR + MODEL_PART)])
def test_lines_keep_their_numbers(text: str) -> None:
    text += "# the end\n"
    plain = without_parts(text)
    kept = {number: line for number, line in enumerate(plain.split("\n")) if line}
    assert list(kept.values()) == [line for line in LINEAR.split("\n") if line] + ["# the end"]
    assert all(text.split("\n")[number] == line for number, line in kept.items())


@pytest.mark.parametrize("part", ["", MODEL_PART])
def test_imports_of_a_part_that_is_not_there_are_refused(part: str) -> None:
    text = STANDARD_IMPORTS + LINEAR + part
    with pytest.raises(Refusal, match=":1:1: only numpy can be imported"):
        parse(text)
    assert own_text(text).startswith(STANDARD_IMPORTS)


def test_all_line_ends_are_the_same_to_python() -> None:
    text = with_sklearn(LINEAR + MODEL_PART)
    for ends in ("\r\n", "\r"):
        assert without_parts("\ufeff" + text.replace("\n", ends)) == without_parts(text)
        assert own_text("\ufeff" + text.replace("\n", ends)) == own_text(text) == LINEAR


def test_both_parts_are_found_wherever_the_text_ends() -> None:
    both = with_sklearn(LINEAR + MODEL_PART)
    for text in (both, both.rstrip("\n"), both + "\n\n"):
        found = parts_of(text)
        assert list(found) == ["model", "sklearn"]
    assert parts_of(LINEAR) == {}
    assert parts_of(MODEL_PART.replace("epochs: int = 1", "epochs: int = 2")) == {}
