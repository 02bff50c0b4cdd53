"""Mutations of one's own: what they return is checked, and what synth's own return passes the check."""

from dataclasses import replace
from pathlib import Path
from random import Random

import pytest
from own_functions import own_module

from synth.errors import UsageError
from synth.language.candidate import Candidate
from synth.language.ops import OPS
from synth.mutation.kinds import KINDS, draw_mutation, random_candidate, weighted
from synth.mutation.own import _problem, own_mutations
from synth.mutation.space import Space

EVERY_ID = tuple(op.id for op in OPS if op.output)
SPACE = Space(5, 4, 3, EVERY_ID, EVERY_ID, EVERY_ID, setup_min=1, kinds=("insert",))
START = random_candidate(SPACE, (2, 3, 4), Random(1))

HEAD = """
from synth.language.instruction import Instruction
from synth.language.ops import OPS
from synth.mutation import *

one = instruction(OPS[1], 2, 3, 4)
constant = OPS[56]

def edit(*splices):
    return Edit(tuple(Splice(*parts) for parts in splices))

def adds(*new):
    return edit((LEARN, 0, 0, new))

def mutate(candidate, space, random):
"""


def done(folder: Path, body: str, space: Space = SPACE) -> Candidate:
    """What a mutation with this body makes of the start."""
    reference = f"{own_module(folder, HEAD + '    ' + body)}:mutate"
    space = replace(space, kinds=(reference,), own=own_mutations([reference], str(folder)))
    name, mutation = draw_mutation(space, Random(0))
    assert name == reference
    return mutation(START, space, Random(0)).apply(START)


