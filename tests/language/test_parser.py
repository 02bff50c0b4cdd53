"""The parser: every spelling of the language is read, everything else is refused with its place."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import ALL_OPS, candidates, random_candidate_of
from thorough import examples

from synth.errors import Refusal, UsageError
from synth.language.candidate import Candidate
from synth.language.instruction import instruction
from synth.language.ops import OPS, Op
from synth.language.parser import LONGEST, candidate_of, parse, parse_file

MODULE = '''"""What it does."""

import numpy as np


def setup(m: Memory) -> None:
    {statement}


def predict(m: Memory) -> None:
    pass


def learn(m: Memory) -> None:
    pass
'''


def first(statement: str) -> str:
    """The first instruction of a module with this statement, rendered."""
    return candidate_of(MODULE.format(statement=statement)).setup[0].text


def refusal(text: str) -> str:
    with pytest.raises(Refusal) as caught:
        parse(text, "f.py")
    return str(caught.value)


@pytest.mark.parametrize("op", ALL_OPS, ids=lambda op: op.name)
def test_every_op_is_read_back(op: Op) -> None:
    written = instruction(op, 11, 22, 33, [0.25, 0.5, 0.75][: len(op.constants)])
    assert candidate_of(Candidate(learn=(written,)).text()).learn == (written,)


@examples(200)
@given(candidates(addresses={"s": 100, "v": 100, "m": 100}))
def test_text_of_any_candidate_is_read_back(candidate: Candidate) -> None:
    parsed = parse(candidate.text("One line."))
    assert parsed.candidate == candidate
    assert (parsed.docstring, parsed.notices) == ("One line.", ())


@pytest.mark.parametrize(
    ("statement", "meaning"),
    [
        ("m.s2 = +0.2", "m.s2 = 0.2"),
        ("m.s2 = - +-(0.2)", "m.s2 = 0.2"),
        ("m.s2 = -0.0", "m.s2 = -0.0"),
        ("m.s2 = -0", "m.s2 = 0.0"),
        ("m.s2 = 1", "m.s2 = 1.0"),
        ("m.s2 = 0x10", "m.s2 = 16.0"),
        ("m.s2 = 1_000.5e-1", "m.s2 = 100.05"),
        ("m.s2 = 1e-60", "m.s2 = 0.0"),
        ("m.s2 = (m.s3) + ((m.s1))  # sum", "m.s2 = m.s3 + m.s1"),
        ("m.s2 = (\n        m.s3\n        +\n        m.s1\n    )", "m.s2 = m.s3 + m.s1"),
        ("(m.s2) = 1 / m.s1", "m.s2 = 1.0 / m.s1"),
        ("m.s2 = np.heaviside(m.s1, 1)", "m.s2 = np.heaviside(m.s1, 1.0)"),
        ("m.v1_weights = m.s2_rate * m.v0_", "m.v1 = m.s2 * m.v0"),
        ("pass; m.s2 = 1", "m.s2 = 1.0"),
        ("'''What setup does.'''\n    m.s2 = 1", "m.s2 = 1.0"),
        ("m.v2[int(.37 * m.F)] = .5", "m.v2[int(0.37 * m.F)] = 0.5"),
        (
            "m.m1 = np.broadcast_to(m.v1[:, None], (m.F, m.F),)",
            "m.m1 = np.broadcast_to(m.v1[:, None], (m.F, m.F))",
        ),
        ("m.v3 = np.linalg.norm(m.m1, axis = 1)", "m.v3 = np.linalg.norm(m.m1, axis=1)"),
    ],
)
def test_other_spellings_are_normalised(statement: str, meaning: str) -> None:
    assert first(statement) == meaning


@pytest.mark.parametrize(
    "text",
    [
        "def learn(m): pass\ndef setup(m): pass\ndef predict(m): pass",
        "# hi\ndef setup(m: 'Memory') -> None:\n  'doc'\ndef predict(m):\n  # no\n  pass\ndef learn(m): pass",
        "\ufeffimport numpy as np\r\ndef setup(m): pass\r\ndef predict(m): pass\r\ndef learn(m): pass",
        "import numpy as np\nimport numpy as np\n\ndef setup(m): ''\ndef predict(m): pass\ndef learn(m): ''",
    ],
)
def test_other_modules_are_normalised(text: str) -> None:
    assert parse(text).candidate == Candidate()


def test_equality_ignores_docstrings_and_comments() -> None:
    one = parse(MODULE.format(statement="m.s2 = 1"))
    two = parse(MODULE.format(statement="# one\n    m.s2 = 1.0").replace("What it does", "Another"))
    assert one.candidate == two.candidate
    assert hash(one.candidate) == hash(two.candidate)
    assert two.docstring == "Another."


def test_long_constants_are_rounded_with_a_notice() -> None:
    parsed = parse(MODULE.format(statement="m.v2[int(0.99999999999 * m.F)] = 0.123456789012"), "f.py")
    assert parsed.candidate.setup[0].constants == (0.99999994, 0.12345679)
    assert parsed.notices == (
        "f.py:7:14: the constant 0.99999999999 is rounded to 0.99999994",
        "f.py:7:38: the constant 0.123456789012 is rounded to 0.12345679",
    )
    assert parse(parsed.candidate.text()).notices == ()


@pytest.mark.parametrize(
    ("statement", "place", "what", "right"),
    [
        ("m.s1 = np.dot(m.m1, m.v2)", "7:5", "no op has these types", "m.s1 = np.dot(m.v1, m.v2)"),
        ("m.s1 = m.v1 + m.s2", "7:5", "m.s1, m.v1, m.s2", "m.v1 = m.v1 + m.v2"),
        ("m.s1 = m.rng.normal(0, 1, m.F)", "7:5", "these types", "m.v1 = m.rng.normal(0, 1, m.F)"),
        ("m.s1 = np.tanh(m.s2)", "7:12", "np.tanh", "did you mean np.tan"),
        ("m.s1 = abs(m.s2)", "7:12", "abs is not", "did you mean np.abs"),
        ("m.s1 = np.norm(m.v2)", "7:12", "np.norm is not", "did you mean np.linalg.norm"),
        ("m.s1 = math.sin(m.s2)", "7:12", "math.sin is not", "did you mean np.sin"),
        ("m.s1 = m.rng.poisson(1)", "7:12", "m.rng.poisson is not", "synth ops"),
        ("m.s0 = m.s1 + m.s2", "7:5", "m.s0 is the label", "m.s1 to m.s99"),
        ("m.v0 = np.abs(m.v1)", "7:5", "m.v0 is the features", "m.v1 to m.v99"),
        ("m.s100 = 1.0", "7:5", "memory has no m.s100", "m.s0 to m.s99"),
        ("m.s1 = m.s2 + m.s007", "7:19", "memory has no m.s007", "m.s0 to m.s99"),
        ("m.s1 = m.x + m.s2", "7:12", "memory has no m.x", "m.m0 to m.m99"),
        ("m.v1[int(1.0 * m.F)] = 0.5", "7:14", "index factor 1.0", "int(factor * m.F)"),
        ("m.v1[int(-0.1 * m.F)] = 0.5", "7:14", "index factor -0.1", "int(factor * m.F)"),
        ("m.v1[3] = 0.5", "7:15", "not one instruction", "m.v3[int(0.5 * m.F)] = 0.5"),
        ("m.s1 = 1e999", "7:12", "too large", "3.4028235e+38"),
        ("m.s1 = -1e39", "7:12", "too large", "3.4028235e+38"),
        ("m.s1 = 0x" + "F" * 9999, "7:12", "too large", "3.4028235e+38"),
        ("m.s1 = np.tan(0x" + "F" * 9999 + ")", "7:19", "too large", "3.4028235e+38"),
        ("m.s1 = np.inf", "7:12", "not finite", "0.5"),
        ("m.s1 = m.rng.normal(0.0, -0.5)", "7:30", "deviation -0.5 is negative", "0.0 or more"),
        ("m.s1 = 'text'", "7:12", "text where a number belongs", "0.5"),
        ("m.s1 = True", "7:12", "not one instruction", "0.5"),
        ("m.s1 = 2.0 / m.s2", "7:12", "2.0 cannot stand here", "m.s1 = 1.0 / m.s2"),
        ("m.v1 = np.heaviside(m.v1, 1.0)", "7:31", "1.0 cannot stand here", "np.heaviside(m.v1, 0.0)"),
        (
            "m.v1 = np.linalg.norm(m.m1, axis=1.0)",
            "7:38",
            "1.0 cannot",
            "axis=0) or m.v1 = np.linalg.norm(m.m1, axis=1)",
        ),
        ("m.s1 += m.s2", "7:5", "+= is not", "write it out: m.s1 = m.s1 + m.s2"),
        ("m.s1 = m.s2 = 1.0", "7:12", "several targets", "one statement for each"),
        ("m.s1, m.s2 = 1.0, 2.0", "7:5", "several targets", "one statement for each"),
        ("m.s1: float = 1.0", "7:5", "annotation", "m.s1 = ..."),
        ("x = m.s1 + m.s2", "7:5", "a name of its own", "m.s3 = m.s1 + m.s2"),
        ("m.s1 = m.s2 + m.s3 * m.s4", "7:12", "not one instruction", "one operation in each statement"),
        ("m.s1 = m.s2 * 0.5", "7:12", "not one instruction", "put the number into memory first"),
        ("m.s1 = np.maximum(m.s2, 0.0)", "7:12", "not one instruction", "np.maximum(m.s1, m.s2)"),
        ("m.s1 = m.s2", "7:12", "not one instruction", "m.s3 = m.s1 + m.s2"),
        ("m.v1 = np.full(16, m.s1)", "7:12", "not one instruction", "np.full(m.F, m.s1)"),
        ("if m.s1: m.s2 = 1.0", "7:5", "no conditions", "one operation"),
        ("for _ in range(3): m.s2 = 1.0", "7:5", "no loops", "one operation"),
        ("while True: pass", "7:5", "no loops", "one operation"),
        ("return m.s1", "7:5", "returns nothing", "one operation"),
        ("import os", "7:5", "imports nothing", "one operation"),
        ("def f(): pass", "7:5", "defines nothing", "one operation"),
        ("print(m.s1)", "7:5", "not an assignment to memory: print(m.s1)", "one operation"),
        ("m.s2 = 1; 'ä'; m.s1 = x", "7:15", "not an assignment", "one operation"),
        ("m.s1 = __import__('os').system('true')", "7:12", "__import__ is not", "m, np and numbers only"),
        ("m.s1 = (m.s2", "7:12", "not Python: '(' was never closed", "Python module"),
        ("m.s1 = " + "-" * 9999 + "1", "1:1", "nested too deeply", "one operation"),
        ("m.s1 = m.s1" + " + m.s1" * 900, "1:1", "nested too deeply", "one operation"),
        ("m.s1 = m.s1" + " + m.s1" * 9999, "1:1", "nested too deeply", "one operation"),
        ("m.s1 = " + "(" * 150 + "1" + ")" * 250, "7:313", "not Python", "Python module"),
    ],
    ids=lambda value: value[:40],
)
def test_refused_statements(statement: str, place: str, what: str, right: str) -> None:
    message = refusal(MODULE.format(statement=statement))
    assert message.startswith(f"f.py:{place}: ")
    assert what in message
    assert right in message
    assert len(message) < 400


def test_columns_count_characters() -> None:
    text = MODULE.format(statement="m.s2 = 1  # ä\n    'ä ö ü'; m.s1 = q(1)")
    assert refusal(text).startswith("f.py:8:5: ")
    assert refusal(text.replace("'ä ö ü'", "pass")).startswith("f.py:8:18: q is not in the language")
    assert refusal(MODULE.format(statement="m.s1 = ä(ö)")).startswith("f.py:7:12: ")
    assert refusal(MODULE.format(statement="m.s1 = m.s2 + äöü")).startswith("f.py:7:19: ")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "f.py:1:1: there is no function setup; add def setup(m)"),
        ("def setup(m): pass\ndef learn(m): pass\n", "f.py:3:1: there is no function predict"),
        ("def setup(m): pass\ndef setup(m): pass", "f.py:2:1: setup is defined twice"),
        ("def setup(): pass", "f.py:1:1: setup has another signature; write def setup(m):"),
        ("def setup(memory): pass", "another signature"),
        ("def setup(m, n): pass", "another signature"),
        ("def setup(m=1): pass", "another signature"),
        ("def setup(m, /): pass", "another signature"),
        ("def setup(*m): pass", "another signature"),
        ("def setup(m, **k): pass", "another signature"),
        ("@cache\ndef setup(m): pass", "another signature"),
        ("async def setup(m): pass", "setup is not in the language"),
        ("def helper(m): pass", "helper is not in the language"),
        ("class Model: pass", "class Model is not in a standing part that synth writes; remove it"),
        ("import os", "only numpy can be imported; write import numpy as np"),
        ("import numpy", "only numpy can be imported"),
        ("from numpy import dot", "only numpy can be imported"),
        ("x = 1", "f.py:1:1: this statement stands outside of the functions"),
        ("def setup(m):\n\tpass\n        pass", "f.py:3:"),
        ("def setup(m):\n  pass\n\0", "f.py:3:1: there is a null byte"),
        ("caf\udce9", "f.py:1:1: this is not text"),
        ("9" * 5000, "f.py:1:1: this is not Python: Exceeds the limit"),
        ("a" * (LONGEST + 1), "f.py:1:1: the text is longer than 250,000 characters"),
    ],
    ids=lambda value: value[:40],
)
def test_refused_modules(text: str, message: str) -> None:
    assert message in refusal(text)


@examples(300)
@given(st.integers(0, 20), st.data())
def test_damaged_text_is_read_or_refused_and_nothing_else(seed: int, data: st.DataObject) -> None:
    text = random_candidate_of(seed).text()
    start = data.draw(st.integers(0, len(text)))
    stop = data.draw(st.integers(start, min(len(text), start + 5)))
    new = data.draw(st.text("mnp.sv0129_=+-*/()[]:, \n\tabeF'\"#\\{}", max_size=5))
    damaged = text[:start] + new + text[stop:]
    try:
        candidate = parse(damaged).candidate
    except Refusal as error:
        assert str(error).startswith("<text>:")
    else:
        assert parse(candidate.text()).candidate == candidate


def test_files(tmp_path: Path) -> None:
    file = tmp_path / "one.py"
    file.write_text(MODULE.format(statement="m.s2 = 1"), encoding="utf-8")
    assert parse_file(file).candidate.setup == (instruction(OPS[56], out=2, constants=[1.0]),)
    with pytest.raises(UsageError, match=r"cannot read .*none\.py: No such file"):
        parse_file(tmp_path / "none.py")
    with pytest.raises(UsageError, match=r"cannot read .*: Is a directory"):
        parse_file(tmp_path)
    file.write_bytes(b"def setup(m):\n  m.s1 = \xff")
    with pytest.raises(Refusal, match=r"one\.py:2:10: the file is not UTF-8 text"):
        parse_file(file)
    file.write_bytes("ä".encode() * (2 * LONGEST + 1))
    with pytest.raises(Refusal, match=r"one\.py:1:1: the text is longer than"):
        parse_file(file)
