"""A person's module with another program: the difference is the change, and the program is the other one.

`python tests/reading/test_rewriting.py` writes the golden differences anew; look at them first.
"""

import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from native_programs import program, template
from simplifying import bits, learner
from strategies import random_instruction
from thorough import examples

from synth.errors import SynthError
from synth.language.candidate import FUNCTIONS, Candidate
from synth.language.parser import candidate_of
from synth.mutation.kinds import KINDS
from synth.mutation.space import Space
from synth.reading.names import named_text
from synth.reading.rewriting import _Rewriter, rewritten
from synth.reading.simplify.passes import normal_form
from synth.standalone.module_text import below_docstring, with_docstring
from synth.study.text_diff import unified_diff

GOLDEN = Path(__file__).parent / "golden"
MINE = (GOLDEN / "mine.py").read_text(encoding="utf-8")
SPACE = Space(
    scalars=8,
    vectors=9,
    matrices=4,
    **{f"{name}_ops": tuple(range(1, 65)) for name in FUNCTIONS},  # type: ignore[arg-type]
    **{f"{name}_max": 12 for name in FUNCTIONS},  # type: ignore[arg-type]
)


def mutated(candidate: Candidate, kind: str) -> Candidate:
    """The first of many mutations of a kind that changes the program; the program where none does."""
    for seed in range(100):
        changed = KINDS[kind](candidate, SPACE, random.Random(seed)).apply(candidate)
        if changed != candidate:
            return changed
    return candidate


def differences() -> str:
    """What each kind of mutation changes in a module with comments everywhere."""
    candidate = candidate_of(MINE)
    sections = []
    for kind in KINDS:
        after = rewritten(MINE, mutated(candidate, kind))
        sections.append(f"== {kind}\n{unified_diff(MINE, after, 'mine.py', 'best.py', context=1)}")
    return "\n".join(sections)


def test_the_difference_is_the_change() -> None:
    assert differences() == (GOLDEN / "mine.diff").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_mutation_is_what_the_text_says(kind: str) -> None:
    changed = mutated(candidate_of(MINE), kind)
    written = candidate_of(rewritten(MINE, changed))
    assert normal_form(written) == normal_form(changed)
    assert bits(written) == bits(changed)


def disordered(text: str, seed: int) -> str:
    """The text with names, comments, blank lines and odd spacing, as a person may have left it."""
    draw = random.Random(seed)
    lines = []
    for line in text.splitlines():
        if line.startswith("    m.") and draw.random() < 0.3:
            lines += draw.choice((["    # A note."], ["", "    # Two notes:", "    # this is one."], [""]))
        if " + " in line and draw.random() < 0.5:
            line = line.replace(" = ", " = (").replace(" + ", "\n        + ") + ")"  # noqa: PLW2901
        lines.append(line + "  # why" * (line.startswith("    m.") and draw.random() < 0.3))
    return "\n".join(lines) + "\n"


@examples(30)
@given(st.integers(0, 1 << 32), st.booleans())
def test_any_program_can_be_written_into_any_module(seed: int, named: bool) -> None:
    draw = random.Random(seed)
    before = learner(seed)
    text = disordered(named_text(normal_form(before)) if named else before.text("Mine."), seed)
    before = candidate_of(text)
    assert rewritten(text, before) == text
    bodies = [list(body) for body in before.bodies]
    for _ in range(draw.randint(1, 3)):
        body = draw.choice([body for body in bodies if body])
        place = draw.randrange(len(body))
        body[place : place + draw.randint(0, 2)] = [random_instruction(draw)] * draw.randint(0, 2)
        bodies = bodies if any(bodies) else [list(body) for body in before.bodies]
    after = Candidate(*map(tuple, bodies))
    changed = rewritten(text, after)
    assert normal_form(candidate_of(changed)) == normal_form(after)
    assert bits(candidate_of(changed)) == bits(after)
    assert rewritten(changed, candidate_of(changed)) == changed


def test_a_constant_keeps_all_but_itself() -> None:
    other = program("m.s2 = 0.5", "m.s1 = np.dot(m.v0, m.v1)",
                    "m.s3 = m.s0 - m.s1; m.s3 = m.s2 * m.s3; "
                    "m.v2 = m.s3 * m.v0; m.v1 = m.v1 + m.v2")  # fmt: skip
    assert rewritten(MINE, other) == MINE.replace("1e-2", "0.5")


