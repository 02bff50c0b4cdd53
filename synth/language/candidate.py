"""A candidate: a whole learning algorithm, as three functions of instructions over a typed memory."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain

from synth.language.instruction import SIZE, Instruction, instruction_from_packed

FUNCTIONS = ("setup", "predict", "learn")

Body = tuple[Instruction, ...]

PackedFunctions = tuple[bytes, bytes, bytes]
"""Packed statements (`instruction.PACKED`) of setup, predict and learn."""


class Candidate:
    """A program, never changed once it is made.

    Equality and hash see the instructions only; a docstring belongs to a text, not to it. Most programs of a
    search are looked at by machine code alone, so instructions are made from code when they are asked for.
    """

    __slots__ = ("_bodies", "_code")

    def __init__(
        self, setup: Body = (), predict: Body = (), learn: Body = (), *, code: PackedFunctions | None = None
    ) -> None:
        """Make a program with these functions, or of this code."""
        self._code = code
        self._bodies = None if code else (setup, predict, learn)

    @property
    def bodies(self) -> tuple[Body, Body, Body]:
        """The three functions' instructions, in the order of `FUNCTIONS`."""
        if self._bodies is None:
            setup, predict, learn = map(body_from_code, self.code)
            self._bodies = setup, predict, learn
        return self._bodies

    @property
    def setup(self) -> Body:
        """The instructions of setup."""
        return self.bodies[0]

    @property
    def predict(self) -> Body:
        """The instructions of predict."""
        return self.bodies[1]

    @property
    def learn(self) -> Body:
        """The instructions of learn."""
        return self.bodies[2]

    @property
    def code(self) -> PackedFunctions:
        """The packed statements."""
        if self._code is None:
            setup, predict, learn = (b"".join([one.packed for one in body]) for body in self.bodies)
            self._code = setup, predict, learn
        return self._code

    def size(self, function: int) -> int:
        """Return how many statements a function holds."""
        return len(self.code[function]) // SIZE

    def statement(self, function: int, line: int) -> Instruction:
        """Return one statement of a function."""
        return instruction_from_packed(self.code[function][line * SIZE : (line + 1) * SIZE])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Candidate) and self.code == other.code

    def __hash__(self) -> int:
        return hash(self.code)

    def __repr__(self) -> str:
        return f"Candidate({self.setup}, {self.predict}, {self.learn})"

    def __iter__(self) -> Iterator[Instruction]:
        return chain.from_iterable(self.bodies)

    def __len__(self) -> int:
        return sum(map(len, self.code)) // SIZE

    def text(self, docstring: str = "") -> str:
        """Return the module's text, which black leaves unchanged, without a standing part."""
        return module_text([[instruction.text for instruction in body] for body in self.bodies], docstring)


@lru_cache(1 << 10)
def body_from_code(code: bytes) -> Body:
    """Return the instructions of a function's code; most programs share functions with their parents."""
    return tuple([instruction_from_packed(code[at : at + SIZE]) for at in range(0, len(code), SIZE)])


def module_text(bodies: Sequence[Sequence[str]], docstring: str = "") -> str:
    """Return the text of a module with these lines in its three functions."""
    parts = [f"{quoted(docstring)}\n\nimport numpy as np\n"]
    for name, body in zip(FUNCTIONS, bodies, strict=True):
        lines = body or ["pass"]
        parts.append(f"\n\ndef {name}(m):\n" + "".join(f"    {line}".rstrip() + "\n" for line in lines))
    return "".join(parts)


NO_DOCSTRING = "A learning algorithm in the language of synth."
"""The docstring of a module that is given none."""


def quoted(docstring: str) -> str:
    """Return a docstring of one line with its quotes: without breaks, and with marks that need no care."""
    printable = "".join(letter if letter.isprintable() else " " for letter in docstring)
    line = " ".join(printable.replace("\\", "\\\\").replace('"', "'").split())
    return f'"""{line or NO_DOCSTRING}"""'
