"""A program's equations as people read them: in three parts with titles, zeros together, words beside."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from synth.language.ops import FEATURES, LABEL
from synth.reading.equations.equations import Equation, Equations
from synth.reading.equations.expressions import GIVEN_PREDICTION, Symbol, is_zero, symbols
from synth.reading.equations.writing import Latex, Notation, Unicode


@dataclass(frozen=True)
class Line:
    """An equation, cut at its sign, and the words for it."""

    left: str
    sign: str
    right: str
    words: str

    @property
    def text(self) -> str:
        """The equation."""
        return f"{self.left} {self.sign} {self.right}"


@dataclass(frozen=True)
class Part:
    """Equations with a title."""

    name: str
    title: str
    lines: tuple[Line, ...]


def parts(equations: Equations, notation: type[Notation] = Unicode) -> list[Part]:
    """Return the parts of a program that are not empty: predict, learn and setup, in this order."""
    write = notation(equations.letters)
    found = [
        Part("predict", _predicts(write), _lines(write, equations.predict)),
        Part("learn", _learns(write, equations), _lines(write, equations.learn)),
        Part("setup", "At first:", _lines(write, equations.setup)),
    ]
    return [part for part in found if part.lines]


def note(equations: Equations, notation: type[Notation] = Unicode) -> str:
    """Return what a reader has to know of the signs that are used, or nothing."""
    written = " ".join(line.right for part in parts(equations, notation) for line in part.lines)
    signs = [sign for sign in (notation.hadamard, notation.oslash) if sign in written]
    sentences = ["An arrow replaces what stands on its left; lines hold from top to bottom."]
    write = notation({})
    if notation.sigmoid in written:
        sentences.append(f"{write.inline(write.sigmoid)} is the sigmoid.")
    if signs:
        works = "works" if len(signs) == 1 else "work"
        sentences.append(f"{' and '.join(map(write.inline, signs))} {works} element by element.")
    return " ".join(sentences)


@dataclass(frozen=True, repr=False)
class Listing:
    """A program's equations to look at: Unicode where they are printed, LaTeX where a notebook shows them."""

    equations: Equations

    def __str__(self) -> str:
        lines: list[str] = []
        for part in parts(self.equations):
            width = max(len(line.text) for line in part.lines)
            rows = (f"    {line.text:{width}}   {line.words}".rstrip() for line in part.lines)
            lines += [part.title, *rows]
        return "\n".join([*lines, note(self.equations)])

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        shown: list[str] = []
        for part in parts(self.equations, Latex):
            rows = " \\\\\n".join(_rows(part))
            shown += [part.title, f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$"]
        return "\n\n".join([*shown, note(self.equations, Latex)])


def equations_document(equations: Equations) -> dict[str, Any]:
    """Return the equations as a part of a JSON document."""
    pairs = zip(parts(equations), parts(equations, Latex), strict=True)
    return {
        "parts": [
            {
                "name": plain.name,
                "title": plain.title,
                "equations": [
                    {"unicode": one.text, "latex": other.text, "words": one.words}
                    for one, other in zip(plain.lines, latex.lines, strict=True)
                ],
            }
            for plain, latex in pairs
        ],
        "note": note(equations),
    }


def latex_text(equations: Equations, comments: Sequence[str] = ()) -> str:
    """Return a fragment of LaTeX after comments; what includes it has to load amsmath and amssymb."""
    lines = [f"% {comment}".rstrip() for comment in comments]
    for index, part in enumerate(parts(equations, Latex)):
        lines += [rf"\intertext{{{part.title}}}"] if index else [part.title, r"\begin{align*}"]
        lines += [rf"  {row} \\" for row in _rows(part)]
    lines[-1] = lines[-1].removesuffix(r" \\")
    return "\n".join([*lines, r"\end{align*}", note(equations, Latex), ""])


def _rows(part: Part) -> Iterator[str]:
    """Yield the rows of an environment of LaTeX that aligns a part's equations and words."""
    for one in part.lines:
        words = rf" && \text{{{one.words}}}" if one.words else ""
        yield f"{one.left} &{one.sign} {one.right}{words}"


def _predicts(write: Notation) -> str:
    return f"Predict, from the features {write.inline(write.symbol(Symbol(FEATURES)))}:"


def _learns(write: Notation, equations: Equations) -> str:
    read = {one for equation in equations.learn for one in symbols(equation.expression)}
    label, prediction = (write.inline(write.symbol(Symbol(one))) for one in (LABEL, GIVEN_PREDICTION))
    given = [f"the label {label}"] if Symbol(LABEL) in read else []
    if Symbol(GIVEN_PREDICTION) in read:
        given.append(f"{prediction}, the sigmoid of the prediction (in a regression the prediction itself)")
    return f"Learn, from {' and '.join(given)}:" if given else "Learn:"


def _lines(write: Notation, equations: Sequence[Equation]) -> tuple[Line, ...]:
    zeros = [one for one in equations if one.at is None and is_zero(one.expression)]
    others = (one for one in equations if one not in zeros)
    return (*(Line(*write.sides(one), ", ".join(one.words)) for one in others), *_together(write, zeros))


def _together(write: Notation, zeros: Sequence[Equation]) -> Iterator[Line]:
    """Yield one line for all variables that are zero."""
    if zeros:
        names = f" {write.equal} ".join(write.symbol(one.symbol) for one in zeros)
        yield Line(names, write.equal, "0", "")
