"""The text of modules on torch tensors: each op, what a person wrote, and black; nothing here needs torch."""

import ast
import re
from pathlib import Path

import black
import pytest
from strategies import random_candidate_of

from synth.language.ops import OPS
from synth.language.parser import parse
from synth.standalone.parts import TORCH_PART, own_text
from synth.study.export import USE, export
from synth.study.torch_text import SPELLINGS, torch_template, torch_text

GOLDEN = Path(__file__).parent / "golden"


def algorithm(text: str) -> str:
    """A module on torch tensors, without its standing part."""
    whole = torch_text('"""A program."""', own_text(text), parse(text).candidate)
    assert whole.endswith(TORCH_PART)
    return whole.removesuffix(TORCH_PART)


def test_what_a_person_wrote_stays() -> None:
    text = (GOLDEN / "commented.py").read_text()
    for variant in (text, text.replace("\n", "\r\n"), "\ufeff" + text):
        assert algorithm(variant) == (GOLDEN / "commented_torch.py").read_text()


def test_each_op_has_a_statement_on_tensors() -> None:
    for op in OPS:
        if op.output is not None:
            template = torch_template(op)
            ast.parse(template.format(a="1", b="2", out="3", x="0.5", y="0.5", z="0.5"))
            assert "np." not in template


def test_each_spelling_is_that_of_an_op() -> None:
    expressions = {re.sub(r"m\.([svm])\{[ab]\}", r"\1", op.template.partition(" = ")[2]) for op in OPS}
    assert set(SPELLINGS) <= expressions


def test_black_changes_nothing(tmp_path: Path) -> None:
    for seed in range(3):
        (tmp_path / "one.py").write_text(random_candidate_of(seed).text("A program."), encoding="utf-8")
        text = export(tmp_path / "one.py", "torch")
        assert text.startswith(f'"""A program.\n\n{USE["torch"]}\n"""\n')
        assert black.format_str(text, mode=black.Mode()) == text


@pytest.mark.parametrize(
    "text",
    [
        "def setup(m): m.s2 = 1; m.s3 = .5\ndef predict(m): pass\ndef learn(m): pass\n",
        "import numpy as np; import numpy as np\n"
        "def setup(m):\n    m.s2 = (\n        1.0\n    ); m.s3 = 0.5  # half\n"
        "def learn(m): 'what it learns'\ndef predict(m):\n    pass\n",
    ],
)
def test_any_layout_is_read(text: str) -> None:
    assert "    m.s2 = 1.0\n    m.s3 = 0.5" in algorithm(text)
    ast.parse(algorithm(text))