@pytest.mark.parametrize(
    ("written", "names", "weights"),
    [
        (["insert", "own:half"], ("insert", "own:half"), (1.0, 1.0)),
        (["insert:2", "own.a:half:0.5"], ("insert", "own.a:half"), (2.0, 0.5)),
        ([" own:half "], ("own:half",), (1.0,)),
        (["insert:1e-3"], ("insert",), (0.001,)),
        (["scale:half"], ("scale:half",), (1.0,)),  # a module may be called as a mutation of synth
    ],
)
def test_names_and_weights(written: list[str], names: tuple[str, ...], weights: tuple[float, ...]) -> None:
    assert weighted(written) == (names, weights)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("own:half:0", "the weight of own:half is 0; it must be more than 0"),
        ("own:half:-1", "the weight of own:half is -1; it must be more than 0"),
        ("own:half:inf", "the weight of own:half is inf; it must be more than 0"),
        ("own:half:often", "the weight of own:half is 'often'; write a number, as in own:half:0.5"),
        ("insert:nan", "the weight of insert is nan; it must be more than 0"),
        ("insert:", "the weight of insert is ''; write a number, as in insert:0.5"),
    ],
)
def test_a_weight_that_is_none_is_refused(written: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        weighted([written])


@pytest.mark.parametrize(
    ("body", "sizes"),
    [
        ("return Edit()", (2, 3, 4)),
        ("return Edit(refused='no room')", (2, 3, 4)),
        ("return edit((PREDICT, 3, 3, (one,)))", (2, 4, 4)),
        ("return edit((SETUP, 0, 1), (LEARN, 0, 4))", (1, 3, 0)),
        # the second splice is of what the first one left
        ("return edit((PREDICT, 0, 0, (one, one)), (PREDICT, 5, 5, (one,)))", (2, 6, 4)),
        ("return edit((LEARN, 4, 4, (one,) * 19))", (2, 3, 23)),
        ("x = rounded(0.1234567, constant.constants[0]); "
         "return Edit((Splice(SETUP, 0, 0, (instruction(constant, out=2, constants=[x]),)),))", (3, 3, 4)),
    ],
)  # fmt: skip
def test_edits_within_the_space_are_done(body: str, sizes: tuple[int, ...], tmp_path: Path) -> None:
    made = done(tmp_path, body)
    assert tuple(map(len, made.bodies)) == sizes


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("pass", "returned None; a mutation returns an Edit"),
        ("return candidate", "returned a Candidate; a mutation returns an Edit"),
        ("return ((1, 0, 0, ()),)", "returned a tuple; a mutation returns an Edit"),
        ("return Edit(refused='x' * 99)", f"returned an Edit refused for '{'x' * 40}'...; the reason is"),
        ("return Edit(refused=1)", "returned an Edit refused for an int; the reason is a text"),
        ("return Edit([])", "returned an Edit of a list; it holds a tuple of Splices"),
        ("return Edit(((1, 0, 0, ()),))", "returned an Edit that holds a tuple; it holds a tuple of Splices"),
        ("return edit((3, 0, 0, (one,)))", "changes the function 3; those that may change are 0 (setup), "),
        ("return edit((-1, 0, 0, (one,)))", "changes the function -1; those that may change are"),
        ("return edit(('learn', 0, 0, (one,)))", "changes the function 'learn'; those that may change"),
        ("return edit(([], 0, 0, (one,)))", "changes the function []; those that may change"),
        ("return edit((PREDICT, 0, 4))", "changes the lines 0 to 4 of predict, which has 3"),
        ("return edit((PREDICT, 2, 1))", "changes the lines 2 to 1 of predict, which has 3"),
        ("return edit((PREDICT, -1, 1))", "changes the lines -1 to 1 of predict, which has 3"),
        ("return edit((PREDICT, 0.0, 1))", "changes the lines 0.0 to 1 of predict, which has 3"),
        ("return edit((PREDICT, 0, 1), (PREDICT, 2, 3))", "lines 2 to 3 of predict, which has 2"),
        ("return edit((PREDICT, 0, 0, one))", "returned a Splice of an Instruction; what is new is a tuple"),
        ("return edit((PREDICT, 0, 0, (1,)))", "returned a Splice with an int; what is new is a tuple"),
        ("return edit((SETUP, 0, 2))", "leaves 0 instructions in setup, fewer than program.setup_min = 1"),
        ("return adds(*[one] * 20)",
         "makes learn 24 instructions long, more than program.learn_max = 23"),
        ("return adds(instruction(OPS[1], 2, 5, 3))",
         "leaves the space: learn uses m.s5, beyond program.scalars = 5; set program.scalars to at least 6"),
        ("return adds(instruction(OPS[1], 2, 3, 5))", "learn uses m.s5, beyond"),
        ("return adds(instruction(OPS[1], -1, 3, 2))", "that no program can hold; make it"),
        ("return adds(instruction(OPS[1], 2, 3, 0))", "writes m.s0, which programs only read"),
        ("return adds(instruction(OPS[0]))", "op 0 (NO_OP) that no program can hold"),
        ("return adds(instruction(constant, out=2))", "that no program can hold"),
        ("return adds(instruction(constant, out=2, constants=[1, 2]))",
         "that no program can hold"),
        ("return adds(instruction(constant, out=2, constants=[0.1234567891]))",
         "no program can hold; make it by instruction() or with_operands(), and its constants by rounded()"),
        ("return adds(instruction(constant, out=2, constants=[float('nan')]))",
         "that no program can hold"),
        ("return adds(Instruction(OPS[5], 2, 3, 2, ()))", "that no program can hold"),
        ("return 1 / 0", "failed: {file}:16: ZeroDivisionError: division by zero"),
        ("return space.functions[7]", "failed: {file}:16: IndexError"),
        ("raise SystemExit(0)", "failed: {file}:16: SystemExit: 0"),
    ],
)  # fmt: skip
def test_whatever_else_comes_back_is_refused_in_a_sentence(body: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as refused:
        done(tmp_path, body)
    (file,) = tmp_path.glob("*.py")
    assert str(refused.value).startswith(f"{file.stem}:mutate ")
    assert said.format(file=file) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_ops_and_functions_outside_of_the_space_are_refused(tmp_path: Path) -> None:
    body = "return adds(one)"
    with pytest.raises(UsageError, match=r"op 1 \(SCALAR_SUM\) is not among program.learn_ops; add it there"):
        done(tmp_path, body, replace(SPACE, learn_ops=(2, 3)))
    with pytest.raises(
        UsageError, match=r"the function 2; those that may change are 0 \(setup\), 1 \(predict\)"
    ):
        done(tmp_path, body, replace(SPACE, frozen=("learn",)))


def test_what_the_mutations_of_synth_do_passes_the_check() -> None:
    random = Random(5)
    space = Space(8, 5, 4, EVERY_ID, EVERY_ID, EVERY_ID, learn_max=12)
    candidate = random_candidate(space, (3, 6, 8), random)
    for _ in range(60):
        for name, mutation in KINDS.items():
            edit = mutation(candidate, space, random)
            assert not _problem(edit, candidate, space), name
            candidate = edit.apply(candidate)
