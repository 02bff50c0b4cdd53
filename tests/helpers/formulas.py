"""Reads what `Unicode` writes, by the precedence that a reader of mathematics expects, and computes it.

Vectors are columns, so that everything without a sign between it is a matrix product or a scaling.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

Value = Any

_TOKENS = re.compile(r"\s*(‖_F|(?:row |column )?[a-zσ]+\(|𝟏|[A-Za-zα-ω][₀-₉]*′*|\d+(?:\.\d+)?(?:e-?\d+)?|\S)")
_POWER = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_INFIX: dict[str, Callable[[Value, Value], Value]] = {
    "·": lambda a, b: a * b if np.ndim(a) == 0 else (a.T @ b).item(),
    "⊙": np.multiply,
    "⊘": np.divide,
    "/": np.divide,
}


def _of_rows(function: Callable[..., Value]) -> Callable[[Value], Value]:
    return lambda x: function(x, axis=1)[:, None]


FUNCTIONS: dict[str, Callable[..., Value]] = {
    **{name: getattr(np, name) for name in ("sin", "cos", "tan", "arcsin", "arccos", "arctan", "exp")},
    "ln": np.log,
    "min": np.minimum,
    "max": np.maximum,
    "mean": np.mean,
    "std": np.std,
    "abs": np.abs,
    "norm": np.linalg.norm,
    "σ": lambda z: 1 / (1 + np.exp(-z)),
    "row means": _of_rows(np.mean),
    "row stds": _of_rows(np.std),
    "row norms": _of_rows(np.linalg.norm),
    "column norms": lambda x: np.linalg.norm(x, axis=0)[:, None],
}


class Formula:
    """A formula and what its symbols stand for."""

    def __init__(self, text: str, known: Mapping[str, Value], features: int) -> None:
        self.tokens: list[str]
        self.tokens, self.known = [*_TOKENS.findall(text), ""], dict(known)
        self.open: set[str] = set()
        """Bars that the next bar of their kind closes."""
        self.known["𝟏"] = np.ones((features, 1))

    def value(self) -> Value:
        found = self.sum()
        assert self.tokens == [""], self.tokens
        return found

    def next(self, *expected: str) -> str:
        assert not expected or self.tokens[0] in expected, (self.tokens, expected)
        return self.tokens.pop(0)

    def sum(self) -> Value:
        negative = self.tokens[0] == "−" and bool(self.next())
        found = self.infix()
        found = -found if negative else found
        while self.tokens[0] in ("+", "−"):
            sign = self.next()
            right = self.infix()
            found = found + right if sign == "+" else found - right
        return found

    def infix(self) -> Value:
        found = self.product()
        while self.tokens[0] in _INFIX:
            sign = _INFIX[self.next()]
            found = sign(found, self.product())
        return found

    def product(self) -> Value:
        found = self.power()
        while self._begins():
            right = self.power()
            found = found * right if np.ndim(found) == 0 or np.ndim(right) == 0 else found @ right
        return found

    def _begins(self) -> bool:
        """Whether another factor follows."""
        token = self.tokens[0]
        named = token in self.known or re.match(r"[\d(\[]|.*\($", token)
        return bool(named) or (token in ("|", "‖") and token not in self.open)

    def power(self) -> Value:
        found = self.atom()
        while re.match(r"[ᵀ⁻⁰¹²³⁴⁵⁶⁷⁸⁹]", self.tokens[0]):
            exponent = self.next()
            while re.match(r"[⁰¹²³⁴⁵⁶⁷⁸⁹]", self.tokens[0]):
                exponent += self.next()
            found = found.T if exponent == "ᵀ" else float(found) ** int(exponent.translate(_POWER))
        return found

    def atom(self) -> Value:
        token = self.next()
        if token in self.known:
            return self.known[token]
        if token[0].isdigit():
            return float(token)
        self.open.add(token)
        found = [self.sum()]
        self.open.discard(token)
        if token == "|":
            self.next("|")
            return np.abs(found[0])
        if token == "‖":
            self.next("‖", "‖_F")
            return np.linalg.norm(found[0])
        if token == "[":
            sign = self.next("≥", ">")
            self.next("0"), self.next("]")
            return np.heaviside(found[0], 1.0 if sign == "≥" else 0.0)
        while self.tokens[0] == ",":
            self.next()
            found.append(self.sum())
        self.next(")")
        return found[0] if token == "(" else FUNCTIONS[token[:-1]](*found)
