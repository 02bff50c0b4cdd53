"""Expressions as text: in Unicode for a terminal, and in LaTeX from the same trees."""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from synth.language.constants import render_constant
from synth.language.ops import MemoryType, Variable
from synth.reading.equations.equations import Equation
from synth.reading.equations.expressions import Apply, Expression, Number, Symbol, is_zero, sigmoid_of, tidy

SUM, DOT, PRODUCT, POWER, ATOM = range(5)
"""How strongly an expression holds together: a + b; a · b, a ⊙ b, a / b; a b; what carries an exponent."""

Written = tuple[str, int]
"""A text and how strongly it holds together."""

_DIGITS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_NAMES = {"log": "ln", "minimum": "min", "maximum": "max"}


class Notation(ABC):
    """Writes expressions; each notation has its own signs, and its own way to set what is around them."""

    dot: ClassVar[str]
    hadamard: ClassVar[str]
    oslash: ClassVar[str]
    minus: ClassVar[str]
    at_least: ClassVar[str]
    more: ClassVar[str]
    equal: ClassVar[str]
    arrow: ClassVar[str]
    drawn: ClassVar[str]
    ones: ClassVar[str]
    space: ClassVar[str]
    sigmoid: ClassVar[str]

    def __init__(self, letters: Mapping[Variable, str]) -> None:
        self._letters = letters

    def equation(self, equation: Equation) -> str:
        """Return an equation, without its words."""
        return " ".join(self.sides(equation))

    def sides(self, equation: Equation) -> tuple[str, str, str]:
        """Return what is left of the sign, the sign and what is right of it."""
        right = tidy(equation.expression)
        draws = isinstance(right, Apply) and right.op.draws and not equation.replaces
        sign = self.arrow if equation.replaces else self.drawn if draws else self.equal
        return self.symbol(equation.symbol), sign, self.expression(equation.expression)

    def inline(self, text: str) -> str:
        """Return mathematics as it stands within words."""
        return text

    def expression(self, expression: Expression) -> str:
        """Return an expression, in its shortest equal form."""
        return self._write(tidy(expression))[0]

    # What each notation writes in its own way

    @abstractmethod
    def symbol(self, symbol: Symbol) -> str:
        """Return a symbol with its number and its primes."""

    @abstractmethod
    def raised(self, base: str, exponent: str) -> str:
        """Return a power, or a transposed matrix."""

    @abstractmethod
    def parenthesised(self, text: str) -> str:
        """Return something in parentheses."""

    @abstractmethod
    def call(self, name: str, *arguments: str) -> str:
        """Return a function of something."""

    @abstractmethod
    def absolute(self, text: str) -> str:
        """Return an absolute value."""

    @abstractmethod
    def norm(self, text: str, of_matrix: bool) -> str:
        """Return the root of the sum of squares."""

    @abstractmethod
    def quotient(self, above: Written, below: Written) -> Written:
        """Return a quotient of scalars."""

    @abstractmethod
    def law(self, name: str, first: str, second: str) -> str:
        """Return the law of a random number."""

    @abstractmethod
    def element_set(self, array: str, indices: list[str], value: str) -> str:
        """Return an array with another value in one place."""

    # What is the same in all of them

    def number(self, value: float) -> Written:
        """Return a number."""
        text = render_constant(abs(value)).removesuffix(".0")
        digits, _, exponent = text.partition("e")
        digits = digits.removesuffix(".0")
        strength = ATOM
        if exponent:
            power = self.raised("10", str(int(exponent)))
            text = power if digits == "1" else f"{digits} {self.dot} {power}"
            strength = POWER - 1 if digits == "1" else DOT
        negative = value < 0
        return (f"{self.minus}{text}", SUM) if negative else (text, strength)

    def _held(self, written: Written, strength: int) -> str:
        text, own = written
        return text if own >= strength else self.parenthesised(text)

    def _write(self, expression: Expression) -> Written:
        if isinstance(expression, Symbol):
            return self.symbol(expression), ATOM
        if isinstance(expression, Number):
            return self._filled(expression.kind, self.number(expression.value), expression.value)
        family, below = expression.op.family, [self._write(one) for one in expression.operands]
        writer = getattr(self, f"_{family}", None)
        if writer is not None:
            return writer(expression, *below)  # type: ignore[no-any-return]
        return self.call(_NAMES.get(family, family), *(text for text, _ in below)), ATOM

    def _filled(self, kind: MemoryType, scalar: Written, value: float | None = None) -> Written:
        """Return a scalar, or the array that is filled with it."""
        if kind == "s" or value == 0.0:
            return scalar
        ones = self.ones if kind == "v" else self.ones + self.raised(self.ones, "T")
        strength = ATOM if kind == "v" else PRODUCT
        return (ones, strength) if value == 1.0 else (self._beside(scalar, (ones, strength)), PRODUCT)

    def _beside(self, left: Written, right: Written) -> str:
        """Return a product that is written without a sign, unless a number would follow a number."""
        first, second = self._held(left, PRODUCT), self._held(right, PRODUCT)
        digit = re.match("[0-9]", second) and re.search("[0-9]$", first)
        return f"{first} {self.dot} {second}" if digit else f"{first}{self.space}{second}"

    def _sum(self, whole: Apply, a: Written, b: Written) -> Written:
        return f"{a[0]} + {self._held(b, SUM if not b[0].startswith(self.minus) else DOT)}", SUM

    def _difference(self, whole: Apply, a: Written, b: Written) -> Written:
        right = self._held(b, DOT)
        return f"{self.minus}{right}" if is_zero(whole.operands[0]) else f"{a[0]} {self.minus} {right}", SUM

    def _product(self, whole: Apply, a: Written, b: Written) -> Written:
        left, right = whole.operands
        if whole.op.inputs == ("v", "v"):
            return self._of_vectors(whole, a, b)
        if whole.op.inputs == ("m", "m") and " * " in whole.op.template:
            return self._infix(self.hadamard, a, b)
        if left == right and whole.kind == "s":
            return self.raised(self._held(a, ATOM), "2"), POWER
        divides = isinstance(left, Apply) and left.op.family == "reciprocal" and left.kind == "s"
        if isinstance(left, Apply) and divides and sigmoid_of(left) is None:
            return self.quotient(b, self._write(left.operands[0]))
        if left == Number("s", -1.0):
            return f"{self.minus}{self._held(b, DOT)}", SUM
        return self._beside(a, b), PRODUCT

    def _of_vectors(self, whole: Apply, a: Written, b: Written) -> Written:
        """Return an outer, an inner or an elementwise product."""
        if whole.kind == "m":
            return self._beside(a, (self.raised(self._held(b, ATOM), "T"), POWER)), PRODUCT
        return self._infix(self.dot if whole.kind == "s" else self.hadamard, a, b)

    def _infix(self, sign: str, a: Written, b: Written) -> Written:
        return f"{self._held(a, PRODUCT)} {sign} {self._held(b, PRODUCT)}", DOT

    def _quotient(self, whole: Apply, a: Written, b: Written) -> Written:
        if whole.kind == "s":
            return self.quotient(a, b)
        return self._infix(self.oslash, a, b)

    def _reciprocal(self, whole: Apply, a: Written) -> Written:
        inner = sigmoid_of(whole)
        if inner is not None:
            return self.sigmoid + self.parenthesised(self._write(inner)[0]), ATOM
        return self._quotient(whole, ("1", ATOM), a)

    def _abs(self, whole: Apply, a: Written) -> Written:
        return self.absolute(a[0]), ATOM

    def _heaviside(self, whole: Apply, a: Written) -> Written:
        return f"[{a[0]} {self.at_least if whole.kind == 's' else self.more} 0]", ATOM

    def _broadcast(self, whole: Apply, a: Written) -> Written:
        if whole.op.inputs == ("s",):
            return self._filled("v", a)
        if "None" in whole.op.template:
            return self._beside(a, (self.raised(self.ones, "T"), POWER)), PRODUCT
        return self._beside((self.ones, ATOM), (self.raised(self._held(a, ATOM), "T"), POWER)), PRODUCT

    def _transpose(self, whole: Apply, a: Written) -> Written:
        return self.raised(self._held(a, ATOM), "T"), POWER

    def _norm(self, whole: Apply, a: Written) -> Written:
        if "axis" in whole.op.template:
            return self._by_line("norms", whole, a), ATOM
        return self.norm(a[0], whole.op.inputs == ("m",)), ATOM

    def _mean(self, whole: Apply, a: Written) -> Written:
        return self._by_line("means" if whole.kind == "v" else "mean", whole, a), ATOM

    def _std(self, whole: Apply, a: Written) -> Written:
        return self._by_line("stds" if whole.kind == "v" else "std", whole, a), ATOM

    def _by_line(self, name: str, whole: Apply, a: Written) -> str:
        """Return a statistic of an array, or of its columns or rows."""
        line = {"axis=0": "column ", "axis=1": "row "}
        return self.call(
            next((word for axis, word in line.items() if axis in whole.op.template), "") + name, a[0]
        )

    def _uniform(self, whole: Apply) -> Written:
        low, high = (self.number(one)[0] for one in whole.constants)
        return self.law("U", low, high), ATOM

    def _normal(self, whole: Apply) -> Written:
        mean, deviation = map(self.number, whole.constants)
        return self.law("N", mean[0], self.raised(self._held(deviation, ATOM), "2")), ATOM

    def _constant(self, whole: Apply, array: Written) -> Written:
        *indices, value = (self.number(one)[0] for one in whole.constants)
        return self.element_set(self._held(array, ATOM), indices, value), ATOM


