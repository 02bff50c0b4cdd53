"""Candidates as text and as libcst trees: the same program, formatted by construction."""

from collections.abc import Sequence
from random import Random

import black
import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_OPS, candidates, random_candidate_of, random_instruction
from thorough import examples
from trees import module_of

from synth.language.candidate import Candidate
from synth.language.instruction import instruction
from synth.language.ops import OPS, Op
from synth.language.parser import parse
from synth.language.syntax import splice
from synth.standalone.parts import with_model


def statements(module: cst.Module, place: int) -> Sequence[cst.CSTNode]:
    """The statements of the function that stands there."""
    function = module.body[place]
    assert isinstance(function, cst.FunctionDef)
    return function.body.body


def formatted(text: str) -> str:
    return black.format_str(text, mode=black.Mode())


@examples(60)
@given(candidates(addresses={"s": 100, "v": 100, "m": 100}))
def test_text_and_tree_are_the_same_program(candidate: Candidate) -> None:
    text, module = candidate.text("What it does."), module_of(candidate, "What it does.")
    assert module.code == text
    assert module.deep_equals(cst.parse_module(text))
    assert formatted(text) == text


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
@pytest.mark.parametrize(
    "constants", [(0.5, 0.25, -0.5), (0.99999994, 0.0, -3.4028235e38), (1e-05, 0.1, 1e-45)]
)
def test_every_op_is_formatted_by_construction(op: Op, constants: tuple[float, ...]) -> None:
    text = Candidate(learn=(instruction(op, 99, 99, 99, constants[: len(op.constants)]),)).text()
    assert formatted(text) == text
    assert max(map(len, text.splitlines())) <= 88


@examples(100)
@given(st.text())
def test_any_docstring_is_one_formatted_line(docstring: str) -> None:
    text = Candidate().text(docstring)
    assert formatted(text) == text
    assert text.splitlines()[0].startswith('"""')
    assert text.splitlines()[1:3] == ["", "import numpy as np"]
    assert parse(text).candidate == Candidate()
    assert Candidate().text(parse(text).docstring) == text


@pytest.mark.parametrize(
    ("docstring", "line"),
    [
        ("", "A learning algorithm in the language of synth."),
        (" two\n  lines ", "two lines"),
        ('with "quotes"', "with 'quotes'"),
        ("a \\ b", "a \\\\ b"),
        ("null \0 byte", "null byte"),
    ],
)
def test_docstrings_become_one_line(docstring: str, line: str) -> None:
    assert Candidate().text(docstring).splitlines()[0] == f'"""{line}"""'


def test_a_statement_node_is_built_once_and_shared() -> None:
    shared = instruction(OPS[1], 1, 2, 3)
    one, two = module_of(Candidate(learn=(shared,))), module_of(Candidate(predict=(shared, shared)))
    (node,) = statements(one, 4)
    first, second = statements(two, 3)
    assert first is second is node


def test_splice_leaves_the_module_that_it_is_given() -> None:
    candidate = random_candidate_of(1)
    module = module_of(candidate)
    text = module.code
    new = random_instruction(Random(1))
    changed = splice(module, "predict", 1, 3, (new,))
    assert module.code == text
    expected = Candidate(
        candidate.setup, (candidate.predict[0], new, *candidate.predict[3:]), candidate.learn
    )
    assert changed.code == expected.text()
    assert changed.body[2] is module.body[2]


def test_a_module_can_hold_the_model_part() -> None:
    candidate = random_candidate_of(2)
    module = cst.parse_module(with_model(candidate.text("One.")))
    assert splice(module, "learn", 0, 1, ()).code == with_model(
        Candidate(candidate.setup, candidate.predict, candidate.learn[1:]).text("One.")
    )
