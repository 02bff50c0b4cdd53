"""Golden files: a module, `# flags:` that say the mutation, `# output`, and the module that comes out.

`python tests/mutation/test_golden.py` writes the outputs anew; look at the difference before you keep it.
"""

import argparse
import sys
from pathlib import Path
from random import Random

import pytest

from synth.language.candidate import FUNCTIONS
from synth.language.parser import Parsed, parse
from synth.language.syntax import module_of
from synth.mutation.edit import Edit
from synth.mutation.kinds import KINDS
from synth.mutation.space import Space

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.py"))
FLAGS, OUTPUT = "# flags: ", "# output\n"


def edited(text: str) -> tuple[Parsed, Edit]:
    """The module of a golden file, and the edit that its flags ask for."""
    flags, _, module = text.partition("\n")
    options = argparse.ArgumentParser()
    options.add_argument("kind")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--constants", default="reference")
    for function in FUNCTIONS:
        options.add_argument(
            f"--{function}-ops", type=lambda ids: tuple(map(int, ids.split(","))), default=()
        )
        for bound, size in ("min", 0), ("max", 10):
            options.add_argument(f"--{function}-{bound}", type=int, default=size)
    given = vars(options.parse_args(flags.removeprefix(FLAGS).split()))
    mutation, random = KINDS[given.pop("kind")], Random(given.pop("seed"))
    parsed = parse(module.partition(OUTPUT)[0])
    return parsed, mutation(parsed.candidate, Space(5, 4, 2, **given), random)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path):
    text = path.read_text(encoding="utf-8")
    parsed, edit = edited(text)
    expected = text.partition(OUTPUT)[2]
    assert edit.apply(parsed.candidate).text(parsed.docstring) == expected
    assert edit.apply_to_module(module_of(parsed.candidate, parsed.docstring)).code == expected


def test_every_mutation_has_a_golden_file():
    shown = {path.read_text(encoding="utf-8").removeprefix(FLAGS).split()[0] for path in GOLDEN}
    assert shown == set(KINDS)


if __name__ == "__main__":
    for golden in GOLDEN:
        before = golden.read_text(encoding="utf-8").partition(OUTPUT)[0]
        source, change = edited(before)
        golden.write_text(
            before + OUTPUT + change.apply(source.candidate).text(source.docstring), encoding="utf-8"
        )
    sys.exit(0)