class Unicode(Notation):
    """Writes expressions for a terminal."""

    dot, hadamard, oslash, minus, at_least, more = "·", "⊙", "⊘", "−", "≥", ">"
    equal, arrow, drawn, ones, space, sigmoid = "=", "←", "~", "𝟏", " ", "σ"

    def symbol(self, symbol: Symbol) -> str:
        """Return a symbol with its number and its primes."""
        return self._letters[symbol.variable].translate(_DIGITS) + "′" * symbol.primes

    def raised(self, base: str, exponent: str) -> str:
        """Return a power, or a transposed matrix."""
        return base + {"T": "ᵀ"}.get(exponent, exponent.translate(_RAISED))

    def parenthesised(self, text: str) -> str:
        """Return something in parentheses."""
        return f"({text})"

    def call(self, name: str, *arguments: str) -> str:
        """Return a function of something."""
        return f"{name}({', '.join(arguments)})"

    def absolute(self, text: str) -> str:
        """Return an absolute value; bars within bars could be read in two ways."""
        return self.call("abs", text) if "|" in text else f"|{text}|"

    def norm(self, text: str, of_matrix: bool) -> str:
        """Return the root of the sum of squares."""
        if "‖" in text:
            return self.call("norm", text)
        return f"‖{text}‖_F" if of_matrix else f"‖{text}‖"

    def quotient(self, above: Written, below: Written) -> Written:
        """Return a quotient of scalars."""
        return f"{self._held(above, PRODUCT)} / {self._held(below, POWER)}", DOT

    def law(self, name: str, first: str, second: str) -> str:
        """Return the law of a random number."""
        return f"{name}({first}, {second})"

    def element_set(self, array: str, indices: list[str], value: str) -> str:
        """Return an array with another value in one place."""
        places = ", ".join(f"⌊{index} F⌋" for index in indices)
        return f"{array}[{places} := {value}]"


