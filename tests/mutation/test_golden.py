"""Golden files: a module, `# flags:` that say the mutation, `# output`, and the module that comes out.

A mutation that cannot be done leaves the module; then the flags say the reason, as `--refused`.
`python tests/mutation/test_golden.py` writes the outputs anew; look at the difference before you keep it.
"""

import argparse
import shlex
import sys
from pathlib import Path
from random import Random

import pytest
from trees import module_of

from synth.language.candidate import FUNCTIONS
from synth.language.parser import Parsed, parse
from synth.mutation.edit import Edit
from synth.mutation.kinds import KINDS
from synth.mutation.space import Space

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.py"))
FLAGS, OUTPUT = "# flags: ", "# output\n"


def edited(text: str) -> tuple[Parsed, Edit, str]:
    """The module of a golden file, the edit that its flags ask for, and why they say it is refused."""
    flags, _, module = text.partition("\n")
    options = argparse.ArgumentParser()
    options.add_argument("kind")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--refused", default="")
    options.add_argument("--constants", default="reference")
    for addresses, count in ("scalars", 5), ("vectors", 4), ("matrices", 2):
        options.add_argument(f"--{addresses}", type=int, default=count)
    for function in FUNCTIONS:
        options.add_argument(
            f"--{function}-ops", type=lambda ids: tuple(map(int, ids.split(","))), default=()
        )
        for bound, size in ("min", 0), ("max", 10):
            options.add_argument(f"--{function}-{bound}", type=int, default=size)
    given = vars(options.parse_args(shlex.split(flags.removeprefix(FLAGS))))
    mutation, random, refused = KINDS[given.pop("kind")], Random(given.pop("seed")), given.pop("refused")
    parsed = parse(module.partition(OUTPUT)[0])
    return parsed, mutation(parsed.candidate, Space(**given), random), refused


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_golden(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    parsed, edit, refused = edited(text)
    assert edit.refused == refused
    expected = text.partition(OUTPUT)[2]
    assert edit.apply(parsed.candidate).text(parsed.docstring) == expected
    assert edit.apply_to_module(module_of(parsed.candidate, parsed.docstring)).code == expected


def test_every_mutation_has_a_golden_file() -> None:
    shown = {path.read_text(encoding="utf-8").removeprefix(FLAGS).split()[0] for path in GOLDEN}
    assert shown == set(KINDS)


if __name__ == "__main__":
    for golden in GOLDEN:
        before = golden.read_text(encoding="utf-8").partition(OUTPUT)[0]
        source, change, _ = edited(before)
        golden.write_text(
            before + OUTPUT + change.apply(source.candidate).text(source.docstring), encoding="utf-8"
        )
    sys.exit(0)