def test_addresses_that_meanings_share_stay_shared_until_that_would_be_wrong() -> None:
    """The error is scaled where it stood; a second reader of the error needs the unscaled one."""
    shared = MINE.replace("_error", "")
    setup, predict, learn = candidate_of(shared).bodies
    more = program("", "", "m.s9 = m.s0 - m.s1; m.s8 = m.s2 * m.s9; m.v2 = m.s8 * m.v0; m.v7 = m.v7 + m.v2;"
                   "m.v3 = m.s9 * m.v0; m.v7 = m.v7 + m.v3").learn  # fmt: skip
    written = rewritten(shared, Candidate(setup, predict, more))
    assert normal_form(candidate_of(written)) == normal_form(Candidate(setup, predict, more))
    assert "# on digits" in written and "# reuse the address" not in written
    assert learn != candidate_of(written).learn


def test_one_line_functions_and_modules_without_numpy() -> None:
    text = "def setup(m): pass\ndef predict(m): m.s1 = m.s2 + m.s3; m.s3 = m.s1 + m.s1\ndef learn(m): pass\n"
    assert rewritten(text, Candidate()) == text.replace(
        " m.s1 = m.s2 + m.s3; m.s3 = m.s1 + m.s1", "\n    pass"
    )
    linear = template("linear")
    new = rewritten(f'"""Mine."""\n{text}', linear)
    assert new.startswith('"""Mine."""\n\nimport numpy as np\n')
    for changed in (new, rewritten(text, linear)):
        assert normal_form(candidate_of(changed)) == normal_form(linear)


def test_statements_beside_a_docstring_and_comments_beside_pass() -> None:
    text = MINE.replace('    """Set the step size."""\n', '    "doc"; m.s9 = 0.5\n').replace(
        "    # The score is a dot product.\n    m.s1 = np.dot(m.v0, m.v7_weights)  # s1 is the prediction\n",
        "    # To be done.\n    pass  # later\n",
    )
    changed = rewritten(text, candidate_of(MINE))
    assert normal_form(candidate_of(changed)) == normal_form(candidate_of(MINE))
    assert '    "doc"\n' in changed and "m.s9" not in changed
    assert "    # To be done.\n    m.s1 = np.dot(m.v0, m.v7_weights)\n" in changed
    one = "def setup(m): m.s2 = 1.0  # by hand\ndef predict(m): pass\ndef learn(m): pass\n"
    assert "m.s2 = 0.5  # by hand" in rewritten(one, program("m.s2 = 0.5", "", ""))


def test_a_program_may_use_all_addresses() -> None:
    own = "; ".join(f"m.s{number} = m.s{number} + m.s1" for number in range(2, 62))
    before = program("", "m.s1 = np.dot(m.v0, m.v1)", own)
    kept = "; ".join(f"m.s{number} = m.s{number} + m.s1" for number in range(2, 32))
    new = "; ".join(f"m.s{number} = m.s1 - m.s{number}" for number in range(32, 100))
    after = program("", f"m.s1 = np.dot(m.v0, m.v1); {new}", f"{kept}; m.s1 = m.s31 + m.s99")
    changed = rewritten(before.text("Mine."), after)
    assert normal_form(candidate_of(changed)) == normal_form(after)


def test_a_text_that_is_not_the_program_is_never_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without proof there would be nothing left but a text without the person's names and comments."""
    monkeypatch.setattr(_Rewriter, "text", lambda *_: MINE)
    monkeypatch.setattr(_Rewriter, "plain", lambda *_: MINE)
    with pytest.raises(SynthError, match="could not be written into its module; this is a bug of synth"):
        rewritten(MINE, template("neural_net"))


def test_docstrings_and_comments() -> None:
    assert with_docstring(MINE, '"""Another."""').startswith('"""Another."""\n\nimport numpy')
    assert with_docstring("import numpy as np\n", '"""New."""') == '"""New."""\n\nimport numpy as np\n'
    assert (
        below_docstring(MINE, "# A note.\n").partition("import")[0].endswith('lines.\n"""\n\n# A note.\n\n')
    )
    assert below_docstring("import numpy as np\n", "# A note.\n") == "# A note.\n\nimport numpy as np\n"


if __name__ == "__main__":
    (GOLDEN / "mine.diff").write_text(differences(), encoding="utf-8")