_GREEK = {"η": r"\eta", "ρ": r"\rho", "δ": r"\delta", "ν": r"\nu", "ε": r"\varepsilon", "γ": r"\gamma"}
_LATEX = frozenset({"sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp", "ln", "min", "max"})
"""Functions that LaTeX knows."""


class Latex(Notation):
    """Writes expressions in LaTeX's mathematics, for amsmath and amssymb."""

    dot, hadamard, oslash, minus, at_least, more = r"\cdot", r"\odot", r"\oslash", "-", r"\ge", ">"
    equal, arrow, drawn, ones, space = "=", r"\leftarrow", r"\sim", r"\mathbf{1}", r"\,"
    sigmoid = r"\sigma"

    def symbol(self, symbol: Symbol) -> str:
        """Return a symbol: vectors bold, matrices capital."""
        name = self._letters[symbol.variable]
        letter = name.rstrip("0123456789")
        number = name[len(letter) :]
        if len(letter) > 1:
            text = rf"\mathrm{{{letter}}}"
        else:
            text = _GREEK.get(letter, letter)
            if symbol.kind == "v":
                text = rf"\boldsymbol{{{text}}}" if letter in _GREEK else rf"\mathbf{{{text}}}"
        return text + (f"_{{{number}}}" if number else "") + "'" * symbol.primes

    def inline(self, text: str) -> str:
        """Return mathematics as it stands within words."""
        return f"${text}$"

    def raised(self, base: str, exponent: str) -> str:
        """Return a power, or a transposed matrix."""
        return base + "^{" + exponent.replace("T", r"\top") + "}"

    def parenthesised(self, text: str) -> str:
        """Return something in parentheses that grow with it."""
        return rf"\left({text}\right)"

    def call(self, name: str, *arguments: str) -> str:
        """Return a function of something."""
        own = rf"\{name}" if name in _LATEX else rf"\operatorname{{{name.replace(' ', '~')}}}"
        return own + self.parenthesised(", ".join(arguments))

    def absolute(self, text: str) -> str:
        """Return an absolute value."""
        return rf"\left\lvert {text} \right\rvert"

    def norm(self, text: str, of_matrix: bool) -> str:
        """Return the root of the sum of squares."""
        return rf"\left\lVert {text} \right\rVert" + (r"_{\mathrm{F}}" if of_matrix else "")

    def quotient(self, above: Written, below: Written) -> Written:
        """Return a fraction, which needs no parentheses."""
        return rf"\frac{{{above[0]}}}{{{below[0]}}}", PRODUCT

    def law(self, name: str, first: str, second: str) -> str:
        """Return the law of a random number."""
        return rf"\mathcal{{{name}}}\left({first}, {second}\right)"

    def element_set(self, array: str, indices: list[str], value: str) -> str:
        """Return an array with another value in one place."""
        places = ", ".join(rf"\lfloor {index} F \rfloor" for index in indices)
        return rf"{array}\left[{places} := {value}\right]"
